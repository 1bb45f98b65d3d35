//! Tables at the edges, and streams cut everywhere; `twin` has the framing against an obvious twin.

mod twin;

use super::*;
use crate::testing::{Random, whole};

const LIMIT: usize = 4_096;

/// What became of a whole stream, whatever the cuts: messages, and bytes dropped between them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Reading {
    messages: Vec<Vec<u8>>,
    /// Bytes dropped in front of each message, and behind the last.
    skipped: Vec<usize>,
    unframeable: Option<Garble>,
    left: usize,
}

/// Reads a stream that arrives in pieces, as a caller does: all there is, then the next piece.
fn read(stream: &[u8], pieces: impl IntoIterator<Item = usize>) -> Reading {
    let mut reading = Reading {
        skipped: vec![0],
        ..Reading::default()
    };
    let (mut start, mut received) = (0, 0);
    for piece in pieces {
        received = (received + piece).min(stream.len());
        loop {
            match frame(&stream[start..received], LIMIT) {
                Frame::Partial => break,
                Frame::Whole { length } => {
                    reading
                        .messages
                        .push(stream[start..start + length].to_vec());
                    reading.skipped.push(0);
                    start += length;
                }
                Frame::Garbled { skip, .. } => {
                    assert!(skip > 0 && start + skip <= received);
                    *reading.skipped.last_mut().unwrap() += skip;
                    start += skip;
                }
                Frame::Unframeable(reason) => {
                    reading.unframeable = Some(reason);
                    return reading;
                }
            }
        }
    }
    assert_eq!(received, stream.len());
    reading.left = received - start;
    assert!(reading.left < LIMIT);
    reading
}

fn in_one(stream: &[u8]) -> Reading {
    read(stream, [stream.len()])
}

fn piped(text: &str) -> Vec<u8> {
    text.replace('|', "\x01").into_bytes()
}

fn heartbeat(number: u64) -> Vec<u8> {
    whole(&format!(
        "35=0|49=A|56=B|34={number}|52=20261123-00:00:00.000|"
    ))
}

