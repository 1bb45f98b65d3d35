//! Question: what do silent sessions cost the one that speaks?
//!
//! One session sends 200 bytes and gets them back, among 1, 8, 64 and 512 that are open and logged
//! on. Lanes: `hybrid` as the gateway runs where io_uring is permitted, up to eight sessions read
//! in every turn and the others on the ring; `hybrid epoll` the same with epoll; `ring` and `epoll`
//! with nobody hot, so that the speaker himself is watched; `plain` asks every socket in every
//! turn. The reference is `hybrid` with one session.
//!
//! Answer last recorded: none so far, for want of a quiet machine. Left out: whatever is done with
//! the bytes; the peer's thread, since both ends share one here, so that a round trip is two sends
//! and two receives without a wake-up; and how soon a watched session is noticed while others keep
//! the turn busy.

use std::io::{Read, Write};
use std::net::TcpStream;

use gwanmun_benches::lanes::{self, Lane, Race, Stopwatch};
use gwanmun_runtime::limits::raise_descriptors;
use gwanmun_runtime::transport::{Best, Event, Transport, TransportTerms, Way};

const MESSAGE_BYTES: usize = 200;
const MESSAGES: usize = 100;
/// Both ends of all sessions of all lanes, and some more.
const DESCRIPTORS: u64 = 8_192;
/// Turns in which an answer must be there; only a hang reaches it.
const TURNS_MAX: u32 = 5_000_000;

struct Echo {
    transport: Transport<Best>,
    /// The last of them speaks.
    peers: Vec<TcpStream>,
    accepted: usize,
}

impl Echo {
    /// `None` where the host refuses this way.
    fn new(way: Way, hot_max: usize, open: usize) -> Option<Echo> {
        let terms = TransportTerms {
            connections_max: open,
            outbound_max: 0,
            promoted_max: open,
            receive_bytes: 4_096,
            send_bytes: 4_096,
            stranger_receive_bytes: 1_024,
            stranger_send_bytes: 1_024,
            hot_max,
            ..TransportTerms::default()
        };
        let (best, _) = Best::by(way, &terms).ok()?;
        let mut transport = Transport::new(terms, best);
        let address = "127.0.0.1:0".parse().expect("an address");
        let (_, address) = transport.listen(address).expect("a free port");
        let mut echo = Echo {
            transport,
            peers: Vec::new(),
            accepted: 0,
        };
        for number in 1..=open {
            let peer = TcpStream::connect(address).expect("a backlog");
            peer.set_nodelay(true).expect("TCP_NODELAY");
            echo.peers.push(peer);
            echo.turn_until(|echo| echo.accepted == number);
        }
        // What arrives first finds its session in its place.
        (0..1_000).for_each(|_| echo.turn());
        Some(echo)
    }

    fn turn(&mut self) {
        let accepted = &mut self.accepted;
        self.transport.poll(&mut |event, sender| match event {
            Event::Accepted { connection, .. } => {
                *accepted += 1;
                sender.promote(connection);
                0
            }
            Event::Received {
                connection, bytes, ..
            } if bytes.len() == MESSAGE_BYTES => {
                if let Some(room) = sender.reserve(connection, bytes.len()) {
                    room.copy_from_slice(bytes);
                    sender.commit(connection, bytes.len(), 0);
                }
                bytes.len()
            }
            _ => 0,
        });
    }

    fn turn_until(&mut self, is_there: impl Fn(&Echo) -> bool) {
        let came = (0..TURNS_MAX).any(|_| {
            self.turn();
            is_there(self)
        });
        assert!(came, "nobody came");
    }

    /// Messages there and back; the answer is what came back.
    fn run(&mut self, watch: &mut Stopwatch) -> u64 {
        let mut answer = 0_u64;
        let mut message = [b'x'; MESSAGE_BYTES];
        watch.time(|| {
            for number in 0..MESSAGES {
                message[0] = number.to_le_bytes()[0];
                let mut back = [0; MESSAGE_BYTES];
                self.there_and_back(&message, &mut back);
                assert_eq!(message, back, "another message came back");
                answer = answer.wrapping_mul(31).wrapping_add(u64::from(back[0]));
            }
        });
        answer
    }

    fn there_and_back(&mut self, message: &[u8], back: &mut [u8]) {
        let mut speaker = self.peers.last().expect("one is open");
        let sent = speaker.write(message).expect("room for one message");
        assert_eq!(sent, message.len());
        let mut has_moved = false;
        for _ in 0..TURNS_MAX {
            self.turn();
            self.transport.flush(0, &mut |_, length, _, _| {
                has_moved |= length == message.len()
            });
            if has_moved {
                break;
            }
        }
        assert!(has_moved, "no answer");
        let mut speaker = self.peers.last().expect("one is open");
        speaker.read_exact(back).expect("the answer");
    }
}

fn main() {
    lanes::pin();
    let opens: &[usize] = if raise_descriptors(DESCRIPTORS).is_ok() {
        &[1, 8, 64, 512]
    } else {
        &[1, 8, 64]
    };
    let mut lanes = Vec::new();
    for &open in opens {
        for (name, way, hot_max) in [
            ("hybrid", Way::Uring, 8),
            ("hybrid epoll", Way::Epoll, 8),
            ("ring", Way::Uring, 0),
            ("epoll", Way::Epoll, 0),
            ("plain", Way::Plain, 8),
        ] {
            if let Some(mut echo) = Echo::new(way, hot_max, open) {
                let name: &'static str = Box::leak(format!("{name}, {open} open").into());
                lanes.push(Lane::new(name, move |watch| echo.run(watch)));
            }
        }
    }
    Race {
        name: "transport_idle",
        messages: MESSAGES,
        bytes: MESSAGES * MESSAGE_BYTES,
    }
    .run(lanes);
}
