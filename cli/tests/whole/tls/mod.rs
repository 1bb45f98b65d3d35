//! Members over TLS: they trade as all others do, and whoever is not let in is told so by TLS, by
//! the gateway's events and by nothing else.
//!
//! Not in it: what the gateway says of its files (`host/src/tls/files`), and hostile peers at work
//! without a pause (`hostile`).

mod refused;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use rustix::net::sockopt::set_socket_recv_buffer_size;
use rustls::version::{TLS12, TLS13};

use crate::scene::{Scene, message, now};
use crate::support::member::new_order;
use crate::support::tls::{Authority, Pipe, Stream, client, stream};
use crate::support::{GatewayTerms, Member, PATIENCE_NS, Process, World, journal, until};

pub(crate) const SECRETS: &str = "553=member1|554=pass-member1|";

/// MEMBER1's session, on an address of its own.
pub(crate) const OVER_TLS: &str = "socket_accept_host = \"127.0.0.2\"\n\
                                   tls = { certificate = \"gw.crt\", key = \"gw.key\" }";
const WITH_CLIENT_CA: &str = "socket_accept_host = \"127.0.0.2\"\n\
    tls = { certificate = \"gw.crt\", key = \"gw.key\", client_ca = \"members.crt\" }";

/// Where MEMBER1 is awaited.
pub(crate) fn door(gateway: &mut Process) -> SocketAddr {
    gateway.wait_for("where it listens for TLS", |event| {
        let detail = event["detail"].as_str()?;
        let is_it = event["event"] == "listen" && detail.ends_with("over TLS");
        is_it.then(|| event["address"].as_str()?.parse().ok())?
    })
}

fn terms(member1: &'static str) -> GatewayTerms {
    GatewayTerms {
        stranger_seconds_max: 1,
        member1,
        ..GatewayTerms::default()
    }
}

/// A scene in which MEMBER1 is awaited over TLS, and the authority that signed for the gateway.
pub(crate) fn scene_with(name: &str, terms: &GatewayTerms) -> (Scene, SocketAddr, Authority) {
    let world = World::new(name);
    let authority = Authority::new("of the gateway");
    authority.issue(2100).write(&world, "gw");
    let mut scene = Scene::in_world(world, terms, 30);
    let address = door(&mut scene.gateway);
    (scene, address, authority)
}

fn scene(name: &str) -> (Scene, SocketAddr, Authority) {
    scene_with(name, &terms(OVER_TLS))
}

#[track_caller]
fn refused_for(scene: &mut Scene, reason: &str) {
    scene.gateway.wait_for("why TLS was refused", |event| {
        let is_it = event["event"] == "tls_refused" && event["detail"] == reason;
        is_it.then_some(())
    });
    scene.bystander_trades();
}

/// A Logon of MEMBER1 with a MsgSeqNum(34).
fn numbered_logon(number: usize) -> Vec<u8> {
    message(&format!(
        "35=A|49=MEMBER1|56=GWANMUN|34={number}|52={}|98=0|108=30|{SECRETS}",
        now()
    ))
}

/// Logs MEMBER1 on over a line that is looked at closely, with this MsgSeqNum(34).
#[track_caller]
fn log_on(line: &mut Stream, number: usize) {
    line.write_all(&numbered_logon(number)).unwrap();
    let answer = read_some(line);
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.contains("\u{1}35=A\u{1}"), "{text}");
}

fn read_some(line: &mut Stream) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 14];
    let length = line.read(&mut bytes).unwrap();
    bytes.truncate(length);
    bytes
}

