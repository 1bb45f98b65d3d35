//! Validation against its twin, shapes on and off, and each mistake by hand.

mod generate;
mod twin;

use super::*;
use crate::Index;
use crate::dictionary::Standard;
use crate::error::SessionRejectReason as Reason;
use crate::testing::{Random, whole};
use generate::Fields;

const STANDARDS: [Standard; 3] = [Standard::Fix42, Standard::Fix44, Standard::Fix50Sp2];

/// One set of checks, one validator, with shapes and without.
struct Pair {
    validator: Validator,
    memo: Memo,
    without: Memo,
}

impl Pair {
    fn new(dictionary: &Dictionary, checks: Checks) -> Pair {
        let validator = Validator::new(dictionary, checks).unwrap();
        Pair {
            memo: Memo::new(&validator),
            without: Memo::without_shapes(&validator),
            validator,
        }
    }
}

fn random_checks(random: &mut Random) -> Checks {
    let mut on = || random.below(4) > 0;
    Checks {
        msg_type: on(),
        unknown: on(),
        undefined: on(),
        user_defined: on(),
        required: on(),
        empty: on(),
        format: on(),
        value: on(),
        order: on(),
        repeated: on(),
        group_count: on(),
        group_order: on(),
    }
}

#[derive(Default)]
struct Tally {
    messages: u64,
    right: u64,
    by_reason: std::collections::BTreeMap<u8, u64>,
}

impl Tally {
    fn compare(&mut self, dictionary: &Dictionary, pair: &mut Pair, fields: &Fields) {
        let bytes = generate::bytes(fields);
        let mut index = Index::new();
        let (message, _) = Message::read(&bytes, &mut index);
        let expected = twin::validate(dictionary, pair.validator.checks, &message);
        let text = || String::from_utf8_lossy(&bytes).replace('\x01', "|");
        let found = pair.validator.validate(&message, &mut pair.without);
        assert_eq!(found, expected, "{:?}\n{}", pair.validator.checks, text());
        let with = pair.validator.validate(&message, &mut pair.memo);
        assert_eq!(
            with,
            expected,
            "with shapes {:?}\n{}",
            pair.validator.checks,
            text()
        );
        self.messages += 1;
        match expected {
            Ok(()) => self.right += 1,
            Err(error) => *self.by_reason.entry(error.reason.number()).or_default() += 1,
        }
    }
}

/// Messages of each type, tried with each set of checks.
const ROUNDS: u64 = 6;

#[test]
#[expect(
    clippy::print_stdout,
    reason = "how much was compared is shown with the test"
)]
fn the_twin_agrees() {
    let mut random = Random::seeded(500);
    let mut tally = Tally::default();
    let (mut hits, mut bases, mut bases_right) = (0, 0, 0);
    for standard in STANDARDS {
        let dictionary = Dictionary::standard(standard);
        let mut pairs: Vec<_> = [Checks::ALL, Checks::TOLERANT]
            .into_iter()
            .chain((0..4).map(|_| random_checks(&mut random)))
            .map(|checks| Pair::new(&dictionary, checks))
            .collect();
        for (msg_type, _) in dictionary.messages() {
            for _ in 0..ROUNDS {
                let base = generate::message(&dictionary, msg_type, &mut random);
                for (at, pair) in pairs.iter_mut().enumerate() {
                    let right = tally.right;
                    tally.compare(&dictionary, pair, &base);
                    if at == 0 {
                        bases += 1;
                        bases_right += tally.right - right;
                    }
                    for _ in 0..3 {
                        let mut fields = base.clone();
                        generate::spoil_value(&dictionary, &mut fields, &mut random);
                        tally.compare(&dictionary, pair, &fields);
                    }
                    for _ in 0..4 {
                        let mut fields = base.clone();
                        generate::spoil(&dictionary, &mut fields, &mut random);
                        tally.compare(&dictionary, pair, &fields);
                    }
                }
            }
        }
        hits += pairs.iter().map(|pair| pair.memo.hits()).sum::<u64>();
    }
    let Tally {
        messages,
        right,
        by_reason,
    } = tally;
    println!("{bases_right} of {bases} are right before anything is spoiled");
    println!("{messages} messages, {right} right, {hits} by shape, wrong by reason {by_reason:?}");
    assert!(
        bases_right * 10 > bases * 9,
        "the generator knows the rules"
    );
    assert!(messages > 50_000 && right > 5_000 && hits > 1_000);
    for reason in [0, 1, 2, 4, 5, 6, 11, 13, 14, 15, 16] {
        assert!(by_reason.get(&reason) > Some(&20), "few of reason {reason}");
    }
}

const HEAD: &str = "35=D|49=A|56=B|34=7|52=20261126-09:00:00|";
const BODY: &str = "11=x|55=005930|54=1|60=20261126-09:00:00|38=10|40=2|44=71400|";

