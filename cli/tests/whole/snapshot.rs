//! Restarts from snapshots: fewer records are read and nothing else differs; a snapshot that is
//! damaged, or whose making was cut short, costs a restart its shortness and nothing more.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use gwanmun_captures::journal::SegmentHead;

use crate::support::member::{cancel, new_order};
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal, ledgers, until};

/// Requests whose answers the member has not heard when its line is lost.
const UNHEARD: usize = 12;
/// Steps that a test may end the process at, over the first three snapshots: all but its
/// head is written, it is whole, it has its name; and with the third, the first is removed.
const STEPS: u64 = 10;
const SIGABRT: i32 = 6;

fn terms() -> GatewayTerms {
    GatewayTerms {
        segment_bytes: 1 << 16,
        journal: "snapshot_segments = 2",
        ..GatewayTerms::default()
    }
}

/// A member that went away with answers unheard, and another that keeps the journal growing by
/// orders that no check lets pass, so that the venue knows nothing of them.
struct Scene {
    world: World,
    exchange: Process,
    member: Member,
    other: Member,
}

impl Scene {
    fn new(name: &str) -> Scene {
        let mut world = World::new(name);
        let exchange = world.start_exchange(QUIET);
        let member = Member::new(&world, "MEMBER1");
        let other = Member::new(&world, "BYSTANDER");
        Scene {
            world,
            exchange,
            member,
            other,
        }
    }

    fn begin(&mut self, address: std::net::SocketAddr) {
        self.member.log_on(address);
        for number in 0..3 {
            let name = format!("K{number}");
            let order = new_order(&name, '1', 10 + number, "70000");
            self.member.request("D", order);
            assert_eq!(self.member.answer(&name).field(150), "0");
        }
        for number in 0..UNHEARD {
            let order = new_order(&format!("U{number}"), '1', 10, "70000");
            self.member.request("D", order);
        }
        self.member.write_raw(&[]);
        // The venue has them all, and the answers are on their way or lost with the line.
        let last = format!("\u{1}11=U{}\u{1}", UNHEARD - 1);
        let folders = [self.world.day_in_memory(), self.world.day()];
        until("the last answer on record", || {
            let is_there = |folder| journal::output_count(folder, last.as_bytes()) > 0;
            folders.iter().any(|folder| is_there(folder)).then_some(())
        });
        self.member.hang_up();
        self.other.log_on(address);
    }

    /// Lets the journal grow until `done`; false when the gateway is gone before.
    fn grow(&mut self, mut done: impl FnMut() -> bool) -> bool {
        until("a journal that is long enough", || {
            if done() {
                return Some(true);
            }
            let name = format!("B{}", self.other.requested);
            let order = new_order(&name, '1', 10, "70050");
            self.other.request("D", order);
            let count = self.other.inbox.len();
            while self.other.inbox.len() == count {
                if !self.other.turn() {
                    return Some(false);
                }
            }
            None
        })
    }

    /// Everything that was sent before is answered once, and the day goes on.
    fn end(mut self, gateway: Process, address: std::net::SocketAddr) {
        self.member.log_on(address);
        for number in 0..UNHEARD {
            assert_eq!(self.member.answer(&format!("U{number}")).field(150), "0");
        }
        self.member.request("F", cancel("C0", "K0", '1'));
        assert_eq!(self.member.answer("C0").field(150), "4");
        self.other.log_on(address);
        let name = format!("B{}", self.other.requested);
        self.other.request("D", new_order(&name, '1', 10, "70050"));
        assert_eq!(self.other.answer(&name).field(150), "8");
        self.other.finish();
        self.member.finish();
        gateway.stop().expect_code(0);
        self.exchange.stop().expect_code(0);
        ledgers::assert_sound(&self.world, "member1-ledger.csv");
        journal::assert_evidence(&self.world.day());
        // A third is one that a process could not remove before it died; the next snapshot will.
        assert!(files(&self.world, "gws").len() <= 3);
        assert_eq!(files(&self.world, "gws-new"), Vec::<PathBuf>::new());
    }
}

/// The day's files with an extension, in order.
pub(crate) fn files(world: &World, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(world.day())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    files
}

/// Number of the first record of a segment.
fn first_number(world: &World, segment: u32) -> u64 {
    let path = world.day().join(format!("segment-{segment:06}.gwj"));
    let head = SegmentHead::parse(&fs::read(path).unwrap()).unwrap();
    head.first_number
}

/// Records of the first start, as the head of the second one's first segment tells, wherever that
/// segment is now.
fn records_before_second_start(world: &World) -> u64 {
    until("the second start's first segment", || {
        let folders = [world.day_in_memory(), world.day()];
        let paths = folders.iter().flat_map(|folder| journal::segments(folder));
        let heads = paths.filter_map(|path| SegmentHead::parse(&fs::read(path).ok()?).ok());
        let later = heads.filter(|head| head.epoch > 1);
        later.map(|head| head.first_number - 1).min()
    })
}

