//! A member on a socket of its own: the demonstration's session layer and ledger, driven by a test.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_cli::demo::initiator::{Initiator, InitiatorTerms, Received, Turn};
use gwanmun_cli::demo::ledger::{Direction, Ledger};
use gwanmun_runtime::clock::wall_now_ns;

use super::{PATIENCE_NS, World, until};

/// Tags that a test may ask of a message it was sent.
const KEPT_TAGS: [u32; 25] = [
    6, 11, 14, 17, 30, 31, 32, 34, 35, 37, 38, 39, 41, 43, 45, 58, 102, 103, 150, 371, 372, 373,
    379, 20110, 20120,
];

/// An application message that was received, by its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message(Vec<(u32, String)>);

impl Message {
    fn new(received: Received<'_>) -> Message {
        let kept = KEPT_TAGS.map(|tag| (tag, received.field(tag).to_owned()));
        Message(
            kept.into_iter()
                .filter(|field| !field.1.is_empty())
                .collect(),
        )
    }

    /// The field's value; empty where it is absent.
    pub(crate) fn field(&self, tag: u32) -> &str {
        let found = self.0.iter().find(|field| field.0 == tag);
        found.map_or("", |field| field.1.as_str())
    }
}

/// One member.
pub(crate) struct Member {
    pub(crate) session: Initiator,
    ledger: Ledger<BufWriter<File>>,
    line: Option<TcpStream>,
    /// What came and was not taken yet.
    pub(crate) inbox: VecDeque<Message>,
    /// Why the line was last let go by this side; empty when the other side ended it.
    pub(crate) fault: String,
    /// Bytes that came, over all lines.
    pub(crate) received_bytes: usize,
    /// How many requests were queued so far.
    pub(crate) requested: usize,
    /// What the gateway said of its own health.
    pub(crate) heartbeats: Heartbeats,
}

/// The Heartbeats(0) that came, which the session keeps to itself.
#[derive(Debug, Default)]
pub(crate) struct Heartbeats {
    /// What is no whole message yet.
    pending: Vec<u8>,
    /// TestReqID(112) of those that answer a TestRequest(1).
    pub(crate) answers: Vec<String>,
    /// How many came by themselves.
    pub(crate) unasked: usize,
}

impl Heartbeats {
    fn take(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        // CheckSum(10) is last and has a fixed width.
        while let Some(at) = self.pending.windows(4).position(|it| it == b"\x0110=") {
            let Some(end) = self.pending.get(at..at + 8).map(|_| at + 8) else {
                return;
            };
            let message = String::from_utf8_lossy(&self.pending[..end]).into_owned();
            self.pending.drain(..end);
            if message.contains("\u{1}35=0\u{1}") {
                let mut fields = message.split('\u{1}');
                match fields.find_map(|field| field.strip_prefix("112=")) {
                    Some(id) => self.answers.push(id.to_owned()),
                    None => self.unasked += 1,
                }
            }
        }
    }
}

impl Member {
    /// A member that was never connected; its ledger is `NAME-ledger.csv`.
    pub(crate) fn new(world: &World, name: &str) -> Member {
        Member::beating(world, name, 30)
    }

    /// The same with another HeartBtInt(108).
    pub(crate) fn beating(world: &World, name: &str, heart_bt_int_s: u64) -> Member {
        Member::made(world, (name, &name.to_lowercase()), heart_bt_int_s)
    }

    /// The same with another Username(553).
    pub(crate) fn named(world: &World, name: &str, user: &str) -> Member {
        Member::made(world, (name, user), 30)
    }

    fn made(world: &World, (name, user): (&str, &str), heart_bt_int_s: u64) -> Member {
        let user = user.to_owned();
        let terms = InitiatorTerms {
            sender_comp_id: name.to_owned(),
            target_comp_id: "GWANMUN".to_owned(),
            credentials: Some((user.clone(), format!("pass-{user}"))),
            heart_bt_int_s,
        };
        let ledger = format!("{}-ledger.csv", name.to_lowercase());
        let file = File::create(world.path(&ledger)).unwrap();
        Member {
            session: Initiator::new(terms),
            ledger: Ledger::new(BufWriter::new(file)).unwrap(),
            line: None,
            inbox: VecDeque::new(),
            fault: String::new(),
            received_bytes: 0,
            requested: 0,
            heartbeats: Heartbeats::default(),
        }
    }

