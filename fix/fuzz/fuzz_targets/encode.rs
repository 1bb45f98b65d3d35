//! Fields in any order and size into any room: what the writer finishes is framed and read back as
//! it was meant, what does not fit is `None`, and a template patched with the same values is the
//! same message.
#![no_main]

use gwanmun_fix::encode::{Slot, Template, TemplateBuilder, TemplateError};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::time::Precision;
use gwanmun_fix::values::Decimal;
use gwanmun_fix::{Index, Message, MessageWriter};
use gwanmun_market::Price;
use libfuzzer_sys::fuzz_target;

/// One field to write.
#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Text(&'a [u8]),
    Data(&'a [u8]),
    Char(u8),
    Uint(u64),
    Int(i64),
    Price(i64),
    Decimal(Decimal),
    Timestamp(u64, Precision),
}

/// Takes the input apart.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    /// Up to eight bytes as a number, so that small ones are as likely as large ones.
    fn number(&mut self) -> Option<u64> {
        let count = usize::from(self.byte()? % 9);
        let bytes = self.bytes(count);
        Some(bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    fn field(&mut self) -> Option<(u32, Field<'a>)> {
        let kind = self.byte()?;
        // Tags of every width that are neither the head's nor lengths of data.
        let tag = [1, 11, 58, 100, 1_000, 20_101, 123_456, 999_999_999][usize::from(kind >> 5)];
        let precision = [
            Precision::Seconds,
            Precision::Milliseconds,
            Precision::Microseconds,
            Precision::Nanoseconds,
        ];
        let field = match kind % 8 {
            0 => {
                let count = self.byte()?.into();
                Field::Text(self.bytes(count))
            }
            1 => {
                let count = self.byte()?.into();
                Field::Data(self.bytes(count))
            }
            2 => Field::Char(self.byte()?),
            3 => Field::Uint(self.number()?),
            4 => Field::Int(self.number()?.cast_signed()),
            5 => Field::Price(self.number()?.cast_signed()),
            6 => Field::Decimal(Decimal {
                decimals: self.byte()?,
                mantissa: self.number()?.cast_signed(),
            }),
            _ => {
                let precision = precision[usize::from(self.byte()? % 4)];
                Field::Timestamp(self.number()?, precision)
            }
        };
        Some((tag, field))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let (Some(room), Some(spare)) = (input.byte(), input.byte()) else {
        return;
    };
    let fields: Vec<_> = std::iter::from_fn(|| input.field()).take(64).collect();
    let mut into = vec![0; 32_768];
    let length = write(&mut into, &fields).expect("64 fields of 255 bytes fit");
    into.truncate(length);
    assert_eq!(frame(&into, usize::MAX), Frame::Whole { length });
    read_back(&into, &fields);
    // The same into any room: nothing, or the same.
    let tight = match room {
        0 => length + usize::from(spare % 8),
        _ => length * usize::from(room) / 256,
    };
    let mut small = vec![0; tight];
    match write(&mut small, &fields) {
        Some(again) => assert_eq!(&small[..again], &into[..]),
        // While it is written, a body of one or two digits' length needs the room of three.
        None => assert!(tight < length + 2),
    }
    patched(&fields, &into);
});

fn write(into: &mut [u8], fields: &[(u32, Field<'_>)]) -> Option<usize> {
    let mut writer = MessageWriter::start(into, b"FIX.4.4");
    writer.bytes(35, b"0");
    for &(tag, field) in fields {
        match field {
            Field::Text(value) => writer.bytes(tag, value),
            Field::Data(value) => writer.data(95, 96, value),
            Field::Char(value) => writer.char(tag, value),
            Field::Uint(value) => writer.uint(tag, value),
            Field::Int(value) => writer.int(tag, value),
            Field::Price(value) => writer.price(tag, Price(value)),
            Field::Decimal(value) => writer.decimal(tag, value),
            Field::Timestamp(ns, precision) => writer.timestamp_in(tag, ns, precision),
        };
    }
    writer.finish()
}

fn clean(value: &[u8]) -> Vec<u8> {
    let mask = |&byte: &u8| if byte.is_ascii_control() { b'?' } else { byte };
    value.iter().map(mask).collect()
}

fn read_back(bytes: &[u8], fields: &[(u32, Field<'_>)]) {
    let mut index = Index::new();
    let message = Message::parse(bytes, &mut index).expect("sound fields");
    let mut read = message.fields().skip(3);
    for &(tag, field) in fields {
        if matches!(field, Field::Text([]) | Field::Data([])) {
            continue;
        }
        if let Field::Data(value) = field {
            assert_eq!(read.next().map(|field| field.0), Some(95));
            assert_eq!(read.next(), Some((96, value)));
            continue;
        }
        let (read_tag, value) = read.next().expect("as many fields as were written");
        assert_eq!(read_tag, tag);
        // Each value alone in a message, because tags repeat.
        let mut alone = vec![0; value.len() + 64];
        let mut writer = MessageWriter::start(&mut alone, b"FIX.4.4");
        writer.bytes(35, b"0").bytes(58, value);
        let length = writer.finish().expect("room for the value and a head");
        let mut index = Index::new();
        let message = Message::parse(&alone[..length], &mut index).expect("sound fields");
        match field {
            Field::Text(text) => assert_eq!(value, clean(text)),
            Field::Data(_) => unreachable!("looked at above"),
            Field::Char(char) => assert_eq!(value, clean(&[char])),
            Field::Uint(number) => assert_eq!(message.uint(58), Ok(number)),
            Field::Int(number) => assert_eq!(message.int(58), Ok(number)),
            Field::Price(price) => assert_eq!(message.price(58), Ok(Price(price))),
            Field::Decimal(decimal) => assert_eq!(message.decimal(58), Ok(decimal)),
            Field::Timestamp(ns, precision) => {
                let cut = match precision {
                    Precision::Seconds => 1_000_000_000,
                    Precision::Milliseconds => 1_000_000,
                    Precision::Microseconds => 1_000,
                    Precision::Nanoseconds => 1,
                };
                assert_eq!(message.timestamp_ns(58), Ok(ns / cut * cut));
            }
        }
    }
    assert_eq!(read.map(|field| field.0).collect::<Vec<_>>(), [10]);
}

/// What a template can hold of the fields, patched last field first.
fn patched(fields: &[(u32, Field<'_>)], written: &[u8]) {
    let mut room = vec![0; 32_768];
    let mut builder = TemplateBuilder::<64>::start(&mut room, b"FIX.4.4");
    builder.fields(|writer| {
        writer.bytes(35, b"0");
    });
    let mut slots: Vec<(Slot, Field<'_>)> = Vec::new();
    for &(tag, field) in fields {
        let slot = match field {
            Field::Text(value) if !value.is_empty() => builder.text(tag),
            Field::Char(_) => builder.char(tag),
            Field::Uint(0..10_000_000) => builder.uint(tag),
            Field::Price(-99_999_999_999..100_000_000_000) => builder.price(tag),
            Field::Timestamp(_, precision) => builder.timestamp(tag, precision),
            Field::Text(_) => continue,
            other => {
                builder.fields(|writer| match other {
                    Field::Data(value) => drop(writer.data(95, 96, value)),
                    Field::Uint(value) => drop(writer.uint(tag, value)),
                    Field::Int(value) => drop(writer.int(tag, value)),
                    Field::Price(value) => drop(writer.price(tag, Price(value))),
                    Field::Decimal(value) => drop(writer.decimal(tag, value)),
                    _ => unreachable!("has a slot"),
                });
                continue;
            }
        };
        slots.push((slot, field));
    }
    let mut template = builder.finish().expect("what the writer has room for");
    for &(slot, field) in slots.iter().rev() {
        assert_eq!(set(&mut template, slot, field), Ok(()));
    }
    assert_eq!(template.message(), written);
}

fn set(
    template: &mut Template<'_, 64>,
    slot: Slot,
    field: Field<'_>,
) -> Result<(), TemplateError> {
    match field {
        Field::Text(value) => template.set_text(slot, value),
        Field::Char(value) => template.set_char(slot, value),
        Field::Uint(value) => template.set_uint(slot, value),
        Field::Price(value) => template.set_price(slot, Price(value)),
        Field::Timestamp(ns, _) => template.set_timestamp(slot, ns),
        _ => Err(TemplateError::OtherSlot),
    }
}
