//! A member's engine without a socket: the session layer as initiator, and what may be wrong with
//! one.

use gwanmun_fix::session::{
    History, Numbers, Outcome, Past, ResendProgress, Session, SessionTerms,
};
use gwanmun_fix::{Frame, Index, Message, Sent, Sink, Version, frame};
use gwanmun_market::Text;

const SECOND_NS: u64 = 1_000_000_000;

/// What is wrong with an engine. Messages pass as text with `|` between fields, without head and
/// trailer: `35=0|34=2|...`.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    /// What it makes of a message that came; none: it does not notice.
    pub(crate) heard: fn(&str) -> Option<String>,
    /// What leaves of a message that it sends; none: nothing.
    pub(crate) said: fn(&str) -> Option<String>,
    /// It does not look at CheckSum(10).
    pub(crate) takes_garbled: bool,
    /// It answers a TestRequest(1) that it has had before.
    pub(crate) answers_duplicates: bool,
    /// It loses its numbers with a line that is cut.
    pub(crate) forgets: bool,
    /// It is late with whatever a clock asks for.
    pub(crate) late_s: u64,
    /// It goes and does not come back once it has logged on so often.
    pub(crate) lines_max: u32,
}

impl Fault {
    pub(crate) const NONE: Fault = Fault {
        heard: |text| Some(text.to_owned()),
        said: |text| Some(text.to_owned()),
        takes_garbled: false,
        answers_duplicates: false,
        forgets: false,
        late_s: 0,
        lines_max: u32::MAX,
    };
}

/// An engine.
pub(crate) struct Engine {
    version: Version,
    session: Session,
    fault: Fault,
    store: Store,
    received: Vec<u8>,
    output: Vec<u8>,
    is_open: bool,
    lines: u32,
}

#[derive(Default)]
struct Store {
    room: Vec<u8>,
    waiting: Vec<u8>,
    kept: Vec<Option<Vec<u8>>>,
}

impl Sink for Store {
    fn room(&mut self) -> &mut [u8] {
        self.room.resize(8_192, 0);
        &mut self.room
    }

    fn commit(&mut self, sent: Sent) {
        let message = self.room[..sent.length].to_vec();
        self.waiting.extend_from_slice(&message);
        if !sent.is_resend {
            let before = usize::try_from(sent.msg_seq_num - 1).unwrap();
            self.kept.truncate(before);
            self.kept.push(sent.is_application.then_some(message));
        }
    }
}

struct Kept(Vec<Option<Vec<u8>>>);

impl History for Kept {
    fn sent(&self, msg_seq_num: u64) -> Past<'_> {
        let at = usize::try_from(msg_seq_num - 1).unwrap();
        match self.0.get(at) {
            Some(Some(message)) => Past::Application(message),
            _ => Past::Administrative,
        }
    }
}

impl Engine {
    pub(crate) fn new(
        version: Version,
        fault: Fault,
        sends_next_expected_msg_seq_num: bool,
    ) -> Engine {
        let text = |text: &str| Text::new(text.as_bytes()).unwrap();
        let terms = SessionTerms {
            version,
            sends_next_expected_msg_seq_num,
            ..SessionTerms::new(text("MEMBER"), text("GATE"), false)
        };
        Engine {
            version,
            session: Session::new(terms),
            fault,
            store: Store::default(),
            received: Vec::new(),
            output: Vec::new(),
            is_open: false,
            lines: 0,
        }
    }

    /// Connects and logs on; false when it does not come any more.
    pub(crate) fn connect(&mut self, now_ns: u64) -> bool {
        if self.lines >= self.fault.lines_max {
            return false;
        }
        self.lines += 1;
        self.received.clear();
        self.output.clear();
        self.session.on_connect(now_ns);
        self.session.logon(now_ns, &mut self.store, |_| {}).unwrap();
        self.is_open = true;
        self.flush();
        true
    }