    /// Connects and logs on, going on where the session was.
    #[track_caller]
    pub(crate) fn log_on(&mut self, address: SocketAddr) {
        assert!(self.connect(address), "nobody listens at {address}");
        until("the answer to a Logon", || {
            assert!(
                self.turn(),
                "the line was cut before the Logon was answered"
            );
            self.session.is_logged_on().then_some(())
        });
    }

    /// As [`Member::log_on`], right behind the end of the line before: the gateway may see the new
    /// line before that end, and refuses it then.
    #[track_caller]
    pub(crate) fn log_on_again(&mut self, address: SocketAddr) {
        until("an accepted Logon", || {
            assert!(self.connect(address), "nobody listens at {address}");
            while self.turn() {
                if self.session.is_logged_on() {
                    return Some(());
                }
            }
            None
        });
    }

    /// Connects and sends a Logon without waiting for its answer. False when nobody listens.
    pub(crate) fn connect(&mut self, address: SocketAddr) -> bool {
        let Ok(line) = TcpStream::connect(address) else {
            return false;
        };
        line.set_nodelay(true).unwrap();
        line.set_read_timeout(Some(Duration::from_millis(1)))
            .unwrap();
        self.line = Some(line);
        self.heartbeats.pending.clear();
        self.session.on_connect(wall_now_ns());
        true
    }

    /// Queues a request.
    pub(crate) fn request(&mut self, msg_type: &'static str, body: String) {
        self.requested += 1;
        self.session.send(msg_type, body, wall_now_ns());
    }

    /// Sends what is queued and reads once. False when the line is gone.
    pub(crate) fn turn(&mut self) -> bool {
        let now_ns = wall_now_ns();
        if self.line.is_none() {
            return false;
        }
        let is_open = self.session.on_time(now_ns) == Turn::Open && self.write() && self.read();
        if !is_open {
            // A Logout is answered before the line goes.
            self.write();
            self.hang_up();
        }
        is_open
    }

    fn write(&mut self) -> bool {
        let Some(line) = &mut self.line else {
            return false;
        };
        let bytes = self.session.take_out();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            match line.write(rest) {
                Ok(count) if count > 0 => {
                    let sent = &rest[..count];
                    self.ledger
                        .take(Direction::Out, sent, wall_now_ns())
                        .unwrap();
                    rest = &rest[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => return false,
            }
        }
        true
    }

    fn read(&mut self) -> bool {
        let Some(line) = &mut self.line else {
            return false;
        };
        let mut buffer = [0; 1 << 16];
        let count = match line.read(&mut buffer) {
            Ok(0) => return false,
            Ok(count) => count,
            Err(error) => {
                use ErrorKind::{Interrupted, TimedOut, WouldBlock};
                return matches!(error.kind(), WouldBlock | TimedOut | Interrupted);
            }
        };
        let (bytes, now_ns) = (&buffer[..count], wall_now_ns());
        self.ledger.take(Direction::In, bytes, now_ns).unwrap();
        self.received_bytes += count;
        self.heartbeats.take(bytes);
        let inbox = &mut self.inbox;
        let turn = self.session.on_bytes(bytes, now_ns, &mut |received| {
            inbox.push_back(Message::new(received));
        });
        if let Turn::Close(fault) = &turn {
            self.fault.clone_from(fault);
        }
        turn == Turn::Open
    }

    /// The line is gone, or let go.
    pub(crate) fn hang_up(&mut self) {
        self.line = None;
        self.ledger.line_lost(wall_now_ns()).unwrap();
    }

    /// Puts bytes on the line as they are, beside the session; they do not enter the ledger.
    pub(crate) fn write_raw(&mut self, bytes: &[u8]) {
        assert!(self.write(), "the line is gone");
        self.line
            .as_mut()
            .expect("checked")
            .write_all(bytes)
            .unwrap();
    }

    /// Waits for the next message that `wanted` takes; others stay in the inbox.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, what: &str, wanted: impl Fn(&Message) -> bool) -> Message {
        let since_ns = wall_now_ns();
        loop {
            if let Some(at) = self.inbox.iter().position(&wanted) {
                return self.inbox.remove(at).expect("it is there");
            }
            assert!(
                self.turn(),
                "the line was cut; waited for {what}; got {:?}",
                self.inbox
            );
            let waited_ns = wall_now_ns().saturating_sub(since_ns);
            assert!(waited_ns < PATIENCE_NS, "no {what}; got {:?}", self.inbox);
        }
    }

