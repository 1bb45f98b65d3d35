//! Operators' commands in the capture: they are shown with what became of them, and a changed,
//! missing, moved or additional one is found. A day without commands shows nothing of a desk.

#![allow(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod day;

use std::ops::Range;

use day::{Day, MEMBER, blocks, render, small};
use gwanmun_captures::input::{Endpoint, Role};
use gwanmun_captures::journal::RecordKind;
use gwanmun_captures::read::{CaptureReader, NotTcp, tcp_segment};
use gwanmun_captures::verify::{
    BlockFault, CaptureDamage, Field, PacketFault, Report, VerifyFailure, verify,
};

/// Records: Start, Connected, Received, two commands (4 and 6) with their answers (5 and 7), one
/// that is nonsense (8, refused by 9), Received, one (11) that a death leaves without an answer.
fn with_commands() -> Day {
    let mut day = Day::new(4096);
    let (peer, local) = (
        Endpoint::v4([10, 0, 1, 10], 40_000),
        Endpoint::v4([10, 0, 2, 1], 9876),
    );
    day.connect(MEMBER, Role::Member, peer, local);
    day.receive(MEMBER, b"before");
    let number = day.ask(b"lost its store");
    day.answer(number, &[0]);
    let number = day.ask("한 번 \"더\"\n".as_bytes());
    day.answer(number, &[12]);
    let number = day.record(RecordKind::Command, 0, &[b"nonsense"]);
    day.answer(number, &[9]);
    day.receive(MEMBER, b"behind");
    day.ask(b"too late");
    day.restart();
    day.seal();
    day
}

const SAID: [&str; 7] = [
    "command #4 by \"kim\", asked for by \"lee\": next incoming number of session 2 set to 77, \
     because \"lost its store\"",
    "command #4 done",
    "command #6 by \"kim\", asked for by \"lee\": next incoming number of session 2 set to 77, \
     because \"한 번 \\\"더\\\"\\u{a}\"",
    "command #6 refused with number 12",
    "command #8: 8 bytes that are no command",
    "command #8 refused with number 9",
    "command #11 by \"kim\", asked for by \"lee\": next incoming number of session 2 set to 77, \
     because \"too late\"",
];

fn check(day: &Day, pcapng: &[u8]) -> Result<Report, VerifyFailure> {
    verify(day.slices(), pcapng)
}

fn word(pcapng: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(pcapng[at..at + 4].try_into().unwrap())
}

/// The desk's blocks of this type, as ranges of bytes. Its statistics and packets have the
/// interface's index in front.
fn of_desk(pcapng: &[u8], kind: u32) -> Vec<Range<usize>> {
    let all = blocks(pcapng).into_iter();
    let found = all.filter(|&(at, _)| match word(pcapng, at) {
        1 => kind == 1 && pcapng[at..at + 32].windows(4).any(|name| name == b"desk"),
        other => other == kind && word(pcapng, at + 8) == 3,
    });
    found.map(|(at, length)| at..at + length).collect()
}

const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;

/// Where the text of a desk's packet lies in the frame, and where in the comment.
fn texts(pcapng: &[u8], block: &Range<usize>) -> (Range<usize>, Range<usize>) {
    let length = usize::try_from(word(pcapng, block.start + 20)).unwrap();
    let frame = block.start + 28;
    let option = frame + length.next_multiple_of(4);
    assert_eq!(pcapng[option..option + 2], [1, 0], "a comment");
    let bytes = usize::from(u16::from_le_bytes([pcapng[option + 2], pcapng[option + 3]]));
    // Ethernet, IPv4 and UDP, then the priority.
    (
        frame + 42 + 5..frame + length,
        option + 4..option + 4 + bytes,
    )
}

