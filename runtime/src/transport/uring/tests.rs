//! The ring's own edges: every set of flags, single accepts, more than its queues hold, and
//! failure.

use std::net::{SocketAddr, TcpStream};

use super::super::socket;
use super::*;
use crate::ring::Flavour;

const TURNS_MAX: u32 = 5_000_000;

fn terms() -> TransportTerms {
    TransportTerms {
        connections_max: 4,
        outbound_max: 0,
        lent_buffers: 4,
        stranger_lent_buffers: 2,
        lent_bytes: 16,
        ..TransportTerms::default()
    }
}

fn accept_some(uring: &mut Uring, address: SocketAddr, count: usize) {
    let clock = Clock::new();
    let _peers: Vec<_> = (0..count)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    let mut accepted = 0;
    for _ in 0..TURNS_MAX {
        uring.turn(&clock);
        while let Some((listener, _)) = uring.accepted() {
            assert_eq!(listener, ListenerId(3));
            accepted += 1;
        }
        if accepted == count {
            return;
        }
        std::thread::yield_now();
    }
    panic!("{accepted} of {count} came: {:?}", uring.failure());
}

fn listen(uring: &mut Uring, listener: ListenerId) -> Result<SocketAddr, Errno> {
    let (socket, _) = socket::listening("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket::local_address(&socket).unwrap();
    uring.listen(listener, socket).map(|()| address)
}

#[test]
fn every_flavour_accepts_and_times() {
    for flavour in [Flavour::Deferring, Flavour::Cooperative, Flavour::Bare] {
        for is_multishot in [true, false] {
            // What a host that refuses gets instead is tested in tests/transport.rs.
            let Ok(ring) = Ring::with(flavour, queues(&terms())) else {
                continue;
            };
            let mut uring = Uring::on(ring, &terms()).unwrap();
            uring.is_multishot = is_multishot;
            let address = listen(&mut uring, ListenerId(3)).unwrap();
            accept_some(&mut uring, address, 1);
            // More than the completion queue holds.
            accept_some(&mut uring, address, 150);
            let clock = Clock::new();
            uring.set_deadline(Some(clock.now().ns + 1_000_000));
            let is_reached = (0..TURNS_MAX).any(|_| {
                uring.turn(&clock);
                assert!(uring.accepted().is_none());
                uring.is_deadline_reached(&clock)
            });
            assert!(is_reached, "{flavour:?}");
        }
    }
}

#[test]
fn one_listener_too_many_is_refused() {
    let Ok(mut uring) = Uring::new(&terms()) else {
        return;
    };
    for number in 0..=8 {
        assert_eq!(listen(&mut uring, ListenerId(number)).is_ok(), number < 8);
    }
}

#[test]
fn a_failure_pauses_and_an_old_kernel_gets_single_accepts() {
    let Ok(mut uring) = Uring::new(&terms()) else {
        return;
    };
    uring.failed(Errno::from_rustix(rustix::io::Errno::CONNABORTED));
    assert_eq!(uring.failure(), None);
    uring.failed(Errno::from_rustix(rustix::io::Errno::INVAL));
    assert!(!uring.is_multishot && uring.failure().is_none());
    uring.failed(Errno::from_rustix(rustix::io::Errno::MFILE));
    assert_eq!(
        uring.failure(),
        Some(Errno::from_rustix(rustix::io::Errno::MFILE))
    );
    assert_eq!(uring.paused_until_ns, PAUSE_UNKNOWN);
}

#[test]
fn sockets_nobody_asked_for_are_closed_with_the_ring() {
    use std::io::Read;
    let Ok(mut uring) = Uring::new(&terms()) else {
        return;
    };
    let address = listen(&mut uring, ListenerId(3)).unwrap();
    let clock = Clock::new();
    uring.turn(&clock);
    let mut peer = TcpStream::connect(address).unwrap();
    for _ in 0..1_000 {
        uring.turn(&clock);
    }
    drop(uring);
    let mut bytes = [0; 1];
    // An orderly end or a reset, but an end.
    assert!(!matches!(peer.read(&mut bytes), Ok(1)));
}
