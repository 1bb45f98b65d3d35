//! Journals that were torn or damaged, and storage that runs out.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gwanmun_captures::journal::{RECORD_HEAD_BYTES, SegmentReader};

use crate::support::member::{cancel, new_order};
use crate::support::world::{QUIET, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal, ledgers, until};

/// A member with some working orders, on a gateway that was killed.
struct Killed {
    world: World,
    exchange: Process,
    member: Member,
}

fn killed(name: &str) -> Killed {
    let mut world = World::new(name);
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = world.start_gateway(&GatewayTerms::default());
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    for number in 0..5 {
        let name = format!("K{number}");
        member.request("D", new_order(&name, '1', 10 + number, "70000"));
        assert_eq!(member.answer(&name).field(150), "0");
    }
    gateway.kill();
    member.hang_up();
    Killed {
        world,
        exchange,
        member,
    }
}

/// The last segment that holds a record, and where its last record ends.
fn last_segment(world: &World) -> (PathBuf, usize) {
    let mut ends = journal::segments(&world.day_in_memory())
        .into_iter()
        .filter_map(|path| {
            let segment = fs::read(&path).unwrap();
            let mut reader = SegmentReader::new(&segment).ok()?;
            while let Some(Ok(_)) = reader.next() {}
            Some((path, reader.cursor().position))
        });
    ends.next_back()
        .expect("a killed gateway leaves its segment in memory")
}

fn start_over_torn_tail(name: &str, tear: impl Fn(&Path, usize)) {
    let Killed {
        world,
        exchange,
        mut member,
    } = killed(name);
    let (path, end) = last_segment(&world);
    tear(&path, end);
    let (mut gateway, address) = world.start_gateway(&GatewayTerms::default());
    let event = gateway.wait_for_event("torn_tail", "");
    let detail = event["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&format!("from byte {end} on")), "{detail}");
    member.log_on(address);
    member.request("F", cancel("K-cancel", "K0", '1'));
    assert_eq!(member.answer("K-cancel").field(150), "4");
    member.request("D", new_order("K-new", '1', 50, "70000"));
    assert_eq!(member.answer("K-new").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}

#[test]
fn a_tail_cut_off_in_a_record_is_told_and_the_day_goes_on() {
    start_over_torn_tail("torn-cut", |path, end| {
        // The front of a record that was being written, and then the file's end.
        let segment = fs::File::options().write(true).open(path).unwrap();
        let front = 200_u32.to_le_bytes().map(|byte| byte | 1);
        segment.write_all_at(&front, end as u64).unwrap();
        segment.write_all_at(&[7; 16], end as u64 + 4).unwrap();
        segment.set_len(end as u64 + 20).unwrap();
    });
}

#[test]
fn a_garbled_tail_is_told_and_the_day_goes_on() {
    start_over_torn_tail("torn-garbled", |path, end| {
        let segment = fs::File::options().write(true).open(path).unwrap();
        // A length that could be, a sum that is not the sum, and zeros where the rest never came.
        segment.write_all_at(&[64, 0, 0, 0], end as u64).unwrap();
        segment.write_all_at(&[0xa5; 60], end as u64 + 4).unwrap();
    });
}

#[test]
fn a_flipped_bit_in_the_middle_is_refused_by_segment_and_byte() {
    let mut world = World::new("flipped");
    let _exchange = world.start_exchange(QUIET);
    let terms = GatewayTerms::default();
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("B1", '1', 10, "70000"));
    member.answer("B1");
    member.finish();
    gateway.stop().expect_code(0);
    let path = world.day().join("segment-000000.gwj");
    let mut segment = fs::read(&path).unwrap();
    let positions: Vec<usize> = SegmentReader::new(&segment)
        .unwrap()
        .map(|record| usize::try_from(record.unwrap().position).unwrap())
        .collect();
    let position = positions[positions.len() / 2];
    segment[position + RECORD_HEAD_BYTES - 20] ^= 4;
    fs::write(&path, &segment).unwrap();

    let ended = world.spawn_gateway(&terms).ended();
    ended.expect_code(3);
    let place = format!("segment 0 at byte {position}:");
    assert!(ended.has_said(&place), "{}", ended.said.join("\n"));
    assert!(!ended.has_said("\"listen\""), "{}", ended.said.join("\n"));
    assert_eq!(
        fs::read(&path).unwrap(),
        segment,
        "what is damaged is left as it is"
    );
}

/// A small file system of its own; gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where mounting is not permitted.
    fn mount(at: PathBuf, kibibytes: u32) -> Option<SmallDisk> {
        fs::create_dir_all(&at).unwrap();
        let size = format!("size={kibibytes}k");
        run(&["mount", "-t", "tmpfs", "-o", &size, "gwanmun-test"], &at).then(|| SmallDisk(at))
    }

    fn grow(&self, kibibytes: u32) {
        let size = format!("remount,size={kibibytes}k");
        assert!(run(&["mount", "-o", &size], &self.0));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run(&["umount", "--lazy"], &self.0);
    }
}

