//! UTCDateOnly and LocalMktDate: `YYYYMMDD`, years 0000 to 9999 of the Gregorian calendar.

use super::{ValueError, form, number_at};
use crate::time;

/// A day that exists. Days order as time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Invariant: at most 9999.
    year: u16,
    /// Invariant: 1 to 12.
    month: u8,
    /// Invariant: 1 to the days that the month has.
    day: u8,
}

impl Date {
    /// The date, `None` where the calendar has no such day or the year has more than four digits.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let exists = year <= 9_999
            && (1..=12).contains(&month)
            && day >= 1
            && day <= time::days_in_month(year, month);
        exists.then_some(Date { year, month, day })
    }

    /// Reads `YYYYMMDD`: UTCDateOnly and LocalMktDate have the same form.
    ///
    /// # Errors
    /// Not eight digits (format); no such month (range, at the month) or day (range, at the day).
    ///
    /// ```
    /// use gwanmun_fix::values::{Date, ValueError};
    /// let date = Date::parse(b"20240229")?;
    /// assert_eq!((date.year(), date.month(), date.day()), (2024, 2, 29));
    /// assert_eq!(date.days_since_epoch(), 19_782);
    /// assert_eq!(Date::parse(b"20230229"), Err(ValueError::range(6)));
    /// # Ok::<(), ValueError>(())
    /// ```
    pub fn parse(text: &[u8]) -> Result<Date, ValueError> {
        // The form of the whole text comes before any value in it.
        form(text, b"00000000")?;
        if text.len() > 8 {
            return Err(ValueError::format(8));
        }
        Date::at_front(text)
    }

    /// Reads the date in front of whatever follows it.
    pub(super) fn at_front(text: &[u8]) -> Result<Date, ValueError> {
        form(text, b"00000000")?;
        let part = |at, length| number_at(text, at, length);
        let year = u16::try_from(part(0, 4)).map_err(|_| ValueError::range(0))?;
        let month = u8::try_from(part(4, 2)).map_err(|_| ValueError::range(4))?;
        let day = u8::try_from(part(6, 2)).map_err(|_| ValueError::range(6))?;
        let at = if (1..=12).contains(&month) { 6 } else { 4 };
        Date::new(year, month, day).ok_or(ValueError::range(at))
    }

    /// The year, at most 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// Days since 1 January 1970, negative before it.
    #[must_use]
    pub fn days_since_epoch(self) -> i32 {
        time::civil_days(self.year, self.month, self.day)
    }

    /// `YYYYMMDD`.
    #[must_use]
    pub fn text(self) -> [u8; 8] {
        let [year, month, day]: [u32; 3] = [self.year.into(), self.month.into(), self.day.into()];
        crate::digits::eight(year * 10_000 + month * 100 + day).to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        for (text, expected) in [
            ("19700101", Ok((1970, 1, 1))),
            ("00000101", Ok((0, 1, 1))),
            ("00000229", Ok((0, 2, 29))),
            ("99991231", Ok((9999, 12, 31))),
            ("20000229", Ok((2000, 2, 29))),
            ("21000228", Ok((2100, 2, 28))),
            ("21000229", Err(ValueError::range(6))),
            ("20260431", Err(ValueError::range(6))),
            ("20260400", Err(ValueError::range(6))),
            ("20260001", Err(ValueError::range(4))),
            ("20261301", Err(ValueError::range(4))),
            ("20269999", Err(ValueError::range(4))),
            ("", Err(ValueError::format(0))),
            ("2026112", Err(ValueError::format(7))),
            ("202611230", Err(ValueError::format(8))),
            ("202699990", Err(ValueError::format(8))),
            ("2026112\0", Err(ValueError::format(7))),
            ("2026-1-2", Err(ValueError::format(4))),
            ("+2026112", Err(ValueError::format(0))),
        ] {
            let expected = expected.map(|(y, m, d)| Date::new(y, m, d).unwrap());
            assert_eq!(Date::parse(text.as_bytes()), expected, "{text:?}");
        }
        assert_eq!(Date::new(10_000, 1, 1), None);
        assert_eq!(Date::new(2026, 255, 1), None);
    }

    #[test]
    fn every_day_of_ten_thousand_years() {
        // Counted one by one from the first day there is.
        let mut days = -719_528;
        for year in 0..=9_999 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(date) = Date::new(year, month, day) else {
                        assert!(day > 28);
                        continue;
                    };
                    assert_eq!(date.days_since_epoch(), days);
                    assert_eq!(Date::parse(&date.text()), Ok(date));
                    days += 1;
                }
            }
        }
        assert_eq!(days, 2_932_897);
    }
}
