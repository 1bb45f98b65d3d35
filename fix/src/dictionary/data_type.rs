//! Data types of FIX fields, as far as a value's text can be told right or wrong by them.

use hotfix_dictionary::FixDatatype;

/// What text a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DataType {
    /// `Y` or `N`.
    Boolean,
    /// One character.
    Char,
    /// A whole number with an optional minus.
    Int,
    /// A whole number, zero or above: Length, NumInGroup, SeqNum, TagNum.
    Uint,
    /// A whole number from 1 to 31.
    DayOfMonth,
    /// A plain decimal with an optional minus: float, Qty, Price, PriceOffset, Amt, Percentage.
    Decimal,
    /// Any text: String, Exchange, XID and what is like it.
    Text,
    /// One or more values with a space between each two.
    Values,
    /// Three letters or digits (ISO 4217).
    Currency,
    /// Two letters (ISO 3166).
    Country,
    /// Two letters (ISO 639-1).
    Language,
    /// Any bytes, behind a field that holds their number: data, XMLData.
    Data,
    /// `YYYYMM`, `YYYYMMDD` or `YYYYMMw1` to `YYYYMMw5`.
    MonthYear,
    /// `YYYYMMDD`: LocalMktDate, UTCDateOnly.
    Date,
    /// `HH:MM:SS` with no, three, six or nine decimals.
    UtcTimeOnly,
    /// `YYYYMMDD-HH:MM:SS` with no, three, six or nine decimals.
    UtcTimestamp,
    /// `HH:MM` or `HH:MM:SS`, then nothing, `Z` or an offset from UTC.
    TzTimeOnly,
    /// A date and a time of day, then nothing, `Z` or an offset from UTC.
    TzTimestamp,
    /// `HH:MM:SS`.
    LocalMktTime,
}

/// The names that QuickFIX's form has for types; `true` for those that the crate knows.
const NAMES: [(&str, DataType, bool); 37] = [
    ("AMT", DataType::Decimal, true),
    ("BOOLEAN", DataType::Boolean, true),
    ("CHAR", DataType::Char, true),
    ("COUNTRY", DataType::Country, true),
    ("CURRENCY", DataType::Currency, true),
    ("DATA", DataType::Data, true),
    ("DATE", DataType::Date, true),
    ("DAYOFMONTH", DataType::DayOfMonth, true),
    ("EXCHANGE", DataType::Text, true),
    ("FLOAT", DataType::Decimal, true),
    ("INT", DataType::Int, true),
    ("LANGUAGE", DataType::Language, true),
    ("LENGTH", DataType::Uint, true),
    ("LOCALMKTDATE", DataType::Date, true),
    ("LOCALMKTTIME", DataType::LocalMktTime, false),
    ("MONTHYEAR", DataType::MonthYear, true),
    ("MULTIPLECHARVALUE", DataType::Values, true),
    ("MULTIPLESTRINGVALUE", DataType::Values, true),
    ("MULTIPLEVALUESTRING", DataType::Values, true),
    ("NUMINGROUP", DataType::Uint, true),
    ("PATTERN", DataType::Text, false),
    ("PERCENTAGE", DataType::Decimal, true),
    ("PRICE", DataType::Decimal, true),
    ("PRICEOFFSET", DataType::Decimal, true),
    ("QTY", DataType::Decimal, true),
    ("SEQNUM", DataType::Uint, true),
    ("STRING", DataType::Text, true),
    ("TAGNUM", DataType::Uint, false),
    ("TENOR", DataType::Text, false),
    ("TIME", DataType::UtcTimestamp, true),
    ("TZTIMEONLY", DataType::TzTimeOnly, true),
    ("TZTIMESTAMP", DataType::TzTimestamp, true),
    ("UTCDATE", DataType::Date, true),
    ("UTCDATEONLY", DataType::Date, true),
    ("UTCTIMEONLY", DataType::UtcTimeOnly, true),
    ("UTCTIMESTAMP", DataType::UtcTimestamp, true),
    ("XMLDATA", DataType::Data, true),
];
/// Types that are text and that only the newest files name.
const TEXT_NAMES: [&str; 2] = ["XID", "XIDREF"];

