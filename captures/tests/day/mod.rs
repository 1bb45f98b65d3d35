//! A small trading day written by hand, for the tests that need a journal and its capture.

// Each test program uses its own part of this.
#![allow(dead_code)]

use gwanmun_captures::command::{Action, COMMAND_BYTES_MAX, Command, Direction};
use gwanmun_captures::effect::{APPLICATION, EffectWriter};
use gwanmun_captures::input::{Accepted, Connected, Disconnected, Endpoint, Role};
use gwanmun_captures::journal::{
    ChainReader, Durability, NewRecord, RecordKind, SegmentHead, SegmentWriter,
};
use gwanmun_captures::pcapng::FileInfo;
use gwanmun_captures::render::Renderer;

/// 2026-11-20 00:00:00 UTC, and a little so that no digit of a stamp is zero by chance.
pub(crate) const MIDNIGHT_NS: u64 = 1_795_132_800_123_456_789;

/// Writes a journal segment by segment, with a clock that steps 1,111 ns per record.
pub(crate) struct Day {
    pub(crate) segments: Vec<Vec<u8>>,
    writer: SegmentWriter,
    pub(crate) now_ns: u64,
    capacity: usize,
    accepted: Vec<u64>,
}

impl Day {
    pub(crate) fn new(capacity: usize) -> Self {
        let mut segment = vec![0; capacity];
        let writer = SegmentWriter::start(&mut segment, head(0, 1, 1, capacity)).unwrap();
        let segments = vec![segment];
        let accepted = vec![0; 64];
        let mut day = Self {
            segments,
            writer,
            now_ns: MIDNIGHT_NS,
            capacity,
            accepted,
        };
        day.record(RecordKind::Start, 0, &[b"shard=1\n"]);
        day
    }

    /// Appends a record about none, in a new segment if the current one is full.
    pub(crate) fn record(&mut self, kind: RecordKind, connection: u32, parts: &[&[u8]]) -> u64 {
        self.record_about(0, kind, connection, parts)
    }

    /// Appends a record about an earlier one.
    pub(crate) fn record_about(
        &mut self,
        refers_to: u64,
        kind: RecordKind,
        connection: u32,
        parts: &[&[u8]],
    ) -> u64 {
        self.now_ns += 1_111;
        let stamp_ns = self.now_ns;
        let new = NewRecord {
            kind,
            clock_quality: 1,
            connection,
            stamp_ns,
            refers_to,
        };
        let segment = self.segments.last_mut().unwrap();
        if let Ok(appended) = self.writer.append(segment, new, parts) {
            return appended.number;
        }
        self.writer.seal(segment, stamp_ns);
        self.next_segment(self.writer.epoch());
        let segment = self.segments.last_mut().unwrap();
        self.writer.append(segment, new, parts).unwrap().number
    }

    fn next_segment(&mut self, epoch: u32) {
        let index = u32::try_from(self.segments.len()).unwrap();
        let head = head(index, epoch, self.writer.next_number(), self.capacity);
        let mut segment = vec![0; self.capacity];
        self.writer = SegmentWriter::start(&mut segment, head).unwrap();
        self.segments.push(segment);
    }

    /// The process dies and starts again with a new segment.
    pub(crate) fn restart(&mut self) {
        self.next_segment(self.writer.epoch() + 1);
        self.accepted.fill(0);
        self.record(RecordKind::Start, 0, &[b"again=1\n"]);
    }

    pub(crate) fn seal(&mut self) {
        self.now_ns += 1_111;
        self.writer
            .seal(self.segments.last_mut().unwrap(), self.now_ns);
    }

    pub(crate) fn connect(&mut self, connection: u32, role: Role, peer: Endpoint, local: Endpoint) {
        let connected = Connected {
            role,
            index: 0,
            peer,
            local,
        };
        self.record(RecordKind::Connected, connection, &[&connected.to_bytes()]);
    }

    pub(crate) fn receive(&mut self, connection: u32, bytes: &[u8]) {
        self.record(RecordKind::Received, connection, &[bytes]);
    }

    /// One effect with these outputs.
    pub(crate) fn produce(&mut self, outputs: &[(u32, &[u8])]) {
        let mut space = vec![0; 64 + outputs.iter().map(|(_, b)| b.len() + 32).sum::<usize>()];
        let mut effect = EffectWriter::new(&mut space);
        effect.put(9, b"state").unwrap();
        for (number, (connection, bytes)) in (1..).zip(outputs) {
            effect.room()[..bytes.len()].copy_from_slice(bytes);
            effect
                .commit_output(*connection, number, APPLICATION, bytes.len())
                .unwrap();
        }
        let used = effect.used();
        self.record(RecordKind::Effect, 0, &[&space[..used]]);
    }

