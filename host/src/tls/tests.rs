//! The thread with its doors, a test as the order core, and members who speak true TLS: what is
//! held back on each side, who waits for whom, and what is told of an end.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use gwanmun_runtime::transport::ListenerId;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::files::server_config;
use super::gate::{TlsGate, TlsRunning};
use super::line::{Line, RECORD_BYTES_MAX, Step};
use super::{Arrival, TlsFault};
use crate::config::{Config, GATEWAY_EXAMPLE, Surroundings, TlsConfig};
use crate::events::Event;

/// A bound against hanging, never a condition.
const PATIENCE: Duration = Duration::from_secs(60);

/// A thread with one door.
struct Scene {
    folder: PathBuf,
    address: SocketAddr,
    client: Arc<ClientConfig>,
    arrivals: Receiver<Arrival>,
    told: Receiver<Event>,
    running: Option<TlsRunning>,
}

impl Scene {
    fn new(name: &str, stranger_seconds_max: u32, connections_max: u32) -> Scene {
        let name = format!("gwanmun-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("secrets")).unwrap();
        for secret in ["member1", "krx"] {
            std::fs::write(folder.join("secrets").join(secret), "pass").unwrap();
        }
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["gateway.test".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.join("gw.crt"), certificate.pem()).unwrap();
        std::fs::write(folder.join("gw.key"), key.serialize_pem()).unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.join("gw.key"), private).unwrap();
        let source = GATEWAY_EXAMPLE
            .replace("cores = [1]", "cores = []")
            .replace("socket_accept_port = 9876", "socket_accept_port = 0")
            .replace(
                "# connections_max = 64",
                &format!("connections_max = {connections_max}"),
            )
            .replace(
                "# stranger_seconds_max = 5",
                &format!("stranger_seconds_max = {stranger_seconds_max}"),
            )
            .replace(
                "[[session]]",
                "[[session]]\ntls = { certificate = \"gw.crt\", key = \"gw.key\" }",
            );
        let surroundings = Surroundings {
            base_dir: folder.clone(),
            credentials_dir: None,
        };
        let config = Config::parse(&source, "gateway.toml", &surroundings)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut address = None;
        let mut show = |event| match event {
            Event::ListeningTls(at) => address = Some(at),
            other => panic!("{other:?}"),
        };
        let mut listeners = vec![SocketAddr::from(([127, 0, 0, 9], 1))];
        let gate = TlsGate::open(&config, &mut listeners, &mut show)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(listeners.len(), 2, "it stands behind the others");
        let (events, told) = sync_channel(4096);
        let (arrivals, running) = gate.start(&config, &events).unwrap();
        Scene {
            folder,
            address: address.unwrap(),
            client: Arc::new(client),
            arrivals: arrivals.unwrap(),
            told,
            running: Some(running),
        }
    }

    fn connect(&self) -> Member {
        let name = ServerName::try_from("gateway.test").unwrap();
        let tls = ClientConnection::new(Arc::clone(&self.client), name).unwrap();
        let socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        StreamOwned::new(tls, socket)
    }

    /// A member with a whole handshake, and the order core's end of his line.
    fn member(&self) -> (Member, UnixStream) {
        let mut member = self.connect();
        member.flush().unwrap();
        let arrival = self.arrivals.recv_timeout(PATIENCE).unwrap();
        assert_eq!(arrival.peer, member.sock.local_addr().unwrap());
        assert_eq!((arrival.local, arrival.listener.0), (self.address, 1));
        let core = UnixStream::from(arrival.socket);
        core.set_nonblocking(false).unwrap();
        core.set_read_timeout(Some(PATIENCE)).unwrap();
        core.set_write_timeout(Some(PATIENCE)).unwrap();
        (member, core)
    }

    #[track_caller]
    fn is_told(&self, wanted: TlsFault) {
        match self.told.recv_timeout(PATIENCE) {
            Ok(Event::TlsRefused { fault, .. }) => assert_eq!(fault, wanted),
            other => panic!("{other:?} instead of {wanted:?}"),
        }
    }

