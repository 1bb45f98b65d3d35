//! The getters of [`Message`] by data type: each names the field when it is missing or wrong, the
//! SessionRejectReason(373), and the byte of the value. Those that an entry of a group has as well
//! are in `field_getters.rs`.
//!
//! Numbers are read from the message's bytes rather than from the value alone: what stands in front
//! of a value may be loaded along with it, so that every length of number takes the same path.

use super::{
    Characters, Date, Decimal, MonthYear, TzTime, TzTimestamp, Values, character, date, decimal,
    integer, text, utc_time_only,
};
use crate::error::FieldError;
use crate::message::Message;
use crate::tag;
use crate::time::DateCache;

impl<'a> Message<'a> {
    /// `Y` or `N`.
    ///
    /// # Errors
    /// Missing; another character (value); not one character (format).
    pub fn boolean(&self, tag: u32) -> Result<bool, FieldError> {
        self.read_with(tag, character::parse_boolean)
    }

    /// A whole number with an optional minus.
    ///
    /// # Errors
    /// Missing; not a number (format); beyond 64 bits (value).
    #[inline]
    pub fn int(&self, tag: u32) -> Result<i64, FieldError> {
        self.read_number(tag, self.find(tag), integer::int)
    }

    /// A sequence number, above zero.
    ///
    /// # Errors
    /// Missing; not digits (format); zero or beyond 64 bits (value).
    #[inline]
    pub fn seq_num(&self, tag: u32) -> Result<u64, FieldError> {
        match self.uint(tag)? {
            0 => Err(FieldError::value(tag)),
            value => Ok(value),
        }
    }

    /// A signed decimal with as many decimals as are written.
    ///
    /// # Errors
    /// Missing; not a plain decimal (format); beyond 64 bits (value).
    #[inline]
    pub fn decimal(&self, tag: u32) -> Result<Decimal, FieldError> {
        self.read_number(tag, self.find(tag), decimal::as_written)
    }

    /// As [`Message::timestamp_ns`], quickest where the date is the one that was read last.
    ///
    /// # Errors
    /// As [`Message::timestamp_ns`].
    #[inline]
    pub fn timestamp_ns_with(&self, tag: u32, dates: &mut DateCache) -> Result<u64, FieldError> {
        self.read_with(tag, |text| dates.read(text))
    }

    /// A UTCTimeOnly in nanoseconds since midnight; those of a leap second are above a day.
    ///
    /// # Errors
    /// Missing; not of the form (format); no such time (value).
    pub fn time_ns(&self, tag: u32) -> Result<u64, FieldError> {
        self.read_with(tag, utc_time_only::parse)
    }

    /// A UTCDateOnly or LocalMktDate.
    ///
    /// # Errors
    /// Missing; not of the form (format); no such day (value).
    pub fn date(&self, tag: u32) -> Result<Date, FieldError> {
        self.read_with(tag, date::Date::parse)
    }

    /// A MonthYear.
    ///
    /// # Errors
    /// Missing; not of the form (format); no such month, day or week (value).
    pub fn month_year(&self, tag: u32) -> Result<MonthYear, FieldError> {
        self.read_with(tag, MonthYear::parse)
    }

    /// A TZTimestamp.
    ///
    /// # Errors
    /// Missing; not of the form (format); no such time or offset (value).
    pub fn tz_timestamp(&self, tag: u32) -> Result<TzTimestamp, FieldError> {
        self.read_with(tag, TzTimestamp::parse)
    }

    /// A TZTimeOnly.
    ///
    /// # Errors
    /// Missing; not of the form (format); no such time or offset (value).
    pub fn tz_time(&self, tag: u32) -> Result<TzTime, FieldError> {
        self.read_with(tag, TzTime::parse)
    }

