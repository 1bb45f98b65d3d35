//! The trading day: a date of the Korean market, which names the journal's chain.

/// KST is nine hours before UTC all year.
const KST_OFFSET_S: u64 = 9 * 3_600;
/// The business date begins at 07:00 KST, in the one quiet hour between the night session and the
/// pre-market.
const ROLLOVER_S: u64 = 7 * 3_600;
const NS_PER_S: u64 = 1_000_000_000;
const S_PER_DAY: u64 = 86_400;

/// A calendar date between 1970-01-01 and 9999-12-31.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TradingDay {
    /// Invariant: a date that exists.
    year: u16,
    month: u8,
    day: u8,
}

impl TradingDay {
    /// Reads `YYYY-MM-DD`; `None` when it is not a date that exists.
    #[must_use]
    pub fn parse(text: &str) -> Option<TradingDay> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return None;
        };
        let mut numbers = [0_u16; 3];
        for (number, digits) in
            numbers
                .iter_mut()
                .zip([&[*y1, *y2, *y3, *y4][..], &[*m1, *m2], &[*d1, *d2]])
        {
            for digit in digits {
                if !digit.is_ascii_digit() {
                    return None;
                }
                *number = *number * 10 + u16::from(digit - b'0');
            }
        }
        let [year, month, day] = numbers;
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        let exists = year >= 1970 && (1..=days_in_month(year, month)).contains(&day);
        exists.then_some(TradingDay { year, month, day })
    }

    /// The day of a number like 20261123; `None` when it is not a date that exists.
    #[must_use]
    pub fn of_number(number: u32) -> Option<TradingDay> {
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
        TradingDay::parse(&format!("{year:04}-{month:02}-{day:02}"))
    }

    /// The business date at a moment, in nanoseconds since the epoch: the KST date, which begins at
    /// 07:00.
    #[must_use]
    pub fn at(now_ns: u64) -> TradingDay {
        let mut days = (now_ns / NS_PER_S + KST_OFFSET_S).saturating_sub(ROLLOVER_S) / S_PER_DAY;
        let mut year = 1970;
        // At most 585 rounds: the clock's 64 bits end in the year 2554.
        loop {
            let in_year = if is_leap(year) { 366 } else { 365 };
            if days < in_year {
                break;
            }
            days -= in_year;
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days >= u64::from(days_in_month(year, month)) {
            days -= u64::from(days_in_month(year, month));
            month += 1;
        }
        TradingDay {
            year,
            month,
            day: u8::try_from(days + 1).unwrap_or(31),
        }
    }

    /// When the day begins, nanoseconds since the epoch: 07:00 KST of its date.
    #[must_use]
    pub fn begins_at_ns(self) -> u64 {
        let first = self.days() * S_PER_DAY + ROLLOVER_S;
        first.saturating_sub(KST_OFFSET_S).saturating_mul(NS_PER_S)
    }

    /// When the day after it begins.
    #[must_use]
    pub fn ends_at_ns(self) -> u64 {
        self.begins_at_ns().saturating_add(S_PER_DAY * NS_PER_S)
    }

    /// Days since 1970-01-01.
    fn days(self) -> u64 {
        let years = (1970..self.year).map(|year| if is_leap(year) { 366 } else { 365 });
        let months = (1..self.month).map(|month| u64::from(days_in_month(self.year, month)));
        years.sum::<u64>() + months.sum::<u64>() + u64::from(self.day) - 1
    }

    /// The date as the decimal number `yyyymmdd`, as journal heads carry it.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::from(self.year) * 10_000 + u32::from(self.month) * 100 + u32::from(self.day)
    }
}

impl core::fmt::Display for TradingDay {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_itself_from_its_first_moment_to_its_last() {
        for text in ["1970-01-02", "2024-02-29", "2026-11-23", "2026-12-31"] {
            let day = TradingDay::parse(text).unwrap();
            let (first, end) = (day.begins_at_ns(), day.ends_at_ns());
            assert_eq!(TradingDay::at(first), day, "{text}");
            assert_eq!(TradingDay::at(end - 1), day, "{text}");
            assert!(TradingDay::at(first - 1) < day && TradingDay::at(end) > day);
        }
    }

    #[test]
    fn dates_that_exist_are_read_and_written() {
        for text in [
            "1970-01-01",
            "2024-02-29",
            "2026-11-23",
            "9999-12-31",
            "2000-02-29",
        ] {
            let day = TradingDay::parse(text).unwrap();
            assert_eq!(day.to_string(), text);
            assert_eq!(TradingDay::of_number(day.number()), Some(day));
        }
        for text in [
            "",
            "2026-2-03",
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "1969-12-31",
            "2026/01/01",
            "2026-01-0a",
        ] {
            assert_eq!(TradingDay::parse(text), None, "{text}");
        }
        assert_eq!(
            TradingDay::parse("2026-11-23").unwrap().number(),
            20_261_123
        );
    }

    #[test]
    fn the_business_date_begins_at_seven_in_seoul() {
        // 2026-11-22T21:59:59Z and one second later, which is 07:00 KST.
        let before_s = 1_795_384_799;
        assert_eq!(
            TradingDay::at(before_s * NS_PER_S).to_string(),
            "2026-11-22"
        );
        assert_eq!(
            TradingDay::at((before_s + 1) * NS_PER_S).to_string(),
            "2026-11-23"
        );
        assert_eq!(TradingDay::at(0).to_string(), "1970-01-01");
        assert_eq!(
            TradingDay::at(951_782_400 * NS_PER_S).to_string(),
            "2000-02-29"
        );
        assert_eq!(TradingDay::at(u64::MAX).number() / 10_000, 2554);
    }
}