    fn counts(&self) -> String {
        self.running.as_ref().unwrap().counts().to_json()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.running = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

type Member = StreamOwned<ClientConnection, TcpStream>;

/// Another byte for each neighbouring place, with no period that a buffer has.
fn pattern(length: usize) -> Vec<u8> {
    (0..251).cycle().take(length).collect()
}

#[track_caller]
fn exchange(member: &mut Member, core: &mut UnixStream) {
    let mut bytes = [0; 5];
    member.write_all(b"order").unwrap();
    core.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"order");
    core.write_all(b"fills").unwrap();
    member.read_exact(&mut bytes).unwrap();
    assert_eq!(&bytes, b"fills");
}

#[test]
fn bytes_cross_both_ways_however_they_are_cut() {
    let scene = Scene::new("cuts", 5, 8);
    let (mut member, mut core) = scene.member();
    for length in [1, 2, 4_095, 4_096, 4_097, 16_384, 16_385, 70_000] {
        let sent = pattern(length);
        let mut received = vec![0; length];
        member.write_all(&sent).unwrap();
        core.read_exact(&mut received).unwrap();
        assert_eq!(received, sent);
        received.fill(0);
        core.write_all(&sent).unwrap();
        member.read_exact(&mut received).unwrap();
        assert_eq!(received, sent);
    }
}

/// An order core that reads nothing makes the member wait, not the gateway's memory grow; another
/// member's line goes on meanwhile; then everything comes, once and in order.
#[test]
fn whoever_is_not_read_waits_and_nobody_else() {
    let scene = Scene::new("unread", 5, 8);
    let (mut member, mut core) = scene.member();
    let (mut other, mut other_core) = scene.member();
    member.sock.set_nonblocking(true).unwrap();
    let piece = pattern(16_000);
    let mut pieces = 0;
    let mut looks = 0;
    // Until the kernel takes nothing more, however often others had their turns meanwhile.
    while looks < 200 {
        if !member.conn.wants_write() {
            member.conn.writer().write_all(&piece).unwrap();
            pieces += 1;
        }
        match member.conn.write_tls(&mut member.sock) {
            Ok(_) => looks = 0,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                exchange(&mut other, &mut other_core);
                looks += 1;
            }
        }
        assert!(pieces < 10_000, "160 MB are nowhere in the kernel");
    }
    let reading = std::thread::spawn(move || {
        let mut received = vec![0; 16_000 * pieces];
        core.read_exact(&mut received).unwrap();
        (received, core)
    });
    member.sock.set_nonblocking(false).unwrap();
    member.flush().unwrap();
    let (received, mut core) = reading.join().unwrap();
    assert!(received.chunks(16_000).all(|it| it == piece));
    exchange(&mut member, &mut core);
}

/// A member who reads nothing makes the order core wait, who then does what it does with any.
#[test]
fn a_member_who_does_not_read_fills_his_own_line() {
    let scene = Scene::new("unreading", 5, 8);
    let (mut member, mut core) = scene.member();
    let (mut other, mut other_core) = scene.member();
    core.set_nonblocking(true).unwrap();
    let piece = pattern(16_000);
    let (mut written, mut looks) = (0, 0);
    while looks < 200 {
        let at = written % piece.len();
        match core.write(&piece[at..]) {
            Ok(length) => {
                written += length;
                looks = 0;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                exchange(&mut other, &mut other_core);
                looks += 1;
            }
        }
        assert!(
            written < 160_000_000,
            "{written} bytes are nowhere in the kernel"
        );
    }
    let mut received = vec![0; written];
    member.read_exact(&mut received).unwrap();
    let is_true = |(place, byte): (usize, &u8)| *byte == piece[place % piece.len()];
    assert!(received.iter().enumerate().all(is_true));
    // Again, and now the order core gives the line up with all of it unsent.
    while core.write(&piece).is_ok() {}
    drop(core);
    exchange(&mut other, &mut other_core);
    // What was on its way still comes, and behind it the end.
    let mut rest = Vec::new();
    let _ = member.read_to_end(&mut rest);
    assert!(!rest.is_empty());
}

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
fn a_silent_handshake_is_cut_in_time_and_its_place_is_free_again() {
    let scene = Scene::new("silent", 1, 4);
    for _ in 0..3 {
        let mut lines = [(); 4].map(|()| TcpStream::connect(scene.address).unwrap());
        lines[0].write_all(&[22, 3]).unwrap();
        for line in &mut lines {
            line.set_read_timeout(Some(PATIENCE)).unwrap();
            assert!(!matches!(line.read(&mut [0; 8]), Ok(1..)));
            scene.is_told(TlsFault::TimedOut);
        }
    }
    let (mut member, mut core) = scene.member();
    exchange(&mut member, &mut core);
}

