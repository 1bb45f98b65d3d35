//! How lines end: each side hears of it behind the last bytes.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use gwanmun_runtime::transport::ListenerId;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};

use super::super::files::server_config;
use super::super::line::{Line, RECORD_BYTES_MAX, Step};
use super::{Member, Scene, pattern};
use crate::config::TlsConfig;

#[test]
fn each_side_hears_of_the_others_end_behind_its_last_bytes() {
    let scene = Scene::new("ends", 5, 8);
    // The order core's end.
    let (mut member, mut core) = scene.member();
    core.write_all(&pattern(100_000)).unwrap();
    drop(core);
    let mut received = Vec::new();
    member.read_to_end(&mut received).unwrap();
    assert_eq!(received, pattern(100_000));
    // The member's: what the order core says behind it still comes, then its end.
    let (mut member, mut core) = scene.member();
    member.write_all(&pattern(100_000)).unwrap();
    member.conn.send_close_notify();
    member.flush().unwrap();
    received.clear();
    core.read_to_end(&mut received).unwrap();
    assert_eq!(received, pattern(100_000));
    core.write_all(b"goodbye").unwrap();
    drop(core);
    received.clear();
    member.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"goodbye");
    // Without the word, and with half a record behind it.
    let (mut member, mut core) = scene.member();
    member.write_all(b"whole").unwrap();
    member.conn.writer().write_all(b"half").unwrap();
    let mut record = Vec::new();
    member.conn.write_tls(&mut record).unwrap();
    member.sock.write_all(&record[..record.len() - 3]).unwrap();
    member.sock.shutdown(std::net::Shutdown::Write).unwrap();
    received.clear();
    core.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"whole");
    // The thread has counted it before it does anything else.
    scene.member();
    assert!(
        scene.counts().contains("\"Truncated\":1"),
        "{}",
        scene.counts()
    );
}

/// Whether all that was sent on a line is at its other end, by the kernel's own table.
fn has_arrived(line: &TcpStream) -> bool {
    let (local, peer) = (line.local_addr().unwrap(), line.peer_addr().unwrap());
    let ends = format!(":{:04X} 0100007F:{:04X}", local.port(), peer.port());
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let row = table.lines().find(|row| row.contains(&ends)).unwrap();
    // State, then the lengths of both queues.
    row.split_whitespace()
        .nth(4)
        .unwrap()
        .starts_with("00000000:")
}

/// A member who breaks off, while reports for him cannot leave and the thread is behind: every
/// whole message that arrived is the order core's all the same, as it is without TLS.
#[test]
fn what_came_before_a_line_broke_is_not_lost() {
    let scene = Scene::new("broken", 5, 8);
    let files = TlsConfig {
        certificate: scene.folder.join("gw.crt"),
        key: scene.folder.join("gw.key"),
        client_ca: None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = ServerName::try_from("gateway.test").unwrap();
    let tls = ClientConnection::new(Arc::clone(&scene.client), name).unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut member: Member = StreamOwned::new(tls, socket);
    let (outer, peer) = listener.accept().unwrap();
    let local = outer.local_addr().unwrap();
    outer.set_nonblocking(true).unwrap();
    let ends = (outer, peer, local);
    let server = server_config(&files).unwrap();
    let mut line = Line::new(ends, ListenerId(0), server, u64::MAX).unwrap();
    let mut scratch = vec![0; RECORD_BYTES_MAX];
    let shaking = std::thread::spawn(move || {
        member.flush().unwrap();
        member
    });
    while line.step(0, &mut scratch) != Step::Shaken {}
    let mut member = shaking.join().unwrap();
    let mut core = UnixStream::from(line.connect().unwrap());
    core.set_nonblocking(false).unwrap();
    core.write_all(b"unread, so that the member ends by a reset")
        .unwrap();
    while line.step(0, &mut scratch) != Step::Still {}
    member.sock.peek(&mut [0]).unwrap();
    // Several steps' worth, and well within what the kernel holds of a line.
    let sent = pattern(60_000);
    member.write_all(&sent).unwrap();
    while !has_arrived(&member.sock) {
        std::thread::yield_now();
    }
    drop(member);
    core.write_all(b"a report for nobody").unwrap();
    while line.step(0, &mut scratch) != Step::Over {}
    drop(line);
    let mut received = Vec::new();
    // The report was taken from the order core's socket; nothing of the member's is missing.
    core.read_to_end(&mut received).unwrap();
    assert!(
        received == sent,
        "{} of {} bytes came",
        received.len(),
        sent.len()
    );
}

#[test]
fn a_stop_brings_what_was_said_last() {
    let mut scene = Scene::new("stop", 5, 8);
    let (mut member, mut core) = scene.member();
    let (mut open, mut open_core) = scene.member();
    core.write_all(b"logout").unwrap();
    drop(core);
    open_core.write_all(b"never closed").unwrap();
    let reading = |member: &mut Member| {
        let mut rest = Vec::new();
        member.read_to_end(&mut rest).map(|_| rest)
    };
    scene.running = None;
    assert_eq!(reading(&mut member).unwrap(), b"logout");
    assert_eq!(reading(&mut open).unwrap(), b"never closed");
    assert!(TcpStream::connect(scene.address).is_err());
}