    /// The values of a MultipleValueString.
    ///
    /// # Errors
    /// Missing; spaces where none belong (format).
    pub fn values(&self, tag: u32) -> Result<Values<'a>, FieldError> {
        self.read_with(tag, Values::parse)
    }

    /// The characters of a MultipleCharValue.
    ///
    /// # Errors
    /// Missing; anything but single characters between single spaces (format).
    pub fn characters(&self, tag: u32) -> Result<Characters<'a>, FieldError> {
        self.read_with(tag, Characters::parse)
    }

    /// A Currency: three capital letters.
    ///
    /// # Errors
    /// Missing; anything else (format).
    pub fn currency(&self, tag: u32) -> Result<[u8; 3], FieldError> {
        self.read_with(tag, text::parse_currency)
    }

    /// A Country: two capital letters.
    ///
    /// # Errors
    /// Missing; anything else (format).
    pub fn country(&self, tag: u32) -> Result<[u8; 2], FieldError> {
        self.read_with(tag, text::parse_country)
    }

    /// An Exchange: a market identifier of four capital letters or digits.
    ///
    /// # Errors
    /// Missing; anything else (format).
    pub fn exchange(&self, tag: u32) -> Result<[u8; 4], FieldError> {
        self.read_with(tag, text::parse_exchange)
    }

    /// The bytes behind a length field: any at all, SOH included, as many as it says.
    ///
    /// # Errors
    /// The data field is missing; the field in front of it is not its length, or one of another
    /// size (373=5 for the length field). Pairs that [`tag::data_of_length`] does not know are not
    /// data to this crate, and neither is their value.
    pub fn data(&self, length_tag: u32) -> Result<&'a [u8], FieldError> {
        let data_tag = tag::data_of_length(length_tag).ok_or(FieldError::value(length_tag))?;
        let mut before = (0, &[][..]);
        for (tag, value) in self.fields() {
            if tag != data_tag {
                before = (tag, value);
                continue;
            }
            let length = (before.0 == length_tag).then(|| integer::parse_uint(before.1));
            let is_said = length.and_then(Result::ok) == u64::try_from(value.len()).ok();
            return if is_said {
                Ok(value)
            } else {
                Err(FieldError::value(length_tag))
            };
        }
        Err(FieldError::missing(data_tag))
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{Price, Text};

    use super::*;
    use crate::testing::read;

    #[test]
    fn getters_at_the_edges() {
        let (format, value) = (Err(FieldError::format(58)), Err(FieldError::value(58)));
        let uint = |text: &str| read(&format!("35=0|58={text}|"), |m| m.uint(58));
        assert_eq!(uint("0"), Ok(0));
        assert_eq!(uint("0018446744073709551615"), Ok(u64::MAX));
        assert_eq!(uint("18446744073709551616"), value);
        assert_eq!(uint("-1"), value);
        for text in ["-", "+1", "1.0", " 1", "1 ", "1\0", "0x1", "NaN"] {
            assert_eq!(uint(text), format, "{text:?}");
        }
        let int = |text: &str| read(&format!("35=0|58={text}|"), |m| m.int(58));
        assert_eq!(int("-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(int("9223372036854775808"), Err(FieldError::value(58)));
        assert_eq!(int("1.0"), Err(FieldError::format(58)));
        assert_eq!(int("-"), Err(FieldError::format(58)));
        let seq_num = |text: &str| read(&format!("35=0|58={text}|"), |m| m.seq_num(58));
        assert_eq!(seq_num("1"), Ok(1));
        assert_eq!(seq_num("0"), value);
        let boolean = |text: &str| read(&format!("35=0|58={text}|"), |m| m.boolean(58));
        assert_eq!((boolean("Y"), boolean("N")), (Ok(true), Ok(false)));
        assert_eq!(boolean("y"), Err(FieldError::value(58)));
        assert_eq!(boolean("YN"), Err(FieldError::format(58)));
        let text = |text: &str| read(&format!("35=0|58={text}|"), |m| m.text::<4>(58));
        assert_eq!(text("ab ~"), Ok(Text::new(b"ab ~").unwrap()));
        assert_eq!(text("abcde"), Err(FieldError::value(58)));
        for odd in ["a\0", "\u{d55c}", "a\x7f", "\t"] {
            assert_eq!(text(odd), Err(FieldError::format(58)), "{odd:?}");
        }
    }

    ///
    #[test]
    fn prices_and_quantities_are_numbers_or_nothing() {
        let price = |text: &str| read(&format!("35=0|44={text}|"), |m| m.price(44));
        assert_eq!(price("-37.63"), Ok(Price(-376_300)));
        assert_eq!(price("71500"), Ok(Price(715_000_000)));
        assert_eq!(price("0.00000"), Ok(Price(0)));
        for text in [
            "NaN", "nan", "inf", "-inf", "1e5", "1,000", "71500\0", " 1", "--1", ".", "-",
        ] {
            assert_eq!(price(text), Err(FieldError::format(44)), "{text:?}");
        }
        for text in [
            "99999999999999999999999999",
            "922337203685477.5808",
            "0.00001",
        ] {
            assert_eq!(price(text), Err(FieldError::value(44)), "{text}");
        }
        let quantity = |text: &str| read(&format!("35=0|38={text}|"), |m| m.quantity(38));
        assert_eq!(quantity("100.00"), Ok(100));
        for text in ["-1", "0.5", "4294967296"] {
            assert_eq!(quantity(text), Err(FieldError::value(38)), "{text}");
        }
        assert_eq!(quantity("1\0"), Err(FieldError::format(38)));
    }
}
