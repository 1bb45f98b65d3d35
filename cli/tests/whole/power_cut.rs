//! A loss of power: the gateway is killed, its segments in memory are gone, and of what was written
//! to disk behind the last sync any pages are left.
//!
//! A kill cannot take away what the kernel holds for the disk, so the tests do it: they put on disk
//! what a disk might have, out of the segments in memory, before they remove these.

use std::fs;
use std::path::PathBuf;

use gwanmun_captures::input::Persisted;
use gwanmun_captures::journal::{ChainReader, RecordKind, SegmentReader};
use gwanmun_captures::verify::verify;

use crate::kill::{kill, terms};
use crate::support::member::new_order;
use crate::support::world::{QUIET, ready};
use crate::support::{
    GatewayTerms, Member, Process, Random, World, journal, ledgers, number_from_env, until,
};

/// A segment that was in memory when the power went, and where its copy is.
struct Lost {
    index: u32,
    bytes: Vec<u8>,
    disk: PathBuf,
}

/// The segments in memory that hold anything, in order.
fn in_memory(world: &World) -> Vec<Lost> {
    let read = |path: PathBuf| {
        let bytes = fs::read(&path).unwrap();
        let index = SegmentReader::new(&bytes).ok()?.head().segment_index;
        let disk = world.day().join(path.file_name().unwrap());
        Some(Lost { index, bytes, disk })
    };
    let segments = journal::segments(&world.day_in_memory()).into_iter();
    segments.filter_map(read).collect()
}

/// The highest statement in some segments of one start.
fn stated(segments: &[Lost]) -> (u32, usize) {
    let records = segments.iter().flat_map(|lost| {
        let reader = SegmentReader::new(&lost.bytes).unwrap();
        reader.map_while(Result::ok)
    });
    let statements = records.filter(|record| record.head.kind == RecordKind::Persisted);
    let places = statements.map(|record| Persisted::parse(record.payload).unwrap());
    let places = places.map(|place| (place.segment, usize::try_from(place.offset).unwrap()));
    places.max().unwrap_or_default()
}

/// Puts on disk what may have been there: everything up to the highest statement, and any pages
/// behind it; then forgets what was in memory.
fn lose_power(world: &World, random: &mut Random) {
    let lost = in_memory(world);
    let (segment, offset) = stated(&lost);
    let page = if random.below(2) == 0 { 512 } else { 4_096 };
    let chance = [0, 3, 5, 8][usize::try_from(random.below(4)).unwrap()];
    let mut is_cut = false;
    for lost in &lost {
        let kept = match lost.index.cmp(&segment) {
            std::cmp::Ordering::Less => lost.bytes.len(),
            // A segment is copied when the one before is synced whole: perhaps that was done.
            std::cmp::Ordering::Equal if lost.index + 1 < next(world) && random.below(2) == 0 => {
                lost.bytes.len()
            }
            std::cmp::Ordering::Equal => offset,
            std::cmp::Ordering::Greater => 0,
        };
        let mut left = vec![0; lost.bytes.len()];
        left[..kept].copy_from_slice(&lost.bytes[..kept]);
        // Pages between records that were published: what was being built was never copied.
        let mut reader = SegmentReader::new(&lost.bytes).unwrap();
        while let Some(Ok(_)) = reader.next() {}
        let end = reader.cursor().position.max(kept);
        if !is_cut {
            for begin in (0..end).step_by(page) {
                let to = (begin + page).min(end);
                if random.below(10) < chance {
                    left[begin..to].copy_from_slice(&lost.bytes[begin..to]);
                }
            }
        }
        is_cut |= kept < lost.bytes.len();
        fs::write(&lost.disk, left).unwrap();
    }
    forget_memory(world);
}

/// What a loss of power does to memory-backed storage. A gateway that was killed early may not have
/// made its folder there.
fn forget_memory(world: &World) {
    if world.day_in_memory().exists() && world.day_in_memory() != world.day() {
        fs::remove_dir_all(world.day_in_memory()).unwrap();
    }
}

/// Behind the last segment in memory that holds anything.
fn next(world: &World) -> u32 {
    in_memory(world).last().map_or(0, |last| last.index + 1)
}

