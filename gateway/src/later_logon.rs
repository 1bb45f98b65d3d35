//! A Logon(35=A) on a line that has had one, or a UserRequest(35=BE): what of it may go on record,
//! and when.
//!
//! Everything a member sends is journaled as it comes, except the secrets of these. Both are
//! refused, but they are on record like everything else, so their secrets become asterisks first;
//! the session, and replay, see the same bytes. While such a message is not whole, what came
//! of it waits in front: a mask may not change bytes that are on record already, and the
//! CheckSum(10) that goes with it comes last.
//!
//! Not in it: the first Logon of a line (`stranger`).

use gwanmun_fix::frame::{Frame, check_sum, frame};
use gwanmun_fix::index::Index;
use memchr::memmem::Finder;

use crate::secrets::mask_fragment;
use crate::stranger::mask_secrets;

/// What stands in front of every MsgType(35).
const FRONT: &[u8] = b"\x0135=";
/// MsgType(35) of what holds secrets, as it stands in a message: Logon(A), and UserRequest(BE)
/// whose Password(554) and NewPassword(925) are as secret, though we do not serve it.
const MARKS: [&[u8]; 2] = [b"\x0135=A\x01", b"\x0135=BE\x01"];
/// Length of the longest.
const MARK_BYTES_MAX: usize = 7;

/// Looks for later Logons; one for a thread, made at its start.
#[derive(Debug)]
pub struct LaterLogons {
    finder: Finder<'static>,
}

impl Default for LaterLogons {
    fn default() -> LaterLogons {
        LaterLogons {
            finder: Finder::new(FRONT),
        }
    }
}

impl LaterLogons {
    /// Where the first mark is.
    fn find(&self, bytes: &[u8]) -> Option<usize> {
        self.finder.find_iter(bytes).find(|&at| {
            let there = bytes.get(at..).unwrap_or_default();
            MARKS.iter().any(|mark| there.starts_with(mark))
        })
    }

    /// Masks what `bytes`, all that is unconsumed on a member's line, hold of secrets in their last
    /// `unrecorded` bytes. Returns how many bytes at the tail must wait, unrecorded, for the rest
    /// of their Logon; they come again in front of what arrives next.
    ///
    /// Costs one search of the new bytes where there is no such message.
    #[must_use]
    pub fn mask(
        &self,
        bytes: &mut [u8],
        unrecorded: usize,
        message_bytes_max: usize,
        index: &mut Index,
    ) -> usize {
        let recorded = bytes.len().saturating_sub(unrecorded);
        // A mark may lie across the edge of what is on record. What waits begins at its mark or
        // before, so it is found again each time.
        let from = recorded.saturating_sub(MARK_BYTES_MAX - 1);
        let new = bytes.get(from..).unwrap_or_default();
        if self.find(new).is_none() {
            return 0;
        }
        walk(bytes, recorded, (message_bytes_max, self), index)
    }
}

/// Whether the message in front is, as far as can be seen, one that holds secrets.
fn frame_has_secrets(bytes: &[u8]) -> bool {
    let fields = bytes.split(|byte| *byte == 1).take(3);
    let third = fields.last().unwrap_or_default();
    let mut marks = MARKS.iter();
    marks.any(|mark| matches!(mark, [_, msg_type @ .., _] if third == msg_type))
}

/// Frame by frame, as the order path will.
fn walk(
    bytes: &mut [u8],
    recorded: usize,
    (message_bytes_max, later): (usize, &LaterLogons),
    index: &mut Index,
) -> usize {
    let mut at = 0;
    while let Some(rest) = bytes.get_mut(at..).filter(|rest| !rest.is_empty()) {
        let has_secrets = frame_has_secrets(rest);
        let fresh_from = recorded.saturating_sub(at).min(rest.len());
        // Where such a message begins within what is no message yet, or never will be one.
        let inner = fresh_from.saturating_sub(MARK_BYTES_MAX - 1);
        let inner = rest
            .get(inner..)
            .and_then(|fresh| later.find(fresh))
            .map(|found| inner + found);
        let taken = match frame(rest, message_bytes_max) {
            Frame::Whole { length } => {
                if has_secrets && let Some(message) = rest.get_mut(..length) {
                    mask_secrets(message, index);
                }
                length
            }
            Frame::Garbled { skip, .. } => {
                let is_inside = inner.is_some_and(|inner| inner < skip);
                if let Some(garbled) = rest.get_mut(..skip).filter(|_| has_secrets || is_inside) {
                    mask_garbled(garbled, fresh_from);
                }
                skip.max(1)
            }
            Frame::Partial if has_secrets => return rest.len() - fresh_from,
            Frame::Partial => {
                return inner.map_or(0, |inner| rest.len() - inner.max(fresh_from));
            }
            Frame::Unframeable(_) => {
                mask_fragment(rest.get_mut(fresh_from..).unwrap_or_default());
                return 0;
            }
        };
        at += taken;
    }
    0
}

