//! A member's FIX engine in a few lines of its own, so that the gateway's does not judge itself:
//! it numbers, keeps what it sent, asks for what it missed and answers when it is asked.

use std::collections::BTreeMap;

use gwanmun_fix::encode::{Header, MessageWriter};
use gwanmun_fix::frame::{Frame, frame};
use gwanmun_fix::index::Index;
use gwanmun_fix::message::Message;
use gwanmun_fix::tag;
use gwanmun_market::GateCode;

/// A message as the member saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) msg_type: String,
    pub(crate) fields: Vec<(u32, String)>,
}

impl Seen {
    fn read(bytes: &[u8]) -> Seen {
        let mut index = Index::new();
        let message = Message::parse(bytes, &mut index).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(message.duplicate_tag(), None, "{}", show(bytes));
        Seen {
            msg_type: text(message.msg_type()),
            fields: message
                .fields()
                .map(|(tag, value)| (tag, text(value)))
                .collect(),
        }
    }

    pub(crate) fn get(&self, tag: u32) -> &str {
        let found = self.fields.iter().find(|field| field.0 == tag);
        found.map_or("", |field| field.1.as_str())
    }

    pub(crate) fn number(&self, tag: u32) -> u64 {
        self.get(tag).parse().unwrap_or(0)
    }

    /// `8 F 2`: message, ExecType(150) or CxlRejResponseTo(434), OrdStatus(39).
    pub(crate) fn brief(&self) -> String {
        let kind = match self.msg_type.as_str() {
            "8" => self.get(tag::EXEC_TYPE),
            "9" => self.get(tag::CXL_REJ_RESPONSE_TO),
            _ => return self.msg_type.clone(),
        };
        let gate_code = self.get(tag::GATE_CODE);
        let status = self.get(tag::ORD_STATUS);
        let mut brief = format!("{} {kind} {status}", self.msg_type);
        if !gate_code.is_empty() {
            brief += &format!(" {gate_code}");
        }
        brief
    }
}

/// The brief of a refused order.
pub(crate) fn refused(code: GateCode) -> String {
    format!("8 8 8 {}", code.number())
}

pub(crate) fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace('\u{1}', "|")
}

pub(crate) struct Member {
    name: String,
    pub(crate) next_out: u64,
    pub(crate) next_in: u64,
    /// What was sent, by number; `None` for administrative messages.
    sent: BTreeMap<u64, (Vec<u8>, bool)>,
    inbox: Vec<u8>,
    has_asked: bool,
    /// Every message taken in its turn, once.
    pub(crate) log: Vec<Seen>,
    /// Every message that arrived, duplicates included.
    pub(crate) arrived: Vec<Seen>,
}

impl Member {
    pub(crate) fn new(index: u16) -> Member {
        Member {
            name: format!("MEMBER{index}"),
            next_out: 1,
            next_in: 1,
            sent: BTreeMap::new(),
            inbox: Vec::new(),
            has_asked: false,
            log: Vec::new(),
            arrived: Vec::new(),
        }
    }

    fn write(
        &self,
        msg_type: &str,
        (msg_seq_num, orig): (u64, Option<u64>),
        now_ns: u64,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        let mut writer = MessageWriter::start(&mut bytes, b"FIX.4.4");
        Header {
            msg_type: msg_type.as_bytes(),
            sender_comp_id: self.name.as_bytes(),
            target_comp_id: b"GATE",
            msg_seq_num,
            sending_time_ns: now_ns,
            orig_sending_time_ns: orig,
            last_msg_seq_num_processed: None,
        }
        .write(&mut writer);
        body(&mut writer);
        let length = writer.finish().unwrap();
        bytes.truncate(length);
        bytes
    }