    pub(crate) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(crate) fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// The other side closed the line.
    pub(crate) fn disconnect(&mut self) {
        if self.is_open && self.session.is_logged_on() && self.fault.forgets {
            self.session.restore(Numbers::FIRST);
        }
        self.session.on_disconnect();
        self.is_open = false;
    }

    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        let due_ns = self.session.next_deadline_ns()?;
        Some(due_ns + self.fault.late_s * SECOND_NS)
    }

    pub(crate) fn on_time(&mut self, now_ns: u64) {
        let outcome = self.session.on_deadline(now_ns, &mut self.store);
        self.end(outcome);
    }

    /// Sends an order or its cancel.
    pub(crate) fn send(&mut self, msg_type: &str, now_ns: u64) {
        let body = match msg_type {
            "D" => "11=ONE|1=ACCOUNT|55=005930|54=1|38=10|40=2|44=75100|59=0",
            _ => "11=TWO|41=ONE|55=005930|54=1|38=10",
        };
        let store = &mut self.store;
        self.session
            .send(msg_type.as_bytes(), now_ns, store, |writer| {
                for field in body.split('|') {
                    let (tag, value) = field.split_once('=').unwrap();
                    writer.bytes(tag.parse().unwrap(), value.as_bytes());
                }
                writer.timestamp(60, now_ns);
            })
            .unwrap();
        self.flush();
    }

    pub(crate) fn hear(&mut self, bytes: &[u8], now_ns: u64) {
        self.received.extend_from_slice(bytes);
        while self.is_open {
            let length = match frame::frame(&self.received, 8_192) {
                Frame::Whole { length } => length,
                Frame::Garbled { skip, .. } if self.fault.takes_garbled => skip,
                Frame::Garbled { skip, .. } => {
                    self.received.drain(..skip);
                    continue;
                }
                Frame::Partial => return,
                Frame::Unframeable(garble) => panic!("{garble:?}"),
            };
            let message: Vec<u8> = self.received.drain(..length).collect();
            if let Some(text) = (self.fault.heard)(&opened(&message)) {
                self.take(&text, now_ns);
            }
        }
    }

    fn take(&mut self, text: &str, now_ns: u64) {
        if self.fault.answers_duplicates && text.starts_with("35=1|") && text.contains("|43=Y|") {
            let id = text.split('|').find_map(|field| field.strip_prefix("112="));
            let id = id.unwrap().as_bytes().to_vec();
            let store = &mut self.store;
            let sent = self.session.send(b"0", now_ns, store, |writer| {
                writer.bytes(112, &id);
            });
            sent.unwrap();
        }
        let bytes = sealed(self.version, text);
        let mut index = Index::new();
        let (message, defect) = Message::read(&bytes, &mut index);
        let outcome = match defect {
            Some(defect) => self
                .session
                .on_defective(&message, defect, now_ns, &mut self.store),
            None => self.session.on_message(&message, now_ns, &mut self.store),
        };
        let kept = Kept(self.store.kept.clone());
        while self.session.resend_step(now_ns, &kept, &mut self.store) == ResendProgress::More {}
        self.end(outcome);
    }

    fn end(&mut self, outcome: Outcome) {
        self.flush();
        if let Outcome::Disconnect(_) = outcome {
            self.session.on_disconnect();
            self.is_open = false;
        }
    }

    fn flush(&mut self) {
        let mut rest = std::mem::take(&mut self.store.waiting);
        while let Frame::Whole { length } = frame::frame(&rest, 8_192) {
            let message: Vec<u8> = rest.drain(..length).collect();
            if let Some(text) = (self.fault.said)(&opened(&message)) {
                self.output.extend(sealed(self.version, &text));
            }
        }
        assert!(rest.is_empty());
    }
}

/// The text between head and trailer.
fn opened(message: &[u8]) -> String {
    let text = String::from_utf8(message.to_vec()).unwrap();
    let text = text.replace('\u{1}', "|");
    let start = text.find("35=").unwrap();
    let end = text.rfind("10=").unwrap();
    text[start..end].to_owned()
}

/// The message with head and trailer.
fn sealed(version: Version, text: &str) -> Vec<u8> {
    let body = text.replace('|', "\u{1}");
    let begin = version.begin_string().escape_ascii();
    let mut message = format!("8={begin}\u{1}9={}\u{1}{body}", body.len());
    let sum = message.bytes().map(u32::from).sum::<u32>() % 256;
    message.push_str(&format!("10={sum:03}\u{1}"));
    message.into_bytes()
}