#[test]
fn each_command_and_its_answer_are_one_packet_with_one_line() {
    let day = with_commands();
    let pcapng = day.render();
    let report = check(&day, &pcapng).unwrap();
    let packets = of_desk(&pcapng, PACKET);
    let said: Vec<String> = packets
        .iter()
        .map(|block| {
            let (frame, comment) = texts(&pcapng, block);
            assert_eq!(pcapng[frame.clone()], pcapng[comment]);
            String::from_utf8(pcapng[frame].to_vec()).unwrap()
        })
        .collect();
    assert_eq!(said, SAID);
    assert_eq!(report.packets, 3 + 2 + 7 + 1);
    // The interface is described in front of its first packet, once, and its statistics are last.
    let [described] = &of_desk(&pcapng, INTERFACE)[..] else {
        panic!()
    };
    assert_eq!(described.end, packets[0].start);
    let [statistics] = &of_desk(&pcapng, STATISTICS)[..] else {
        panic!()
    };
    assert_eq!(statistics.end, pcapng.len());
    assert_eq!(pcapng, render(&day.slices()));
}

#[test]
fn a_day_without_commands_has_no_desk() {
    let day = small();
    let mut pcapng = day.render();
    assert_eq!(blocks(&pcapng).len(), 4 + 21 + 3);
    assert!(!pcapng.windows(4).any(|name| name == b"desk"));
    // One that is described all the same is found.
    let other = with_commands().render();
    let [described] = &of_desk(&other, INTERFACE)[..] else {
        panic!()
    };
    let behind_interfaces = blocks(&pcapng)[4].0;
    let block = other[described.clone()].to_vec();
    pcapng.splice(behind_interfaces..behind_interfaces, block);
    let damage = CaptureDamage {
        offset: behind_interfaces as u64,
        fault: BlockFault::Kind {
            expected: PACKET,
            found: INTERFACE,
        },
    };
    assert_eq!(check(&day, &pcapng), Err(VerifyFailure::Capture(damage)));
}

