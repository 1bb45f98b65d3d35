//! A snapshot and the records behind it bring back what all records bring back, byte for byte, at
//! every border between two segments.

use gwanmun_captures::effect::{EffectReader, Entry};
use gwanmun_captures::journal::{ChainPoint, ChainReader, RecordKind};
use gwanmun_captures::snapshot::{BodySum, SNAPSHOT_HEAD_BYTES, Snapshot, head};
use gwanmun_fix::tag;
use gwanmun_gateway::snapshot::{TAG_PAST_LINE, TAG_SENT};
use gwanmun_gateway::{Gateway, PastLines, RecoveryFault, Tables, Terms};
use gwanmun_market::{AccountTerms, Tier};

use crate::resend::{away, check_all_came};
use crate::terms::{self, NXT, text};
use crate::world::{BUY, SELL, World, ask};
use crate::{random, restart};

/// Small, so that a short day has many borders.
const SEGMENT_BYTES: usize = 24 * 1024;

/// A gateway with the past of some segments in it.
pub(crate) struct Restored {
    pub(crate) gateway: Gateway<()>,
    lines: PastLines,
    point: Option<ChainPoint>,
}

impl Restored {
    /// Every record of `segments`.
    pub(crate) fn from_all(terms: &Terms, segments: &[Vec<u8>]) -> Restored {
        let nothing = Restored {
            gateway: Gateway::new(terms.clone(), ()).unwrap(),
            lines: PastLines::default(),
            point: None,
        };
        nothing.go_on(segments).unwrap()
    }

    /// A snapshot, and what of `segments` lies behind it.
    pub(crate) fn from_snapshot(
        terms: &Terms,
        file: &[u8],
        segments: &[Vec<u8>],
    ) -> Result<Restored, RecoveryFault> {
        let snapshot = Snapshot::parse(file).unwrap();
        let mut gateway = Gateway::new(terms.clone(), ()).unwrap();
        let mut lines = PastLines::default();
        gateway.restore_snapshot(snapshot.body(), &mut lines)?;
        let from = snapshot.point().segment_index as usize;
        let restored = Restored {
            gateway,
            lines,
            point: Some(snapshot.point()),
        };
        restored.go_on(&segments[from..])
    }

    /// Takes the next segments.
    fn go_on(mut self, segments: &[Vec<u8>]) -> Result<Restored, RecoveryFault> {
        let segments = segments.iter().map(Vec::as_slice);
        let mut chain = match self.point {
            Some(point) => ChainReader::going_on(point, segments),
            None => ChainReader::new(segments),
        };
        for next in chain.by_ref() {
            let next = next.unwrap();
            let restored = self
                .gateway
                .restore(&next.record, next.segment_index, &mut self.lines);
            restored.map_err(|error| error.fault)?;
        }
        self.point = chain.point();
        Ok(self)
    }

    /// The snapshot at the border where it stands.
    pub(crate) fn file(&self) -> Vec<u8> {
        let body = self.gateway.snapshot(&self.lines);
        [
            head(&self.point.unwrap(), &BodySum::of(&body)).as_slice(),
            &body,
        ]
        .concat()
    }
}

/// What was met on the way, so that a test can tell that it has shown anything.
#[derive(Debug, Default)]
struct Met {
    borders: usize,
    open_lines: usize,
    sent: usize,
    unsealed: usize,
}

fn count(body: &[u8], wanted: u8) -> usize {
    let is_it = |entry: &Entry<'_>| matches!(entry, Entry::State { tag, .. } if *tag == wanted);
    EffectReader::new(body)
        .map(Result::unwrap)
        .filter(is_it)
        .count()
}

/// At every border: the snapshot made from the one before is the one made from all records, and
/// with the rest of the day it brings about the same end.
fn check_every_border(terms: &Terms, segments: &[Vec<u8>]) -> Met {
    let mut met = Met::default();
    let end = Restored::from_all(terms, segments).file();
    let mut before: Option<Vec<u8>> = None;
    let mut all = Restored::from_all(terms, &segments[..1]);
    for border in 1..=segments.len() {
        if border > 1 {
            all = all.go_on(&segments[border - 1..border]).unwrap();
        }
        let file = all.file();
        if let Some(before) = &before {
            let shadow = Restored::from_snapshot(terms, before, &segments[..border]).unwrap();
            assert!(shadow.file() == file, "another snapshot at border {border}");
        }
        let restored = Restored::from_snapshot(terms, &file, segments).unwrap();
        assert!(restored.file() == end, "another end from border {border}");
        let snapshot = Snapshot::parse(&file).unwrap();
        met.borders += 1;
        met.open_lines += count(snapshot.body(), TAG_PAST_LINE);
        met.sent += count(snapshot.body(), TAG_SENT);
        met.unsealed += usize::from(!snapshot.point().is_sealed);
        before = Some(file);
    }
    met
}

