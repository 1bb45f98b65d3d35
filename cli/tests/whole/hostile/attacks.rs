//! What hostile peers do, each kind in a thread of its own that counts its acts.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::SECRETS;
use crate::scene::logon;
use crate::support::member::new_order;
use crate::support::{Member, PATIENCE_NS, Random};

/// Lines that one hostile peer holds at a time, well below what the gateway has places for.
pub(super) const LINES: usize = 12;

/// A hostile peer in a thread of its own.
pub(super) struct Attack {
    acts: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    pub(super) thread: JoinHandle<()>,
}

impl Attack {
    /// Does `act` over and over; its argument is how often it was done before. It tells how many
    /// acts it was.
    pub(super) fn start(mut act: impl FnMut(usize) -> usize + Send + 'static) -> Attack {
        let (acts, is_over) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let (counted, asked) = (Arc::clone(&acts), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            let mut number = 0;
            while !asked.load(Ordering::Relaxed) {
                counted.fetch_add(act(number), Ordering::Relaxed);
                number += 1;
            }
        });
        Attack {
            acts,
            is_over,
            thread,
        }
    }

    pub(super) fn acts(&self) -> usize {
        self.acts.load(Ordering::Relaxed)
    }

    #[track_caller]
    pub(super) fn end(self) -> usize {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.join().expect("the attack itself went wrong");
        self.acts.load(Ordering::Relaxed)
    }
}

/// A line of a hostile peer; none where the system has no port left for the moment.
pub(super) fn connect(address: SocketAddr) -> Option<TcpStream> {
    let line = TcpStream::connect(address).ok()?;
    line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    Some(line)
}

/// Says something on a new line and waits until it is cut. Whoever found no place was cut before.
fn say_and_be_cut(address: SocketAddr, bytes: &[u8]) -> usize {
    let Some(mut line) = connect(address) else {
        return 0;
    };
    let _ = line.write_all(bytes);
    match line.read(&mut [0; 64]) {
        Ok(0) => 1,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => 1,
        other => panic!("a hostile peer was answered or kept: {other:?}"),
    }
}

/// Lines that are held at the same time, each in the hands of `step` until that gives it up.
fn hold(
    address: SocketAddr,
    mut step: impl FnMut(&mut TcpStream, usize) -> bool + Send + 'static,
) -> impl FnMut(usize) -> usize + Send + 'static {
    let mut lines: Vec<Option<(TcpStream, usize)>> = (0..LINES).map(|_| None).collect();
    move |number| {
        let place = number % LINES;
        match &mut lines[place] {
            Some((line, steps)) => {
                let is_held = step(line, *steps);
                *steps += 1;
                if !is_held {
                    lines[place] = None;
                }
                usize::from(!is_held)
            }
            free => {
                *free = connect(address).map(|line| (line, 0));
                0
            }
        }
    }
}

/// Whether the gateway has cut a line. Gives it a little time to, so that no core is burnt.
fn is_cut(line: &mut TcpStream) -> bool {
    line.set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    match line.read(&mut [0; 64]) {
        Ok(0) => true,
        Ok(_) => panic!("a hostile peer was answered"),
        Err(error) => !matches!(
            error.kind(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
        ),
    }
}

pub(super) fn logon_flood(address: SocketAddr) -> Attack {
    Attack::start(move |number| {
        let bytes = match number % 4 {
            0 => logon("MEMBER1", "553=member1|554=guess|"),
            1 => logon("NOBODY", SECRETS),
            2 => logon("BYSTANDER", "553=bystander|554=pass-bystander|"),
            _ => logon("BYSTANDER", "553=bystander|554=guess|"),
        };
        say_and_be_cut(address, &bytes)
    })
}

/// A byte of a true Logon now and then: never silent, never done.
pub(super) fn slowloris(address: SocketAddr) -> Attack {
    let whole = logon("MEMBER1", SECRETS);
    Attack::start(hold(address, move |line, steps| {
        let byte = whole
            .get(steps % (whole.len() - 1))
            .copied()
            .unwrap_or(b'1');
        line.write_all(&[byte]).is_ok() && !is_cut(line)
    }))
}

/// Connected and silent; every third ends its own half of the line at once, every third is gone
/// without a word (a reset) as soon as it is there.
pub(super) fn half_open(address: SocketAddr) -> Attack {
    let mut number = 0;
    Attack::start(hold(address, move |line, steps| {
        number += 1;
        match (number / LINES % 3, steps) {
            (1, 0) => line.shutdown(Shutdown::Write).is_ok() && !is_cut(line),
            (2, 0) => {
                let vanishes =
                    rustix::net::sockopt::set_socket_linger(&*line, Some(Duration::from_secs(0)));
                vanishes.unwrap();
                false
            }
            _ => !is_cut(line),
        }
    }))
}

pub(super) fn port_scan(address: SocketAddr) -> Attack {
    Attack::start(move |_| usize::from(connect(address).is_some()))
}

pub(super) fn garbage(address: SocketAddr) -> Attack {
    let mut random = Random::new(11);
    Attack::start(move |number| {
        let length = 1 + random.below(9_000);
        let byte = |_| u8::try_from(random.below(256)).unwrap();
        let mut bytes: Vec<u8> = (0..length).map(byte).collect();
        // What begins like FIX is waited for; the rest is refused by its first bytes.
        if number % 2 == 0 {
            bytes.splice(..0, *b"8=FIX.4.4\x019=5\x0135=");
        } else {
            bytes.splice(..0, *b"\x7f");
        }
        say_and_be_cut(address, &bytes)
    })
}

/// Half a frame whose BodyLength(9) promises more: as much as a stranger may send, and a gibibyte.
pub(super) fn half_frames(address: SocketAddr) -> Attack {
    let half = [
        b"8=FIX.4.4\x019=6800\x0135=A\x01".as_slice(),
        &[b'5'; 3_000],
    ]
    .concat();
    let mut held = hold(address, move |line, steps| {
        (steps > 0 || line.write_all(&half).is_ok()) && !is_cut(line)
    });
    Attack::start(move |number| {
        let endless = b"8=FIX.4.4\x019=1073741824\x0135=A\x01";
        held(number) + say_and_be_cut(address, endless)
    })
}

/// A member who asks without end and reads nothing until he is cut; then he fetches what he missed.
pub(super) fn slow_reader(mut member: Member, address: SocketAddr) -> Attack {
    let id = "x".repeat(3_000);
    let mut orders = 0;
    let mut is_flooding = true;
    Attack::start(move |number| {
        if is_flooding {
            if number % 64 == 0 {
                let name = format!("S{orders}");
                orders += 1;
                member.request("D", new_order(&name, '1', 10, "70000"));
            }
            member.request("1", format!("112={id}-{number}\u{1}"));
            is_flooding = member.write_without_reading();
            return usize::from(is_flooding);
        }
        // He was cut. His session is whole: he gets every answer, and the flood begins anew.
        member.hang_up();
        member.log_on_again(address);
        for order in 0..orders {
            assert_eq!(member.answer(&format!("S{order}")).field(150), "0");
        }
        orders = 0;
        is_flooding = true;
        10_000
    })
}
