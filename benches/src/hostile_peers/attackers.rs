//! Peers without a valid Logon(35=A), each kind at a rate of its own.
//!
//! All of it is done by the harness's thread between pings, on sockets that never block, so that an
//! act takes the harness's time and not the gateway's core. A line whose end is the gateway's to
//! make is kept until that has come.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::time::Duration;

use gwanmun_fix::messages::logon;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_linger;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, connect, recv, send, socket_with,
};

use crate::messages::{GATE, whole_at};
use crate::random::Random;
use crate::wire::world::{MEMBER_USER, member_comp_id};

/// Lines that one kind holds at a time: more than any gateway here has sessions.
const HELD: usize = 96;
/// Lines that wait for the gateway to close them; the oldest beyond that are closed by us.
const PENDING_MAX: usize = 64;

/// What a peer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Connects and logs on with a wrong password, or as nobody.
    Logons,
    /// Holds lines and sends a byte of a Logon on one of them now and then.
    Slowloris,
    /// Holds silent lines; some of them vanish and come again.
    HalfOpen,
    /// Connects and closes.
    Scan,
    /// Connects and sends what is no FIX, or begins like it.
    Garbage,
    /// Half a message whose BodyLength(9) promises more: a gibibyte, or what a stranger may send.
    HalfFrames,
}

/// All peers of one kind.
pub struct Attackers {
    kind: Kind,
    address: SocketAddr,
    random: Random,
    held: Vec<Option<(OwnedFd, usize)>>,
    pending: VecDeque<OwnedFd>,
    logon: Vec<u8>,
    done: usize,
    /// Lines that the gateway has cut.
    pub cuts: u64,
}

impl Attackers {
    /// Peers that come to this address.
    #[must_use]
    pub fn new(kind: Kind, address: SocketAddr, now_ns: u64) -> Attackers {
        let sender = member_comp_id(0);
        let body = logon::Body {
            heart_bt_int_s: 30,
            reset_seq_num_flag: false,
            username: MEMBER_USER.as_bytes(),
            password: b"a guess",
        };
        let ends = (sender.as_bytes(), GATE);
        Attackers {
            kind,
            address,
            random: Random::new(crate::SEED),
            held: (0..HELD).map(|_| None).collect(),
            pending: VecDeque::new(),
            logon: whole_at(now_ns, logon::MSG_TYPE, ends, 1, |writer| {
                body.write(writer)
            }),
            done: 0,
            cuts: 0,
        }
    }

    /// Before a turn: lines that are held are there from its start.
    pub fn begin(&mut self) {
        if matches!(self.kind, Kind::Slowloris | Kind::HalfOpen) {
            for place in &mut self.held {
                *place = open(self.address).map(|line| (line, 0));
            }
        }
    }

    /// Behind a turn: everybody leaves.
    pub fn end(&mut self) {
        self.held.iter_mut().for_each(|place| *place = None);
        self.pending.clear();
    }

    /// One hostile act; tells how many were really done.
    pub fn act(&mut self) -> u64 {
        self.done += 1;
        match self.kind {
            Kind::Logons => self.say(&self.logon.clone()),
            Kind::Slowloris => self.drip(),
            Kind::HalfOpen => self.vanish(),
            Kind::Scan => u64::from(open(self.address).is_some()),
            Kind::Garbage => {
                let bytes = self.garbage();
                self.say(&bytes)
            }
            Kind::HalfFrames if self.done.is_multiple_of(2) => {
                self.say(b"8=FIX.4.4\x019=1073741824\x0135=A\x01")
            }
            Kind::HalfFrames => self.half_a_frame(),
        }
    }

    /// One look at the lines that are to be cut.
    pub fn look(&mut self) {
        if let Some(line) = self.pending.front()
            && is_cut(line)
        {
            self.cuts += 1;
            self.pending.pop_front();
        }
    }

    /// Says something on a new line, whose end is the gateway's to make.
    fn say(&mut self, bytes: &[u8]) -> u64 {
        let Some(line) = open(self.address) else {
            return 0;
        };
        let has_said = has_sent(&line, bytes);
        self.pending.push_back(line);
        if self.pending.len() > PENDING_MAX {
            self.pending.pop_front();
        }
        u64::from(has_said)
    }