impl DataType {
    /// The type behind QuickFIX's name of it, in whatever case; `None` for a name that it has not.
    #[must_use]
    pub fn from_name(name: &str) -> Option<DataType> {
        let is_text = TEXT_NAMES
            .iter()
            .any(|text| text.eq_ignore_ascii_case(name));
        if is_text {
            return Some(DataType::Text);
        }
        let named = |(known, _, _): &&(&str, DataType, bool)| known.eq_ignore_ascii_case(name);
        NAMES.iter().find(named).map(|&(_, data_type, _)| data_type)
    }

    /// Every name that [`DataType::from_name`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let names = NAMES.iter().map(|&(name, _, _)| name);
        names.chain(TEXT_NAMES)
    }

    /// A name under which the crate that reads dictionaries knows this type, or one like it: which
    /// one it is, is kept beside.
    pub(super) fn crate_name(self) -> &'static str {
        let known = |(_, data_type, known): &&(&str, DataType, bool)| *known && *data_type == self;
        NAMES
            .iter()
            .find(known)
            .map_or("STRING", |&(name, _, _)| name)
    }

    /// What the crate read. It has one type for times with and without an offset from UTC, so that
    /// the standard files' few fields of the former are set right by [`super::standard`].
    pub(super) fn from_crate(data_type: FixDatatype) -> DataType {
        match data_type {
            FixDatatype::Char => DataType::Char,
            FixDatatype::Boolean => DataType::Boolean,
            FixDatatype::Float
            | FixDatatype::Amt
            | FixDatatype::Price
            | FixDatatype::PriceOffset
            | FixDatatype::Qty
            | FixDatatype::Percentage => DataType::Decimal,
            FixDatatype::Int => DataType::Int,
            FixDatatype::DayOfMonth => DataType::DayOfMonth,
            FixDatatype::Length
            | FixDatatype::NumInGroup
            | FixDatatype::SeqNum
            | FixDatatype::TagNum => DataType::Uint,
            FixDatatype::Data | FixDatatype::XmlData => DataType::Data,
            FixDatatype::MonthYear => DataType::MonthYear,
            FixDatatype::MultipleCharValue | FixDatatype::MultipleStringValue => DataType::Values,
            FixDatatype::Currency => DataType::Currency,
            FixDatatype::Country => DataType::Country,
            FixDatatype::Language => DataType::Language,
            FixDatatype::LocalMktDate | FixDatatype::UtcDateOnly => DataType::Date,
            FixDatatype::UtcTimeOnly => DataType::UtcTimeOnly,
            FixDatatype::UtcTimestamp => DataType::UtcTimestamp,
            _ => DataType::Text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_type_and_a_name_for_the_crate() {
        for name in DataType::names() {
            let data_type = DataType::from_name(name).unwrap();
            assert_eq!(DataType::from_name(&name.to_lowercase()), Some(data_type));
            let for_crate = FixDatatype::from_quickfix_name(data_type.crate_name());
            assert!(for_crate.is_some(), "{name}: the crate would panic");
        }
        for (name, data_type, known) in NAMES {
            let of_crate = FixDatatype::from_quickfix_name(name);
            assert_eq!(of_crate.is_some(), known, "{name}");
            let timed = matches!(data_type, DataType::TzTimeOnly | DataType::TzTimestamp);
            if let Some(of_crate) = of_crate.filter(|_| !timed) {
                assert_eq!(DataType::from_crate(of_crate), data_type, "{name}");
            }
        }
        for name in ["", "FOO", "STRINGS", " INT"] {
            assert_eq!(DataType::from_name(name), None);
        }
    }
}
