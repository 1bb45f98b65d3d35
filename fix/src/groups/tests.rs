//! Groups by hand, and against an obvious reader of many thousands of field sequences.

use gwanmun_market::Price;

use super::*;
use crate::Index;
use crate::testing::{Random, rounds, whole};

static INNER: Group = Group::new(802, &[523, 803], &[]);
static OUTER: Group = Group::new(453, &[448, 447, 452, 70_001], std::slice::from_ref(&INNER));

/// Each entry as its fields, then what ended them.
type Read = (Vec<Vec<(u32, String)>>, Option<FieldError>);

fn read(groups: Result<Groups<'_, '_>, FieldError>) -> Read {
    let groups = match groups {
        Ok(groups) => groups,
        Err(error) => return (Vec::new(), Some(error)),
    };
    let mut entries = Vec::new();
    for entry in groups {
        match entry {
            Ok(entry) => entries.push(
                entry
                    .fields()
                    .map(|(tag, value)| (tag, String::from_utf8_lossy(value).into_owned()))
                    .collect(),
            ),
            Err(error) => return (entries, Some(error)),
        }
    }
    (entries, None)
}

fn check(body: &str, entries: &[&str], error: Option<FieldError>) {
    let bytes = whole(&format!("35=D|{body}"));
    let mut index = Index::new();
    let (message, _) = Message::read(&bytes, &mut index);
    let (found, found_error) = read(message.groups(&OUTER));
    let found: Vec<String> = found
        .iter()
        .map(|fields| {
            let fields = fields.iter().map(|(tag, value)| format!("{tag}={value}|"));
            fields.collect()
        })
        .collect();
    assert_eq!(found, entries, "{body}");
    assert_eq!(found_error, error, "{body}");
    // An iterator that has ended stays at its end.
    if let Ok(mut groups) = message.groups(&OUTER) {
        assert!(groups.by_ref().count() >= entries.len());
        assert!(groups.next().is_none());
    }
}

fn miscounted() -> Option<FieldError> {
    let reason = SessionRejectReason::IncorrectNumInGroupCount;
    Some(FieldError::new(453, reason))
}

#[test]
fn entries_in_any_order_with_any_left_out() {
    check("11=x|", &[], None);
    check("453=0|11=x|", &[], None);
    check("453=1|448=a|", &["448=a|"], None);
    check(
        "453=2|448=a|447=D|448=b|447=D|11=x|",
        &["448=a|447=D|", "448=b|447=D|"],
        None,
    );
    check(
        "453=2|448=a|452=1|447=D|448=b|",
        &["448=a|452=1|447=D|", "448=b|"],
        None,
    );
    // Each entry begins with another member than the specification has first.
    check(
        "453=2|452=1|448=a|452=2|448=b|",
        &["452=1|448=a|", "452=2|448=b|"],
        None,
    );
    // A far tag, and a nested group's members.
    check(
        "453=2|448=a|70001=z|802=1|523=s|448=b|",
        &["448=a|70001=z|802=1|523=s|", "448=b|"],
        None,
    );
    // Two entries of one shape and a third that only begins like them.
    check(
        "453=3|448=a|447=D|448=b|447=D|448=c|11=x|",
        &["448=a|447=D|", "448=b|447=D|", "448=c|"],
        None,
    );
    check(
        "453=2|448=a|447=D|448=b|447=D|452=1|",
        &["448=a|447=D|", "448=b|447=D|452=1|"],
        None,
    );
}

#[test]
fn counts_that_lie() {
    check("453=2|448=a|11=x|", &["448=a|"], miscounted());
    check("453=1|448=a|448=b|", &["448=a|"], miscounted());
    check("453=1|11=x|448=a|", &[], miscounted());
    check("453=0|448=a|", &[], miscounted());
    check("453=4294967295|448=a|", &["448=a|"], miscounted());
    check("453=4294967296|448=a|", &[], Some(FieldError::value(453)));
    check(
        "453=18446744073709551616|448=a|",
        &[],
        Some(FieldError::value(453)),
    );
    check("453=-1|448=a|", &[], Some(FieldError::value(453)));
    for text in ["x", "1x", "", "-", "+1"] {
        check(
            &format!("453={text}|448=a|"),
            &[],
            Some(FieldError::format(453)),
        );
    }
}

#[test]
fn getters_of_an_entry() {
    let bytes = whole("35=D|453=1|448=ABC|447=D|452=17|803=1.5|523=20261126-09:00:00|");
    let mut index = Index::new();
    let message = Message::parse(&bytes, &mut index).unwrap();
    let entry = message.groups(&OUTER).unwrap().next().unwrap().unwrap();
    assert_eq!(entry.text::<8>(448).unwrap().as_bytes(), b"ABC");
    assert_eq!(entry.text::<2>(448), Err(FieldError::value(448)));
    assert_eq!(
        (entry.char(447), entry.char(448)),
        (Ok(b'D'), Err(FieldError::format(448)))
    );
    assert_eq!((entry.uint(452), entry.quantity(452)), (Ok(17), Ok(17)));
    assert_eq!(entry.price(803), Ok(Price::parse(b"1.5").unwrap()));
    assert_eq!(entry.price(448), Err(FieldError::format(448)));
    assert_eq!(entry.timestamp_ns(523), Ok(1_795_683_600_000_000_000));
    assert_eq!(entry.required(70_001), Err(FieldError::missing(70_001)));
    assert_eq!(entry.optional(70_001, Entry::uint), Ok(None));
    assert_eq!(entry.optional(452, Entry::uint), Ok(Some(17)));
    let mut place = 0;
    assert_eq!(entry.field_near(452, &mut place), Some(&b"17"[..]));
    assert_eq!(
        (place, entry.field_near(452, &mut place)),
        (2, Some(&b"17"[..]))
    );
    assert_eq!(entry.field_near(11, &mut place), None);
    // The place of another field is no harm, and what stands in front of a number is not read.
    assert_eq!(entry.scaled_near(803, &mut place, 1), Ok(15));
    assert_eq!(entry.scaled_near(452, &mut place, 2), Ok(1_700));
    assert_eq!(
        entry.scaled_near(803, &mut place, 0),
        Err(FieldError::value(803))
    );
    assert_eq!(
        entry.scaled_near(11, &mut place, 0),
        Err(FieldError::missing(11))
    );
    assert_eq!(entry.scaled(803, 3), Ok(1_500));
}