/// What a start told about its past: the snapshot's segment, if there was one, and records read.
pub(crate) fn recovered(gateway: &mut Process) -> (Option<u32>, u64) {
    let event = gateway.wait_for_event("recovered", "");
    let detail = event["detail"].as_str().unwrap().to_owned();
    let number_behind = |words: &str| {
        let (_, rest) = detail.split_once(words)?;
        rest.split(' ').next()?.parse::<u64>().ok()
    };
    let segment = number_behind("the snapshot at segment ");
    let records = match segment {
        Some(_) => number_behind("and the "),
        None => detail.split(' ').next().unwrap().parse().ok(),
    };
    let segment = segment.map(|segment| u32::try_from(segment).unwrap());
    (segment, records.unwrap_or_else(|| panic!("{detail}")))
}

/// A gateway that was killed with so many snapshots made and some journal behind the last.
fn killed(name: &str, snapshots: usize) -> Scene {
    killed_of(Scene::new(name), &terms(), snapshots)
}

fn killed_of(mut scene: Scene, terms: &GatewayTerms, snapshots: usize) -> Scene {
    let (mut gateway, address) = scene.world.start_gateway(terms);
    scene.begin(address);
    assert!(scene.grow(|| gateway.event_count("snapshot") >= snapshots));
    let sent = scene.other.requested;
    let mut more = 0;
    assert!(scene.grow(|| {
        more += 1;
        more > 20
    }));
    assert!(scene.other.requested > sent);
    assert_eq!(gateway.event_count("snapshot_failed"), 0);
    gateway.kill();
    scene.other.hang_up();
    scene
}