/// Masks a Logon that is garbled, and keeps it so: a CheckSum(10) that was wrong by so much is
/// wrong by as much afterwards.
fn mask_garbled(garbled: &mut [u8], fresh_from: usize) {
    let before = check_sum(garbled);
    mask_fragment(garbled.get_mut(fresh_from..).unwrap_or_default());
    let after = check_sum(garbled);
    let Some((_, [.., b'1', b'0', b'=', hundreds, tens, ones, 1])) =
        garbled.split_at_mut_checked(fresh_from)
    else {
        return;
    };
    let digit = |byte: u8| byte.wrapping_sub(b'0');
    let written = [*hundreds, *tens, *ones].map(digit);
    if let [h @ 0..=9, t @ 0..=9, o @ 0..=9] = written {
        let number = u16::from(h) * 100 + u16::from(t) * 10 + u16::from(o);
        let Ok(number) = u8::try_from(number) else {
            return;
        };
        let moved = number.wrapping_add(after.wrapping_sub(before));
        *hundreds = b'0' + moved / 100;
        *tens = b'0' + moved / 10 % 10;
        *ones = b'0' + moved % 10;
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::encode::MessageWriter;
    use gwanmun_fix::tag;

    use super::*;

    const MESSAGE_BYTES_MAX: usize = 4096;

    fn message(msg_type: &[u8], password: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
        writer
            .bytes(tag::MSG_TYPE, msg_type)
            .bytes(tag::SENDER_COMP_ID, b"ONE")
            .bytes(tag::TARGET_COMP_ID, b"GATE")
            .uint(tag::MSG_SEQ_NUM, 7)
            .bytes(tag::USERNAME, b"name")
            .bytes(tag::PASSWORD, password)
            .data(tag::RAW_DATA_LENGTH, tag::RAW_DATA, password);
        let length = writer.finish().unwrap();
        bytes.truncate(length);
        bytes
    }

    /// Brings a stream in pieces, as a transport and the order path do, and gives back what would
    /// be on record and how many bytes wait at the end.
    fn recorded(stream: &[u8], cuts: &[usize]) -> (Vec<u8>, usize) {
        let (later, mut index) = (LaterLogons::default(), Index::new());
        let (mut record, mut waiting, mut held) = (Vec::new(), Vec::new(), 0);
        let mut from = 0;
        for &to in cuts.iter().chain([&stream.len()]) {
            let fresh = &stream[from..to];
            from = to;
            if fresh.is_empty() {
                continue;
            }
            waiting.extend_from_slice(fresh);
            let unrecorded = held + fresh.len();
            held = later.mask(&mut waiting, unrecorded, MESSAGE_BYTES_MAX, &mut index);
            assert!(held <= unrecorded);
            let visible = waiting.len() - held;
            record.extend_from_slice(&waiting[waiting.len() - unrecorded..visible]);
            let mut done = 0;
            while done < visible {
                match frame(&waiting[done..visible], MESSAGE_BYTES_MAX) {
                    Frame::Whole { length } => done += length,
                    Frame::Garbled { skip, .. } => done += skip,
                    Frame::Partial => break,
                    Frame::Unframeable(_) => return (record, held),
                }
            }
            waiting.drain(..done);
        }
        (record, held)
    }

    fn show(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).replace('\x01', "|")
    }

    fn check(stream: &[u8], expected: &[u8]) {
        let (record, held) = recorded(stream, &[]);
        assert_eq!((show(&record), held), (show(expected), 0));
        for cut in 1..stream.len() {
            let (record, held) = recorded(stream, &[cut]);
            assert_eq!((show(&record), held), (show(expected), 0), "cut at {cut}");
        }
        for step in 1..9 {
            let cuts: Vec<usize> = (1..stream.len()).step_by(step).collect();
            let (record, held) = recorded(stream, &cuts);
            assert_eq!(
                (show(&record), held),
                (show(expected), 0),
                "steps of {step}"
            );
        }
    }

    /// Messages that hold secrets.
    const SECRET_TYPES: [&[u8]; 2] = [b"A", b"BE"];

    #[test]
    fn marks_are_no_longer_than_is_looked_back() {
        assert!(MARKS.iter().all(|mark| mark.starts_with(FRONT)));
        assert_eq!(
            MARKS.map(<[u8]>::len).into_iter().max(),
            Some(MARK_BYTES_MAX)
        );
    }

    #[test]
    fn a_later_logon_or_user_request_is_masked_however_it_is_cut() {
        for msg_type in SECRET_TYPES {
            let stream = [message(b"0", b"open"), message(msg_type, b"SECRET")].concat();
            let expected = [message(b"0", b"open"), message(msg_type, b"******")].concat();
            check(&stream, &expected);
            let behind = message(b"D", b"open");
            check(
                &[&stream[..], &behind].concat(),
                &[&expected[..], &behind].concat(),
            );
        }
    }

    fn framed(body: &str) -> Vec<u8> {
        let body = body.replace('|', "\x01");
        let mut bytes = format!("8=FIX.4.4\x019={}\x01{body}", body.len()).into_bytes();
        let sum = check_sum(&bytes);
        bytes.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
        bytes
    }

    /// Whole, with the right length and sum, and a field that is wrong.
    #[test]
    fn a_faulty_logon_is_masked_too() {
        for msg_type in ["A", "BE"] {
            for (faulty, masked) in [
                ("95=8|96=SEC|SECRET|", "95=8|96=**********|"),
                ("95=11|96=SEC|SECRET|", "95=11|96=**********|"),
                ("554=abc|SECRET|", "554=***|******|"),
                ("0554=SECRET|", "0554=******|"),
                ("58=|554=SECRET|925=SECRET|", "58=|554=******|925=******|"),
            ] {
                let whole = |fields| framed(&format!("35={msg_type}|34=7|{fields}"));
                check(&whole(faulty), &whole(masked));
            }
            let many = "1=v|".repeat(gwanmun_fix::FIELDS_MAX);
            let whole = |fields| framed(&format!("35={msg_type}|34=7|{many}{fields}"));
            let mut masked = whole("554=SECRET|");
            let kept = masked.len();
            let is_held = LaterLogons::default().mask(&mut masked, kept, 8_192, &mut Index::new());
            assert_eq!(is_held, 0);
            assert_eq!(show(&masked), show(&whole("554=******|")));
        }
    }

    #[test]
    fn everything_else_is_on_record_as_it_came() {
        let stream = [
            message(b"D", b"open"),
            b"nonsense 35=A 554=x".to_vec(),
            message(b"AE", b"open"),
            message(b"B", b"open"),
            message(b"BF", b"open"),
        ];
        check(&stream.concat(), &stream.concat());
    }

    /// A wrong BodyLength(9) in front makes a message of what follows, until it is found out.
    #[test]
    fn a_logon_inside_something_else_is_masked() {
        let filler = [b'x'; 900];
        for (front, msg_type) in [
            &b"8=FIX.4.4\x019=900\x0135=0\x0149=ONE\x01"[..],
            b"8=FIX.4.4\x019=40\x0135=0\x0149=ONE\x01",
            b"8=FIX.4.4\x019=abc\x0135=0\x01",
            b"garbage\x01",
        ]
        .into_iter()
        .flat_map(|front| SECRET_TYPES.map(|msg_type| (front, msg_type)))
        {
            let secret = message(msg_type, b"SECRET");
            let stream = [front, &secret, &filler, b"\x0110=000\x01"].concat();
            for step in [1, 7, 60, 200, stream.len()] {
                let cuts: Vec<usize> = (1..stream.len()).step_by(step).collect();
                let (record, held) = recorded(&stream, &cuts);
                assert_eq!(record.len() + held, stream.len());
                let text = show(&record);
                assert!(!text.contains("SECRET"), "steps of {step}: {text}");
            }
        }
        // One whose MsgType(35) is not the third field is no message, and masked all the same.
        for msg_type in ["A", "BE"] {
            let front = format!("8=FIX.4.4\x019=60\x0149=ONE\x0135={msg_type}");
            let stream = front + "\x01554=SECRET\x0110=000\x01";
            assert!(!show(&recorded(stream.as_bytes(), &[]).0).contains("SECRET"));
        }
    }

    #[test]
    fn a_garbled_logon_is_masked_and_stays_garbled() {
        let mut stream = message(b"A", b"SECRET");
        let mut expected = message(b"A", b"******");
        for bytes in [&mut stream, &mut expected] {
            let at = bytes.len() - 2;
            bytes[at] = b'0' + (bytes[at] - b'0' + 1) % 10;
        }
        // Wrong by as much as before, if no digit was carried.
        let (record, _) = recorded(&stream, &[]);
        assert!(!show(&record).contains("SECRET"));
        assert!(matches!(
            frame(&record, MESSAGE_BYTES_MAX),
            Frame::Garbled { skip, .. } if skip == record.len()
        ));
        for cut in 1..stream.len() {
            assert_eq!(
                show(&recorded(&stream, &[cut]).0),
                show(&record),
                "cut at {cut}"
            );
        }
    }

    #[test]
    fn half_a_logon_waits_and_shows_nothing() {
        for (msg_type, length) in SECRET_TYPES.into_iter().flat_map(|msg_type| {
            (1..message(msg_type, b"SECRET").len()).map(move |n| (msg_type, n))
        }) {
            let whole = message(msg_type, b"SECRET");
            for cut in 1..length {
                let (record, held) = recorded(&whole[..length], &[cut]);
                assert_eq!(record.len() + held, length);
                let text = show(&record);
                assert!(!text.contains("=S") && !text.contains("SECRET"), "{text}");
            }
        }
    }

    #[test]
    fn a_logon_over_the_limit_is_masked_and_nothing_waits() {
        let stream = b"8=FIX.4.4\x019=99999\x0135=A\x01554=SECRET\x01";
        let (record, held) = recorded(stream, &[]);
        assert_eq!(held, 0);
        assert!(!show(&record).contains("SECRET"), "{}", show(&record));
    }
}