/// The obvious reader: a copy of all fields, entries cut at the delimiter.
fn plain(fields: &[(u32, String)], group: &Group, all: &[u32]) -> Read {
    let Some(place) = fields.iter().position(|(tag, _)| *tag == group.count_tag) else {
        return (Vec::new(), None);
    };
    let Ok(count) = fields[place].1.parse::<usize>() else {
        return (Vec::new(), Some(FieldError::format(group.count_tag)));
    };
    let run: Vec<_> = fields[place + 1..]
        .iter()
        .take_while(|(tag, _)| all.contains(tag))
        .cloned()
        .collect();
    let mut entries: Vec<Vec<(u32, String)>> = Vec::new();
    for field in &run {
        match entries.last_mut() {
            Some(entry) if field.0 != run[0].0 => entry.push(field.clone()),
            _ => entries.push(vec![field.clone()]),
        }
    }
    let reason = SessionRejectReason::IncorrectNumInGroupCount;
    let error = (entries.len() != count).then(|| FieldError::new(group.count_tag, reason));
    entries.truncate(count);
    (entries, error)
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was compared is shown with the test"
)]
fn the_obvious_reader_agrees() {
    const TAGS: [u32; 9] = [453, 448, 448, 447, 452, 802, 523, 803, 70_001];
    let inner = [523, 803];
    let outer = [448, 447, 452, 70_001, 802, 523, 803];
    let mut random = Random::seeded(501);
    let (mut entries_seen, mut errors, mut nested_seen) = (0, 0, 0);
    let sequences = rounds(60_000);
    for _ in 0..sequences {
        let mut body = String::from("35=D|");
        let pattern: Vec<u32> = (0..1 + random.below(4))
            .map(|_| *random.pick(&TAGS[1..]))
            .collect();
        for at in 0..random.below(24) {
            // Mostly entries of one shape, as senders have them.
            let tag = match random.below(8) {
                0 => *random.pick(&TAGS),
                1 if at > 4 => *random.pick(&[11, 58, 523]),
                _ => pattern[usize::try_from(at).unwrap() % pattern.len()],
            };
            let tag = if at == 0 && random.below(8) > 0 {
                453
            } else {
                tag
            };
            body.push_str(&format!("{tag}={}|", random.below(5)));
        }
        let bytes = whole(&body);
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        let fields: Vec<_> = message
            .fields()
            .map(|(tag, value)| (tag, String::from_utf8_lossy(value).into_owned()))
            .collect();
        let expected = plain(&fields, &OUTER, &outer);
        assert_eq!(read(message.groups(&OUTER)), expected, "{body}");
        entries_seen += expected.0.len();
        errors += u64::from(expected.1.is_some());
        for (entry, fields) in message.groups(&OUTER).unwrap().zip(&expected.0) {
            let entry = entry.unwrap();
            let expected = plain(fields, &INNER, &inner);
            assert_eq!(read(entry.groups(&INNER)), expected, "{body}");
            nested_seen += expected.0.len();
            let mut place = usize::try_from(random.below(5)).unwrap();
            for tag in TAGS {
                let first = fields.iter().find(|(held, _)| *held == tag);
                let first = first.map(|(_, value)| value.as_bytes());
                assert_eq!(entry.field(tag), first);
                let near = entry.field_near(tag, &mut place);
                assert_eq!(near.is_some(), first.is_some());
            }
        }
    }
    println!(
        "{sequences} sequences, {entries_seen} entries, {nested_seen} nested, {errors} errors"
    );
    assert!(entries_seen > 50_000 && nested_seen > 1_000 && errors > 10_000);
}

#[cfg(feature = "dictionary")]
#[test]
fn a_dictionary_makes_groups() {
    use crate::dictionary::{Dictionary, Standard};
    let dictionary = Dictionary::standard(Standard::Fix44);
    let parties = dictionary.group("D", 453).unwrap();
    for tag in [448, 447, 452, 802, 523, 803] {
        assert!(parties.has(tag), "{tag}");
    }
    assert!(!parties.has(453) && !parties.has(11));
    let sub_ids = parties.nested(802).unwrap();
    assert!(sub_ids.has(523) && !sub_ids.has(448));
    // A group within a group is found by its own count too, and one that is not there is not.
    assert!(dictionary.group("D", 802).unwrap().has(523));
    assert!(dictionary.group("D", 268).is_none() && dictionary.group("ZZ", 453).is_none());
    assert!(dictionary.group("D", 627).unwrap().has(628), "the header's");
    let bytes = whole("35=D|453=2|448=a|802=1|523=x|448=b|");
    let mut index = Index::new();
    let message = Message::parse(&bytes, &mut index).unwrap();
    assert_eq!(read(message.groups(&parties)), read(message.groups(&OUTER)));
}
