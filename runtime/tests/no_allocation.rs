//! A transport, a clock and an idler allocate and free nothing once they are made: through accepts,
//! connects, failures, traffic, a full buffer, promotion, every kind of close, and the timer.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::net::SocketAddr;

use gwanmun_runtime::allocation::{GuardedAllocator, count_here, is_installed};
use gwanmun_runtime::idle::{Idle, Idler};
use gwanmun_runtime::transport::{
    ConnectionId, Epoll, Event, Plain, Transport, TransportTerms, Uring, Watcher,
};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

const TURNS_MAX: u32 = 5_000_000;

/// Counts instead of lists: lists would allocate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    accepted: u32,
    connected: u32,
    failed: u32,
    closed: u32,
    deadlines: u32,
    bytes: usize,
    last: Option<ConnectionId>,
}

fn turn<A: Watcher>(transport: &mut Transport<A>, counts: &mut Counts, echoes: bool) {
    transport.poll(&mut |event, sender| {
        match event {
            Event::Accepted { connection, .. } => {
                counts.accepted += 1;
                counts.last = Some(connection);
                if counts.accepted.is_multiple_of(2) {
                    sender.promote(connection);
                }
            }
            Event::Connected { connection, .. } => {
                counts.connected += 1;
                counts.last = Some(connection);
            }
            Event::ConnectFailed { .. } => counts.failed += 1,
            Event::Closed { .. } => counts.closed += 1,
            Event::Deadline { .. } => counts.deadlines += 1,
            Event::Received {
                connection, bytes, ..
            } => {
                if echoes {
                    let Some(room) = sender.reserve(connection, bytes.len()) else {
                        sender.deliver_again(connection);
                        return 0;
                    };
                    room.copy_from_slice(bytes);
                    sender.commit(connection, bytes.len(), 1);
                }
                counts.bytes += bytes.len();
                return bytes.len();
            }
        }
        0
    });
    transport.flush(1, &mut |_, _, _, _| {});
    transport.clock_mut().recalibrate();
}

fn rounds<A: Watcher>(
    server: &mut Transport<A>,
    client: &mut Transport<Plain>,
    address: SocketAddr,
    nobody: SocketAddr,
) {
    let (mut theirs, mut ours) = (Counts::default(), Counts::default());
    let mut idler = Idler::new(Idle::Yield);
    let mut until = |server: &mut Transport<A>,
                     client: &mut Transport<Plain>,
                     is_there: &dyn Fn(&Counts, &Counts) -> bool| {
        for _ in 0..TURNS_MAX {
            turn(server, &mut theirs, true);
            turn(client, &mut ours, false);
            if is_there(&theirs, &ours) {
                return (theirs, ours);
            }
            idler.turn(false);
        }
        panic!("never came: {theirs:?} {ours:?}");
    };
    for round in 1..=20_u32 {
        let count = round as usize;
        client.connect(address, round).unwrap();
        let (before, _) = until(server, client, &|theirs, ours| {
            theirs.accepted == round && ours.connected == round
        });
        let connection = before.last.unwrap();
        client.connect(nobody, round).unwrap();
        let outbound = until(server, client, &|_, ours| ours.failed == round)
            .1
            .last
            .unwrap();
        let sender = client.sender();
        for _ in 0..6 {
            sender.reserve(outbound, 500).unwrap().fill(b'x');
            sender.commit(outbound, 500, 1);
        }
        until(server, client, &|_, ours| ours.bytes == count * 3_000);
        let now_ns = server.clock().now().ns;
        server.set_deadline(Some(now_ns + 100_000));
        until(server, client, &|theirs, _| theirs.deadlines == round);
        match round % 3 {
            0 => server.sender().close(connection),
            1 => server.sender().close_after_flush(connection),
            _ => client.sender().close(outbound),
        }
        until(server, client, &|theirs, ours| {
            theirs.closed == round && ours.closed == round
        });
    }
}

fn terms() -> TransportTerms {
    TransportTerms {
        connections_max: 4,
        outbound_max: 2,
        promoted_max: 2,
        receive_bytes: 4096,
        send_bytes: 8192,
        stranger_receive_bytes: 1024,
        stranger_send_bytes: 1024,
        linger_ns: 0,
        ..TransportTerms::default()
    }
}

/// Eight members in bursts, of which two may be hot, with two small buffers for the others, and a
/// server that takes what is even.
fn bursts<A: Watcher>(
    server: &mut Transport<A>,
    client: &mut Transport<Plain>,
    address: SocketAddr,
) {
    const ROUNDS: usize = 400;
    let mut lines = [None; 8];
    for line in &mut lines {
        *line = Some(client.connect(address, 0).unwrap());
    }
    let (mut bytes, mut accepted, mut connected) = (0, 0, 0);
    let mut sent = 0;
    for turn in 0..TURNS_MAX as usize {
        client.poll(&mut |event, _| {
            connected += usize::from(matches!(event, Event::Connected { .. }));
            0
        });
        if connected == 8 && accepted == 8 && bytes == sent * 100 {
            // Sixteen rounds of one line, then of the next.
            let line = lines[sent / 16 % 8].unwrap();
            if let Some(room) = client.sender().reserve(line, 100) {
                room.fill(b'x');
                client.sender().commit(line, 100, 0);
                sent += 1;
            }
        }
        client.flush(0, &mut |_, _, _, _| {});
        server.poll(&mut |event, sender| match event {
            Event::Accepted { connection, .. } => {
                accepted += 1;
                sender.promote(connection);
                0
            }
            Event::Received {
                connection,
                bytes: waiting,
                ..
            } => {
                let taken = if turn % 2 == 0 { waiting.len() } else { 0 };
                if taken == 0 {
                    sender.deliver_again(connection);
                }
                bytes += taken;
                taken
            }
            _ => 0,
        });
        if bytes == ROUNDS * 100 {
            break;
        }
    }
    assert_eq!(bytes, ROUNDS * 100);
    assert!(server.counts().cooled > 5, "{:?}", server.counts());
}

fn check_bursts(watcher: impl Watcher) {
    let mut server = Transport::new(many(), watcher);
    let mut client = Transport::new(many(), Plain::new());
    let (_, address) = server.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let scope = count_here();
    bursts(&mut server, &mut client, address);
    let count = scope.count();
    drop(scope);
    assert_eq!(count, 0);
}

fn many() -> TransportTerms {
    TransportTerms {
        connections_max: 8,
        outbound_max: 8,
        promoted_max: 8,
        hot_max: 2,
        lent_buffers: 2,
        stranger_lent_buffers: 2,
        lent_bytes: 32,
        ..terms()
    }
}

fn check(watcher: impl Watcher) {
    let mut server = Transport::new(terms(), watcher);
    let mut client = Transport::new(terms(), Plain::new());
    let (_, address) = server.listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = free.local_addr().unwrap();
    drop(free);
    let scope = count_here();
    rounds(&mut server, &mut client, address, nobody);
    let count = scope.count();
    drop(scope);
    assert_eq!(count, 0);
}

#[test]
fn no_allocation_after_start() {
    assert!(is_installed());
    check(Plain::new().asking_every(1));
    check_bursts(Plain::new());
    if let (Ok(epoll), Ok(other)) = (Epoll::new(&terms()), Epoll::new(&many())) {
        check(epoll.asking_every(1));
        check_bursts(other.asking_every(1));
    }
    if let (Ok(uring), Ok(other)) = (Uring::new(&terms()), Uring::new(&many())) {
        check(uring);
        check_bursts(other);
    }
}