/// The answer with all checks and with one of them off.
fn check(body: &str, off: impl FnOnce(&mut Checks), expected: Option<(u32, Reason)>) {
    let dictionary = Dictionary::standard(Standard::Fix44);
    let expected = expected.map_or(Ok(()), |(tag, reason)| Err(FieldError::new(tag, reason)));
    let mut checks = Checks::ALL;
    let bytes = whole(body);
    let mut index = Index::new();
    let (message, _) = Message::read(&bytes, &mut index);
    let mut pair = Pair::new(&dictionary, checks);
    let found = pair.validator.validate(&message, &mut pair.memo);
    assert_eq!(found, expected, "{body}");
    off(&mut checks);
    if checks != Checks::ALL {
        let mut pair = Pair::new(&dictionary, checks);
        let found = pair.validator.validate(&message, &mut pair.memo);
        assert_eq!(found, Ok(()), "{body} {checks:?}");
    }
}

#[test]
fn every_mistake_is_told_and_can_be_let_by() {
    let d = |rest: &str| format!("{HEAD}{BODY}{rest}");
    check(&d(""), |_| {}, None);
    check(&d("453=2|448=a|447=D|452=1|448=b|452=3|"), |_| {}, None);
    let nested = "453=2|448=a|802=2|523=x|803=1|523=y|448=b|";
    check(&d(nested), |_| {}, None);
    check(
        "35=ZZ|49=A|56=B|34=7|52=20261126-09:00:00|",
        |checks| checks.msg_type = false,
        Some((35, Reason::InvalidMsgType)),
    );
    check(
        &d("4999=x|"),
        |c| c.unknown = false,
        Some((4999, Reason::InvalidTagNumber)),
    );
    check(
        &d("20500=x|"),
        |c| c.user_defined = false,
        Some((20500, Reason::InvalidTagNumber)),
    );
    let foreign = Some((7, Reason::TagNotDefinedForThisMessageType));
    check(&d("7=1|"), |c| c.undefined = false, foreign);
    let without_side = d("").replace("54=1|", "");
    check(
        &without_side,
        |c| c.required = false,
        Some((54, Reason::RequiredTagMissing)),
    );
    let empty = Some((58, Reason::TagSpecifiedWithoutAValue));
    check(&d("58=|"), |c| c.empty = false, empty);
    let format = |tag| Some((tag, Reason::IncorrectDataFormatForValue));
    check(
        &d("").replace("38=10", "38=1O"),
        |c| c.format = false,
        format(38),
    );
    let value = |tag| Some((tag, Reason::ValueIsIncorrect));
    check(
        &d("").replace("54=1", "54=Z"),
        |c| c.value = false,
        value(54),
    );
    check(&d("432=20260230|"), |c| c.value = false, value(432));
    let order = Some((50, Reason::TagSpecifiedOutOfRequiredOrder));
    check(&d("50=S|"), |c| c.order = false, order);
    let first = "49=A|35=D|56=B|34=7|52=20261126-09:00:00|";
    let order = Some((49, Reason::TagSpecifiedOutOfRequiredOrder));
    check(&format!("{first}{BODY}"), |c| c.order = false, order);
    let repeated = |tag| Some((tag, Reason::TagAppearsMoreThanOnce));
    check(&d("11=x|"), |c| c.repeated = false, repeated(11));
    check(
        &d("453=1|448=a|452=1|452=3|"),
        |c| c.repeated = false,
        repeated(452),
    );
}

#[test]
fn every_mistake_in_groups() {
    let d = |rest: &str| format!("{HEAD}{BODY}{rest}");
    let count = |tag| Some((tag, Reason::IncorrectNumInGroupCount));
    for wrong in [
        "453=1|448=a|448=b|",
        "453=3|448=a|448=b|",
        "453=1|",
        "453=0|448=a|",
    ] {
        check(&d(wrong), |c| c.group_count = false, count(453));
    }
    check(
        &d("453=4294967297|448=a|"),
        |c| c.group_count = false,
        count(453),
    );
    check(&d("453=0|"), |_| {}, None);
    let nested = "453=1|448=a|802=3|523=x|523=y|";
    check(&d(nested), |c| c.group_count = false, count(802));
    let order = |tag| Some((tag, Reason::RepeatingGroupFieldsOutOfOrder));
    check(
        &d("453=2|447=D|448=a|447=D|448=b|"),
        |c| c.group_order = false,
        order(447),
    );
    check(
        &d("453=1|448=a|452=1|447=D|"),
        |c| c.group_order = false,
        order(447),
    );
    // A required member: NoLegs of a multileg order has none, NoRpts of a list has ListID outside.
    let list = "35=E|49=A|56=B|34=7|52=20261126-09:00:00|66=L|394=3|68=2|73=2|\
                11=a|67=1|55=X|54=1|38=1|40=1|11=b|55=X|54=1|38=1|40=1|";
    let missing = Some((67, Reason::RequiredTagMissing));
    check(list, |c| c.required = false, missing);
    check(&list.replace("11=b|", "11=b|67=2|"), |_| {}, None);
    let first = list
        .replace("11=a|67=1|", "11=a|")
        .replace("11=b|", "11=b|67=2|");
    check(&first, |c| c.required = false, missing);
    // A field of the message behind the group ends it.
    check(&d("453=1|448=a|452=1|100=XKRX|"), |_| {}, None);
    check(
        &d("453=1|448=a|100=XKRX|452=1|"),
        |checks| checks.undefined = false,
        Some((452, Reason::TagNotDefinedForThisMessageType)),
    );
}

