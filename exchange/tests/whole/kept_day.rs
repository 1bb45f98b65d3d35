//! A day that goes on over restarts of the venue is the day that had none, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};

use gwanmun_exchange::clock::Moment;
use gwanmun_exchange::config::{ScriptEntry, SymbolText};
use gwanmun_exchange::desk::{Desk, DeskError};
use gwanmun_exchange::exchange::ExchangeError;
use gwanmun_exchange::plan::Plan;
use gwanmun_exchange::random::Random;
use gwanmun_exchange::{Exchange, day_log};
use gwanmun_market::Phase;

use crate::client::{Client, next_number, types};
use crate::participants::{lively, morning};
use crate::running::{Running, plan};
use crate::script::{request, symbol};

const DAY_START_NS: u64 = 1_000_000;

fn folder(name: &str) -> PathBuf {
    let unique = format!("kept-day-{name}-{}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A plan whose files lie in a folder, with a script and drops that must not come twice.
fn kept(folder: &Path) -> Plan {
    let mut plan = plan();
    plan.setup = lively(Phase::Continuous);
    plan.setup.reject_every = 40;
    let halt = |after_messages, halted| ScriptEntry {
        after_messages,
        symbol: Some(SymbolText(symbol("005930"))),
        halted: Some(halted),
        ..ScriptEntry::default()
    };
    plan.setup.script = vec![halt(300, true), halt(340, false)];
    plan.drop_order_line_after = vec![50, 700];
    plan.ledger = Some(folder.join("ledger.csv"));
    plan.day_log = Some(folder.join("day.log"));
    plan
}

fn moment(number: usize) -> Moment {
    let day_ns = 1_000 + u64::try_from(number).unwrap();
    Moment {
        utc_ns: DAY_START_NS + day_ns,
        day_ns,
    }
}

/// All that can be seen of a desk.
fn seen(desk: &Desk) -> (Vec<Vec<u8>>, Vec<String>, [u64; 2]) {
    let mut streams = Vec::new();
    for account in 0..2 {
        let stream = desk.stream(account);
        streams.extend((1..stream.next_number()).map(|n| stream.message(n).unwrap().to_vec()));
    }
    let markets = (0..desk.instrument_count())
        .map(|index| format!("{:?}", desk.market_record(index, moment(0))))
        .collect();
    (streams, markets, [desk.messages(), desk.reports()])
}

/// Messages `from..` of the day, up to `until`; gives the messages behind which a line is dropped.
fn play(desk: &mut Desk, day: &[String], from: usize, until: usize) -> Vec<usize> {
    let mut drops = Vec::new();
    for (number, words) in day.iter().enumerate().take(until).skip(from) {
        // The second account has every third order, under numbers of its own.
        let account = usize::from(number % 3 == 0);
        let message = request(words);
        let mut packet = vec![0, 0, b'U'];
        packet.extend(&message);
        desk.record(1, Some(account), &packet, moment(number))
            .unwrap();
        desk.on_message(account, &message, moment(number)).unwrap();
        if desk.is_drop_due() {
            drops.push(number + 1);
        }
        if number % 7 == 0 {
            desk.flush().unwrap();
        }
    }
    drops
}

#[test]
fn a_day_with_kills_is_the_day_without() {
    let day = morning(2_000);
    let twin_folder = folder("twin");
    let twin_plan = kept(&twin_folder);
    let (mut twin, restored) = Desk::open(&twin_plan, moment(0), DAY_START_NS).unwrap();
    assert_eq!(restored, None);
    let drops = play(&mut twin, &day, 0, day.len());
    assert_eq!(drops, [50, 700]);
    twin.flush().unwrap();
    let folder = folder("killed");
    let plan = kept(&folder);
    let log = plan.day_log.clone().unwrap();
    let (mut random, mut torn, mut lost) = (Random::new(11), 0, 0);
    let mut dropped = Vec::new();
    let (mut at, mut kills) = (0, 0);
    let desk = loop {
        // Another morning: only a new day would believe these two.
        let now = moment(5_000);
        let begun = if kills == 0 { moment(0) } else { now };
        let (mut desk, restored) = Desk::open(&plan, begun, DAY_START_NS + kills).unwrap();
        at = usize::try_from(desk.messages()).unwrap().min(at);
        if let Some(restored) = restored {
            assert_eq!(restored.day_start_ns, DAY_START_NS);
            torn += u64::from(restored.torn_bytes > 0);
        }
        let until = at + usize::try_from(random.between(1, 120)).unwrap();
        dropped.extend(play(&mut desk, &day, at, until));
        if until >= day.len() {
            break desk;
        }
        // What a kill keeps is at least what was flushed; here it is less than that now and then,
        // since what is not in the file was not seen by anybody.
        desk.flush().unwrap();
        drop(desk);
        let whole = fs::metadata(&log).unwrap().len();
        let cut = u64::from(random.between(0, 300));
        let file = fs::OpenOptions::new().write(true).open(&log).unwrap();
        file.set_len(whole.saturating_sub(cut)).unwrap();
        lost += cut;
        kills += 1;
        at = until;
    };
    assert!(kills > 15 && torn > 5 && lost > 0, "{kills} {torn} {lost}");
    let mut desk = desk;
    desk.flush().unwrap();
    assert_eq!(seen(&desk), seen(&twin));
    dropped.dedup();
    assert_eq!(dropped, drops);
    for name in ["ledger.csv", "day.log"] {
        let read = |folder: &Path| fs::read(folder.join(name)).unwrap();
        assert!(read(&folder) == read(&twin_folder), "{name}");
    }
    // And the ledger that a start writes from the day log is the ledger.
    drop((desk, twin));
    let ledger = fs::read(folder.join("ledger.csv")).unwrap();
    drop(Desk::open(&plan, moment(9_000), 1).unwrap());
    assert!(fs::read(folder.join("ledger.csv")).unwrap() == ledger);
    for folder in [folder, twin_folder] {
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_venue_that_would_say_something_else_does_not_start() {
    let folder = folder("otherwise");
    let plan = kept(&folder);
    let day = morning(60);
    let (mut desk, _) = Desk::open(&plan, moment(0), DAY_START_NS).unwrap();
    play(&mut desk, &day, 0, day.len());
    desk.flush().unwrap();
    drop(desk);
    // The checks of the record are made to fit, so that only the venue's own words contradict it.
    let log = plan.day_log.clone().unwrap();
    let ledger = fs::read(folder.join("ledger.csv")).unwrap();
    let past = day_log::Past::read(fs::read(&log).unwrap()).unwrap();
    let session = past.session().unwrap();
    fs::remove_file(&log).unwrap();
    let (mut forged, _) = day_log::DayLog::open(&log, session).unwrap();
    let mut place = 0;
    for (number, (offset, mut entry)) in past.entries().enumerate() {
        if number == 30 {
            entry.told ^= 1;
            place = offset;
        }
        forged.add(&entry).unwrap();
    }
    drop(forged);
    let Err((path, error)) = Desk::open(&plan, moment(0), DAY_START_NS) else {
        panic!("it started");
    };
    let DeskError::Day(day_log::DayLogError::ToldOtherwise(offset)) = error else {
        panic!("{error}");
    };
    assert_eq!((path, offset), (log.clone(), place));
    // Another configuration is told before anything is touched.
    let mut other = plan.clone();
    other.setup.reject_every = 41;
    fs::write(folder.join("ledger.csv"), &ledger).unwrap();
    let Err(ExchangeError::Record(path, error)) = Exchange::start(&other, &mut ()) else {
        panic!("it started");
    };
    assert!(error.to_string().contains("the day began with"), "{error}");
    assert_eq!(path, log);
    assert!(fs::read(folder.join("ledger.csv")).unwrap() == ledger);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_venue_that_comes_back_says_again_what_it_said() {
    let folder = folder("lines");
    let mut plan = plan();
    plan.day_log = Some(folder.join("day.log"));
    plan.ledger = Some(folder.join("ledger.csv"));
    let venue = Running::start(&plan);
    let (mut one, _) = Client::log_in(venue.orders, "ONE", 1);
    one.send("enter 1 S 100 005930 71500");
    one.send("enter 2 S 100 005930 71600");
    one.send("query");
    let told = one.take(4);
    assert_eq!(types(&told), "SAAQ");
    venue.stop();
    let venue = Running::start(&plan);
    // From the middle, then all of it, then on: the books, too, are as they were.
    let (mut one, number) = Client::log_in(venue.orders, "ONE", 3);
    assert_eq!((number, one.take(2)), (3, told[2..].to_vec()));
    let (mut one, number) = Client::log_in(venue.orders, "ONE", 1);
    assert_eq!((number, one.take(4)), (1, told));
    one.send("enter 2 B 1 005930 71500");
    one.send("query");
    let answer = one.take(1);
    assert_eq!((types(&answer).as_str(), next_number(&answer[0])), ("Q", 3));
    let (mut two, _) = Client::log_in(venue.orders, "TWO", 1);
    two.send("enter 1 B 100 005930 71500");
    assert_eq!(types(&two.take(3)), "SAE");
    assert_eq!(types(&one.take(1)), "E");
    let (summary, events) = venue.stop();
    assert_eq!((summary.messages, &events[1][..]), (4, "restored"));
    let text = fs::read_to_string(folder.join("ledger.csv")).unwrap();
    let logins: Vec<&str> = text
        .lines()
        .filter(|line| line.split(',').nth(5) == Some("L"))
        .map(|line| line.split(',').nth(2).unwrap())
        .collect();
    assert_eq!(logins, ["1", "2", "3", "4"]);
    let log = fs::read(folder.join("day.log")).unwrap();
    assert!(!log.windows(6).any(|bytes| bytes == b"secret"));
    fs::remove_dir_all(folder).unwrap();
}