fn run(command: &[&str], path: &Path) -> bool {
    let mut process = Command::new(command[0]);
    process.args(&command[1..]).arg(path);
    process.output().is_ok_and(|output| output.status.success())
}

/// Orders are refused while cancels and reports go on; with the reserve gone the gateway stops, and
/// with more space it goes on. Nothing is lost at any point.
///
/// Where no file system may be mounted, only the end is shown: a disk that refuses every write (see
/// `durable::a_failed_write_ends_all_lines_too_whatever_the_mode`).
#[test]
fn a_full_disk_refuses_orders_and_takes_cancels() {
    storage_runs_out("full-disk", false);
}

/// The same with the memory-backed folder on the same full file system, where a page that is not
/// there would be a signal and not an error.
#[test]
fn full_memory_refuses_orders_and_takes_cancels() {
    storage_runs_out("full-memory", true);
}

fn storage_runs_out(name: &str, with_memory: bool) {
    let mut world = World::new(name);
    let Some(disk) = SmallDisk::mount(world.path("small"), 2_048) else {
        eprintln!("mounting is not permitted here: the full disk is not shown");
        return;
    };
    let terms = GatewayTerms {
        segment_bytes: 1 << 16,
        dir: Some(disk.0.join("journal")),
        memory_dir: with_memory.then(|| disk.0.join("memory")),
        journal: "free_percent_min = 30\nreserve_bytes = 262144",
        ..GatewayTerms::default()
    };
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = ready(world.spawn_gateway(&terms));
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    for number in 0..8 {
        let name = format!("W{number}");
        member.request("D", new_order(&name, '1', 10, "70000"));
        assert_eq!(member.answer(&name).field(150), "0");
    }
    // Off the tick: refused by a check, and on record all the same, until storage comes first.
    until("a refusal for want of storage", || {
        let name = format!("D{}", member.requested);
        member.request("D", new_order(&name, '1', 10, "70050"));
        let answer = member.answer(&name);
        assert_eq!(answer.field(150), "8");
        (answer.field(20110) == "7").then_some(())
    });
    for number in 0..4 {
        let name = format!("C{number}");
        member.request("F", cancel(&name, &format!("W{number}"), '1'));
        assert_eq!(
            member.answer(&name).field(150),
            "4",
            "a cancel is never refused"
        );
    }
    until("the end of the reserve", || {
        let name = format!("E{}", member.requested);
        member.request("D", new_order(&name, '1', 10, "70000"));
        (0..3).any(|_| !member.turn()).then_some(())
    });
    let ended = gateway.ended();
    ended.expect_code(4);
    assert!(ended.has_said("low_space"), "{}", ended.said.join("\n"));

    disk.grow(65_536);
    let (gateway, address) = world.start_gateway(&terms);
    member.log_on(address);
    for number in 4..8 {
        let name = format!("C{number}");
        member.request("F", cancel(&name, &format!("W{number}"), '1'));
        assert_eq!(member.answer(&name).field(150), "4");
    }
    member.request("D", new_order("Z1", '1', 10, "70000"));
    assert_eq!(member.answer("Z1").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&disk.0.join("journal/20261123"));
}

#[test]
fn a_capture_that_is_not_wanted_is_not_made_and_can_be_made_later() {
    let mut world = World::new("no-capture");
    let exchange = world.start_exchange(QUIET);
    let capture = world.day().join("capture.pcapng");
    let with = GatewayTerms::default();
    let without = GatewayTerms {
        journal: "capture = false",
        ..GatewayTerms::default()
    };
    let mut member = Member::new(&world, "MEMBER1");
    let mut records = 0;
    for (name, terms) in [("C1", &with), ("C2", &without), ("C3", &without)] {
        let (gateway, address) = world.start_gateway(terms);
        member.log_on(address);
        member.request("D", new_order(name, '1', 10, "70000"));
        assert_eq!(member.answer(name).field(150), "0");
        member.hang_up();
        gateway.stop().expect_code(0);
        // What the first start made would end with it, so it is gone too.
        assert_eq!(capture.exists(), terms.journal.is_empty(), "{name}");
        let status = fs::read_to_string(world.day().join("status.json")).unwrap();
        let told = format!("\"capture_rendered\":{}", terms.journal.is_empty());
        assert!(status.contains(&told), "{status}");
        assert!(status.contains("\"capture_complete\":true"), "{status}");
        let records_before = records;
        records = journal::record_count(&world.day());
        assert!(records > records_before, "the journal is kept: {name}");
    }
    // A later start renders the whole day, what was not rendered at its time included.
    let (gateway, _) = world.start_gateway(&with);
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    journal::assert_evidence(&world.day());
    let rendered = fs::read(&capture).unwrap();
    for name in ["C1", "C2", "C3"] {
        let field = format!("\x0111={name}\x01");
        assert!(journal::contains(&rendered, field.as_bytes()), "{name}");
    }
}