/// Random days with deaths, lost lines and numbers that begin anew.
#[test]
fn every_border_of_a_day_is_as_good_as_its_beginning() {
    let mut all = Met::default();
    for seed in 1..=6 {
        let terms = if seed % 2 == 0 {
            terms::two_venues()
        } else {
            terms::terms()
        };
        let world = random::played(terms, seed, 250, SEGMENT_BYTES);
        let met = check_every_border(&world.terms, world.edge.segments());
        all.borders += met.borders;
        all.open_lines += met.open_lines;
        all.sent += met.sent;
        all.unsealed += met.unsealed;
    }
    assert!(all.borders > 100, "{all:?}");
    assert!(all.open_lines > all.borders && all.sent > all.borders);
    assert!(all.unsealed > 10, "{all:?}");
}

#[test]
fn the_script_with_requests_under_way_is_restored_at_every_border() {
    let mut world = World::of(terms::terms(), SEGMENT_BYTES);
    world.connect_all();
    restart::play(&mut world);
    let met = check_every_border(&world.terms, world.edge.segments());
    assert!(met.borders > 1, "{met:?}");
}

/// What was sent before the snapshot is sent again after it, from every border of the day.
#[test]
fn messages_from_before_the_snapshot_are_sent_again() {
    let borders = away().edge.segments().len();
    for border in 1..=borders {
        let mut world = away();
        world.snapshot_border = Some(border);
        world.crash(true);
        world.connect_venue();
        world.connect_feed();
        world.connect_member(0, false);
        assert_eq!(world.gateway.wants(|_| false), None);
        check_all_came(&world);
    }
}

/// The same with every earlier segment out of memory: each is asked for by its index.
#[test]
fn messages_from_before_the_snapshot_are_found_on_disk() {
    let mut world = away();
    let last = world.edge.segments().len();
    world.crash(true);
    let all: Vec<u32> = (0..u32::try_from(last).unwrap()).collect();
    world.edge.gone = all.clone();
    world.connect_venue();
    world.connect_feed();
    world.connect_member(0, false);
    let mut lent = 0;
    while let Some(wanted) = world.gateway.wants(|_| false) {
        lent += 1;
        assert!(lent < 50);
        world.edge.gone = all.clone();
        world.edge.gone.retain(|gone| *gone != wanted.segment);
        let stamp = world.stamp();
        world.call(|gateway, edge| gateway.on_segment_lent(edge, wanted.segment, stamp));
        world.run();
    }
    assert!(lent >= last - 1, "{lent}");
    check_all_came(&world);
}

/// A line that was open when the snapshot was made goes on behind it, and a reset behind it makes
/// what the snapshot knows under the old numbers unfindable.
#[test]
fn a_reset_behind_the_snapshot_forgets_what_it_holds() {
    let mut world = World::of(terms::terms(), SEGMENT_BYTES);
    world.connect_all();
    for number in 0..60 {
        world.order(0, &ask(&format!("A{number}"), BUY, 1));
    }
    let border = world.edge.segments().len() - 1;
    world.cut_member(0);
    world.connect_member(0, true);
    world.order(0, &ask("B", BUY, 1));
    world.cut_member(0);
    world.snapshot_border = Some(border);
    world.crash(true);
    world.members[0].log.clear();
    world.members[0].next_in = 2;
    world.connect_all();
    let told: Vec<&str> = world.members[0]
        .log
        .iter()
        .filter(|seen| seen.msg_type == "8")
        .map(|seen| seen.get(tag::CL_ORD_ID))
        .collect();
    assert_eq!(told, ["B"]);
    check_every_border(&world.terms, world.edge.segments());
}

/// Holdings may change between two starts: a position that was never traded is what the tables of
/// the new start say, with a snapshot as without.
#[test]
fn an_untouched_holding_is_that_of_the_new_tables() {
    let mut world = World::new();
    world.order(0, &ask("A", SELL, 10));
    let segments = world.edge.segments();
    let file = Restored::from_all(&world.terms, segments).file();
    let mut terms = terms::terms();
    let mut holdings = terms.tables.holdings().to_vec();
    for holding in &mut holdings {
        holding.quantity += 500;
    }
    let (accounts, instruments) = (terms.tables.accounts(), terms.tables.instruments());
    terms.tables = Tables::new(accounts.to_vec(), instruments.to_vec(), holdings).unwrap();
    let restored = Restored::from_snapshot(&terms, &file, segments).unwrap();
    assert!(restored.file() == Restored::from_all(&terms, segments).file());
    world.terms = terms;
    world.restart(false);
    // 1,000 on record as traded, 1,500 where nothing was.
    let hynix = |name, quantity| crate::world::Ask {
        symbol: terms::HYNIX,
        ..ask(name, SELL, quantity)
    };
    let from = world.members[0].log.len();
    world.order(0, &ask("B", SELL, 991));
    world.order(0, &hynix("C", 1_501));
    world.order(0, &hynix("D", 1_500));
    let briefs = world.members[0].briefs(from);
    assert_eq!(briefs.len(), 3);
    assert!(briefs[0].starts_with("8 8 8") && briefs[1].starts_with("8 8 8"));
    assert_eq!(briefs[2], "8 0 0");
}