    /// The next held place, its line renewed where the gateway has cut it.
    fn next_place(&mut self) -> Option<&mut (OwnedFd, usize)> {
        let at = self.done % HELD;
        let place = self.held.get_mut(at)?;
        if let Some((line, _)) = place
            && is_cut(line)
        {
            self.cuts += 1;
            *place = None;
        }
        if place.is_none() {
            *place = open(self.address).map(|line| (line, 0));
        }
        place.as_mut()
    }

    fn drip(&mut self) -> u64 {
        let logon = self.logon.clone();
        let Some((line, steps)) = self.next_place() else {
            return 0;
        };
        let byte = logon.get(*steps % (logon.len() - 1)).copied();
        *steps += 1;
        u64::from(has_sent(line, &[byte.unwrap_or(b'1')]))
    }

    fn vanish(&mut self) -> u64 {
        let vanishes = self.done.is_multiple_of(4);
        let Some((line, _)) = self.next_place().filter(|_| vanishes) else {
            return 0;
        };
        // Gone by a reset, without a word.
        let _ = set_socket_linger(&*line, Some(Duration::ZERO));
        let at = self.done % HELD;
        let address = self.address;
        let Some(place) = self.held.get_mut(at) else {
            return 0;
        };
        *place = None;
        *place = open(address).map(|line| (line, 0));
        u64::from(place.is_some())
    }

    fn half_a_frame(&mut self) -> u64 {
        let Some((line, steps)) = self.next_place() else {
            return 0;
        };
        *steps += 1;
        if *steps > 1 {
            // It has said its half, and is silent from then on.
            return 0;
        }
        let mut half = b"8=FIX.4.4\x019=6800\x0135=A\x01".to_vec();
        half.resize(3_000, b'5');
        u64::from(has_sent(line, &half))
    }

    fn garbage(&mut self) -> Vec<u8> {
        let length = 1 + self.random.below(2_000);
        let mut bytes: Vec<u8> = (0..length)
            .map(|_| self.random.number().to_le_bytes()[0])
            .collect();
        let front: &[u8] = if self.done.is_multiple_of(2) {
            b"8=FIX.4.4\x019=5\x0135="
        } else {
            b"\x7f"
        };
        bytes.splice(..0, front.iter().copied());
        bytes
    }
}

impl Kind {
    /// The lane's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Logons => "logon-flood",
            Kind::Slowloris => "slowloris",
            Kind::HalfOpen => "half-open",
            Kind::Scan => "port-scan",
            Kind::Garbage => "garbage",
            Kind::HalfFrames => "half-frames",
        }
    }

    /// All of them.
    pub const ALL: [Kind; 6] = [
        Kind::Logons,
        Kind::Slowloris,
        Kind::HalfOpen,
        Kind::Scan,
        Kind::Garbage,
        Kind::HalfFrames,
    ];
}

/// A line that is on its way; on loopback it is there when this returns.
fn open(address: SocketAddr) -> Option<OwnedFd> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let line = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).ok()?;
    match connect(&line, &address) {
        Ok(()) | Err(Errno::INPROGRESS) => Some(line),
        Err(_) => None,
    }
}

fn has_sent(line: &OwnedFd, bytes: &[u8]) -> bool {
    send(line, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL).is_ok()
}

/// Whether the other side has ended a line.
fn is_cut(line: &OwnedFd) -> bool {
    match recv(line, &mut [0_u8; 64], RecvFlags::DONTWAIT) {
        Ok((count, _)) => count == 0,
        Err(errno) => !matches!(errno, Errno::AGAIN | Errno::INTR | Errno::NOTCONN),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;

    /// Each kind does what it says, and the far side's cut is seen.
    #[test]
    fn acts_arrive_and_cuts_are_counted() {
        for kind in Kind::ALL {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let mut attackers = Attackers::new(kind, address, 1);
            let mut acts = 0;
            // Half-open lines vanish at every fourth act alone.
            while acts == 0 {
                acts += attackers.act();
            }
            let (mut line, _) = listener.accept().unwrap();
            let mut first = [0];
            match kind {
                Kind::HalfOpen => {}
                Kind::Scan => assert_eq!(line.read(&mut first).unwrap(), 0),
                _ => {
                    assert_eq!(line.read(&mut first).unwrap(), 1);
                    assert!(matches!(first, [b'8' | 0x7f]));
                }
            }
            if matches!(kind, Kind::Logons | Kind::Garbage) {
                drop(line);
                while attackers.cuts == 0 {
                    attackers.look();
                }
            }
            attackers.end();
        }
    }
}
