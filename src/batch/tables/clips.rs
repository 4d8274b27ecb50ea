//! One row a clip: what it is, how much was usable, rates, severity, pattern, scores, warnings.

use super::columns::{rounded, whose, widened};
use super::events::largest;
use crate::anatomy::Place;
use crate::batch::{Cohort, Member};
use crate::event::{BySide, EventKind, Summary};
use crate::pattern::Label;
use crate::report::csv::word;
use crate::report::summary::involuntary;
use crate::report::{Analysis, Table};

const KINDS: [(EventKind, &str); 5] = [
    (EventKind::Twitch, "twitches"),
    (EventKind::Spasm, "spasms"),
    (EventKind::Closure, "prolonged_closures"),
    (EventKind::Expression, "expressions"),
    (EventKind::Uncertain, "uncertain_events"),
];

/// Scales, by how their full names begin, and the columns they go to.
const SCALES: [(&str, &str); 3] = [
    ("Jankovic rating scale, frequency", "jankovic_frequency_range"),
    ("SMC grade, left", "smc_grade_left_range"),
    ("SMC grade, right", "smc_grade_right_range"),
];

pub(super) fn table(cohort: &Cohort) -> Table {
    let mut clips = Clips { members: &cohort.clips, table: Table::default() };
    clips.identity();
    clips.coverage();
    clips.rates();
    clips.severity();
    clips.pattern();
    clips.limits();
    clips.table
}

/// The table on its way.
struct Clips<'a> {
    members: &'a [Member],
    table: Table,
}

