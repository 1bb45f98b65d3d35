//! Every front of the scan, alone and fused with framing, against an obvious twin that splits and
//! searches: on generated and damaged messages, at every split, with any number of slots.
//!
//! `GWANMUN_TWIN_MESSAGES` says how many messages (a long run takes 100,000,000),
//! `GWANMUN_SPLIT_MESSAGES` how many of a stream that is split at every byte (100,000), and
//! `GWANMUN_SEED` which ones.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that fails shows its seed"
)]

use gwanmun_fix::frame::{Frame, check_sum, frame};
use gwanmun_fix::index::{Index, LentSlots, MESSAGE_BYTES_MAX, Slots};
use gwanmun_fix::scan::Front;
use gwanmun_fix::{FIELDS_MAX, FieldError, Message, SOH, SessionRejectReason as Reason, tag};

/// Longer than any message here.
const LIMIT: usize = 1 << 20;

type Fields<'a> = Vec<(u32, &'a [u8])>;

/// What is in a message, told the long way: all fields, and the first thing that is wrong.
fn twin(bytes: &[u8], slots: usize) -> (Fields<'_>, Option<FieldError>) {
    let (mut fields, mut faults): (Fields<'_>, Vec<FieldError>) = (Vec::new(), Vec::new());
    let mut announced: Option<(u32, u32, usize)> = None;
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().position(|&byte| byte == SOH);
        let mut end = length.map_or(bytes.len(), |length| at + length);
        let field = &bytes[at..end];
        let before = announced.take();
        let tag = field.iter().position(|&byte| byte == b'=');
        let Some(number) = tag.and_then(|equals| tag_number(&field[..equals])) else {
            faults.push(FieldError::new(0, Reason::InvalidTagNumber));
            at = end + 1;
            continue;
        };
        let start = at + tag.unwrap() + 1;
        if let Some((length_tag, _, length)) = before.filter(|&(_, data, _)| data == number) {
            match start.checked_add(length) {
                Some(data_end) if bytes.get(data_end) == Some(&SOH) => end = data_end,
                _ => faults.push(FieldError::new(length_tag, Reason::ValueIsIncorrect)),
            }
        }
        let value = &bytes[start..end];
        if let Some(data_tag) = tag::data_of_length(number).filter(|_| !value.is_empty()) {
            match length_number(value) {
                Ok(length) => announced = Some((number, data_tag, length)),
                Err(reason) => faults.push(FieldError::new(number, reason)),
            }
        }
        if value.is_empty() {
            faults.push(FieldError::new(number, Reason::TagSpecifiedWithoutAValue));
        }
        if end == bytes.len() {
            faults.push(FieldError::new(number, Reason::IncorrectDataFormatForValue));
        }
        if fields.len() == slots || end >= MESSAGE_BYTES_MAX {
            faults.push(FieldError::new(number, Reason::Other));
            break;
        }
        fields.push((number, value));
        at = end + 1;
    }
    (fields, faults.into_iter().next())
}

fn tag_number(text: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(text).ok()?;
    let is_tag = (1..=9).contains(&text.len())
        && !text.starts_with('0')
        && text.chars().all(|c| c.is_ascii_digit());
    is_tag.then(|| text.parse().unwrap())
}

fn length_number(text: &[u8]) -> Result<usize, Reason> {
    let text = std::str::from_utf8(text).map_err(|_| Reason::IncorrectDataFormatForValue)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Err(Reason::IncorrectDataFormatForValue);
    }
    text.parse().map_err(|_| Reason::ValueIsIncorrect)
}

fn fronts() -> impl Iterator<Item = Front> {
    Front::ALL.into_iter().filter(|front| front.is_available())
}

/// Every front over these bytes as one message.
fn check_scan<S: Slots>(bytes: &[u8], index: &mut Index<S>, slots: usize) -> bool {
    let (fields, fault) = twin(bytes, slots);
    for front in fronts() {
        let name = || format!("{front:?} {slots} {}", bytes.escape_ascii());
        assert_eq!(front.scan(bytes, index), fault, "{}", name());
        assert_eq!(index.count(), fields.len(), "{}", name());
        for (slot, &(tag, value)) in fields.iter().enumerate() {
            let (found, start, end) = index.slot(slot).unwrap();
            assert_eq!((found, &bytes[start..end]), (tag, value), "{}", name());
        }
    }
    fault.is_none()
}

/// What is to be made of received bytes: the frame, and what is in it where it is whole.
struct Wanted<'a> {
    bytes: &'a [u8],
    framed: Frame,
    content: (Fields<'a>, Option<FieldError>),
}

