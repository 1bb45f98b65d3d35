//! TZTimestamp and TZTimeOnly: a time with its distance from UTC.
//!
//! `YYYYMMDD-HH:MM[:SS[.s*]]` or `HH:MM[:SS[.s*]]`, then nothing, `Z`, or `+hh[:mm]`, `-hh[:mm]`
//! (FIX 5.0 and FIX Latest, data types). Without a zone the text says UTC. Fractions of three, six
//! or nine digits are read. Hours of the offset are read from 0 to 14, because clocks do go that
//! far; the specification says 1 to 12.

use super::utc_time_only::{NS_PER_SECOND, fraction_ns, in_range};
use super::{Date, ValueError, form, form_of, number_at};

/// An instant, and the clock that the writer looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TzTimestamp {
    /// Nanoseconds since the epoch, UTC. A leap second is the first second of the next day.
    pub utc_ns: u64,
    /// Minutes that the writer's clock is ahead of UTC.
    pub offset_minutes: i16,
}

/// A time of day, and the clock that the writer looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TzTime {
    /// Nanoseconds since midnight by the writer's clock, as in the text; UTCTimeOnly tells of leap
    /// seconds.
    pub local_ns: u64,
    /// Minutes that the writer's clock is ahead of UTC.
    pub offset_minutes: i16,
}

impl TzTimestamp {
    /// Reads a TZTimestamp.
    ///
    /// # Errors
    /// Not of the form (format); no such date, time or offset, or an instant outside 1970-2554
    /// (range).
    ///
    /// ```
    /// use gwanmun_fix::values::TzTimestamp;
    /// let seoul = TzTimestamp::parse(b"20261123-09:12:33+09")?;
    /// assert_eq!(seoul.utc_ns, TzTimestamp::parse(b"20261123-00:12:33Z")?.utc_ns);
    /// assert_eq!(seoul.offset_minutes, 540);
    /// # Ok::<(), gwanmun_fix::values::ValueError>(())
    /// ```
    pub fn parse(text: &[u8]) -> Result<TzTimestamp, ValueError> {
        let date = Date::at_front(text);
        form(text, b"00000000-")?;
        let time = text.get(9..).unwrap_or(&[]);
        let TzTime {
            local_ns,
            offset_minutes,
        } = TzTime::parse(time).map_err(|error| error.behind(9))?;
        let day_ns = i128::from(date?.days_since_epoch()) * i128::from(86_400 * NS_PER_SECOND);
        let offset_ns = i128::from(offset_minutes) * i128::from(60 * NS_PER_SECOND);
        let utc_ns = day_ns + i128::from(local_ns) - offset_ns;
        Ok(TzTimestamp {
            utc_ns: u64::try_from(utc_ns).map_err(|_| ValueError::range(0))?,
            offset_minutes,
        })
    }
}

impl TzTime {
    /// Reads a TZTimeOnly.
    ///
    /// # Errors
    /// Not of the form (format); no such time or offset (range, at it).
    pub fn parse(text: &[u8]) -> Result<TzTime, ValueError> {
        form(text, b"00:00")?;
        let is_zone = |byte: &u8| matches!(byte, b'Z' | b'+' | b'-');
        let zone_at = text.iter().position(is_zone).unwrap_or(text.len());
        let (time, zone) = text.split_at_checked(zone_at).unwrap_or((text, &[]));
        let mut fraction = 0;
        if time.len() > 5 {
            form(time, b"00:00:00")?;
            let behind = time.get(8..).unwrap_or(&[]);
            fraction = fraction_ns(behind).map_err(|error| error.behind(8))?;
        }
        let [hour, minute, second] = [0, 3, 6].map(|at| number_at(time, at, 2));
        let offset_minutes = zone_minutes(zone).map_err(|error| error.behind(zone_at));
        form_of(&offset_minutes)?;
        in_range(hour, minute, second)?;
        let seconds = u64::from(hour * 3_600 + minute * 60 + second);
        Ok(TzTime {
            local_ns: seconds * NS_PER_SECOND + fraction,
            offset_minutes: offset_minutes?,
        })
    }
}