    /// An operator's command about a session's next incoming number.
    pub(crate) fn ask(&mut self, reason: &[u8]) -> u64 {
        let command = Command {
            operator: b"kim",
            requester: b"lee",
            reason,
            action: Action::SetNumber {
                session: 2,
                direction: Direction::In,
                number: 77,
            },
        };
        let mut bytes = [0; COMMAND_BYTES_MAX];
        let length = command.encode(&mut bytes).unwrap();
        self.record(RecordKind::Command, 0, &[&bytes[..length]])
    }

    /// What became of command `number`: one effect, with an entry in front as the gateway's have.
    pub(crate) fn answer(&mut self, number: u64, outcome: &[u8]) -> u64 {
        let mut space = [0; 64];
        let mut effect = EffectWriter::new(&mut space);
        effect.put(2, b"numbers").unwrap();
        effect.put(11, outcome).unwrap();
        let used = effect.used();
        self.record_about(number, RecordKind::Effect, 0, &[&space[..used]])
    }

    pub(crate) fn accept(&mut self, connection: u32, count: u32) {
        let before = &mut self.accepted[usize::try_from(connection).unwrap()];
        let accepted = Accepted {
            count,
            offset_before: *before,
        };
        *before += u64::from(count);
        self.record(RecordKind::Accepted, connection, &[&accepted.to_bytes()]);
    }

    /// Produces and has all of it accepted at once.
    pub(crate) fn send(&mut self, connection: u32, bytes: &[u8]) {
        self.produce(&[(connection, bytes)]);
        self.accept(connection, u32::try_from(bytes.len()).unwrap());
    }

    pub(crate) fn disconnect(&mut self, connection: u32) {
        let (reason, text) = Disconnected {
            reason: 1,
            text: b"logout",
        }
        .parts();
        self.record(RecordKind::Disconnected, connection, &[&reason, text]);
    }

    pub(crate) fn slices(&self) -> Vec<&[u8]> {
        self.segments.iter().map(Vec::as_slice).collect()
    }

    /// The whole day as pcapng.
    pub(crate) fn render(&self) -> Vec<u8> {
        render(&self.slices())
    }
}

fn head(segment_index: u32, epoch: u32, first_number: u64, capacity: usize) -> SegmentHead {
    SegmentHead {
        segment_index,
        epoch,
        trading_day: 20_261_120,
        first_number,
        capacity_bytes: capacity as u64,
        durability: Durability::Process,
        salt: 0,
    }
}

pub(crate) fn render(segments: &[&[u8]]) -> Vec<u8> {
    let info = FileInfo {
        comment: "made by a test",
        application: "gwanmun",
        ..FileInfo::default()
    };
    let mut pcapng = Vec::new();
    let mut renderer = Renderer::start(&info, &mut pcapng);
    for record in ChainReader::new(segments.iter().copied()) {
        renderer
            .on_record(&record.unwrap().record, &mut pcapng)
            .unwrap();
    }
    renderer.finish(&mut pcapng);
    pcapng
}

/// Offset and length of every block of a capture.
pub(crate) fn blocks(pcapng: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < pcapng.len() {
        let length = u32::from_le_bytes(pcapng[at + 4..at + 8].try_into().unwrap());
        let length = usize::try_from(length).unwrap();
        found.push((at, length));
        at += length;
    }
    found
}

pub(crate) const MEMBER: u32 = 1;
pub(crate) const VENUE: u32 = 2;

/// Two lines, both families, partial acceptance, bytes never accepted, a restart, an end.
pub(crate) fn small() -> Day {
    let mut day = Day::new(4096);
    let mut peer = [0x20; 16];
    peer[15] = 1;
    let mut local = [0x20; 16];
    local[15] = 2;
    day.connect(
        VENUE,
        Role::Venue,
        Endpoint::v6(peer, 9000),
        Endpoint::v6(local, 40_001),
    );
    day.connect(
        MEMBER,
        Role::Member,
        Endpoint::v4([10, 0, 1, 10], 40_000),
        Endpoint::v4([10, 0, 2, 1], 9876),
    );
    day.receive(MEMBER, b"order one");
    day.produce(&[(VENUE, b"ENTER ONE"), (MEMBER, b"seen")]);
    day.accept(VENUE, 4);
    day.accept(VENUE, 5);
    day.receive(VENUE, b"ACCEPTED");
    day.produce(&[(MEMBER, b" and new")]);
    day.accept(MEMBER, 12);
    day.produce(&[(MEMBER, b"never taken"), (77, b"nobody")]);
    day.restart();
    day.connect(
        MEMBER,
        Role::Member,
        Endpoint::v4([10, 0, 1, 10], 40_002),
        Endpoint::v4([10, 0, 2, 1], 9876),
    );
    day.receive(MEMBER, b"again");
    day.send(MEMBER, b"welcome");
    day.disconnect(MEMBER);
    day.seal();
    day
}
