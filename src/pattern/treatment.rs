//! Botulinum treatment: it weakens the muscles for months, and hides what they would do.

use super::{Date, History};

/// Botulinum treatment, as far as it concerns a recording.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Treatment<'a> {
    /// Treated so many months before the recording: still at work.
    AtWork(&'a Date, f64),
    /// Treated, but it is not known how long before the recording.
    Undated(&'a Date),
}

/// How long botulinum treatment is taken to weaken the muscles, months (judgment: commonly
/// repeated every three to four months).
const AT_WORK_MONTHS: f64 = 4.0;

impl History {
    /// The treatment that may hide movement from the recording.
    pub(super) fn treatment(&self) -> Option<Treatment<'_>> {
        let mut undated = None;
        let mut at_work: Option<(&Date, f64)> = None;
        for date in &self.botulinum {
            match self.recorded.as_ref().map(|recorded| recorded.months_since(date)) {
                Some(Some(months)) => {
                    let nearer = at_work.is_none_or(|(_, nearest)| months < nearest);
                    if (0.0..=AT_WORK_MONTHS).contains(&months) && nearer {
                        at_work = Some((date, months));
                    }
                }
                // Years apart, a date without month is enough to tell.
                Some(None) if self.recorded.as_ref().is_some_and(|r| r.years_since(date) > 1) => {}
                _ => undated = Some(date),
            }
        }
        at_work
            .map(|(date, months)| Treatment::AtWork(date, months))
            .or(undated.map(Treatment::Undated))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_treatment_is_at_work_for_four_months() {
        let with = |treated: &str, recorded: &str| {
            let text = format!(r#"{{"botulinum": ["{treated}"], "recorded": "{recorded}"}}"#);
            History::parse(&text).unwrap()
        };
        let history = with("2023-01-15", "2023-02-15");
        let Some(Treatment::AtWork(_, months)) = history.treatment() else { panic!("not at work") };
        assert!((months - 1.0).abs() < 1e-9, "{months}");
        assert_eq!(with("2023-01-15", "2023-06-15").treatment(), None);
        assert_eq!(with("2023-01-15", "2022-12-24").treatment(), None);
        assert_eq!(with("2020", "2023-06").treatment(), None);
        let undated = with("2023", "2023-06");
        assert!(matches!(undated.treatment(), Some(Treatment::Undated(_))));
        let undated = History::parse(r#"{"botulinum": ["2023-01-15"]}"#).unwrap();
        assert!(matches!(undated.treatment(), Some(Treatment::Undated(_))));
    }
}
