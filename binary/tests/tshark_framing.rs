//! `tshark` must see the packets that ours wrote: types, lengths, logins and messages.
//!
//! A small capture file is made here, with both directions of a SoupBinTCP connection cut into TCP
//! segments at places drawn from a seed, and read by `tshark -d tcp.port==N,soupbintcp`. Only the
//! framing is judged: tshark's own OUCH decoder is for the 4.x versions.
//!
//! `tshark` comes with Debian's and Ubuntu's package `tshark`. Without it this test fails, unless
//! `GWANMUN_WITHOUT_TSHARK=1` says that it is known to be missing.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(clippy::print_stdout, reason = "says that it was told not to run")]

mod samples;

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use gwanmun_binary::soup::packet::{self, LoginRequest, Packet};
use gwanmun_market::Text;
use samples::Random;
use samples::messages::{self, REPORTS, REQUESTS};

const CLIENT_PORT: u16 = 50_123;
const SERVER_PORT: u16 = 26_400;

/// One side of the connection: what it sends, and what tshark should say about it.
#[derive(Default)]
struct Stream {
    bytes: Vec<u8>,
    expected: Vec<(char, usize)>,
    messages: Vec<Vec<u8>>,
}

impl Stream {
    fn push(&mut self, packet: Packet<'_>) {
        let mut written = [0; 512];
        let length = packet.encode(&mut written).unwrap();
        self.bytes.extend_from_slice(&written[..length]);
        self.expected
            .push((char::from(packet.packet_type()), length - 2));
        if let Packet::SequencedData(message) | Packet::UnsequencedData(message) = packet {
            self.messages.push(message.to_vec());
        }
    }
}

fn client_stream(random: &mut Random) -> Stream {
    let mut stream = Stream::default();
    stream.push(Packet::LoginRequest(LoginRequest {
        username: Text::new(b"GATE1").unwrap(),
        password: Text::new(b"secret").unwrap(),
        requested_session: *b"20261123A ",
        requested_sequence_number: 1,
    }));
    for round in 0..40 {
        let (mut options, mut message) = ([0; 64], [0; 256]);
        let request = messages::request(round % REQUESTS, random, &mut options);
        let length = request.encode(&mut message).unwrap();
        stream.push(Packet::UnsequencedData(&message[..length]));
        if round % 7 == 0 {
            stream.push(Packet::ClientHeartbeat);
        }
    }
    stream.push(Packet::Debug(b"good night"));
    stream.push(Packet::LogoutRequest);
    stream
}

fn server_stream(random: &mut Random) -> Stream {
    let mut stream = Stream::default();
    stream.push(Packet::LoginAccepted {
        session: *b"20261123A ",
        sequence_number: 1,
    });
    for round in 0..80 {
        let (mut options, mut message) = ([0; 64], [0; 256]);
        let report = messages::report(round % REPORTS, random, &mut options);
        let length = report.encode(&mut message).unwrap();
        stream.push(Packet::SequencedData(&message[..length]));
        if round % 9 == 0 {
            stream.push(Packet::ServerHeartbeat);
        }
    }
    stream.push(Packet::EndOfSession);
    stream
}

/// A capture file of Ethernet frames, little-endian with microseconds.
struct Capture {
    file: Vec<u8>,
    frames: u32,
}

impl Capture {
    fn new() -> Self {
        let mut file = Vec::new();
        for word in [0xA1B2_C3D4_u32, 0x0004_0002, 0, 0, 65_535, 1] {
            file.extend_from_slice(&word.to_le_bytes());
        }
        Capture { file, frames: 0 }
    }

    /// One TCP segment; `at` is SEQ and ACK, `flags` as in the header.
    fn segment(&mut self, [from, to]: [End; 2], at: (u32, u32), flags: u8, payload: &[u8]) {
        let mut frame = vec![2, 0, 0, 0, 0, to.0, 2, 0, 0, 0, 0, from.0, 0x08, 0x00];
        let ip_length = u16::try_from(20 + 20 + payload.len()).unwrap();
        frame.extend_from_slice(&[0x45, 0]);
        frame.extend_from_slice(&ip_length.to_be_bytes());
        // Identification and flags, 64 hops, TCP, a checksum that nobody checks.
        frame.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame.extend_from_slice(&[10, 0, 0, from.0, 10, 0, 0, to.0]);
        frame.extend_from_slice(&from.1.to_be_bytes());
        frame.extend_from_slice(&to.1.to_be_bytes());
        frame.extend_from_slice(&at.0.to_be_bytes());
        frame.extend_from_slice(&at.1.to_be_bytes());
        // Five words of header, a window, no checksum, no urgent data.
        frame.extend_from_slice(&[0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]);
        frame.extend_from_slice(payload);
        let length = u32::try_from(frame.len()).unwrap();
        for word in [1_790_000_000, self.frames, length, length] {
            self.file.extend_from_slice(&word.to_le_bytes());
        }
        self.file.extend_from_slice(&frame);
        self.frames += 1;
    }
}

/// Last byte of the address, and the port.
type End = (u8, u16);

/// LoginRequest and LoginAccepted, with which the two streams begin.
const LOGIN_BYTES: usize = packet::HEAD_BYTES + packet::LOGIN_REQUEST_BYTES;
const ACCEPTED_BYTES: usize = packet::HEAD_BYTES + packet::LOGIN_ACCEPTED_BYTES;

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;
const PSH: u8 = 0x08;

