//! From scores to a label, or to `indeterminate`, with the reasons in words.

use super::evidence::{Clue, Teller};
use super::facts::Facts;
use super::treatment::Treatment;
use super::weigh::CONCERNED;
use super::{EvidenceValue, History, Known, Label, Ranked};
use crate::thresholds::PatternThresholds;

/// What would settle what a face that talks or poses leaves open.
const REST: &str = "60 s at rest without talking would settle it";

/// Most reasons that are given.
const REASONS: usize = 3;

/// The label, why, and why rather than the next.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) label: Label,
    pub(super) reasons: Vec<String>,
    pub(super) preferred: Option<String>,
}

/// What an answer is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision<'a> {
    pub(super) facts: &'a Facts,
    /// Empty where too little was seen to weigh anything.
    pub(super) ranked: &'a [Ranked],
    pub(super) clues: &'a [Clue],
    pub(super) known: Known<'a>,
    pub(super) t: &'a PatternThresholds,
}

/// Events that can carry a label, and those of them in a face at rest: what happens while a face
/// speaks is not told from what speech does to it with the certainty that a name needs.
fn carriers(facts: &Facts, label: Label) -> [u32; 2] {
    match label {
        Label::TypicalHfs | Label::AtypicalHfs | Label::BilateralHfs => {
            [facts.one_sided_count(), facts.at_rest_count()]
        }
        Label::MeigeLike | Label::BlepharospasmLike => [facts.closures, facts.judged_closures],
        Label::MasticatoryLike => [facts.jaw, facts.jaw_at_rest],
        Label::SynkinesisLike => [facts.locking.count(); 2],
        Label::None | Label::Indeterminate => [0; 2],
    }
}

fn open(reason: String) -> Answer {
    Answer { label: Label::Indeterminate, reasons: vec![reason], preferred: None }
}

