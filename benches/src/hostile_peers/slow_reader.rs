//! A member who asks without end and reads nothing: his answers fill the kernel's buffers, then the
//! 4 MiB that may wait for his line at the gateway, which cuts it then. He logs on again, and does
//! the same.

use std::net::SocketAddr;
use std::os::fd::OwnedFd;

use gwanmun_fix::messages::logon;
use gwanmun_fix::tag;
use rustix::io::Errno;
use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustix::net::{AddressFamily, SendFlags, SocketFlags, SocketType, connect, send, socket_with};

use crate::messages::{GATE, whole_at};
use crate::wire::world::{MEMBER_PASSWORD, MEMBER_USER};

/// Bytes of a TestReqID(112), the most that are said back: a longer one has a short answer.
const ID_BYTES: usize = 256;
/// Questions in one write.
const QUESTIONS: u64 = 10;
/// Asked of the kernel for what he does not read, so that the gateway's own buffer matters.
const RECEIVE_BYTES: usize = 4_096;

/// The member.
pub struct SlowReader {
    address: SocketAddr,
    comp_id: String,
    line: Option<OwnedFd>,
    asked: u64,
    /// The rest of what the kernel took in part.
    rest: Vec<u8>,
    /// Length of a question; its answer is as long.
    pub question_bytes: u64,
    /// Lines that the gateway has cut.
    pub cuts: u64,
}

impl SlowReader {
    /// The member with this CompID, whose session is free.
    #[must_use]
    pub fn new(address: SocketAddr, comp_id: String) -> SlowReader {
        SlowReader {
            address,
            comp_id,
            line: None,
            asked: 0,
            rest: Vec::new(),
            question_bytes: 0,
            cuts: 0,
        }
    }

    /// He leaves.
    pub fn end(&mut self) {
        self.line = None;
    }

    /// Some more questions, behind a Logon where there is no line; tells how many went out.
    pub fn act(&mut self, now_ns: u64) -> u64 {
        if self.line.is_none() {
            self.log_on(now_ns);
        }
        let Some(line) = &self.line else {
            return 0;
        };
        let mut asked = 0;
        if self.rest.is_empty() {
            let ends = (self.comp_id.as_bytes(), GATE);
            for _ in 0..QUESTIONS {
                self.asked += 1;
                // The Logon set both numbers back.
                let question = whole_at(now_ns, b"1", ends, self.asked + 1, |writer| {
                    writer.bytes(tag::TEST_REQ_ID, &[b'x'; ID_BYTES]);
                });
                self.rest.extend_from_slice(&question);
            }
            self.question_bytes = self.rest.len() as u64 / QUESTIONS;
            asked = QUESTIONS;
        }
        match send(line, &self.rest, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
            Ok(count) => {
                self.rest.drain(..count);
            }
            Err(Errno::AGAIN | Errno::INTR) => asked = 0,
            Err(_) => {
                self.cuts += 1;
                self.line = None;
                asked = 0;
            }
        }
        asked
    }

    /// A Logon that sets both numbers back; what follows does not wait for its answer.
    fn log_on(&mut self, now_ns: u64) {
        (self.asked, self.rest) = (0, Vec::new());
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let Ok(line) = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None) else {
            return;
        };
        let _ = set_socket_recv_buffer_size(&line, RECEIVE_BYTES);
        if !matches!(
            connect(&line, &self.address),
            Ok(()) | Err(Errno::INPROGRESS)
        ) {
            return;
        }
        let body = logon::Body {
            heart_bt_int_s: 0,
            reset_seq_num_flag: true,
            username: MEMBER_USER.as_bytes(),
            password: MEMBER_PASSWORD.as_bytes(),
        };
        let ends = (self.comp_id.as_bytes(), GATE);
        let logon = whole_at(now_ns, logon::MSG_TYPE, ends, 1, |writer| {
            body.write(writer)
        });
        let sent = send(&line, &logon, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
        if sent == Ok(logon.len()) {
            self.line = Some(line);
        }
    }
}