fn status_of(world: &World) -> serde_json::Value {
    let text = fs::read_to_string(world.day().join("status.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_member_over_tls_trades_and_the_capture_has_the_plain_text() {
    let (mut scene, address, authority) = scene("tls-trades");
    let mut traded = Vec::new();
    for (place, version) in [&TLS13, &TLS12].into_iter().enumerate() {
        let pipe = Pipe::to(address, &client(&authority, None, &[version]));
        let mut member = Member::new(&scene.world, "MEMBER1");
        if place > 0 {
            // The session goes on from where its first line left it.
            member = traded.pop().unwrap();
        }
        member.log_on_again(pipe.address);
        let name = format!("T{place}");
        member.request("D", new_order(&name, '1', 10, "72000"));
        assert_eq!(member.answer(&name).field(150), "0");
        let fill = member.wait_for("a fill", |it| it.field(150) == "F" && it.field(11) == name);
        assert_eq!(fill.field(32), "10");
        member.ping();
        if place == 0 {
            member.hang_up();
        }
        traded.push(member);
    }
    // The peer that is told is the member's own address, not the relay's.
    let told = scene.gateway.wait_for_event("logon", "MEMBER1");
    assert!(
        told["detail"]
            .as_str()
            .unwrap()
            .starts_with("from 127.0.0."),
        "{told}"
    );
    let world = scene.end(traded.pop());
    let status = status_of(&world);
    assert_eq!(status["tls"]["handshakes"], 2, "{status}");
    let capture = fs::read(world.day().join("capture.pcapng")).unwrap();
    assert!(journal::contains(&capture, b"\x0111=T0\x01"));
    // 127.0.0.2 as the local end of an IPv4 packet in the capture.
    assert!(journal::contains(&capture, &[127, 0, 0, 2]));
}

#[test]
fn a_stop_brings_the_logout_and_the_end_of_tls_to_the_member() {
    let (mut scene, address, authority) = scene("tls-stop");
    let config = client(&authority, None, &[&TLS13]);
    let mut line = stream(address, &config);
    log_on(&mut line, 1);
    scene.bystander_trades();
    scene.gateway.ask_to_stop();
    let mut said = Vec::new();
    // An end without close_notify would be an error here.
    line.read_to_end(&mut said).unwrap();
    let text = String::from_utf8_lossy(&said).into_owned();
    assert!(text.contains("\u{1}35=5\u{1}"), "{text}");
    drop(line);
    scene.gateway.ended().expect_code(0);
    journal::assert_evidence(&scene.world.day());
}

#[test]
fn both_ends_of_a_line_are_ends_of_tls() {
    let (mut scene, address, authority) = scene("tls-ends");
    let config = client(&authority, None, &[&TLS13, &TLS12]);
    // The member's end comes through: it has said that it goes, and may log on again.
    for number in 1..=2 {
        let mut line = stream(address, &config);
        // The line before may end later than this one begins, which is then cut without an answer.
        let answer = until("an accepted Logon", || {
            line.write_all(&numbered_logon(number)).ok()?;
            let mut bytes = [0; 1 << 12];
            match line.read(&mut bytes) {
                Ok(length @ 1..) => Some(bytes[..length].to_vec()),
                _ => {
                    line = stream(address, &config);
                    None
                }
            }
        });
        assert!(journal::contains(&answer, b"\x0135=A\x01"));
        line.conn.send_close_notify();
        line.flush().unwrap();
        let mut rest = Vec::new();
        line.read_to_end(&mut rest).unwrap();
        scene.gateway.wait_for_event("logout", "MEMBER1");
    }
    // A stranger who says nothing behind his handshake is the order core's, and is cut in order.
    let mut line = stream(address, &config);
    line.flush().unwrap();
    let mut rest = Vec::new();
    line.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty());
    scene.gateway.wait_for("a silent stranger's end", |event| {
        (event["event"] == "stranger_refused" && event["detail"] == "no Logon in time")
            .then_some(())
    });
    scene.end(None);
}

#[test]
fn a_record_that_was_cut_or_changed_ends_its_line_alone() {
    let (mut scene, address, authority) = scene("tls-records");
    let config = client(&authority, None, &[&TLS13]);
    for is_changed in [false, true] {
        let mut line = stream(address, &config);
        log_on(&mut line, 1 + usize::from(is_changed));
        line.conn.writer().write_all(&[b'8'; 100]).unwrap();
        let mut record = Vec::new();
        line.conn.write_tls(&mut record).unwrap();
        if is_changed {
            record[50] ^= 1;
            line.sock.write_all(&record).unwrap();
            refused_for(&mut scene, "a TLS record was cut or changed on its way");
        } else {
            line.sock.write_all(&record[..60]).unwrap();
            line.sock.shutdown(Shutdown::Write).unwrap();
        }
        rest_of(&mut line.sock);
        scene.gateway.wait_for_event("logout", "MEMBER1");
        let seen = if is_changed { 2 } else { 1 };
        until("the member's end", || {
            (scene.gateway.count_about("logout", "MEMBER1") == seen).then_some(())
        });
    }
    let world = scene.end(None);
    let status = status_of(&world);
    let ended = &status["tls"]["ended"];
    assert_eq!(
        (&ended["Truncated"], &ended["Broken"]),
        (&1.into(), &1.into())
    );
}

/// More than all buffers on the way hold, in both directions: the writer is made to wait, nothing
/// is lost or changed, and the bystander has his turns meanwhile.
#[test]
fn a_burst_both_ways_is_more_than_all_buffers() {
    const PINGS: usize = 20_000;
    let (mut scene, address, authority) = scene("tls-burst");
    let config = client(&authority, None, &[&TLS13]);
    let mut line = stream(address, &config);
    log_on(&mut line, 1);
    set_socket_recv_buffer_size(&line.sock, 1 << 16).unwrap();
    line.sock.set_nonblocking(true).unwrap();
    let time = now();
    let filler = "x".repeat(40);
    let ping = |number: usize| {
        let head = format!("35=1|49=MEMBER1|56=GWANMUN|34={}|52={time}|", number + 2);
        message(&format!("{head}112=P{number}-{filler}|"))
    };
    let (mut sent, mut received, mut is_reading) = (0, Vec::new(), false);
    let mut bytes = vec![0; 1 << 16];
    until("an answer to every ping", || {
        // Nothing is read before nothing more can be written, or half is.
        while line.conn.wants_write() || sent < PINGS {
            if !line.conn.wants_write() {
                line.conn.writer().write_all(&ping(sent)).unwrap();
                sent += 1;
            }
            if let Err(error) = line.conn.write_tls(&mut line.sock) {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                break;
            }
            if sent == PINGS / 2 && !is_reading {
                break;
            }
        }
        if !is_reading {
            is_reading = true;
            scene.bystander_trades();
        }
        while let Ok(1..) = line.conn.read_tls(&mut line.sock) {
            line.conn.process_new_packets().unwrap();
            while let Ok(length @ 1..) = line.conn.reader().read(&mut bytes) {
                received.extend_from_slice(&bytes[..length]);
            }
        }
        let is_last = received.ends_with(b"\x01") && sent == PINGS;
        let last = format!("112=P{}-", PINGS - 1);
        (is_last && journal::contains(&received, last.as_bytes())).then_some(())
    });
    let text = String::from_utf8(received).unwrap();
    let answers: Vec<&str> = text
        .split('\u{1}')
        .filter_map(|field| field.strip_prefix("112="))
        .collect();
    assert_eq!(answers.len(), PINGS);
    for (number, answer) in answers.into_iter().enumerate() {
        assert_eq!(answer, format!("P{number}-{filler}"));
    }
    line.sock.set_nonblocking(false).unwrap();
    drop(line);
    scene.end(None);
}

/// Everything until the end, however it comes.
fn rest_of(line: &mut TcpStream) -> Vec<u8> {
    line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    let mut rest = Vec::new();
    if let Err(error) = line.read_to_end(&mut rest) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    rest
}