#[test]
fn shapes_are_learned_and_replaced() {
    let dictionary = Dictionary::standard(Standard::Fix44);
    let validator = Validator::new(&dictionary, Checks::ALL).unwrap();
    let mut memo = Memo::new(&validator);
    let mut index = Index::new();
    let mut hits = |body: &str| {
        let bytes = whole(body);
        let message = Message::parse(&bytes, &mut index).unwrap();
        let before = memo.hits();
        assert_eq!(validator.validate(&message, &mut memo), Ok(()), "{body}");
        memo.hits() - before
    };
    let shapes = ["", "1=a|", "15=KRW|", "18=1|", "58=t|"];
    let with = |rest: &str| format!("{HEAD}{BODY}{rest}");
    for rest in &shapes[..4] {
        assert_eq!((hits(&with(rest)), hits(&with(rest))), (0, 1));
    }
    // Four of one type are kept; a fifth drives out the one that came first.
    assert!(shapes[..4].iter().all(|rest| hits(&with(rest)) == 1));
    assert_eq!(hits(&with(shapes[4])), 0);
    assert!(shapes[1..].iter().all(|rest| hits(&with(rest)) == 1));
    assert_eq!(hits(&with(shapes[0])), 0);
    // Other types need as many again; the order's shapes are the oldest then.
    for (at, msg_type) in ["0", "1", "5"].into_iter().cycle().enumerate().take(64) {
        let sub = ["50=s|", "57=t|", "142=u|", "143=v|", "97=Y|", "116=w|"];
        let chosen: String = (0..6)
            .filter(|bit| at >> bit & 1 == 1)
            .map(|bit| sub[bit])
            .collect();
        let id = if msg_type == "1" { "112=x|" } else { "" };
        hits(&format!(
            "35={msg_type}|49=A|56=B|34=7|52=20261126-09:00:00|{chosen}{id}"
        ));
    }
    assert_eq!(hits(&with(shapes[4])), 0);
}

#[test]
fn a_known_shape_changes_no_answer_whatever_a_byte_becomes() {
    let dictionary = Dictionary::standard(Standard::Fix44);
    let order = format!("{HEAD}{BODY}99=-0.5|");
    let refresh = "35=X|49=A|56=B|34=7|52=20261126-09:00:00.001|262=r|268=1|279=0|269=0|\
                   278=i|55=005930|270=71400.25|271=10|273=23:59:59.123|346=12|";
    for checks in [Checks::ALL, Checks::TOLERANT] {
        let mut pair = Pair::new(&dictionary, checks);
        for body in [&order, refresh] {
            let right = whole(body);
            let mut answers = |bytes: &[u8]| {
                let mut index = Index::new();
                let (message, _) = Message::read(bytes, &mut index);
                let found = pair.validator.validate(&message, &mut pair.memo);
                let plain = pair.validator.validate(&message, &mut pair.without);
                assert_eq!(found, plain, "{}", bytes.escape_ascii());
                (found.is_ok(), pair.memo.hits())
            };
            let mut hits_at_once = 0;
            for place in 0..right.len() {
                // The right one first, so that others cannot have driven its shape out.
                let (_, before) = (answers(&right), answers(&right).1);
                for byte in 0..=255 {
                    let mut bytes = right.clone();
                    bytes[place] = byte;
                    answers(&bytes);
                }
                hits_at_once += u64::from(answers(&right).1 > before);
            }
            assert_eq!(hits_at_once, right.len() as u64);
        }
    }
}

#[test]
fn a_message_type_of_ones_own() {
    let mut dictionary = Dictionary::standard(Standard::Fix44);
    dictionary
        .extend(
            "<fix type='FIX' major='4' minor='4'><header/><trailer/><components/><messages>
             <message name='Long' msgtype='ULONG'><field name='Far' required='Y'/></message>
             </messages><fields><field number='900000000' name='Far' type='BOOLEAN'/></fields></fix>",
        )
        .unwrap();
    let mut pair = Pair::new(&dictionary, Checks::ALL);
    let mut answer = |value: &str| {
        let bytes = whole(&format!(
            "35=ULONG|49=A|56=B|34=7|52=20261126-09:00:00|900000000={value}|"
        ));
        let mut index = Index::new();
        let message = Message::parse(&bytes, &mut index).unwrap();
        pair.validator.validate(&message, &mut pair.memo)
    };
    assert_eq!(answer("Y"), Ok(()));
    assert_eq!(answer("N"), Ok(()));
    assert_eq!(answer("n"), Err(FieldError::format(900_000_000)));
}