#[test]
fn beyond_the_places_there_are_nobody_is_let_in() {
    let scene = Scene::new("places", 60, 4);
    let (mut member, mut core) = scene.member();
    let waiting = [(); 3].map(|()| TcpStream::connect(scene.address).unwrap());
    for _ in 0..20 {
        let mut line = TcpStream::connect(scene.address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        assert!(!matches!(line.read(&mut [0; 8]), Ok(1..)));
        scene.is_told(TlsFault::NoRoom);
        exchange(&mut member, &mut core);
    }
    drop(waiting);
    for _ in 0..3 {
        scene.is_told(TlsFault::Left);
    }
    let (mut member, mut core) = scene.member();
    exchange(&mut member, &mut core);
}

/// Who is told that he is wrong and stays on his end of the line does not keep his place.
#[test]
fn a_refused_peer_who_does_not_go_gives_his_place_back() {
    let scene = Scene::new("stays", 60, 4);
    let refused = [(); 4].map(|()| {
        let mut line = TcpStream::connect(scene.address).unwrap();
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(b"8=FIX.4.4\x019=100\x0135=A\x01").unwrap();
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).unwrap();
        // One fatal alert, and an end in order.
        assert_eq!((answer.first(), answer.len()), (Some(&21), 7));
        scene.is_told(TlsFault::NotTls);
        line
    });
    // A bound against hanging: each try takes a good part of a millisecond.
    let mut tries = (0..50_000).map(|_| scene.connect());
    let let_in = tries.find_map(|mut member| {
        if member.flush().is_err() {
            scene.is_told(TlsFault::NoRoom);
            return None;
        }
        let arrival = scene.arrivals.recv_timeout(PATIENCE).unwrap();
        Some((member, UnixStream::from(arrival.socket)))
    });
    let (mut member, mut core) = let_in.expect("a place is free again");
    core.set_nonblocking(false).unwrap();
    exchange(&mut member, &mut core);
    drop(refused);
}

/// Lines that nobody at the order core takes: the queue is full, the next one is cut.
#[test]
fn an_order_core_that_does_not_look_makes_nobody_wait_for_long() {
    let scene = Scene::new("unlooked", 60, 200);
    let mut members: Vec<Member> = Vec::new();
    for _ in 0..super::ARRIVALS_MAX {
        let mut member = scene.connect();
        member.flush().unwrap();
        members.push(member);
    }
    let mut late = scene.connect();
    let _ = late.flush();
    scene.is_told(TlsFault::NoRoom);
    assert!(!matches!(late.read(&mut [0; 8]), Ok(1..)));
}

/// Members read the page, not this crate.
#[test]
fn the_rules_of_engagement_tell_what_a_handshake_may_take() {
    let page = include_str!("../../../docs/rules-of-engagement.md");
    let told = format!("{} KiB of its own", super::line::HANDSHAKE_BYTES_MAX / 1024);
    assert!(page.contains(&told), "{told}");
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