#[test]
fn a_snapshot_of_other_lists_or_other_sizes_is_refused() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    let segments = world.edge.segments();
    let file = Restored::from_all(&world.terms, segments).file();
    let check = |change: &dyn Fn(&mut Terms), expected: Option<RecoveryFault>| {
        let mut terms = terms::terms();
        change(&mut terms);
        let restored = Restored::from_snapshot(&terms, &file, segments);
        assert_eq!(restored.err(), expected);
    };
    check(&|_| {}, None);
    check(&|terms| terms.limits.max_age_ns = 1, None);
    for orders_max in [0, 1, terms::terms().limits.orders_max + 1] {
        check(
            &|terms| terms.limits.orders_max = orders_max,
            Some(RecoveryFault::SentIndex),
        );
    }
    check(
        &|terms| {
            let more = terms.members[0].clone();
            terms.members.push(more);
        },
        None,
    );
    check(&|terms| terms.venues.push(terms::venue(NXT)), None);
    check(
        &|terms| terms.venues[0].name = text(NXT),
        Some(RecoveryFault::Venue),
    );
    check(
        &|terms| terms.venues.insert(0, terms::venue(NXT)),
        Some(RecoveryFault::Venue),
    );
    check(
        &|terms| terms.members.reverse(),
        Some(RecoveryFault::Session),
    );
    check(
        &|terms| {
            let mut accounts = terms.tables.accounts().to_vec();
            accounts.push(AccountTerms {
                account: text("AAA"),
                is_enabled: true,
                tier: Tier::LOWEST,
            });
            let tables = &terms.tables;
            let (instruments, holdings) = (tables.instruments(), tables.holdings());
            terms.tables = Tables::new(accounts, instruments.to_vec(), holdings.to_vec()).unwrap();
        },
        Some(RecoveryFault::Tables),
    );
}

/// A flipped byte is refused by the checksum; and what would come through it anyway is a fault or
/// some state, never a panic.
#[test]
fn no_byte_of_a_snapshot_goes_unchecked() {
    let mut world = World::new();
    world.order(0, &ask("A", BUY, 10));
    world.cancel(0, "B", "A", &ask("A", BUY, 10));
    let mut file = Restored::from_all(&world.terms, world.edge.segments()).file();
    let mut refused = 0;
    for at in 0..file.len() {
        for flip in [1, 0x80, 0xff] {
            file[at] ^= flip;
            assert!(Snapshot::parse(&file).is_err(), "byte {at}");
            if let Some(body) = file.get(SNAPSHOT_HEAD_BYTES..).filter(|_| flip != 1) {
                let mut gateway = Gateway::new(world.terms.clone(), ()).unwrap();
                let restored = gateway.restore_snapshot(body, &mut PastLines::default());
                refused += usize::from(restored.is_err());
            }
            file[at] ^= flip;
        }
    }
    assert!(refused > file.len() / 4, "{refused} of {}", file.len());
    // Whole entries in another order, or none, are no snapshot either.
    let mut gateway = Gateway::new(world.terms.clone(), ()).unwrap();
    let nothing = gateway.restore_snapshot(&[], &mut PastLines::default());
    assert_eq!(nothing, Err(RecoveryFault::Image));
}

/// What an earlier version wrote has another layout: it is refused as such, from a snapshot as from
/// records, and not taken for damage.
#[test]
fn the_past_of_an_earlier_version_is_refused() {
    let world = World::new();
    let mut file = Restored::from_all(&world.terms, world.edge.segments()).file();
    let body = &mut file[SNAPSHOT_HEAD_BYTES..];
    let at = body
        .windows(9)
        .position(|part| part == b"version 5")
        .unwrap();
    body[at + 8] = b'4';
    let mut gateway = Gateway::new(world.terms.clone(), ()).unwrap();
    let restored = gateway.restore_snapshot(body, &mut PastLines::default());
    assert_eq!(restored, Err(RecoveryFault::Version));
    // The text that the version before this one began a day with.
    let start = b"prefix GW1\nvenue gw1\nlimits 4096 16 8192 3000000000 65536\n";
    let mut head = ChainReader::new(world.edge.segments().iter().map(Vec::as_slice))
        .next()
        .unwrap()
        .unwrap()
        .record;
    assert_eq!(head.head.kind, RecordKind::Start);
    head.payload = start;
    let mut gateway = Gateway::new(world.terms.clone(), ()).unwrap();
    let restored = gateway.restore(&head, 0, &mut PastLines::default());
    let error = restored.unwrap_err();
    assert_eq!((error.number, error.fault), (1, RecoveryFault::Version));
}