impl<'a> Wanted<'a> {
    fn of(bytes: &'a [u8]) -> Wanted<'a> {
        let framed = frame(bytes, LIMIT);
        let content = match framed {
            Frame::Whole { length } => twin(&bytes[..length], FIELDS_MAX),
            _ => (Vec::new(), None),
        };
        Wanted {
            bytes,
            framed,
            content,
        }
    }

    fn is_sound(&self) -> bool {
        matches!(self.framed, Frame::Whole { .. }) && self.content.1.is_none()
    }

    fn check(&self, front: Front, index: &mut Index) {
        let name = || format!("{front:?} {}", self.bytes.escape_ascii());
        let (fields, fault) = &self.content;
        match (
            Message::take_by(front, self.bytes, LIMIT, index),
            self.framed,
        ) {
            (Ok((message, found)), Frame::Whole { length }) => {
                assert_eq!(found, *fault, "{}", name());
                assert_eq!(message.bytes(), &self.bytes[..length], "{}", name());
                assert!(message.fields().eq(fields.iter().copied()), "{}", name());
            }
            (Ok(_), framed) => panic!("{framed:?} {}", name()),
            (Err(found), framed) => assert_eq!(found, framed, "{}", name()),
        }
    }
}

/// Every front over these bytes as what was received; tells whether there was a sound message.
fn check_take(bytes: &[u8], index: &mut Index) -> bool {
    let wanted = Wanted::of(bytes);
    fronts().for_each(|front| wanted.check(front, index));
    wanted.is_sound()
}

/// Numbers that a seed determines (SplitMix64).
struct Random(u64);

impl Random {
    fn seeded(stream: u64) -> Random {
        let seed = std::env::var("GWANMUN_SEED").map_or(20_261_126, |seed| seed.parse().unwrap());
        println!("GWANMUN_SEED={seed}");
        Random(stream.wrapping_add(seed))
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let scaled = (u128::from(mixed ^ (mixed >> 31)) * bound as u128) >> 64;
        usize::try_from(scaled).unwrap()
    }
}

fn count_of(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |count| count.parse().unwrap())
}

/// Tags of all lengths, those of data fields and their lengths among them.
const TAGS: [u32; 24] = [
    1,
    6,
    11,
    21,
    34,
    38,
    44,
    49,
    52,
    55,
    58,
    59,
    96,
    150,
    269,
    5_001,
    9_999,
    10_000,
    20_101,
    20_112,
    999_999,
    1_234_567,
    87_654_321,
    999_999_999,
];

/// A message whose sum and length are right.
fn message(random: &mut Random, fields_max: usize) -> Vec<u8> {
    let mut body = b"35=D\x01".to_vec();
    for _ in 0..random.below(fields_max) {
        let tag = match random.below(40) {
            0 => 1 + random.below(1_100),
            1 => 1 + random.below(20_000),
            _ => TAGS[random.below(TAGS.len())] as usize,
        };
        let is_long = random.below(10) == 0;
        let value_length = 1 + random.below(if is_long { 90 } else { 12 });
        let value = (0..value_length).map(|_| b"0123456789.-ABCxyz=:\xEA"[random.below(21)]);
        body.extend_from_slice(format!("{tag}=").as_bytes());
        body.extend(value);
        body.push(SOH);
        if random.below(30) == 0 {
            let data: Vec<u8> = (0..1 + random.below(20))
                .map(|_| [SOH, b'=', b'9'][random.below(3)])
                .collect();
            body.extend_from_slice(format!("95={}\x0196=", data.len()).as_bytes());
            body.extend_from_slice(&data);
            body.push(SOH);
        }
    }
    framed(&body)
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("8=FIX.4.4\x019={}\x01", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    with_sum(bytes)
}

fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = bytes.iter().fold(0_u8, |sum, &byte| sum.wrapping_add(byte));
    assert_eq!(check_sum(&bytes), sum);
    bytes.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    bytes
}

/// One or more bytes changed, left out or put in; mostly with a sum and a length that fit again,
/// for else nothing behind the framing would be reached.
fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    let body_start = bytes.windows(3).position(|three| three == b"35=").unwrap();
    let mut body = bytes[body_start..bytes.len() - 7].to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(body.len());
        let byte = b"\x01\x01==0019\x00\xFF8/:"[random.below(13)];
        match random.below(3) {
            0 => body[at] = byte,
            1 => drop(body.remove(at)),
            _ => body.insert(at, byte),
        }
    }
    *bytes = framed(&body);
    if random.below(8) == 0 {
        let at = random.below(bytes.len());
        bytes[at] = b"\x01=08:"[random.below(5)];
    }
}

