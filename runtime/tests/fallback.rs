//! A host that refuses: no descriptor for a ring, none for the next connection. Each in a process
//! of its own, because the limit holds for all threads.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;

use gwanmun_runtime::disk::{FileRing, Synced};
use gwanmun_runtime::finding::{Severity, Subject};
use gwanmun_runtime::transport::{
    Best, Epoll, Event, Plain, Transport, TransportTerms, Uring, Watcher, Way,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Names the part that a child process of this program is to play.
const PART: &str = "FALLBACK_PART";
const TURNS_MAX: u32 = 50_000_000;

fn limit_descriptors(current: Option<u64>) {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
}

/// Descriptors that a file would get now and from here on.
fn next_descriptor() -> u64 {
    use std::os::fd::AsRawFd;
    let file = std::fs::File::open("/dev/null").unwrap();
    file.as_raw_fd().try_into().unwrap()
}

fn no_ring() {
    let before = getrlimit(Resource::Nofile).current;
    let file = std::fs::File::options()
        .write(true)
        .open("/dev/null")
        .unwrap();
    limit_descriptors(Some(0));
    let (best, finding) = Best::new(&terms());
    let by_name = [Way::Uring, Way::Epoll].map(|way| Best::by(way, &terms()));
    let mut disk = FileRing::new();
    limit_descriptors(before);
    // The limit refuses an epoll instance as well.
    assert_eq!(best.way(), Way::Plain);
    for refused in by_name {
        assert!(!refused.unwrap_err().remedy.is_empty());
    }
    let finding = finding.unwrap();
    assert_eq!(
        (finding.subject, finding.severity),
        (Subject::Ring, Severity::Degraded)
    );
    assert!(!disk.is_ring());
    assert_eq!(disk.finding().unwrap().subject, Subject::FileRing);
    disk.write_at(&file, b"abc", 0).unwrap();
    // A device cannot be synced; that the plain call says so shows that it was made.
    assert!(disk.sync(&file).is_err() || disk.sync(&file) == Ok(Synced::Durable));
    accept_one(best, 0);
}

fn terms() -> TransportTerms {
    TransportTerms {
        connections_max: 2,
        ..TransportTerms::default()
    }
}

/// Accepts one connection, with `hindered` failures before it.
fn accept_one(watcher: impl Watcher, hindered: u64) {
    let mut transport = Transport::new(terms(), watcher);
    let (_, address) = transport.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let _peer = TcpStream::connect(address).unwrap();
    let before = getrlimit(Resource::Nofile).current;
    if hindered > 0 {
        limit_descriptors(Some(next_descriptor()));
    }
    for _ in 0..TURNS_MAX {
        let mut is_accepted = false;
        transport.poll(&mut |event, _| {
            is_accepted = matches!(event, Event::Accepted { .. });
            0
        });
        if transport.counts().accepts_failed == hindered {
            limit_descriptors(before);
        }
        if is_accepted {
            assert_eq!(transport.counts().accepts_failed, hindered);
            return;
        }
        std::thread::yield_now();
    }
    panic!("nobody came: {:?}", transport.counts());
}

/// A ring with more connections than descriptors are allowed: it is told descriptors instead of
/// places in a table, and everything goes on as before.
fn few_descriptors() {
    let terms = TransportTerms {
        stranger_receive_bytes: 64,
        lent_bytes: 16,
        ..TransportTerms::default()
    };
    limit_descriptors(Some(64));
    let Ok(uring) = Uring::new(&terms) else {
        return;
    };
    assert!(format!("{uring:?}").contains("are_files_registered: false"));
    let mut transport = Transport::new(terms, uring);
    let (_, address) = transport.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let enters = transport.watcher().enters();
    for round in 0..100_u8 {
        let mut peers = [(); 3].map(|()| TcpStream::connect(address).unwrap());
        for peer in &mut peers {
            peer.write_all(&[round; 40]).unwrap();
        }
        let (mut received, mut closed) = (0, 0);
        let mut peers = Some(peers);
        for _ in 0..TURNS_MAX {
            transport.poll(&mut |event, sender| {
                closed += u32::from(matches!(event, Event::Closed { .. }));
                let Event::Received {
                    connection, bytes, ..
                } = event
                else {
                    return 0;
                };
                assert!(bytes.iter().all(|&byte| byte == round));
                received += bytes.len();
                if round % 10 == 5 {
                    // Sooner or later each one is closed here, with bytes on their way.
                    received = received.max(120);
                    sender.close(connection);
                }
                bytes.len()
            });
            if received == 120 {
                peers = None;
            }
            if closed == 3 {
                break;
            }
        }
        assert_eq!(closed, 3, "{received} bytes");
        drop(peers);
    }
    assert!(transport.watcher().enters() > enters);
}

/// Does nothing unless it runs in a child process that was told which part to play.
#[test]
fn child() {
    match std::env::var(PART).as_deref() {
        Ok("no ring") => no_ring(),
        Ok("no descriptor, plain") => accept_one(Plain::new(), 2),
        Ok("no descriptor, ring") => match Uring::new(&terms()) {
            Ok(uring) => accept_one(uring, 2),
            Err(finding) => assert!(!finding.cause.is_empty()),
        },
        Ok("no descriptor, epoll") => match Epoll::new(&terms()) {
            Ok(epoll) => accept_one(epoll, 2),
            Err(finding) => assert!(!finding.cause.is_empty()),
        },
        Ok("few descriptors") => few_descriptors(),
        Ok(other) => panic!("no such part: {other}"),
        Err(_) => {}
    }
}

fn play(part: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(PART, part)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn without_a_ring_everything_works_plainly() {
    play("no ring");
}

#[test]
fn a_lack_of_descriptors_pauses_accepting_and_no_more() {
    play("no descriptor, plain");
    play("no descriptor, ring");
    play("no descriptor, epoll");
}

#[test]
fn a_ring_without_room_for_its_files_does_without() {
    play("few descriptors");
}
