//! Messages by a dictionary's own word, and what can go wrong with them.

use super::twin::{Member, put_out};
use crate::dictionary::{DataType, Dictionary};
use crate::tag;
use crate::testing::Random;

pub(super) type Fields = Vec<(u32, Vec<u8>)>;

/// A message of this type that is right, with a few of its optional fields.
pub(super) fn message(dictionary: &Dictionary, msg_type: &str, random: &mut Random) -> Fields {
    let definition = dictionary.message(msg_type).unwrap();
    let mut fields = Vec::new();
    for items in [dictionary.header(), &definition.items, dictionary.trailer()] {
        let members = put_out(dictionary, items, true);
        // Sparse or dense, but never longer than an index.
        let optional = *random.pick(&[2, 5, 12, 12, 30]);
        let share = optional.min(3_000 / (members.len() as u64 + 1));
        add(dictionary, &members, share, 0, random, &mut fields);
    }
    let mut seen = std::collections::BTreeSet::new();
    // A tag that a layout has by two ways is taken once, at the message's own level.
    let members: Vec<_> = [dictionary.header(), &definition.items, dictionary.trailer()]
        .into_iter()
        .flat_map(|items| put_out(dictionary, items, true))
        .map(|member| member.tag)
        .collect();
    fields.retain(|(tag, _)| {
        let doubled = members.iter().filter(|member| *member == tag).count() > 1;
        !doubled || seen.insert(*tag)
    });
    for (field_tag, value) in &mut fields {
        if *field_tag == tag::MSG_TYPE {
            *value = msg_type.as_bytes().to_vec();
        }
    }
    lengths(&mut fields);
    fields
}

fn add(
    dictionary: &Dictionary,
    members: &[Member],
    share: u64,
    depth: u64,
    random: &mut Random,
    into: &mut Fields,
) {
    for (place, member) in members.iter().enumerate() {
        let is_first = place == 0 && depth > 0;
        if !member.required && !is_first && random.below(100) >= share {
            continue;
        }
        if members[..place]
            .iter()
            .any(|before| before.tag == member.tag)
        {
            continue;
        }
        match &member.group {
            None => into.push((member.tag, value(dictionary, member.tag, random))),
            Some(group) => {
                let entries = *random.pick(&[0, 1, 1, 2, 3]) * u64::from(depth < 3);
                into.push((member.tag, entries.to_string().into_bytes()));
                for _ in 0..entries {
                    add(dictionary, group, share / 2, depth + 1, random, into);
                }
            }
        }
    }
}

/// A value that the field may have.
pub(super) fn value(dictionary: &Dictionary, tag: u32, random: &mut Random) -> Vec<u8> {
    let field = dictionary.field(tag).unwrap();
    let listed: Vec<_> = field.values.keys().collect();
    if !listed.is_empty() {
        let one = (*random.pick(&listed)).clone();
        let many = field.data_type == DataType::Values && random.below(2) == 0;
        let other = random.pick(&listed);
        return if many { format!("{one} {other}") } else { one }.into_bytes();
    }
    let texts: &[&str] = match field.data_type {
        DataType::Boolean => &["Y", "N"],
        DataType::Char => &["1", "A", "z"],
        DataType::Int => &["0", "-5", "17", "123456789012"],
        DataType::Uint => &["1", "17", "000123456789"],
        DataType::DayOfMonth => &["1", "09", "31"],
        DataType::Decimal => &["0", "-1.5", "71400", ".5", "5.", "123456789.123456789"],
        DataType::Values => &["A", "A BC D"],
        DataType::Currency => &["KRW", "USD"],
        DataType::Country => &["KR"],
        DataType::Language => &["ko"],
        DataType::MonthYear => &["202611", "20261126", "202611w4"],
        DataType::Date => &["20261126", "20240229"],
        DataType::UtcTimeOnly => &["09:00:00", "09:00:00.123", "23:59:60"],
        DataType::UtcTimestamp => &["20261126-09:00:00", "20261126-09:00:00.123456"],
        DataType::LocalMktTime => &["09:00:00"],
        DataType::TzTimeOnly => &["09:00Z", "09:00:00+09"],
        DataType::TzTimestamp => &["20261126-09:00:00+09"],
        _ => &["a", "KR7005930003", "some text"],
    };
    random.pick(texts).as_bytes().to_vec()
}

/// Length fields that stand in front of their data tell its length.
fn lengths(fields: &mut Fields) {
    for at in 1..fields.len() {
        let length = fields[at].1.len();
        if tag::data_of_length(fields[at - 1].0) == Some(fields[at].0) {
            fields[at - 1].1 = length.to_string().into_bytes();
        }
    }
}

/// Makes up to three mistakes, or none.
pub(super) fn spoil(dictionary: &Dictionary, fields: &mut Fields, random: &mut Random) {
    let tags: Vec<u32> = dictionary.fields().map(|(tag, _)| tag).collect();
    for _ in 0..=random.below(3) {
        let count = fields.len() as u64;
        let at = usize::try_from(random.below(count)).unwrap();
        let other = usize::try_from(random.below(count)).unwrap();
        match random.below(12) {
            0 => drop(fields.remove(at)),
            1 => fields.insert(other, fields[at].clone()),
            2 => fields.swap(at, other.min(at + 1)),
            3 => {
                let field = fields.remove(at);
                fields.insert(other.min(fields.len()), field);
            }
            4 => fields[at].0 = *random.pick(&tags),
            5 => fields[at].0 = *random.pick(&[4_999, 5_001, 12_000, 20_500, 70_001, 999_999_999]),
            6 => {
                let tag = *random.pick(&tags);
                fields.insert(at, (tag, value(dictionary, tag, random)));
            }
            7 => fields.insert(at, (*random.pick(&[5_001, 12_000, 20_500]), b"x".to_vec())),
            8 => fields[at].1 = Vec::new(),
            _ => spoil_value(dictionary, fields, random),
        }
        if fields.is_empty() {
            return;
        }
    }
}

/// Gives one field another value, often a wrong one; tags stay as they are.
pub(super) fn spoil_value(dictionary: &Dictionary, fields: &mut Fields, random: &mut Random) {
    let at = usize::try_from(random.below(fields.len() as u64)).unwrap();
    let (tag, value_of) = &mut fields[at];
    const ODD: [&str; 24] = [
        "0",
        "1",
        "2",
        "3",
        "Y",
        "y",
        "-1",
        "+1",
        "1.",
        "NaN",
        "x y",
        " x",
        "20261301",
        "20260230",
        "24:00:00",
        "12:60:00",
        "20261126-24:00:00",
        "19691231-00:00:00",
        "20261126-09:00:00.1",
        "32",
        "0x1",
        "202613",
        "KRW",
        "\u{e9}",
    ];
    *value_of = if random.below(3) == 0 && dictionary.field(*tag).is_some() {
        value(dictionary, *tag, random)
    } else if random.below(4) == 0 {
        [&value_of[..], &[*random.pick(b"\0 1.")]].concat()
    } else {
        random.pick(&ODD).as_bytes().to_vec()
    };
}

/// The bytes of the fields, as they are; the frame is not what is tested here.
pub(super) fn bytes(fields: &Fields) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, value) in fields {
        bytes.extend_from_slice(tag.to_string().as_bytes());
        bytes.push(b'=');
        bytes.extend_from_slice(value);
        bytes.push(crate::SOH);
    }
    bytes
}