#[test]
fn fronts_and_framing_agree_with_the_twin() {
    let count = count_of("GWANMUN_TWIN_MESSAGES", 40_000);
    let mut random = Random::seeded(1);
    let mut index = Index::new();
    let (mut sound, mut broken) = (0_u64, 0_u64);
    for number in 0..count {
        let fields_max = if number % 500 == 0 { 700 } else { 40 };
        let mut bytes = message(&mut random, fields_max);
        check_scan(&bytes, &mut index, FIELDS_MAX);
        if number % 2 == 0 {
            damage(&mut random, &mut bytes);
            check_scan(&bytes, &mut index, FIELDS_MAX);
        }
        if number % 3 == 0 {
            // What is received does not end where the message does.
            bytes.extend_from_slice(&b"8=FIX.4.4\x019=5\x0135=0\x01"[..random.below(20)]);
        }
        match check_take(&bytes, &mut index) {
            true => sound += 1,
            false => broken += 1,
        }
    }
    assert!(sound > count / 3 && broken > count / 10, "{sound} {broken}");
}

/// The stream's first part ends anywhere in a message; then the second part is there as well, with
/// the start of the next message, in the index that has just held the first.
#[test]
fn every_split_of_a_stream_is_equal() {
    let count = count_of("GWANMUN_SPLIT_MESSAGES", 150);
    let mut random = Random::seeded(2);
    let mut index = Index::new();
    let (mut splits, mut sound) = (0_u64, 0_u64);
    for number in 0..count {
        let mut bytes = message(&mut random, 25);
        if number % 2 == 0 {
            damage(&mut random, &mut bytes);
        }
        let length = bytes.len();
        bytes.extend_from_slice(&b"8=FIX.4.4\x019=5\x0135=0\x01"[..random.below(20)]);
        let both = Wanted::of(&bytes);
        for end in 0..=length {
            let first = Wanted::of(&bytes[..end]);
            for front in fronts() {
                first.check(front, &mut index);
                both.check(front, &mut index);
            }
            check_scan(&bytes[..end], &mut index, FIELDS_MAX);
        }
        splits += length as u64 + 1;
        sound += u64::from(both.is_sound());
    }
    println!("{count} messages, {sound} of them sound, {splits} splits");
    assert!(sound > count / 3 && sound < count, "{sound}");
}

#[test]
fn any_number_of_lent_slots() {
    let mut random = Random::seeded(3);
    for number in 0..60 {
        // One in three has fields as short as can be, sixteen to a block.
        let bytes = match number % 3 {
            0 => framed(&[&b"35=D\x01"[..], &b"1=v\x01".repeat(number)].concat()),
            _ => message(&mut random, 60),
        };
        let fields = twin(&bytes, usize::MAX).0.len();
        for slots in (0..fields + 20).chain([200]) {
            let (mut tags, mut places) = (vec![7; slots + 2], vec![[7; 2]; slots + 2]);
            {
                let (lent_tags, lent_places) = (&mut tags[..slots], &mut places[..slots]);
                let mut index: Index<LentSlots<'_>> = Index::lent(lent_tags, lent_places);
                check_scan(&bytes, &mut index, slots);
            }
            assert_eq!(
                (&tags[slots..], &places[slots..]),
                (&[7, 7][..], &[[7; 2]; 2][..])
            );
        }
    }
}

#[test]
fn up_to_64_kib_and_thousands_of_fields() {
    let (mut tags, mut places) = (vec![0; 20_000], vec![[0; 2]; 20_000]);
    let mut index = Index::lent(&mut tags, &mut places);
    let head = framed(b"").len();
    for length in [65_534, 65_535, 65_536, 65_537, 65_600] {
        // Five digits of length: four more than with none.
        let body = length - head - 4;
        for unit in ["58=x\x01", "44=1234567.25\x01", "269=0\x0120101=9\x01"] {
            let mut text = unit.repeat(body / unit.len());
            let first = body - text.len() + unit.len();
            text.replace_range(..unit.len(), &format!("1={}\x01", "v".repeat(first - 3)));
            let bytes = framed(text.as_bytes());
            assert_eq!(bytes.len(), length);
            assert_eq!(
                check_scan(&bytes, &mut index, 20_000),
                length <= MESSAGE_BYTES_MAX
            );
        }
    }
}

#[test]
fn the_limit_is_kept_by_every_way() {
    let mut index = Index::new();
    let bytes = framed(b"35=D\x0155=005930\x01");
    for front in fronts() {
        for limit in 0..bytes.len() + 3 {
            let taken = Message::take_by(front, &bytes, limit, &mut index);
            match frame(&bytes, limit) {
                Frame::Whole { .. } => assert!(taken.is_ok() && limit >= bytes.len()),
                other => assert_eq!(taken.map(|_| ()), Err(other)),
            }
        }
    }
}