#[test]
fn every_flipped_bit_is_found() {
    let day = with_commands();
    let pcapng = day.render();
    let (_, texts) = blocks(&pcapng)[0];
    for bit in texts * 8..pcapng.len() * 8 {
        let mut flipped = pcapng.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(check(&day, &flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn a_missing_moved_or_added_packet_is_found() {
    let day = with_commands();
    let pcapng = day.render();
    let packets = of_desk(&pcapng, PACKET);
    for (index, block) in packets.iter().enumerate() {
        let mut missing = pcapng.clone();
        missing.drain(block.clone());
        let VerifyFailure::Packet { number, fault, .. } = check(&day, &missing).unwrap_err() else {
            panic!("packet {index} is missing")
        };
        assert_eq!(number, [4, 5, 6, 7, 8, 9, 11][index]);
        assert!(matches!(
            fault,
            PacketFault::Field {
                field: Field::PacketId,
                ..
            }
        ));
        let mut twice = pcapng.clone();
        twice.splice(block.end..block.end, pcapng[block.clone()].to_vec());
        assert!(check(&day, &twice).is_err());
        let Some(next) = packets.get(index + 1) else {
            continue;
        };
        let mut moved = pcapng.clone();
        moved[block.start..next.end].rotate_left(block.len());
        assert!(check(&day, &moved).is_err());
    }
    // Behind the last packet of the day.
    let first_statistics = blocks(&pcapng).len() - 4;
    let (end, _) = blocks(&pcapng)[first_statistics];
    let mut added = pcapng.clone();
    added.splice(end..end, pcapng[packets[0].clone()].to_vec());
    let found = check(&day, &added);
    assert!(
        matches!(found, Err(VerifyFailure::Extra { .. })),
        "{found:?}"
    );
}

/// All of it taken out, as if the day had no desk: what an earlier version made of such a day.
#[test]
fn a_capture_stripped_of_its_desk_is_found() {
    let day = with_commands();
    let pcapng = day.render();
    let first = of_desk(&pcapng, INTERFACE)[0].start as u64;
    let mut stripped = pcapng.clone();
    let kinds = [INTERFACE, PACKET, STATISTICS];
    let mut all: Vec<_> = kinds
        .iter()
        .flat_map(|kind| of_desk(&pcapng, *kind))
        .collect();
    all.sort_by_key(|block| std::cmp::Reverse(block.start));
    for block in &all {
        stripped.drain(block.clone());
    }
    assert_eq!(all.len(), 9);
    let damage = CaptureDamage {
        offset: first,
        fault: BlockFault::NoDesk,
    };
    assert_eq!(check(&day, &stripped), Err(VerifyFailure::Capture(damage)));
    // The statistics alone.
    let mut without = pcapng.clone();
    without.truncate(of_desk(&pcapng, STATISTICS)[0].start);
    let damage = CaptureDamage {
        offset: without.len() as u64,
        fault: BlockFault::Short,
    };
    assert_eq!(check(&day, &without), Err(VerifyFailure::Capture(damage)));
}

#[test]
fn a_text_changed_in_one_of_its_two_places_is_found_at_its_byte() {
    let day = with_commands();
    let pcapng = day.render();
    let fault = |at: usize, other: usize| {
        let mut changed = pcapng.clone();
        // At even distance, so that the Internet checksum cannot tell.
        changed.swap(at, other);
        match check(&day, &changed).unwrap_err() {
            VerifyFailure::Packet {
                number: 4, fault, ..
            } => fault,
            found => panic!("{found:?}"),
        }
    };
    let (frame, comment) = texts(&pcapng, &of_desk(&pcapng, PACKET)[0]);
    let (expected, found) = (b'c', b'm');
    assert_eq!(
        fault(frame.start, frame.start + 2),
        PacketFault::Payload {
            offset: 5,
            expected,
            found
        }
    );
    assert_eq!(
        fault(comment.start, comment.start + 2),
        PacketFault::Comment {
            offset: 0,
            expected,
            found
        }
    );
}

/// The journal says another thing than the capture, under right checksums of its own.
#[test]
fn another_journal_is_found() {
    let fault = |reason: &[u8], outcome: &[u8]| {
        let make = |reason: &[u8], outcome: &[u8]| {
            let mut day = Day::new(4096);
            let number = day.ask(reason);
            day.answer(number, outcome);
            day.seal();
            day
        };
        let pcapng = make(b"right", &[0]).render();
        let found = check(&make(reason, outcome), &pcapng);
        match found {
            Ok(_) => None,
            Err(VerifyFailure::Packet { number, fault, .. }) => Some((number, fault)),
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(fault(b"right", &[0]), None);
    let (number, found) = fault(b"wrong", &[0]).unwrap();
    assert_eq!(number, 2);
    assert!(matches!(found, PacketFault::Comment { .. }), "{found:?}");
    let (number, found) = fault(b"right", &[7]).unwrap();
    assert_eq!(number, 3);
    let field = Field::CommentLength;
    assert!(
        matches!(found, PacketFault::Field { field: f, .. } if f == field),
        "{found:?}"
    );
}

/// What has the shape of an answer and is none: about another record, a second one, another length.
#[test]
fn only_the_answer_to_the_latest_command_is_shown() {
    let shown = |change: &dyn Fn(&mut Day)| {
        let mut day = Day::new(4096);
        change(&mut day);
        day.seal();
        let pcapng = day.render();
        let report = check(&day, &pcapng).unwrap();
        assert_eq!(report.packets, of_desk(&pcapng, PACKET).len() as u64);
        report.packets
    };
    assert_eq!(
        shown(&|day| {
            day.answer(1, &[0]);
        }),
        0
    );
    assert_eq!(
        shown(&|day| {
            day.ask(b"x");
            day.answer(1, &[0]);
        }),
        1
    );
    assert_eq!(
        shown(&|day| {
            let number = day.ask(b"x");
            day.answer(number, &[0]);
            day.answer(number, &[0]);
        }),
        2
    );
    assert_eq!(
        shown(&|day| {
            let number = day.ask(b"x");
            day.answer(number, &[0, 0]);
            day.answer(number, &[]);
        }),
        1
    );
}

#[test]
fn readers_of_streams_pass_it_over() {
    let pcapng = with_commands().render();
    let packets: Vec<_> = CaptureReader::new(&pcapng)
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let others = packets
        .iter()
        .filter_map(|packet| tcp_segment(packet).err());
    assert_eq!(packets.len(), 13);
    assert_eq!(others.collect::<Vec<_>>(), [NotTcp::OtherProtocol; 7]);
}
