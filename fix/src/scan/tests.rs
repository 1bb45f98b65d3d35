//! The scan's own tables, and the fronts against the plain scan.

use super::{Front, plain};
use crate::error::{FieldError, SessionRejectReason};
use crate::index::{FIELDS_MAX, Index};
use crate::testing::Random;

type Fields<'a> = Vec<(u32, &'a [u8])>;
/// Bytes, the fields in them, and the first error.
type Row<'a> = (
    &'a str,
    &'a [(u32, &'a str)],
    Option<(u32, SessionRejectReason)>,
);

fn fields<'a>(bytes: &'a [u8], index: &Index) -> Fields<'a> {
    (0..index.count())
        .map(|slot| {
            let (tag, start, end) = index.slot(slot).unwrap();
            (tag, &bytes[start..end])
        })
        .collect()
}

/// Scans by every front and holds each against the plain one.
fn check<'a>(bytes: &'a [u8], index: &mut Index) -> (Fields<'a>, Option<FieldError>) {
    let error = plain::scan(bytes, index);
    let expected = fields(bytes, index);
    for front in Front::ALL.into_iter().filter(|front| front.is_available()) {
        assert_eq!(
            front.scan(bytes, index),
            error,
            "{front:?} {}",
            bytes.escape_ascii()
        );
        assert_eq!(
            fields(bytes, index),
            expected,
            "{front:?} {}",
            bytes.escape_ascii()
        );
    }
    (expected, error)
}

fn piped(text: &str) -> Vec<u8> {
    text.replace('|', "\x01").into_bytes()
}

