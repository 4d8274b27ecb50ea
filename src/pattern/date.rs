//! Dates as people give them: a year, a month or a day.

use serde::{Deserialize, Serialize};

/// A year, month or day: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; earlier dates compare as less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Date(String);

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('-').collect();
        let digits = |part: &str, length: usize, most: u32| {
            part.len() == length
                && part.bytes().all(|byte| byte.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|n| (1..=most).contains(&n))
        };
        let fits = match parts[..] {
            [y] => digits(y, 4, 9999),
            [y, m] => digits(y, 4, 9999) && digits(m, 2, 12),
            [y, m, d] => {
                digits(y, 4, 9999) && digits(m, 2, 12) && digits(d, 2, days_of_month(y, m))
            }
            _ => false,
        };
        if fits {
            Ok(Self(text))
        } else {
            Err(format!("\"{text}\" is no date; write YYYY, YYYY-MM or YYYY-MM-DD"))
        }
    }
}

/// Days of a month in the Gregorian calendar; 0 where the month is none.
fn days_of_month(year: &str, month: &str) -> u32 {
    let year: u32 = year.parse().unwrap_or_default();
    let is_leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        "02" => 28 + u32::from(is_leap),
        "04" | "06" | "09" | "11" => 30,
        "01" | "03" | "05" | "07" | "08" | "10" | "12" => 31,
        _ => 0,
    }
}

impl Date {
    /// The date as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn part(&self, at: usize) -> Option<u32> {
        self.0.split('-').nth(at)?.parse().ok()
    }

    /// Months from `earlier` to this date, negative where that is later, to the day where both
    /// have one; `None` where one of them is a year only.
    pub(super) fn months_since(&self, earlier: &Self) -> Option<f64> {
        let (own, other) = (self.part(1)?, earlier.part(1)?);
        let days = self.part(2).zip(earlier.part(2));
        let day = days.map_or(0.0, |(own, other)| (f64::from(own) - f64::from(other)) / 30.44);
        let months = 12 * self.years_since(earlier) + i64::from(own) - i64::from(other);
        Some(months as f64 + day)
    }

    pub(super) fn years_since(&self, earlier: &Self) -> i64 {
        let year = |date: &Self| date.part(0).map_or(0, i64::from);
        year(self) - year(earlier)
    }

    /// This date is surely before the other: they differ within the precision that both have.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        let length = self.0.len().min(other.0.len());
        self.0[..length] < other.0[..length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_compare_within_the_precision_that_both_have() {
        let date = |text: &str| Date::try_from(text.to_owned()).unwrap();
        assert!(date("2021-03").is_before(&date("2021-04-30")));
        assert!(!date("2021").is_before(&date("2021-04-30")));
        for none in ["2021-13", "2021-02-29", "1900-02-29", "2021-04-31", "2021-+5", "2021-01-00"] {
            assert!(Date::try_from(none.to_owned()).is_err(), "{none}");
        }
        assert!(Date::try_from("2024-02-29".to_owned()).is_ok());
        assert!(Date::try_from("3.4.2021".to_owned()).is_err());
    }
}