impl Decision<'_> {
    /// The label with its reasons.
    pub(super) fn decide(self) -> Answer {
        let Self { facts, t, .. } = self;
        let seconds = facts.usable_s;
        if seconds < t.min_usable_s {
            return open(format!(
                "only {seconds:.1} s of usable video; at least {:.0} s are needed to weigh a pattern",
                t.min_usable_s
            ));
        }
        let [best, next, ..] = *self.ranked else {
            return open("nothing could be weighed".to_owned());
        };
        // What comes along with voluntary movement once, by chance, is no involuntary event.
        let chance = facts.locking.movements() <= 1;
        let nothing = facts.event_count() == 0
            || best.label == Label::None && chance && facts.event_count() == facts.locking.count();
        let least = if best.label == Label::None { t.none_min_score } else { t.min_score };
        let sure = best.score >= least && best.score - next.score >= t.min_lead;
        if nothing || best.label == Label::None && sure && self.quiet_at_rest() {
            return self.nothing();
        }
        if facts.kinds().iter().all(|count| *count < t.min_events) {
            return open(self.too_few());
        }
        if let Some(reason) =
            self.beside_a_weak_side().filter(|_| !sure || best.label == Label::None)
        {
            return open(reason);
        }
        if best.label == Label::None {
            return open(format!(
                "{} in {seconds:.0} s could be what chance and voluntary movement bring; {REST}",
                seen(facts)
            ));
        }
        let [count, at_rest] = carriers(facts, best.label);
        // What is said of both sides needs the events of both.
        let sides = if best.label == Label::BilateralHfs { 2 } else { 1 };
        let least = sides * t.min_events;
        let name = best.label.words();
        let score = 100.0 * best.score;
        if count < least && best.score >= t.min_score {
            return open(format!(
                "{name} fits best ({score:.0} %) but rests on too few events ({count}; at least \
                 {least} are needed): {} in {seconds:.0} s",
                seen(facts)
            ));
        }
        if at_rest < t.min_events && best.score >= t.min_score {
            return open(format!(
                "{name} fits best ({score:.0} %) but only {at_rest} of its {count} events came while \
                 the face was at rest (at least {} are needed); {REST}",
                t.min_events
            ));
        }
        if sure {
            return self.named(best, next);
        }
        let pair = [best.label, next.label];
        let hfs = [Label::TypicalHfs, Label::AtypicalHfs];
        if hfs.iter().all(|label| pair.contains(label)) && best.score + next.score >= t.min_score {
            return open(unresolved_order(facts, self.these()));
        }
        let settles = match next.label {
            Label::None => format!("; {REST}"),
            _ => self.rest_settles(),
        };
        open(format!(
            "{name} ({score:.0} %) and {} ({:.0} %) cannot be told apart with enough \
             certainty{settles}",
            next.label.words(),
            100.0 * next.score
        ))
    }

    /// What one side does beside a weak one.
    fn beside_a_weak_side(self) -> Option<String> {
        let weakness = self.facts.weakness.as_ref()?;
        let sound = weakness.side.opposite();
        let counts = self.facts.one_sided;
        (counts[sound] > counts[weakness.side]).then(|| {
            format!(
                "{}: the {sound} side seems to move alone where the {} side is weak ({}), as after a \
                 palsy",
                seen(self.facts),
                weakness.side,
                weakness.words()
            )
        })
    }

    /// Nothing that can carry a pattern happened while the face was at rest, but closures of the
    /// lids, which anybody's do, and what a sound side does alone beside a weak one; and no more in
    /// talk than a pattern would need.
    fn quiet_at_rest(self) -> bool {
        let Self { facts, t, .. } = self;
        let [one_sided, others @ ..] = facts.kinds();
        let one_sided = facts.weakness.as_ref().map_or(one_sided, |own| facts.one_sided[own.side]);
        facts.unexplained_at_rest() + facts.jaw_at_rest == 0
            && facts.locking.movements() <= 1
            && one_sided < t.min_events
            && others.iter().all(|count| *count < t.min_events)
    }

    /// Nothing involuntary was seen, and whether that means that there is nothing.
    fn nothing(self) -> Answer {
        let Self { facts, t, .. } = self;
        let seconds = facts.usable_s;
        if seconds < t.none_min_usable_s {
            return open(format!(
                "no involuntary event, but only {seconds:.1} s of usable video; at least {:.0} s are \
                 needed to say that there is nothing",
                t.none_min_usable_s
            ));
        }
        let rest_s = facts.rest_s;
        if rest_s < t.none_min_rest_s {
            return open(format!(
                "no involuntary event, but the face speaks or moves on purpose for all but {rest_s:.0} s, \
                 and at least {:.0} s of rest are needed to say that there is nothing; {REST}",
                t.none_min_rest_s
            ));
        }
        if facts.lone_chin >= t.min_events {
            return open(format!(
                "{} of the jaw alone could not be told from voluntary movement; {REST}",
                counted(facts.lone_chin, "movement")
            ));
        }
        if facts.uncertain_one_sided > 0 {
            return open(format!(
                "no certain involuntary event, but {} of one side more than noise and too small to be \
                 sure of",
                counted(facts.uncertain_one_sided, "movement")
            ));
        }
        let uncertain = 60.0 * f64::from(facts.uncertain) / (60.0 * facts.strata_min()[0]).max(1.0);
        if uncertain > t.none_max_uncertain_per_min {
            return open(format!(
                "{} could not be told from voluntary movement; {REST}",
                counted(facts.uncertain, "event")
            ));
        }
        if let Some(treatment) = self.known.history.and_then(History::treatment) {
            let why = match treatment {
                Treatment::AtWork(date, months) => {
                    format!("on {}, {months:.1} months before, may hide it", date.as_str())
                }
                Treatment::Undated(date) => format!(
                    "on {} may hide it; the history does not say how long before the recording \
                     that was (`recorded`)",
                    date.as_str()
                ),
            };
            return open(format!(
                "no involuntary event in {seconds:.0} s of usable video, but botulinum treatment {why}"
            ));
        }
        let mut reasons = vec![format!(
            "no involuntary event in {seconds:.0} s of usable video, {rest_s:.0} s at rest"
        )];
        if facts.event_count() > 0 {
            let whose = match &facts.weakness {
                Some(own) if facts.one_sided[own.side.opposite()] > 0 => {
                    "as of a sound side beside a weak one".to_owned()
                }
                _ => "as anybody has".to_owned(),
            };
            reasons.push(format!("{}, {whose}", seen(facts)));
        }
        if let Some(weakness) = &facts.weakness {
            reasons.push(format!(
                "the {} side is weak, as after a facial palsy: {}",
                weakness.side,
                weakness.words()
            ));
        }
        Answer { label: Label::None, reasons, preferred: None }
    }

    /// That rest would settle it, where there was little.
    fn rest_settles(self) -> String {
        let little = self.facts.rest_s < self.t.none_min_rest_s;
        if little { format!("; {REST}") } else { String::new() }
    }

    fn too_few(self) -> String {
        format!(
            "too few events: {} in {:.0} s; at least {} of one kind are needed to weigh a pattern{}",
            seen(self.facts),
            self.facts.usable_s,
            self.t.min_events,
            self.rest_settles()
        )
    }

    /// The strongest findings for a label, what it rests on, and what speaks for it rather than for
    /// the next.
    fn named(self, best: Ranked, next: Ranked) -> Answer {
        let weight =
            |clue: &Clue, label: Label| label.position().map_or(0.0, |at| clue.weights[at]);
        let mut own: Vec<&Clue> =
            self.clues.iter().filter(|clue| weight(clue, best.label) > CONCERNED).collect();
        own.sort_by(|a, b| weight(b, best.label).total_cmp(&weight(a, best.label)));
        let rests_on = matches!(best.label, Label::TypicalHfs | Label::AtypicalHfs)
            .then(|| self.rests_on(&own));
        let findings = own.iter().take(REASONS - usize::from(rests_on.is_some()));
        let reasons = findings.map(|clue| sentence(clue)).chain(rests_on.clone()).collect();
        let ahead = |clue: &&&Clue| weight(clue, best.label) - weight(clue, next.label);
        let telling = own.iter().max_by(|a, b| ahead(a).total_cmp(&ahead(b)));
        let preferred = telling.map(|clue| {
            let name = next.label.words();
            format!("rather than {name} ({:.0} %): {}", 100.0 * next.score, sentence(clue))
        });
        Answer { label: best.label, reasons, preferred }
    }

    /// What was seen, in words.
    const fn these(self) -> &'static str {
        if self.known.of_visits { "these recordings" } else { "this recording" }
    }

    /// What tells typical and atypical hemifacial spasm apart here.
    fn rests_on(self, own: &[&Clue]) -> String {
        let told = |teller: Teller| own.iter().any(|clue| clue.told == Some(teller));
        let who = match (told(Teller::History), told(Teller::Visits)) {
            (true, true) => Some("the history and the visits"),
            (true, false) => Some("the history"),
            (false, true) => Some("the visits"),
            (false, false) => None,
        };
        let seen = self.facts.lids_before + self.facts.lids_after > 0;
        match (seen, who) {
            (true, Some(who)) => format!("rests on the visible onset order here and on {who}"),
            (false, Some(who)) => format!("rests on {who}; the onset order here is unresolved"),
            (_, None) => {
                let these = self.these();
                format!("rests on the visible onset order of {these}, not on spread over months")
            }
        }
    }
}