#[test]
fn nothing_is_lost_or_doubled_by_losing_power_in_durable_mode() {
    let kills = number_from_env("GWANMUN_KILLS", 20) / 3;
    let terms = terms("durable", 1 << 18, "");
    kill("power", &terms, kills, &mut lose_power);
}

fn durable() -> GatewayTerms {
    GatewayTerms {
        mode: "durable",
        ..GatewayTerms::default()
    }
}

/// A durable gateway that was killed with orders on record that were never synced, nor sent.
struct Killed {
    world: World,
    exchange: Process,
    member: Member,
    last: Lost,
    /// Up to where the last segment was stated as synced, and where its records end.
    synced: usize,
    end: usize,
}

fn killed_while_held(name: &str, is_disk_only: bool) -> Killed {
    let mut world = World::new(name);
    if is_disk_only {
        world.memory = world.path("journal");
    }
    let exchange = world.start_exchange(QUIET);
    let (mut gateway, address) = ready(world.start_broken(&durable(), ""));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("P1", '1', 10, "70000"));
    assert_eq!(member.answer("P1").field(150), "0");
    gateway.tell("hold");
    gateway.wait_for_event("disk", "hold");
    let memory = world.day_in_memory();
    for number in 2..7_usize {
        let name = format!("P{number}");
        member.request("D", new_order(&name, '1', 10, "70000"));
        until("the order on record", || {
            assert!(member.turn());
            (journal::output_count(&memory, b"UO") >= number).then_some(())
        });
    }
    gateway.kill();
    member.hang_up();
    let mut lost = in_memory(&world);
    let (segment, synced) = stated(&lost);
    assert_eq!(lost.len(), 1, "a single segment");
    let last = lost.pop().unwrap();
    assert_eq!(last.index, segment);
    let mut reader = SegmentReader::new(&last.bytes).unwrap();
    while let Some(Ok(_)) = reader.next() {}
    let end = reader.cursor().position;
    assert!(end > synced + 2_048, "{synced} to {end}");
    Killed {
        world,
        exchange,
        member,
        last,
        synced,
        end,
    }
}

#[test]
fn a_hole_behind_the_last_sync_is_told_and_the_day_goes_on() {
    a_hole_is_told("power-hole", Memory::Gone);
}

/// The same where the segment in memory was on a disk after all and has lost more than its copy.
#[test]
fn a_synced_copy_is_better_than_what_is_left_in_memory() {
    a_hole_is_told("power-hole-behind", Memory::Behind);
}

/// The same where the segments are mapped files on disk.
#[test]
fn a_hole_in_a_mapped_file_on_disk_is_told_and_the_day_goes_on() {
    a_hole_is_told("power-hole-in-place", Memory::OnDisk);
}

/// What became of the segments on memory-backed storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Gone,
    Behind,
    OnDisk,
}

fn a_hole_is_told(name: &str, memory: Memory) {
    let Killed {
        world,
        exchange,
        mut member,
        last,
        synced,
        end,
    } = killed_while_held(name, memory == Memory::OnDisk);
    let mut left = vec![0; last.bytes.len()];
    left[..synced].copy_from_slice(&last.bytes[..synced]);
    // The sectors next to what is synced never came; those behind them did.
    let behind = synced.next_multiple_of(512) + 512;
    left[behind..end].copy_from_slice(&last.bytes[behind..end]);
    fs::write(&last.disk, &left).unwrap();
    if memory == Memory::Behind {
        let mut behind = last.bytes.clone();
        behind[synced / 2..].fill(0);
        let name = last.disk.file_name().unwrap();
        fs::write(world.day_in_memory().join(name), behind).unwrap();
    } else {
        forget_memory(&world);
    }

    let (mut gateway, address) = world.start_gateway(&durable());
    let event = gateway.wait_for_event("torn_tail", "");
    let detail = event["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains(&format!("from byte {synced} on")),
        "{detail}"
    );
    member.log_on(address);
    for number in 2..7 {
        assert_eq!(member.answer(&format!("P{number}")).field(150), "0");
    }
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    let joined = ledgers::assert_sound(&world, "member1-ledger.csv");
    assert_eq!(joined.accepted, 6);
    assert_eq!(fs::read(&last.disk).unwrap(), left, "it stays as evidence");
    journal::assert_evidence(&world.day());
    let segments = journal::segments(&world.day());
    let segments: Vec<Vec<u8>> = segments
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    let pcapng = fs::read(world.day().join("capture.pcapng")).unwrap();
    let report = verify(segments.iter().map(Vec::as_slice), &pcapng).unwrap();
    assert_eq!(report.torn_tails, 1);
}

