//! A client that knows nothing but bytes, and what a test asks of the messages it was sent.
//!
//! Its limit of ten seconds on a read only keeps a failure from hanging.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_binary::ouch::Outbound;

use crate::script::request;

/// A client made of bytes.
pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) fn connect(to: SocketAddr) -> Client {
        let stream = TcpStream::connect(to).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        stream.set_nodelay(true).unwrap();
        Client(stream)
    }

    pub(crate) fn log_in(to: SocketAddr, user: &str, requested: u64) -> (Client, u64) {
        let mut client = Client::connect(to);
        client.login(user, "secret", "", requested);
        let (packet_type, payload) = client.packet().unwrap();
        assert_eq!((packet_type, &payload[..10]), (b'A', &b"KRX       "[..]));
        let number = String::from_utf8(payload[10..].to_vec()).unwrap();
        (client, number.trim_start().parse().unwrap())
    }

    pub(crate) fn login(&mut self, user: &str, password: &str, session: &str, requested: u64) {
        let payload = format!("{user:<6}{password:<10}{session:<10}{requested:>20}");
        self.write(b'L', payload.as_bytes());
    }

    pub(crate) fn write(&mut self, packet_type: u8, payload: &[u8]) {
        let length = u16::try_from(payload.len() + 1).unwrap();
        let mut bytes = length.to_be_bytes().to_vec();
        bytes.push(packet_type);
        bytes.extend_from_slice(payload);
        self.0.write_all(&bytes).unwrap();
    }

    pub(crate) fn send(&mut self, words: &str) {
        self.write(b'U', &request(words));
    }

    /// The next packet that is no heartbeat; `None` at the end of the line.
    pub(crate) fn packet(&mut self) -> Option<(u8, Vec<u8>)> {
        loop {
            let mut length = [0; 2];
            self.0.read_exact(&mut length).ok()?;
            let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
            self.0.read_exact(&mut bytes).ok()?;
            if bytes != b"H" {
                return Some((bytes[0], bytes[1..].to_vec()));
            }
        }
    }

    pub(crate) fn sequenced(&mut self) -> Vec<u8> {
        let (packet_type, message) = self.packet().unwrap();
        assert_eq!(packet_type, b'S');
        message
    }

    /// The next sequenced messages, so many.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.sequenced()).collect()
    }

    /// Everything up to the end of the line.
    pub(crate) fn rest(&mut self) -> String {
        let mut types = String::new();
        while let Some((packet_type, _)) = self.packet() {
            types.push(char::from(packet_type));
        }
        types
    }
}

pub(crate) fn types(messages: &[Vec<u8>]) -> String {
    messages
        .iter()
        .map(|message| char::from(message[0]))
        .collect()
}

pub(crate) fn next_number(answer: &[u8]) -> u32 {
    let Outbound::AccountQueryResponse(response) = Outbound::parse(answer).unwrap() else {
        panic!("no answer to an AccountQuery: {answer:?}");
    };
    response.next_user_ref_num
}