impl Clips<'_> {
    fn text(&mut self, name: &str, figure: impl Fn(&Analysis) -> Option<String>) {
        self.table.text(name, self.members.iter().map(|own| figure(own.analysis.as_ref()?)));
    }

    fn double(&mut self, name: &str, figure: impl Fn(&Analysis) -> Option<f64>) {
        let values = self.members.iter().map(|own| figure(own.analysis.as_ref()?).map(rounded));
        self.table.double(name, values);
    }

    fn integer(&mut self, name: &str, figure: impl Fn(&Analysis) -> Option<i64>) {
        self.table.integer(name, self.members.iter().map(|own| figure(own.analysis.as_ref()?)));
    }

    fn flag(&mut self, name: &str, figure: impl Fn(&Analysis) -> bool) {
        self.table.flag(name, self.members.iter().map(|own| own.analysis.as_ref().map(&figure)));
    }

    /// A column of the left, the right and both sides, as far as anything was usable.
    fn by_side(&mut self, name: [&str; 2], figure: impl Fn(&Summary) -> BySide<f64>) {
        let [before, after] = name;
        let usable = |a: &Analysis| (a.findings.summary.usable_s > 0.0).then_some(());
        let of = |a: &Analysis| usable(a).map(|()| figure(&a.findings.summary));
        self.double(&format!("{before}left{after}"), |a| Some(of(a)?.left));
        self.double(&format!("{before}right{after}"), |a| Some(of(a)?.right));
        self.double(&format!("{before}both{after}"), |a| Some(of(a)?.both));
    }

    fn identity(&mut self) {
        let members = self.members;
        whose(&mut self.table, members.iter().map(|own| &own.entry));
        let table = &mut self.table;
        table.text("status", members.iter().map(|own| Some(own.entry.state.word())));
        table.integer("copy_of", members.iter().map(|own| own.copy_of.map(|n| n as i64)));
        table.text("folder", members.iter().map(Member::folder));
        table.text("sha256", members.iter().map(|own| own.entry.sha256.as_deref()));
        self.text("version", |a| Some(a.version.clone()));
    }

    fn coverage(&mut self) {
        self.integer("width_px", |a| Some(a.source.width as i64));
        self.integer("height_px", |a| Some(a.source.height as i64));
        self.double("nominal_rate_hz", |a| a.source.fps_nominal);
        self.flag("variable_frame_rate", |a| a.source.variable_frame_rate);
        self.flag("mirrored", |a| a.source.mirrored);
        self.double("duration_s", |a| Some(a.source.duration_s));
        self.integer("frames_read", |a| Some(a.coverage.frames_read as i64));
        self.integer("frames_with_face", |a| Some(a.coverage.frames_with_face as i64));
        self.double("usable_fraction", |a| Some(a.coverage.usable_fraction));
        self.double("usable_s", |a| Some(a.findings.summary.usable_s));
        self.integer("gaps", |a| Some(a.coverage.gaps.len() as i64));
    }

    fn rates(&mut self) {
        self.integer("blinks", |a| Some(a.findings.blinks.len() as i64));
        let complete = |a: &Analysis| a.findings.blinks.iter().filter(|b| b.complete).count();
        self.integer("complete_blinks", |a| Some(complete(a) as i64));
        self.double("blink_rate_per_min", |a| a.findings.summary.blink_rate_per_min);
        self.double("blink_rate_ci_low_per_min", |a| Some(a.findings.summary.blink_rate_ci?[0]));
        self.double("blink_rate_ci_high_per_min", |a| Some(a.findings.summary.blink_rate_ci?[1]));
        self.double("blink_left_after_right_s", |a| a.findings.summary.blink_lag_s);
        self.double("lid_correlation", |a| a.findings.summary.lid_correlation);
        for (kind, name) in KINDS {
            let count = |a: &Analysis| a.findings.events.iter().filter(|e| e.kind == kind).count();
            self.integer(name, |a| Some(count(a) as i64));
        }
        self.by_side(["event_rate_", "_per_min"], |summary| summary.event_rate_per_min);
        self.by_side(["event_rate_", "_ci_low_per_min"], |s| s.rate_ci.map(|ci| ci[0]));
        self.by_side(["event_rate_", "_ci_high_per_min"], |s| s.rate_ci.map(|ci| ci[1]));
    }

    fn severity(&mut self) {
        self.by_side(["spasm_time_fraction_", ""], |summary| summary.spasm_time_fraction);
        self.by_side(["closed_fraction_", ""], |summary| summary.closed_fraction);
        self.double("median_event_duration_s", |a| a.findings.summary.event_duration_s);
        self.double("longest_event_duration_s", |a| a.findings.summary.longest_event_s);
        let strongest = |a: &Analysis| involuntary(a).filter_map(largest).reduce(f32::max);
        self.double("largest_amplitude_mfu", |a| strongest(a).map(widened));
        self.double("laterality_index", |a| a.findings.summary.laterality_index);
        self.double("clonic_rate_hz", |a| a.findings.summary.clonic_rate_hz);
        self.double("jaw_rhythm_hz", |a| a.findings.summary.jaw_rhythm_hz);
        self.integer("other_babinski_events", |a| Some(a.findings.summary.other_babinski.into()));
        self.integer("eye_closing_events", |a| Some(a.findings.summary.eye_closing.into()));
        for (scale, name) in SCALES {
            self.text(name, |a| {
                a.scales.iter().find(|own| own.scale.starts_with(scale))?.range.clone()
            });
        }
    }

    fn pattern(&mut self) {
        self.text("spread_direction", |a| Some(word(a.findings.spread.direction)));
        self.double("lower_face_after_lids_s", |a| a.findings.spread.fall_s);
        self.double("lower_face_after_lids_ci_low_s", |a| Some(a.findings.spread.fall_ci_s?[0]));
        self.double("lower_face_after_lids_ci_high_s", |a| Some(a.findings.spread.fall_ci_s?[1]));
        self.text("pattern", |a| Some(a.pattern.label.name().to_owned()));
        self.text("pattern_reason", |a| Some(a.pattern.reason.clone()));
        for label in Label::WEIGHED {
            self.double(&format!("score_{label}"), |a| {
                a.pattern.ranked.iter().find(|own| own.label == label).map(|own| own.score)
            });
        }
    }

    fn limits(&mut self) {
        for place in Place::ALL {
            self.double(&format!("smallest_detectable_{place}_mfu"), |a| {
                let mut floors = a.findings.noise.iter();
                let own =
                    floors.find(|own| (own.region, own.side) == (place.region, place.side))?;
                own.smallest_detectable_mfu.map(widened)
            });
        }
        self.text("warnings", |a| {
            let codes: Vec<&str> = a.warnings.iter().map(|own| own.code.as_str()).collect();
            (!codes.is_empty()).then(|| codes.join(" "))
        });
        self.text("reviewed_by", |a| a.reviewed.as_ref().map(|own| own.reviewer.clone()));
    }
}