/// Sends both streams in turn after a handshake, in segments of 1 to 150 bytes.
///
/// The two login packets end a segment each, with nothing behind them on the way: tshark 4.0 begins
/// to follow the connection anew where the login is accepted, and loses what it has half.
fn capture_of(client: &[u8], server: &[u8], random: &mut Random) -> Vec<u8> {
    let there = [(1, CLIENT_PORT), (2, SERVER_PORT)];
    let back = [(2, SERVER_PORT), (1, CLIENT_PORT)];
    let mut capture = Capture::new();
    capture.segment(there, (1_000, 0), SYN, &[]);
    capture.segment(back, (9_000, 1_001), SYN | ACK, &[]);
    capture.segment(there, (1_001, 9_001), ACK, &[]);
    let (mut sent, mut answered) = (0, 0);
    let number = |first: u32, offset: usize| first + u32::try_from(offset).unwrap();
    while sent < client.len() || answered < server.len() {
        let mut end = client.len().min(sent + 1 + random.index(150));
        if sent < LOGIN_BYTES {
            end = LOGIN_BYTES;
        }
        if end > sent {
            let at = (number(1_001, sent), number(9_001, answered));
            capture.segment(there, at, PSH | ACK, &client[sent..end]);
        }
        sent = end;
        let mut end = server.len().min(answered + 1 + random.index(150));
        if answered < ACCEPTED_BYTES {
            end = ACCEPTED_BYTES;
        }
        if end > answered {
            let at = (number(9_001, answered), number(1_001, sent));
            capture.segment(back, at, PSH | ACK, &server[answered..end]);
        }
        answered = end;
    }
    capture.file
}

/// What `tshark` prints for the packets that match `filter`.
fn tshark(file: &Path, filter: &str, arguments: &[&str]) -> String {
    let output = Command::new("tshark")
        .arg("-r")
        .arg(file)
        .args([
            "-n",
            "-d",
            &format!("tcp.port=={SERVER_PORT},soupbintcp"),
            "-Y",
            filter,
        ])
        // Its OUCH 4.x guesses at messages that happen to have a length it knows.
        .args(["--disable-protocol", "ouch"])
        .args(arguments)
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == ErrorKind::NotFound => panic!(
            "tshark is not installed: install the package `tshark` (apt-get install tshark), or \
             set GWANMUN_WITHOUT_TSHARK=1 to go without the framing's second opinion"
        ),
        Err(error) => panic!("tshark does not start: {error}"),
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tshark failed: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// All values of a field in one direction, in order.
fn values(file: &Path, from_port: u16, field: &str) -> Vec<String> {
    let filter = format!("tcp.srcport=={from_port} && soupbintcp");
    let options = [
        "-T",
        "fields",
        "-e",
        field,
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=;",
    ];
    tshark(file, &filter, &options)
        .lines()
        .flat_map(|line| line.split(';'))
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A character as tshark shows it: `'L'`, or `0x4c` in other versions.
fn read_char(shown: &str) -> char {
    let code = shown
        .strip_prefix("0x")
        .and_then(|hex| u8::from_str_radix(hex, 16).ok());
    code.map(char::from)
        .or_else(|| shown.trim_matches('\'').chars().next())
        .unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn check_direction(file: &Path, from_port: u16, stream: &Stream) {
    let types = values(file, from_port, "soupbintcp.packet_type");
    let lengths = values(file, from_port, "soupbintcp.packet_length");
    assert_eq!(types.len(), lengths.len(), "each packet has both");
    let seen: Vec<(char, usize)> = types
        .iter()
        .zip(&lengths)
        .map(|(packet_type, length)| (read_char(packet_type), length.parse().unwrap()))
        .collect();
    assert_eq!(
        seen, stream.expected,
        "types and lengths from port {from_port}"
    );
    let messages: Vec<String> = stream.messages.iter().map(|message| hex(message)).collect();
    assert_eq!(
        values(file, from_port, "soupbintcp.message"),
        messages,
        "messages"
    );
}

#[test]
fn tshark_sees_the_same_packets() {
    if std::env::var_os("GWANMUN_WITHOUT_TSHARK").is_some_and(|value| value == "1") {
        println!("GWANMUN_WITHOUT_TSHARK=1: the framing gets no second opinion");
        return;
    }
    let mut random = Random::new(0x75A4);
    let (client, server) = (client_stream(&mut random), server_stream(&mut random));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("soup_framing.pcap");
    std::fs::write(&file, capture_of(&client.bytes, &server.bytes, &mut random)).unwrap();

    check_direction(&file, CLIENT_PORT, &client);
    check_direction(&file, SERVER_PORT, &server);

    let shown = tshark(&file, "soupbintcp", &["-O", "soupbintcp"]);
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    for line in [
        "User Name: GATE1",
        "Password: secret",
        "Session: 20261123A",
        "Requested sequence number: 1",
        "Next sequence number: 1",
    ] {
        assert!(lines.contains(&line), "{line}");
    }
    let counted: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.strip_prefix("Sequence number: "))
        .collect();
    let numbers: Vec<String> = (1..=server.messages.len())
        .map(|number| format!("{number} (Calculated)"))
        .collect();
    assert_eq!(counted, numbers, "implicit numbers");
}
