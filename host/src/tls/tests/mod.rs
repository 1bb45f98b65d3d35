//! The thread with its doors, a test as the order core, and members who speak true TLS: what is
//! held back on each side, who waits for whom, and what is told of an end.

mod ends;
mod places;

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::gate::{TlsGate, TlsRunning};
use super::{Arrival, TlsFault};
use crate::config::{Config, GATEWAY_EXAMPLE, Surroundings};
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
