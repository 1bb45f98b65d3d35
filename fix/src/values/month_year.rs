//! MonthYear: `YYYYMM`, `YYYYMMDD` or `YYYYMMWW`, as MaturityMonthYear(200) has it.

use super::{Date, ValueError, form, number_at};

/// A month of a year, or a day or week in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MonthYear {
    /// `YYYYMM`.
    Month {
        /// At most 9999.
        year: u16,
        /// 1 to 12.
        month: u8,
    },
    /// `YYYYMMDD`.
    Day(Date),
    /// `YYYYMMw1` to `YYYYMMw5`.
    Week {
        /// At most 9999.
        year: u16,
        /// 1 to 12.
        month: u8,
        /// 1 to 5.
        week: u8,
    },
}

impl MonthYear {
    /// Reads a MonthYear.
    ///
    /// # Errors
    /// None of the three forms (format); no such month, day or week (range, at it).
    ///
    /// ```
    /// use gwanmun_fix::values::MonthYear;
    /// assert_eq!(MonthYear::parse(b"202612"), Ok(MonthYear::Month { year: 2026, month: 12 }));
    /// assert_eq!(
    ///     MonthYear::parse(b"202612w2"),
    ///     Ok(MonthYear::Week { year: 2026, month: 12, week: 2 })
    /// );
    /// ```
    pub fn parse(text: &[u8]) -> Result<MonthYear, ValueError> {
        form(text, b"000000")?;
        let year = u16::try_from(number_at(text, 0, 4)).map_err(|_| ValueError::range(0))?;
        let month = u8::try_from(number_at(text, 4, 2)).map_err(|_| ValueError::range(4))?;
        match text.get(6..).unwrap_or(&[]) {
            [b'0'..=b'9', b'0'..=b'9'] => return Date::parse(text).map(MonthYear::Day),
            [] | [b'w', b'0'..=b'9'] => {}
            [b'0'..=b'9' | b'w'] => return Err(ValueError::format(7)),
            [b'0'..=b'9', b'0'..=b'9', ..] | [b'w', b'0'..=b'9', ..] => {
                return Err(ValueError::format(8));
            }
            [b'0'..=b'9' | b'w', ..] => return Err(ValueError::format(7)),
            _ => return Err(ValueError::format(6)),
        }
        if !(1..=12).contains(&month) {
            return Err(ValueError::range(4));
        }
        match text.get(7).map(|digit| digit - b'0') {
            None => Ok(MonthYear::Month { year, month }),
            Some(week @ 1..=5) => Ok(MonthYear::Week { year, month, week }),
            Some(_) => Err(ValueError::range(7)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        let month = |year, month| Ok(MonthYear::Month { year, month });
        let week = |year, month, week| Ok(MonthYear::Week { year, month, week });
        for (text, expected) in [
            ("202601", month(2026, 1)),
            ("000012", month(0, 12)),
            (
                "99990131",
                Date::new(9999, 1, 31)
                    .map(MonthYear::Day)
                    .ok_or(ValueError::range(0)),
            ),
            ("202612w1", week(2026, 12, 1)),
            ("202612w5", week(2026, 12, 5)),
            ("202600", Err(ValueError::range(4))),
            ("202613", Err(ValueError::range(4))),
            ("202613w1", Err(ValueError::range(4))),
            ("202612w0", Err(ValueError::range(7))),
            ("202612w6", Err(ValueError::range(7))),
            ("20260230", Err(ValueError::range(6))),
            ("20261301", Err(ValueError::range(4))),
            ("", Err(ValueError::format(0))),
            ("20261", Err(ValueError::format(5))),
            ("2026121", Err(ValueError::format(7))),
            ("202612w", Err(ValueError::format(7))),
            ("202612W1", Err(ValueError::format(6))),
            ("202612wx", Err(ValueError::format(7))),
            ("2026121w", Err(ValueError::format(7))),
            ("202612w12", Err(ValueError::format(8))),
            ("202612123", Err(ValueError::format(8))),
            ("2026-12", Err(ValueError::format(4))),
            ("202612\0", Err(ValueError::format(6))),
        ] {
            assert_eq!(MonthYear::parse(text.as_bytes()), expected, "{text:?}");
        }
    }
}