/// Minutes ahead of UTC.
fn zone_minutes(zone: &[u8]) -> Result<i16, ValueError> {
    let (sign, digits) = match zone {
        [] | b"Z" => return Ok(0),
        [b'Z', ..] => return Err(ValueError::format(1)),
        [b'-', digits @ ..] => (-1, digits),
        [_, digits @ ..] => (1, digits),
    };
    form(digits, b"00").map_err(|error| error.behind(1))?;
    if digits.len() > 2 {
        form(digits, b"00:00").map_err(|error| error.behind(1))?;
    }
    if digits.len() > 5 {
        return Err(ValueError::format(6));
    }
    let [hours, minutes] = [0, 3].map(|at| number_at(digits, at, 2));
    // The Line Islands are 14 hours ahead.
    if hours > 14 {
        return Err(ValueError::range(1));
    }
    if minutes > 59 {
        return Err(ValueError::range(4));
    }
    Ok(sign * i16::try_from(hours * 60 + minutes).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let time = |seconds: u64, fraction: u64, offset_minutes| {
            Ok(TzTime {
                local_ns: seconds * NS_PER_SECOND + fraction,
                offset_minutes,
            })
        };
        for (text, expected) in [
            ("07:39Z", time(27_540, 0, 0)),
            ("07:39", time(27_540, 0, 0)),
            ("02:39-05", time(9_540, 0, -300)),
            ("15:39+08", time(56_340, 0, 480)),
            ("13:09+05:30", time(47_340, 0, 330)),
            ("13:09:01.000000001+14:59", time(47_341, 1, 899)),
            ("23:59:60.123Z", time(86_400, 123_000_000, 0)),
            ("00:00-00", time(0, 0, 0)),
            ("24:00Z", Err(ValueError::range(0))),
            ("00:60Z", Err(ValueError::range(3))),
            ("00:00:60Z", Err(ValueError::range(6))),
            ("00:00+15", Err(ValueError::range(6))),
            ("00:00+09:60", Err(ValueError::range(9))),
            ("99:00+9", Err(ValueError::format(7))),
            ("", Err(ValueError::format(0))),
            ("00:00:", Err(ValueError::format(6))),
            ("00:00:00.", Err(ValueError::format(9))),
            ("00:00z", Err(ValueError::format(5))),
            ("00:00ZZ", Err(ValueError::format(6))),
            ("00:00+", Err(ValueError::format(6))),
            ("00:00+9", Err(ValueError::format(7))),
            ("00:00+09:", Err(ValueError::format(9))),
            ("00:00+0900", Err(ValueError::format(8))),
            ("00:00+09:300", Err(ValueError::format(11))),
            ("00:00\0", Err(ValueError::format(5))),
        ] {
            assert_eq!(TzTime::parse(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn instants() {
        let parse = |text: &str| TzTimestamp::parse(text.as_bytes());
        let at = |seconds: u64, offset_minutes| {
            Ok(TzTimestamp {
                utc_ns: seconds * NS_PER_SECOND,
                offset_minutes,
            })
        };
        for (text, expected) in [
            ("20060901-07:39Z", at(1_157_096_340, 0)),
            ("20060901-02:39-05", at(1_157_096_340, -300)),
            ("20060901-15:39+08", at(1_157_096_340, 480)),
            ("20060901-13:09+05:30", at(1_157_096_340, 330)),
            ("20170101-08:59:60+09", Err(ValueError::range(15))),
            ("19700101-09:00+09", at(0, 540)),
            ("19700101-08:59:59+09", Err(ValueError::range(0))),
            ("25540722-00:00Z", Err(ValueError::range(0))),
            ("20260230-00:00Z", Err(ValueError::range(6))),
            ("20260230-00:00z", Err(ValueError::format(14))),
            ("20260228-24:00Z", Err(ValueError::range(9))),
            ("20260228 24:00Z", Err(ValueError::format(8))),
            ("20260228", Err(ValueError::format(8))),
            ("20260228-", Err(ValueError::format(9))),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
        assert_eq!(parse("20161231-23:59:60Z"), parse("20170101-00:00:00Z"));
    }
}