/// What could belong to a pattern, counted by kind and side.
fn seen(facts: &Facts) -> String {
    let mut parts = Vec::new();
    let (left, right) = (facts.one_sided.left, facts.one_sided.right);
    match (left, right) {
        (0, 0) => {}
        (left, 0) => parts.push(format!("{} of the left side", counted(left, "event"))),
        (0, right) => parts.push(format!("{} of the right side", counted(right, "event"))),
        (left, right) => {
            let left = counted(left, "event");
            parts.push(format!("{left} of the left and {right} of the right side"));
        }
    }
    for (count, noun) in [(facts.closures, "prolonged closure"), (facts.jaw, "jaw spasm")] {
        if count > 0 {
            parts.push(counted(count, noun));
        }
    }
    if facts.locking.count() > 0 {
        let movements = counted(facts.locking.count(), "movement");
        parts.push(format!("{movements} along with voluntary movement"));
    }
    parts.join(", ")
}

fn unresolved_order(facts: &Facts, these: &str) -> String {
    let side = match (facts.one_sided.left, facts.one_sided.right) {
        (left, right) if left > right => "left",
        _ => "right",
    };
    let told = if facts.lids_before + facts.lids_after == 0 {
        format!("onset order unresolved in {these}")
    } else {
        format!(
            "onset order not consistent in {these} (lids first {}, lower face first {})",
            facts.lids_before, facts.lids_after
        )
    };
    format!(
        "one-sided ({side}); order unresolved: {told} and no history that tells; typical and \
         atypical are not guessed between"
    )
}

/// A finding with what was found.
fn sentence(clue: &Clue) -> String {
    match &clue.value {
        EvidenceValue::Flag(true) => clue.finding.clone(),
        value => format!("{}: {}", clue.finding, in_words(value)),
    }
}

fn in_words(value: &EvidenceValue) -> String {
    match value {
        EvidenceValue::Flag(true) => "yes".to_owned(),
        EvidenceValue::Flag(false) => "no".to_owned(),
        EvidenceValue::Number(number) => format!("{number}"),
        EvidenceValue::Text(text) => text.clone(),
    }
}

fn counted(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
