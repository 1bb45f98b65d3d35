//! A text as a value of every data type: no panic, places of errors inside the text, and readers of
//! one form that agree with each other and with arithmetic in 128 bits.
#![no_main]

use gwanmun_fix::time::{DateCache, Precision, TIMESTAMP_BYTES_MAX};
use gwanmun_fix::values::{
    Characters, Date, Decimal, MonthYear, TzTime, TzTimestamp, ValueError, Values, character,
    decimal, integer, text, utc_time_only, utc_timestamp,
};
use gwanmun_fix::{FieldError, Index, Message, MessageWriter};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (scale, value) = match bytes.split_first() {
        Some((scale, value)) => (u32::from(scale % 24), value),
        None => (0, bytes),
    };
    numbers(value, scale);
    times(value);
    for error in [
        text::parse_printable(value).err(),
        text::parse_currency(value).err(),
        text::parse_country(value).err(),
        text::parse_exchange(value).err(),
        character::parse_char(value).err(),
        character::parse_boolean(value).err(),
    ] {
        inside(value, error);
    }
    match Values::parse(value) {
        Ok(values) => assert_eq!(values.collect::<Vec<_>>().join(&b' '), value),
        Err(error) => inside(value, Some(error)),
    }
    match Characters::parse(value) {
        Ok(values) => assert_eq!(values.count() * 2, value.len() + 1),
        Err(error) => inside(value, Some(error)),
    }
    in_a_message(value, scale);
});

fn inside(value: &[u8], error: Option<ValueError>) {
    assert!(error.is_none_or(|error| usize::from(error.at) <= value.len()));
}

fn numbers(value: &[u8], scale: u32) {
    let scaled = decimal::parse_scaled(value, scale);
    inside(value, scaled.err());
    let written = Decimal::parse(value);
    inside(value, written.err());
    if let Ok(written) = written {
        assert_eq!(written.scaled(scale), scaled.ok());
    }
    let (int, uint) = (integer::parse_int(value), integer::parse_uint(value));
    inside(value, int.err());
    inside(value, uint.err());
    // The standard library reads a plus, which FIX has not.
    let plain: Option<i128> = std::str::from_utf8(value)
        .ok()
        .filter(|text| !text.starts_with('+'))
        .and_then(|text| text.parse().ok());
    if value.len() < 38 {
        assert_eq!(int.ok(), plain.and_then(|plain| plain.try_into().ok()));
        if !value.starts_with(b"-") {
            assert_eq!(uint.ok(), plain.and_then(|plain| plain.try_into().ok()));
        }
    }
}

fn times(value: &[u8]) {
    let mut dates = DateCache::new();
    let stamp = utc_timestamp::parse_utc_timestamp(value);
    assert_eq!(dates.read(value), stamp);
    assert_eq!(dates.read(value), stamp);
    inside(value, stamp.err());
    if let Ok(ns) = stamp {
        let precision = match value.len() {
            17 => Precision::Seconds,
            21 => Precision::Milliseconds,
            24 => Precision::Microseconds,
            _ => Precision::Nanoseconds,
        };
        let mut text = [0; TIMESTAMP_BYTES_MAX];
        let length = dates.write(ns, precision, &mut text);
        let is_leap_second = value.get(15..17) == Some(b"60");
        assert!(is_leap_second || &text[..length] == value);
    }
    let date = Date::parse(value);
    if let Ok(date) = date {
        assert_eq!(date.text(), value);
    }
    inside(value, date.err());
    inside(value, MonthYear::parse(value).err());
    inside(value, utc_time_only::parse(value).err());
    inside(value, TzTime::parse(value).err());
    inside(value, TzTimestamp::parse(value).err());
}

/// A getter of a message says what the reader says.
fn in_a_message(value: &[u8], scale: u32) {
    let mut into = vec![0; value.len() + 64];
    let mut writer = MessageWriter::start(&mut into, b"FIX.4.4");
    writer.bytes(35, b"0").bytes(58, value);
    let length = writer.finish().expect("room for the value and a head");
    let mut index = Index::new();
    let message = Message::parse(&into[..length], &mut index).expect("sound fields");
    // Control bytes were written as `?`.
    let Some(value) = message.field(58) else {
        return;
    };
    let same = |got: Option<FieldError>, expected: Option<ValueError>| {
        assert_eq!(got, expected.map(|error| error.of(58)));
        assert_eq!(got.map(|error| error.at), expected.map(|error| error.at));
    };
    same(message.int(58).err(), integer::parse_int(value).err());
    same(message.uint(58).err(), integer::parse_uint(value).err());
    same(message.decimal(58).err(), Decimal::parse(value).err());
    let scaled = decimal::parse_scaled(value, scale);
    same(message.scaled(58, scale).err(), scaled.err());
    assert_eq!(message.scaled(58, scale).ok(), scaled.ok());
    same(message.date(58).err(), Date::parse(value).err());
}