    /// The next message; it counts as sent.
    pub(crate) fn message(
        &mut self,
        msg_type: &str,
        now_ns: u64,
        body: impl FnOnce(&mut MessageWriter<'_>),
    ) -> Vec<u8> {
        let bytes = self.write(msg_type, (self.next_out, None), now_ns, body);
        let is_application = matches!(msg_type, "D" | "F" | "G");
        self.sent
            .insert(self.next_out, (bytes.clone(), is_application));
        self.next_out += 1;
        bytes
    }

    /// Both numbers at 1, as at the beginning of a window.
    pub(crate) fn begin_anew(&mut self) {
        (self.next_out, self.next_in) = (1, 1);
        self.sent.clear();
    }

    pub(crate) fn logon(&mut self, now_ns: u64, is_reset: bool) -> Vec<u8> {
        self.inbox.clear();
        self.has_asked = false;
        if is_reset {
            (self.next_out, self.next_in) = (1, 1);
            self.sent.clear();
        }
        self.message("A", now_ns, |writer| {
            writer
                .uint(tag::ENCRYPT_METHOD, 0)
                .uint(tag::HEART_BT_INT, 30);
            if is_reset {
                writer.boolean(tag::RESET_SEQ_NUM_FLAG, true);
            }
        })
    }

    /// Takes bytes off the line; returns what to say to them.
    pub(crate) fn on_bytes(&mut self, bytes: &[u8], now_ns: u64) -> Vec<Vec<u8>> {
        self.inbox.extend_from_slice(bytes);
        let mut answers = Vec::new();
        loop {
            let length = match frame(&self.inbox, 1 << 20) {
                Frame::Whole { length } => length,
                Frame::Partial => return answers,
                other => panic!("the gateway wrote {other:?}: {}", show(&self.inbox)),
            };
            let message: Vec<u8> = self.inbox.drain(..length).collect();
            self.on_message(Seen::read(&message), now_ns, &mut answers);
        }
    }

    fn on_message(&mut self, seen: Seen, now_ns: u64, answers: &mut Vec<Vec<u8>>) {
        self.arrived.push(seen.clone());
        let msg_seq_num = seen.number(tag::MSG_SEQ_NUM);
        let is_duplicate = seen.get(tag::POSS_DUP_FLAG) == "Y";
        if msg_seq_num < self.next_in {
            assert!(is_duplicate, "used twice: {seen:?}");
            return;
        }
        if msg_seq_num > self.next_in {
            if seen.msg_type == "2" {
                self.answer_resend(&seen, now_ns, answers);
            }
            if !self.has_asked {
                self.has_asked = true;
                let begin = self.next_in;
                answers.push(self.message("2", now_ns, |writer| {
                    writer
                        .uint(tag::BEGIN_SEQ_NO, begin)
                        .uint(tag::END_SEQ_NO, 0);
                }));
            }
            return;
        }
        self.next_in += 1;
        match seen.msg_type.as_str() {
            "4" => self.next_in = seen.number(tag::NEW_SEQ_NO),
            "2" => self.answer_resend(&seen, now_ns, answers),
            "1" => {
                let id = seen.get(tag::TEST_REQ_ID).to_owned();
                answers.push(self.message("0", now_ns, |writer| {
                    writer.bytes(tag::TEST_REQ_ID, id.as_bytes());
                }));
            }
            _ => {}
        }
        self.log.push(seen);
    }

    fn answer_resend(&mut self, seen: &Seen, now_ns: u64, answers: &mut Vec<Vec<u8>>) {
        let last = match seen.number(tag::END_SEQ_NO) {
            0 => self.next_out - 1,
            end => end,
        };
        for msg_seq_num in seen.number(tag::BEGIN_SEQ_NO)..=last {
            let (bytes, is_application) = self.sent[&msg_seq_num].clone();
            let again = (msg_seq_num, Some(now_ns));
            answers.push(if is_application {
                let original = Seen::read(&bytes);
                self.write(&original.msg_type, again, now_ns, |writer| {
                    for (tag, value) in &original.fields {
                        if !matches!(*tag, 8 | 9 | 10 | 34 | 35 | 49 | 52 | 56) {
                            writer.bytes(*tag, value.as_bytes());
                        }
                    }
                })
            } else {
                self.write("4", again, now_ns, |writer| {
                    writer
                        .boolean(tag::GAP_FILL_FLAG, true)
                        .uint(tag::NEW_SEQ_NO, msg_seq_num + 1);
                })
            });
        }
    }

    /// Brief forms of what was said about orders since the log had `from` entries.
    pub(crate) fn briefs(&self, from: usize) -> Vec<String> {
        let about_orders = |seen: &&Seen| matches!(seen.msg_type.as_str(), "3" | "8" | "9" | "j");
        let log = self.log[from..].iter().filter(about_orders);
        log.map(Seen::brief).collect()
    }
}