#[test]
fn answers_at_the_edges() {
    let good = piped("8=FIX.4.4|9=5|35=0|10=163|");
    let length = good.len();
    assert_eq!(frame(&good, LIMIT), Frame::Whole { length });
    assert_eq!(frame(&good, length), Frame::Whole { length });
    assert_eq!(
        frame(&good, length - 1),
        Frame::Unframeable(Garble::BodyLengthOverLimit)
    );
    let garbled = |skip, reason| Frame::Garbled { skip, reason };
    let table = [
        ("", Frame::Partial),
        ("8", Frame::Partial),
        ("8=FIX", Frame::Partial),
        ("8=FIX.4.4", Frame::Partial),
        ("8=FIX.4.4|", Frame::Partial),
        ("8=FIX.4.4|9", Frame::Partial),
        ("8=FIX.4.4|9=", Frame::Partial),
        ("8=FIX.4.4|9=5|", Frame::Partial),
        ("8=FIX.4.4|9=5|35", Frame::Partial),
        ("8=FIXT.1.1|9=5|35=0|10=", Frame::Partial),
        ("9", garbled(1, Garble::BeginString)),
        ("=", garbled(1, Garble::BeginString)),
        ("8=FAST", garbled(6, Garble::BeginString)),
        ("GET / HTTP/1.1\r\n", garbled(16, Garble::BeginString)),
        ("x8=FI", garbled(1, Garble::BeginString)),
        ("888=FIX", garbled(2, Garble::BeginString)),
        ("8=FIX.4.4.4.4.4|9=5|", garbled(20, Garble::BeginString)),
        ("8=FIX 4.4|9=5|", garbled(14, Garble::BeginString)),
        ("8=FIX.4.4|35=0|9=5|", garbled(19, Garble::BodyLength)),
        ("8=FIX.4.4|9=|35=0|", garbled(18, Garble::BodyLength)),
        ("8=FIX.4.4|9=5x|35=0|", garbled(20, Garble::BodyLength)),
        ("8=FIX.4.4|9=-5|35=0|", garbled(20, Garble::BodyLength)),
        (
            "8=FIX.4.4|9=00000000005|35=0|",
            garbled(29, Garble::BodyLength),
        ),
        (
            "8=FIX.4.4|9=0000000005|35=0|10=083|",
            Frame::Whole { length: 35 },
        ),
        ("8=FIX.4.4|9=5|34=0|10=162|", garbled(26, Garble::MsgType)),
        ("8=FIX.4.4|9=500|34=0|", garbled(21, Garble::MsgType)),
        ("8=FIX.4.4|9=0|10=000|", garbled(21, Garble::MsgType)),
        ("8=FIX.4.4|9=0|35=", Frame::Partial),
        ("8=FIX.4.4|9=4|35=0|10=163|", garbled(26, Garble::Trailer)),
        ("8=FIX.4.4|9=5|35=0x10=163|", garbled(26, Garble::Trailer)),
        ("8=FIX.4.4|9=5|35=0|10=16x|", garbled(26, Garble::Trailer)),
        ("8=FIX.4.4|9=5|35=0|11=163|", garbled(26, Garble::Trailer)),
        ("8=FIX.4.4|9=5|35=0|10=164|", garbled(26, Garble::CheckSum)),
        ("8=FIX.4.4|9=5|35=0|10=419|", garbled(26, Garble::CheckSum)),
        (
            "8=FIX.4.4|9=1073741824|",
            Frame::Unframeable(Garble::BodyLengthOverLimit),
        ),
        (
            "8=FIX.4.4|9=9999999999",
            Frame::Unframeable(Garble::BodyLengthOverLimit),
        ),
        (
            "8=FIX.4.4|9=99999",
            Frame::Unframeable(Garble::BodyLengthOverLimit),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(frame(&piped(text), LIMIT), expected, "{text}");
    }
}

#[test]
fn sums_of_every_length() {
    let mut random = Random::seeded(5);
    let bytes: Vec<u8> = (0..400).map(|_| random.next().to_le_bytes()[0]).collect();
    for start in 0..40 {
        for end in start..bytes.len() {
            let sum: u32 = bytes[start..end].iter().map(|&byte| u32::from(byte)).sum();
            assert_eq!(u32::from(check_sum(&bytes[start..end])), sum % 256);
        }
    }
}

/// Right and wrong sums, on every front there is and on those that this machine lacks.
#[test]
fn every_front_frames_alike() {
    use crate::scan::Front;
    let mut random = Random::seeded(77);
    for round in 0..2_000 {
        let mut message = heartbeat(random.below(1_000_000));
        if round % 2 == 0 {
            let at = random.below(message.len() as u64);
            message[usize::try_from(at).unwrap()] = b'0' + u8::try_from(random.below(10)).unwrap();
        }
        let expected = frame(&message, LIMIT);
        for front in [
            Front::Portable,
            Front::Avx2,
            Front::Avx512,
            Front::Sse2,
            Front::Neon,
        ] {
            assert_eq!(frame_by(front, &message, LIMIT), expected, "{front:?}");
        }
    }
}

#[test]
fn every_prefix_of_a_message_is_partial() {
    for message in [heartbeat(1), piped("8=FIXT.1.1|9=5|35=0|10=241|")] {
        for length in 0..message.len() {
            assert_eq!(frame(&message[..length], LIMIT), Frame::Partial, "{length}");
        }
        let length = message.len();
        assert_eq!(frame(&message, LIMIT), Frame::Whole { length });
        let two = [message.clone(), message].concat();
        assert_eq!(frame(&two, LIMIT), Frame::Whole { length });
    }
}

#[test]
fn a_garbled_message_takes_no_good_one_with_it() {
    let (before, after) = (heartbeat(1), heartbeat(2));
    let bad = String::from_utf8(heartbeat(77)).unwrap();
    let length = bad.find("35=").unwrap() - bad.find("9=").unwrap() - 3;
    let body_length = &bad[bad.find("9=").unwrap()..][..length + 3];
    for garbled in [
        bad.replace("8=FIX", "8=FAX"),
        bad.replace(body_length, "9=10\x01"),
        bad.replace(body_length, "9=60\x01"),
        bad.replace(body_length, "9=999\x01"),
        bad.replace(body_length, "9=x\x01"),
        bad.replace("35=0", "36=0"),
        bad.replace("77", "78"),
        bad.replace("\x0110=", "\x0111="),
        bad[..bad.len() - 1].to_owned(),
        bad[..20].to_owned(),
        bad[5..].to_owned(),
        "noise 8=FIX noise".to_owned(),
    ] {
        // A message that waits for more than came holds back until enough is there.
        let rest = heartbeat(3).repeat(20);
        let stream = [&before, garbled.as_bytes(), &after, &rest].concat();
        let reading = in_one(&stream);
        assert_eq!(reading.messages.len(), 22, "{garbled:?}");
        assert_eq!(reading.messages[1], after, "{garbled:?}");
        assert_eq!(reading.skipped[1], garbled.len(), "{garbled:?}");
    }
}

#[test]
fn a_message_inside_a_damaged_one_is_not_taken() {
    let inner = heartbeat(9);
    let outer = whole(&format!(
        "35=B|49=A|56=B|34=2|52=20261123-00:00:00|95={}|96={}|",
        inner.len(),
        String::from_utf8(inner).unwrap(),
    ));
    assert_eq!(in_one(&outer).messages, vec![outer.clone()]);
    let damaged = String::from_utf8(outer).unwrap().replace("34=2", "34=3");
    let reading = in_one(damaged.as_bytes());
    assert_eq!(
        (reading.messages.len(), reading.skipped),
        (0, vec![damaged.len()])
    );
}

/// Invariant 7 of the architecture.
#[test]
fn every_split_is_equal() {
    let mut streams = vec![
        [heartbeat(1), heartbeat(2)].concat(),
        [
            b"8=FIX8=FIX8".to_vec(),
            heartbeat(1),
            b"junk".to_vec(),
            heartbeat(2),
        ]
        .concat(),
        [
            piped("8=FIX.4.4|9=70|35=0|58=8=FIX|"),
            heartbeat(2),
            heartbeat(3),
        ]
        .concat(),
        [
            heartbeat(1),
            piped("8=FIX.4.4|9=123456|35=0|"),
            heartbeat(2),
        ]
        .concat(),
    ];
    let mut random = Random::seeded(1);
    for _ in 0..60 {
        streams.push(random_stream(&mut random, 6));
    }
    for stream in &streams {
        let expected = in_one(stream);
        assert_eq!(
            read(stream, vec![1; stream.len()]),
            expected,
            "{}",
            stream.escape_ascii()
        );
        for cut in 0..=stream.len() {
            let reading = read(stream, [cut, stream.len() - cut]);
            assert_eq!(reading, expected, "cut at {cut}: {}", stream.escape_ascii());
        }
    }
    for _ in 0..3_000 {
        let stream = random_stream(&mut random, 8);
        let mut pieces = Vec::new();
        while pieces.iter().sum::<usize>() < stream.len() {
            pieces.push(usize::try_from(1 + random.below(40)).unwrap());
        }
        assert_eq!(
            read(&stream, pieces),
            in_one(&stream),
            "{}",
            stream.escape_ascii()
        );
    }
}

/// Messages, most of them whole, some damaged, with noise between.
fn random_stream(random: &mut Random, parts_max: u64) -> Vec<u8> {
    let mut stream = Vec::new();
    for _ in 0..=random.below(parts_max) {
        let mut part = heartbeat(random.below(1_000));
        match random.below(12) {
            0 => part.truncate(usize::try_from(random.below(part.len() as u64)).unwrap()),
            1 => drop(part.drain(..usize::try_from(random.below(30)).unwrap())),
            2 | 3 => {
                let at = usize::try_from(random.below(part.len() as u64)).unwrap();
                part[at] = *random.pick(b"0123456789=8FIX.\x01\xff\0");
            }
            4 => {
                let at = usize::try_from(random.below(part.len() as u64)).unwrap();
                part.remove(at);
            }
            5 => part = b"8=FIX8=FIX.4.4\x019".to_vec(),
            6 => part = piped("noise|58=8=FIX|10=123|"),
            _ => {}
        }
        stream.extend_from_slice(&part);
    }
    stream
}