#[test]
fn a_restart_reads_only_what_lies_behind_the_snapshot() {
    let scene = killed("snapshot", 3);
    // The third is there when the kill came before its removal.
    let names = files(&scene.world, "gws");
    assert!(matches!(names.len(), 2 | 3), "{names:?}");
    for path in names {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let mut gateway = scene.world.spawn_gateway(&terms());
    let (segment, records) = recovered(&mut gateway);
    assert!(!gateway.has_said_event("snapshot_refused"));
    let (gateway, address) = ready(gateway);
    let segment = segment.expect("a snapshot is there");
    assert!(segment >= 6);
    // Exactly the records from its segment on, and most of the day is not among them.
    let all = records_before_second_start(&scene.world);
    assert_eq!(records, all + 1 - first_number(&scene.world, segment));
    assert!(records < all / 2, "{records} of {all}");
    scene.end(gateway, address);
}

/// Where no storage is backed by memory, segments and snapshots lie side by side.
#[test]
fn one_folder_serves_as_both() {
    let scene = Scene::new("snapshot-one-folder");
    let terms = GatewayTerms {
        memory_dir: Some(scene.world.path("journal")),
        ..terms()
    };
    let scene = killed_of(scene, &terms, 2);
    let mut gateway = scene.world.spawn_gateway(&terms);
    let (segment, _) = recovered(&mut gateway);
    assert!(segment.expect("a snapshot is there") >= 4);
    let (gateway, address) = ready(gateway);
    scene.end(gateway, address);
}

#[test]
fn a_damaged_snapshot_is_told_and_the_one_before_is_taken() {
    let scene = killed("snapshot-damaged", 2);
    let mut names = files(&scene.world, "gws");
    let newest = names.pop().unwrap();
    let whole = fs::read(&newest).unwrap();
    fs::write(&newest, &whole[..whole.len() - 1]).unwrap();
    let mut gateway = scene.world.spawn_gateway(&terms());
    let (segment, records) = recovered(&mut gateway);
    let refused = gateway.wait_for_event("snapshot_refused", "");
    assert!(refused["detail"].as_str().unwrap().contains("Length"));
    let (gateway, address) = ready(gateway);
    let segment = segment.expect("the one before holds");
    let before = names.pop().unwrap();
    assert!(before.ends_with(format!("snapshot-{segment:06}.gws")));
    let all = records_before_second_start(&scene.world);
    assert_eq!(records, all + 1 - first_number(&scene.world, segment));
    scene.end(gateway, address);
}

#[test]
fn without_a_snapshot_that_holds_the_whole_day_is_read() {
    let scene = killed("snapshot-none", 2);
    let names = files(&scene.world, "gws");
    // One is not what its name says, the others have a flipped bit.
    for path in &names[1..] {
        let mut flipped = fs::read(path).unwrap();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 4;
        fs::write(path, &flipped).unwrap();
    }
    let renamed = names[0].with_file_name("snapshot-000001.gws");
    fs::rename(&names[0], renamed).unwrap();
    let mut gateway = scene.world.spawn_gateway(&terms());
    let (segment, records) = recovered(&mut gateway);
    // Its snapshot thread may have told them once more by now.
    assert!(gateway.event_count("snapshot_refused") >= names.len());
    let (gateway, address) = ready(gateway);
    assert_eq!(segment, None);
    let all = records_before_second_start(&scene.world);
    assert_eq!(records, all);
    scene.end(gateway, address);
}

/// What a start does not read, the capture thread does, behind it: damage there is found a little
/// later, and ends the day as it would have refused the start.
#[test]
fn damage_before_the_snapshot_is_found_behind_the_start() {
    let mut scene = killed("snapshot-past-damaged", 2);
    let path = scene.world.day().join("segment-000000.gwj");
    let mut segment = fs::read(&path).unwrap();
    let middle = segment.len() / 2;
    segment[middle] ^= 4;
    fs::write(&path, &segment).unwrap();
    let mut gateway = scene.world.spawn_gateway(&terms());
    assert!(recovered(&mut gateway).0.is_some());
    let ended = gateway.ended();
    ended.expect_code(4);
    assert!(ended.has_said("journal_failed"), "{:?}", ended.said);
    assert_eq!(fs::read(&path).unwrap(), segment);
    // Without a snapshot it is the start that is refused, with the place.
    for snapshot in files(&scene.world, "gws") {
        fs::remove_file(snapshot).unwrap();
    }
    let ended = scene.world.spawn_gateway(&terms()).ended();
    ended.expect_code(3);
    assert!(ended.has_said("damaged in segment 0"), "{:?}", ended.said);
    scene.member.hang_up();
}

/// A segment that is gone in the middle of the day is missed, with a snapshot behind it or without.
#[test]
fn a_segment_missing_in_the_middle_refuses_the_start() {
    let scene = killed("snapshot-missing", 2);
    fs::remove_file(scene.world.day().join("segment-000001.gwj")).unwrap();
    let ended = scene.world.spawn_gateway(&terms()).ended();
    ended.expect_code(3);
    assert!(ended.has_said("lacks segment 1"), "{:?}", ended.said);
    assert!(ended.has_said("snapshot_refused"), "{:?}", ended.said);
    assert!(!ended.has_said("\"listen\""), "{:?}", ended.said);
}

#[test]
fn zero_makes_none() {
    let mut scene = Scene::new("snapshot-never");
    let terms = GatewayTerms {
        journal: "snapshot_segments = 0",
        ..terms()
    };
    let (gateway, address) = scene.world.start_gateway(&terms);
    scene.begin(address);
    let world = &scene.world;
    let disk = world.day();
    let last = disk.join("segment-000006.gwj");
    assert!(scene.grow(|| last.exists()));
    gateway.kill();
    scene.other.hang_up();
    assert_eq!(files(&scene.world, "gws"), Vec::<PathBuf>::new());
    let mut gateway = scene.world.spawn_gateway(&terms);
    assert_eq!(recovered(&mut gateway).0, None);
    let (gateway, address) = ready(gateway);
    scene.end(gateway, address);
}

/// The process dies within the making of a snapshot, at every step of it.
#[test]
fn a_death_while_a_snapshot_is_made_costs_nothing() {
    for step in 1..=STEPS {
        eprintln!("abort at step {step}");
        let mut scene = Scene::new(&format!("snapshot-step-{step}"));
        let faults = format!("snapshot={step}");
        let (gateway, address) = ready(scene.world.start_broken(&terms(), &faults));
        scene.begin(address);
        assert!(!scene.grow(|| false), "it did not die");
        scene.other.hang_up();
        let ended = gateway.ended();
        assert_eq!(ended.status.signal(), Some(SIGABRT), "{:?}", ended.said);
        let unfinished = files(&scene.world, "gws-new").len();
        let named = files(&scene.world, "gws");
        let is_unnamed = step % 3 != 0 && step < STEPS;
        assert_eq!(unfinished, usize::from(is_unnamed), "step {step}");
        let mut gateway = scene.world.spawn_gateway(&terms());
        let (segment, _) = recovered(&mut gateway);
        assert!(!gateway.has_said_event("snapshot_refused"));
        // The latest that has its name is taken.
        let newest = named.last().map(|path| path.file_name().unwrap());
        let taken = segment.map(|segment| format!("snapshot-{segment:06}.gws"));
        assert_eq!(taken.as_deref().map(OsStr::new), newest, "step {step}");
        assert_eq!(segment.is_some(), step >= 3, "step {step}");
        let (gateway, address) = ready(gateway);
        scene.end(gateway, address);
    }
}