#[test]
fn fields_at_the_edges() {
    use SessionRejectReason as Reason;
    const NONE: Option<(u32, Reason)> = None;
    let table: &[Row<'_>] = &[
        ("", &[], NONE),
        ("1=a|", &[(1, "a")], NONE),
        ("1=a=b|2==|", &[(1, "a=b"), (2, "=")], NONE),
        ("999999999=x|", &[(999_999_999, "x")], NONE),
        (
            "1234567890=x|2=y|",
            &[(2, "y")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        ("0=x|2=y|", &[(2, "y")], Some((0, Reason::InvalidTagNumber))),
        (
            "01=x|2=y|",
            &[(2, "y")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        (
            "-1=x|2=y|",
            &[(2, "y")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        (
            "1a=x|2=y|",
            &[(2, "y")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        ("=x|2=y|", &[(2, "y")], Some((0, Reason::InvalidTagNumber))),
        ("abc|2=y|", &[(2, "y")], Some((0, Reason::InvalidTagNumber))),
        ("|2=y|", &[(2, "y")], Some((0, Reason::InvalidTagNumber))),
        (
            "|=|2=y=|",
            &[(2, "y=")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        (
            "1=|2=y|",
            &[(1, ""), (2, "y")],
            Some((1, Reason::TagSpecifiedWithoutAValue)),
        ),
        (
            "1=|x|",
            &[(1, "")],
            Some((1, Reason::TagSpecifiedWithoutAValue)),
        ),
        (
            "1=a|2=b",
            &[(1, "a"), (2, "b")],
            Some((2, Reason::IncorrectDataFormatForValue)),
        ),
        ("95=3|96=a|b|", &[(95, "3"), (96, "a\x01b")], NONE),
        ("95=3|96=|=||", &[(95, "3"), (96, "\x01=\x01")], NONE),
        (
            "93=2|89=||||",
            &[(93, "2"), (89, "\x01\x01")],
            Some((0, Reason::InvalidTagNumber)),
        ),
        (
            "95=1|96=ab|",
            &[(95, "1"), (96, "ab")],
            Some((95, Reason::ValueIsIncorrect)),
        ),
        (
            "95=9|96=ab|",
            &[(95, "9"), (96, "ab")],
            Some((95, Reason::ValueIsIncorrect)),
        ),
        (
            "95=-1|96=ab|",
            &[(95, "-1"), (96, "ab")],
            Some((95, Reason::ValueIsIncorrect)),
        ),
        (
            "95=x|96=ab|",
            &[(95, "x"), (96, "ab")],
            Some((95, Reason::IncorrectDataFormatForValue)),
        ),
        (
            "95=99999999999999999999|96=ab|",
            &[(95, "99999999999999999999"), (96, "ab")],
            Some((95, Reason::ValueIsIncorrect)),
        ),
        (
            "95=18446744073709551615|96=ab|",
            &[(95, "18446744073709551615"), (96, "ab")],
            Some((95, Reason::ValueIsIncorrect)),
        ),
        (
            "95=0|96=|",
            &[(95, "0"), (96, "")],
            Some((96, Reason::TagSpecifiedWithoutAValue)),
        ),
        (
            "95=|96=a|",
            &[(95, ""), (96, "a")],
            Some((95, Reason::TagSpecifiedWithoutAValue)),
        ),
        (
            "95=3|58=t|96=ab|",
            &[(95, "3"), (58, "t"), (96, "ab")],
            NONE,
        ),
        ("96=ab|", &[(96, "ab")], NONE),
    ];
    let mut index = Box::new(Index::new());
    for (text, expected, error) in table {
        let bytes = piped(text);
        let (found, found_error) = check(&bytes, &mut index);
        let found: Vec<_> = found
            .iter()
            .map(|(tag, value)| (*tag, std::str::from_utf8(value).unwrap()))
            .collect();
        assert_eq!(&found, expected, "{text}");
        let error = error.map(|(tag, reason)| FieldError::new(tag, reason));
        assert_eq!(found_error, error, "{text}");
    }
}

#[test]
fn every_length_of_one_field_around_the_blocks() {
    let mut index = Box::new(Index::new());
    for tag in ["7", "49", "150", "1234", "20101", "12345678", "123456789"] {
        for length in 0..200 {
            let bytes = piped(&format!("8=FIX.4.4|{tag}={}|10=000|", "v".repeat(length)));
            check(&bytes, &mut index);
            let bytes = piped(&format!("8={}|{tag}=v|10=000|", "=".repeat(length)));
            check(&bytes, &mut index);
        }
    }
}

#[test]
fn every_tag_in_every_lane() {
    let mut index = Box::new(Index::new());
    for tag in (1..1_100).chain([9_999, 10_000, 20_101, 99_999_999, 100_000_000, 4_294_967]) {
        for lane in 0..9 {
            // A length is followed by a data field that holds SOH, so that a lane which does not
            // see the length would show.
            let before = "1=x|".repeat(lane);
            check(
                &piped(&format!(
                    "{before}{tag}=3|{}=a|b|{}=c||d|",
                    tag + 1,
                    tag - 1
                )),
                &mut index,
            );
            check(&piped(&format!("{before}0{tag}=3|")), &mut index);
        }
    }
}

#[test]
fn as_many_fields_as_there_are_slots_and_one_more() {
    let mut index = Box::new(Index::new());
    for (count, error) in [
        (FIELDS_MAX - 1, None),
        (FIELDS_MAX, None),
        (
            FIELDS_MAX + 1,
            Some(FieldError::new(58, SessionRejectReason::Other)),
        ),
        (
            4 * FIELDS_MAX,
            Some(FieldError::new(58, SessionRejectReason::Other)),
        ),
    ] {
        let bytes = piped("58=x|").repeat(count);
        let (found, found_error) = check(&bytes, &mut index);
        assert_eq!(found.len(), count.min(FIELDS_MAX));
        assert_eq!(found_error, error);
    }
}

/// Invariant 8 of the architecture: no front differs from the plain scan, on a million messages.
#[test]
fn fast_equals_plain() {
    let mut index = Box::new(Index::new());
    let mut expected = Box::new(Index::new());
    let mut random = Random::seeded(1);
    let mut bytes = Vec::new();
    let mut fast_ones = 0_u32;
    let fronts: Vec<_> = Front::ALL
        .into_iter()
        .filter(|front| front.is_available())
        .collect();
    for round in 0..1_000_000_u32 {
        // Most are small: the edges lie there. A few are long, with hundreds of fields.
        let fields_max = if round % 1_000 == 0 {
            FIELDS_MAX as u64 + 40
        } else {
            12
        };
        random_message(&mut random, fields_max, &mut bytes);
        let error = plain::scan(&bytes, &mut expected);
        fast_ones += u32::from(error.is_none());
        for &front in fronts.iter().skip(1) {
            let found = front.scan(&bytes, &mut index);
            let is_same = found == error
                && index.tags() == expected.tags()
                && (0..index.count()).all(|slot| index.slot(slot) == expected.slot(slot));
            assert!(
                is_same,
                "{front:?} {} {found:?} {error:?}",
                bytes.escape_ascii()
            );
        }
    }
    // The comparison would be worth little were nearly all messages broken.
    assert!(fast_ones > 300_000, "{fast_ones}");
}

/// Fields that are mostly sound, now and then with something odd in them.
fn random_message(random: &mut Random, fields_max: u64, bytes: &mut Vec<u8>) {
    const TAGS: &[&str] = &[
        "8",
        "9",
        "35",
        "34",
        "49",
        "56",
        "52",
        "11",
        "55",
        "54",
        "38",
        "40",
        "44",
        "59",
        "60",
        "150",
        "20101",
        "9999",
        "1234567",
        "12345678",
        "123456789",
    ];
    const ODD_TAGS: &[&str] = &[
        "0",
        "01",
        "",
        "-1",
        "1a",
        "a1",
        " 1",
        "1234567890",
        "95",
        "96",
        "93",
        "89",
        "354",
        "355",
        "12345678901",
        "9/",
        ":5",
        "5:",
    ];
    const ODD_VALUES: &[&str] = &[
        "",
        "=",
        "==",
        "\x01",
        "3",
        "5",
        "-3",
        "99",
        "a=b",
        "\x01=",
        "8=FIX",
        "\u{ff}\u{80}",
        "\0",
    ];
    bytes.clear();
    let is_odd_message = random.below(2) == 0;
    for _ in 0..random.below(fields_max) {
        let odd = if is_odd_message { random.below(12) } else { 99 };
        let tags = if odd == 0 { ODD_TAGS } else { TAGS };
        bytes.extend_from_slice(random.pick(tags).as_bytes());
        if odd != 1 {
            bytes.push(b'=');
        }
        if odd <= 3 {
            bytes.extend_from_slice(random.pick(ODD_VALUES).as_bytes());
        } else {
            let bound = if random.below(10) == 0 { 80 } else { 10 };
            let length = 1 + random.below(bound);
            for _ in 0..length {
                bytes.push(*random.pick(b"0123456789.-ABCDEFabcdef=:"));
            }
        }
        if odd != 4 {
            bytes.push(crate::SOH);
        }
    }
    if is_odd_message && random.below(8) == 0 {
        let length = random.below(bytes.len() as u64 + 1);
        bytes.truncate(usize::try_from(length).unwrap());
    }
}

#[test]
fn ordinary_messages_are_not_declined() {
    let mut index = Box::new(Index::new());
    for body in [
        "35=0|49=A|56=B|34=1|52=20261123-00:00:00|",
        "35=D|49=MEMBER|56=GATE|34=7|52=20261123-00:00:00.000000001|11=C1|55=005930|54=1|38=10|\
         44=-37.63|58=a=b==c|20101=2|20103=voice/1|",
    ] {
        let bytes = crate::testing::whole(body);
        for front in Front::ALL.into_iter().filter(|front| front.is_available()) {
            assert_eq!(
                front.scan_ordinary(&bytes, &mut index),
                front != Front::Plain,
                "{front:?}"
            );
        }
    }
}