    /// Waits for the message that settles a request: a report, a reject of any kind.
    #[track_caller]
    pub(crate) fn answer(&mut self, cl_ord_id: &str) -> Message {
        self.wait_for(cl_ord_id, |message| settles(message, cl_ord_id))
    }

    /// Asks whether the gateway is there, and waits for its answer to that very question.
    #[track_caller]
    pub(crate) fn ping(&mut self) {
        let id = format!("PING-{}", self.requested);
        self.request("1", format!("112={id}\u{1}"));
        until("the answer to a TestRequest", || {
            assert!(self.turn(), "the line was cut: {}", self.fault);
            let answers = &mut self.heartbeats.answers;
            answers.iter().position(|it| *it == id).map(|at| {
                assert_eq!(at, 0, "an answer to something else: {answers:?}");
                answers.remove(at)
            })
        });
    }

    /// Says nothing but what a session must, until the gateway has said so often that it lives.
    #[track_caller]
    pub(crate) fn hear_heartbeats(&mut self, count: usize) {
        let wanted = self.heartbeats.unasked + count;
        until("a Heartbeat of the gateway's own accord", || {
            assert!(self.turn(), "the line was cut: {}", self.fault);
            (self.heartbeats.unasked >= wanted).then_some(())
        });
    }

    /// Queues nothing, reads nothing: puts what the session has ready on the line as far as the
    /// kernel takes it at once. False when the line is gone.
    pub(crate) fn write_without_reading(&mut self) -> bool {
        self.write()
    }

    /// Waits until the other side closes the line.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self) {
        until("the end of the line", || (!self.turn()).then_some(()));
    }

    /// Logs out, waits for the answer and writes the ledger.
    pub(crate) fn finish(mut self) {
        if self.line.is_some() {
            self.session.logout(wall_now_ns());
            until("the answer to a Logout", || (!self.turn()).then_some(()));
        }
        let file = self.ledger.finish(wall_now_ns()).unwrap();
        file.into_inner().unwrap();
    }
}

/// Whether a message is the one answer to a request. Fills, and what the venue does of its own
/// accord, answer nothing.
pub(crate) fn settles(message: &Message, cl_ord_id: &str) -> bool {
    match message.field(35) {
        "8" => {
            matches!(message.field(150), "0" | "4" | "5" | "8") && message.field(11) == cl_ord_id
        }
        "9" => message.field(11) == cl_ord_id,
        "j" => message.field(379) == cl_ord_id,
        _ => false,
    }
}

/// Body of a limit order of account 1001-01.
pub(crate) fn new_order(cl_ord_id: &str, side: char, quantity: u32, price: &str) -> String {
    let time = "20261123-00:00:00";
    format!(
        "11={cl_ord_id}|1=1001-01|21=1|55=005930|54={side}|38={quantity}|40=2|44={price}|59=0|\
         60={time}|"
    )
    .replace('|', "\u{1}")
}

/// Body of a cancel.
pub(crate) fn cancel(cl_ord_id: &str, of: &str, side: char) -> String {
    let time = "20261123-00:00:00";
    format!("11={cl_ord_id}|41={of}|1=1001-01|55=005930|54={side}|38=1|60={time}|")
        .replace('|', "\u{1}")
}

/// Body of a replace.
pub(crate) fn replace(cl_ord_id: &str, of: &str, side: char, quantity: u32, price: &str) -> String {
    let time = "20261123-00:00:00";
    format!(
        "11={cl_ord_id}|41={of}|1=1001-01|21=1|55=005930|54={side}|38={quantity}|40=2|44={price}|\
         60={time}|"
    )
    .replace('|', "\u{1}")
}
