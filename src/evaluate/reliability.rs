//! What can be believed of a pattern that was named: how often each answer was right, how often the
//! best label was by its score, and what was said of people without a disorder.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::table;
use crate::pattern::Label;
use crate::validate::{Share, ToldPattern, ValidatedClip};

/// Bounds of the score of the best label.
const SCORES: [[f64; 2]; 5] = [[0.0, 0.5], [0.5, 0.7], [0.7, 0.8], [0.8, 0.9], [0.9, 1.0]];

/// Events from which a recording ought to be told.
const EVENTFUL: u32 = 5;

/// The table of reliability of drawn patients; `None` where no recording has a known label.
#[must_use]
pub fn reliability(clips: &[ValidatedClip]) -> Option<String> {
    let told: Vec<&ToldPattern> = clips.iter().filter_map(|clip| clip.told.as_ref()).collect();
    if told.is_empty() {
        return None;
    }
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "What was said, and how often it was right:");
    for label in Label::WEIGHED {
        let said = || told.iter().filter(move |own| own.found == label);
        let right = share(said().map(|own| own.truth == label));
        let _ = writeln!(text, "  {:<22}{right}", label.name());
    }
    let sure = |own: &&&ToldPattern| own.found != Label::Indeterminate;
    let right = |own: &&ToldPattern| own.truth == own.found;
    let _ = writeln!(text, "  {:<22}{}", "any", share(told.iter().filter(sure).map(right)));
    let each: Vec<f64> = Label::WEIGHED
        .into_iter()
        .filter_map(|label| {
            let own = told.iter().filter(sure).filter(|own| own.truth == label);
            let answers: Vec<bool> = own.map(right).collect();
            let count = answers.iter().filter(|right| **right).count();
            (!answers.is_empty()).then(|| count as f64 / answers.len() as f64)
        })
        .collect();
    let mean = each.iter().sum::<f64>() / each.len().max(1) as f64;
    let _ = writeln!(text, "  mean over the true labels of what was said of them: {mean:.3}");

    let _ =
        writeln!(text, "Score of the best label, its mean, and how often that label was right:");
    for [from, to] in SCORES {
        let within =
            || told.iter().filter(move |own| own.score > from && own.score <= to && own.labelled());
        let count = within().count();
        if count > 0 {
            let mean = within().map(|own| own.score).sum::<f64>() / count as f64;
            let right = share(within().map(|own| own.best == own.truth));
            let _ = writeln!(text, "  {:<22}{mean:.3}  {right}", format!("{from:.1} to {to:.1}"));
        }
    }

    let _ = writeln!(text, "Who was told what:");
    let mut groups = BTreeMap::<&str, Vec<&ToldPattern>>::new();
    for own in &told {
        groups.entry(own.group.as_str()).or_default().push(own);
        if own.events >= EVENTFUL {
            groups.entry("patients, 5 events on").or_default().push(own);
        }
    }
    for (name, own) in groups {
        let wrong = share(
            own.iter()
                .map(|own| !matches!(own.found, Label::Indeterminate) && own.found != own.truth),
        );
        let open = share(own.iter().map(|own| own.found == Label::Indeterminate));
        let _ = writeln!(text, "  {name:<22}wrong {wrong}; indeterminate {open}");
        if own.iter().any(|own| own.weak.is_some()) {
            let weak = || own.iter().filter(|own| own.weak.is_some());
            let named = share(weak().map(|own| own.named_weak == own.weak));
            let across =
                share(weak().map(|own| own.named_weak.is_some() && own.named_weak != own.weak));
            let _ = writeln!(text, "  {:<22}weak side named {named}; the other one {across}", "");
        } else {
            let named = share(own.iter().map(|own| own.named_weak.is_some()));
            let _ = writeln!(text, "  {:<22}a side called weak {named}", "");
        }
    }
    Some(text)
}

fn share(answers: impl Iterator<Item = bool>) -> String {
    let (mut count, mut of) = (0, 0);
    for answer in answers {
        count += u32::from(answer);
        of += 1;
    }
    table::share(Share { count, of }).unwrap_or_else(|| "-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate::Score;

    fn clip(group: &str, truth: Label, found: Label, score: f64) -> ValidatedClip {
        ValidatedClip {
            truth: String::new(),
            analysis: String::new(),
            name: String::new(),
            person: String::new(),
            length_s: 60.0,
            label: Some(found),
            told: Some(ToldPattern {
                group: group.to_owned(),
                truth,
                found,
                best: found,
                score,
                events: 0,
                weak: None,
                named_weak: None,
            }),
            score: Score::default(),
        }
    }

    #[test]
    fn a_confident_mistake_is_counted_where_it_was_made() {
        let clips = [
            clip("lively", Label::None, Label::MeigeLike, 0.85),
            clip("lively", Label::None, Label::None, 0.95),
            clip("patients", Label::MeigeLike, Label::MeigeLike, 0.95),
        ];
        let text = reliability(&clips).expect("a table");
        let line =
            |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        assert!(line("meige_like").contains("1 of 2 = 0.500"), "{text}");
        assert!(line("none").contains("1 of 1"), "{text}");
        assert!(line("lively").contains("wrong 1 of 2 = 0.500"), "{text}");
        assert!(line("0.8 to 0.9").contains("0.850  0 of 1"), "{text}");
        assert_eq!(reliability(&[]), None);
    }
}