#[test]
fn a_bit_flipped_before_the_last_sync_is_refused_after_a_loss_of_power() {
    let Killed {
        world,
        last,
        synced,
        ..
    } = killed_while_held("power-flip", false);
    let mut left = vec![0; last.bytes.len()];
    left[..synced].copy_from_slice(&last.bytes[..synced]);
    let records = SegmentReader::new(&last.bytes).unwrap();
    let positions = records.map_while(Result::ok).map(|record| record.position);
    let before = positions.filter(|position| *position < synced as u64);
    let position = usize::try_from(before.last().unwrap()).unwrap();
    left[position + 50] ^= 2;
    fs::write(&last.disk, &left).unwrap();
    fs::remove_dir_all(world.day_in_memory()).unwrap();
    let ended = world.spawn_gateway(&durable()).ended();
    ended.expect_code(3);
    let place = format!("segment 0 at byte {position}:");
    assert!(ended.has_said(&place), "{}", ended.said.join("\n"));
    assert_eq!(fs::read(&last.disk).unwrap(), left, "it is left as it is");
}

/// In mode `memory` what was sent may be missing without a trace: the longest readable prefix is no
/// ground to go on from.
#[test]
fn in_memory_mode_a_loss_of_power_is_told_and_refused() {
    let mut world = World::new("power-memory");
    let exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms::default();
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("M1", '1', 10, "70000"));
    assert_eq!(member.answer("M1").field(150), "0");
    gateway.kill();
    member.hang_up();
    let lost = in_memory(&world).pop().unwrap();
    let kept = world.path("kept.gwj");
    fs::write(&kept, &lost.bytes).unwrap();
    fs::remove_dir_all(world.day_in_memory()).unwrap();
    // All of it, a clean front part of it, and nothing but the head that every start syncs.
    let mut reader = SegmentReader::new(&lost.bytes).unwrap();
    let middle = reader.by_ref().nth(2).unwrap().unwrap().position;
    for end in [lost.bytes.len(), usize::try_from(middle).unwrap(), 64] {
        let mut left = vec![0; lost.bytes.len()];
        left[..end].copy_from_slice(&lost.bytes[..end]);
        fs::write(&lost.disk, &left).unwrap();
        let ended = world.spawn_gateway(&terms).ended();
        ended.expect_code(3);
        let said = ended.said.join("\n");
        assert!(ended.has_said("only in memory"), "{end}: {said}");
        assert!(ended.has_said("memory_dir"), "{end}: {said}");
        assert_eq!(fs::read(&lost.disk).unwrap(), left);
    }

    // With the segment back in memory the day goes on.
    fs::create_dir_all(world.day_in_memory()).unwrap();
    let name = lost.disk.file_name().unwrap();
    fs::copy(&kept, world.day_in_memory().join(name)).unwrap();
    let (gateway, address) = world.start_gateway(&terms);
    member.log_on(address);
    member.request("D", new_order("M2", '1', 10, "70000"));
    assert_eq!(member.answer("M2").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    // After an orderly stop nothing is in memory only.
    fs::remove_dir_all(world.day_in_memory()).unwrap();
    let (gateway, _) = world.start_gateway(&terms);
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
    let segments = journal::segments(&world.day());
    let segments: Vec<Vec<u8>> = segments
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    let chain = ChainReader::new(segments.iter().map(Vec::as_slice));
    let epochs = chain.map(|next| next.unwrap().record.head.epoch);
    assert_eq!(epochs.last(), Some(3));
}
