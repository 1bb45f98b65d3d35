//! The ring's own edges: every set of flags, single accepts, more than its queues hold, failure,
//! and who may read a socket when.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;

use super::super::socket::{self, Moved};
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
            // What a host that refuses gets instead is tested in tests/transport/.
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

/// Every set of flags that the host knows, with and without registered files.
fn every_ring(check: impl Fn(Uring)) {
    for flavour in [Flavour::Deferring, Flavour::Cooperative, Flavour::Bare] {
        for has_files in [true, false] {
            if let Ok(ring) = Ring::with(flavour, queues(&terms())) {
                let mut uring = Uring::on(ring, &terms()).unwrap();
                uring.receiving.are_files_registered &= has_files;
                check(uring);
            }
        }
    }
}

/// Two ends of a connection.
fn connection() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.set_nonblocking(true).unwrap();
    (listener.accept().unwrap().0, peer)
}

/// Takes what there is of slot 0 in one go, from whoever has it.
fn take(uring: &mut Uring, socket: &TcpStream, received: &mut Vec<u8>) -> Taken {
    let mut bytes = [0; 11];
    let taken = uring.take(0, &mut bytes);
    let length = match taken {
        Taken::Bytes(length) => length,
        Taken::Yours => match socket::receive(socket.as_fd(), &mut bytes) {
            Moved::Bytes(length) => length,
            _ => 0,
        },
        Taken::Wait | Taken::Ended(_) => 0,
    };
    received.extend_from_slice(&bytes[..length]);
    taken
}

#[test]
fn nobody_reads_before_the_kernel_has_stopped() {
    every_ring(|mut uring| {
        let clock = Clock::new();
        let (socket, mut peer) = connection();
        assert!(uring.watch(0, socket.as_fd(), Guest::Member));
        uring.turn(&clock);
        assert_eq!(take(&mut uring, &socket, &mut Vec::new()), Taken::Wait);
        peer.write_all(b"first, of the kernel's if it likes")
            .unwrap();
        uring.unwatch(0, socket.as_fd());
        assert_eq!(take(&mut uring, &socket, &mut Vec::new()), Taken::Wait);
        // Asked for anew it must not be armed a second time before it has stopped.
        assert!(uring.watch(0, socket.as_fd(), Guest::Member));
        peer.write_all(b", then ours").unwrap();
        let mut received = Vec::new();
        let is_over = (0..TURNS_MAX).any(|_| {
            uring.turn(&clock);
            take(&mut uring, &socket, &mut received);
            received.len() >= 45
        });
        assert!(is_over);
        assert_eq!(received, b"first, of the kernel's if it likes, then ours");
        assert!(!uring.holds(0));
    });
}

#[test]
fn a_reader_that_changes_at_random_moments_loses_and_swaps_nothing() {
    const WHOLE: usize = 4_000;
    for seed in 1..=12_u32 {
        every_ring(|mut uring| {
            let clock = Clock::new();
            let (socket, mut peer) = connection();
            let byte = |at: usize| at.wrapping_mul(2_654_435_761).to_le_bytes()[3];
            let mut drawn = seed;
            let (mut sent, mut received, mut turns) = (0, Vec::new(), 0);
            while received.len() < WHOLE && turns < TURNS_MAX {
                drawn = drawn.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                match drawn >> 28 {
                    0..=3 => {
                        let end = WHOLE.min(sent + 1 + (drawn >> 8) as usize % 50);
                        let piece: Vec<u8> = (sent..end).map(byte).collect();
                        sent += peer.write(&piece).unwrap_or(0);
                    }
                    4 | 5 => drop(uring.watch(0, socket.as_fd(), Guest::Member)),
                    6 | 7 => uring.unwatch(0, socket.as_fd()),
                    8..=10 => {
                        take(&mut uring, &socket, &mut received);
                    }
                    _ => {
                        uring.turn(&clock);
                        turns += 1;
                    }
                }
            }
            let expected: Vec<u8> = (0..WHOLE).map(byte).collect();
            assert!(received == expected, "seed {seed}: {uring:?}");
        });
    }
}

#[test]
fn what_the_kernel_had_of_a_forgotten_connection_is_nobody_s() {
    every_ring(|mut uring| {
        let clock = Clock::new();
        for _ in 0..20 {
            let (old_socket, mut old) = connection();
            let (new_socket, mut new) = connection();
            assert!(uring.watch(0, old_socket.as_fd(), Guest::Member));
            uring.turn(&clock);
            // Without deferred work the completion is there before the write is over.
            old.write_all(b"old").unwrap();
            uring.forget(0, Some(old_socket.as_fd()));
            assert!(uring.watch(0, new_socket.as_fd(), Guest::Member));
            new.write_all(b"new").unwrap();
            let mut received = Vec::new();
            for _ in 0..TURNS_MAX {
                uring.turn(&clock);
                take(&mut uring, &new_socket, &mut received);
                if received.len() >= 3 {
                    break;
                }
            }
            assert_eq!(received, b"new");
            uring.forget(0, Some(new_socket.as_fd()));
            drop((old_socket, new_socket));
            // Let go of by the ring as well, both peers see the end.
            for peer in [&mut old, &mut new] {
                let is_over = (0..TURNS_MAX).any(|_| {
                    uring.turn(&clock);
                    !matches!(std::io::Read::read(peer, &mut [0]), Err(error)
                        if error.kind() == std::io::ErrorKind::WouldBlock)
                });
                assert!(is_over);
            }
        }
        // No buffer stayed behind.
        assert!(uring.receiving.is_at_rest());
    });
}

/// A cancellation may find its request on its way from one poll to the next, and miss it.
#[test]
fn a_forgotten_connection_whose_cancellation_missed_is_let_go_of() {
    every_ring(|mut uring| {
        let clock = Clock::new();
        let (socket, mut peer) = connection();
        assert!(uring.watch(0, socket.as_fd(), Guest::Member));
        uring.turn(&clock);
        uring.receiving.misses_next = true;
        uring.forget(0, Some(socket.as_fd()));
        drop(socket);
        let is_over = (0..TURNS_MAX).any(|_| {
            uring.turn(&clock);
            matches!(std::io::Read::read(&mut peer, &mut [0]), Ok(0))
        });
        assert!(is_over, "{uring:?}");
        assert!(!uring.receiving.misses_next && uring.receiving.forgotten.is_empty());
    });
}
