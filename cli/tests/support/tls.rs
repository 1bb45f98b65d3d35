//! TLS in tests: certificates made on the spot, a client to look at closely, and a pipe behind
//! which any member of the tests speaks TLS.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustix::event::{PollFd, PollFlags, poll};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion,
};

use super::{PATIENCE_NS, World};

/// Whom the gateway's certificate is for.
const NAME: &str = "gateway.test";

/// Who signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM.
pub(crate) struct Identity {
    certificate: String,
    key: String,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        Authority(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// A certificate that ends with a year.
    pub(crate) fn issue(&self, year: i32) -> Identity {
        let mut params = CertificateParams::new([NAME.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }
}

impl Identity {
    /// Puts both into files of a world's folder, `NAME.crt` and `NAME.key`.
    pub(crate) fn write(&self, world: &World, name: &str) -> (PathBuf, PathBuf) {
        let (certificate, key) = (format!("{name}.crt"), format!("{name}.key"));
        world.write_private(&certificate, &self.certificate);
        world.write_private(&key, &self.key);
        (world.path(&certificate), world.path(&key))
    }
}

/// A member's side of TLS, which trusts one authority.
pub(crate) fn client(
    trusted: &Authority,
    identity: Option<&Identity>,
    versions: &[&'static SupportedProtocolVersion],
) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.0.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes());
            let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes());
            builder
                .with_client_auth_cert(vec![certificate.unwrap()], key.unwrap())
                .unwrap()
        }
    })
}

/// A connection before its handshake.
pub(crate) fn connection(config: &Arc<ClientConfig>) -> ClientConnection {
    let name = ServerName::try_from(NAME).unwrap();
    ClientConnection::new(Arc::clone(config), name).unwrap()
}

/// A line to look at closely; its reads and writes block.
pub(crate) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Connects; the handshake happens with the first read or write.
pub(crate) fn stream(address: SocketAddr, config: &Arc<ClientConfig>) -> Stream {
    let socket = TcpStream::connect(address).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    StreamOwned::new(connection(config), socket)
}

/// Takes plain connections and passes them on over TLS.
pub(crate) struct Pipe {
    pub(crate) address: SocketAddr,
}

impl Pipe {
    pub(crate) fn to(target: SocketAddr, config: &Arc<ClientConfig>) -> Pipe {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = Arc::clone(config);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(target) else {
                    continue;
                };
                far.set_nodelay(true).unwrap();
                near.set_nodelay(true).unwrap();
                let tls = connection(&config);
                std::thread::spawn(move || pass(near, far, tls));
            }
        });
        Pipe { address }
    }
}

/// Until either side ends. The near side reads whatever comes, so that writing to it may block.
fn pass(mut near: TcpStream, mut far: TcpStream, mut tls: ClientConnection) -> Option<()> {
    far.set_nonblocking(true).ok()?;
    let mut buffer = [0; 1 << 14];
    let mut is_near_over = false;
    loop {
        let may_take = !is_near_over && !tls.wants_write() && !tls.is_handshaking();
        let near_flags = if may_take {
            PollFlags::IN
        } else {
            PollFlags::empty()
        };
        let far_flags = if tls.wants_write() {
            PollFlags::IN | PollFlags::OUT
        } else {
            PollFlags::IN
        };
        let mut waited = [
            PollFd::from_borrowed_fd(near.as_fd(), near_flags),
            PollFd::from_borrowed_fd(far.as_fd(), far_flags),
        ];
        poll(&mut waited, None).ok()?;
        let [near_has, far_has] = waited.map(|fd| fd.revents());
        if far_has.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            match tls.read_tls(&mut far) {
                Ok(_) => {
                    tls.process_new_packets().ok()?;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return None,
            }
            loop {
                match tls.reader().read(&mut buffer) {
                    Ok(0) => {
                        let _ = near.shutdown(Shutdown::Both);
                        return Some(());
                    }
                    Ok(length) => near.write_all(&buffer[..length]).ok()?,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return None,
                }
            }
        }
        if may_take && near_has.intersects(PollFlags::IN | PollFlags::HUP) {
            match near.read(&mut buffer) {
                Ok(0) | Err(_) => {
                    is_near_over = true;
                    tls.send_close_notify();
                }
                Ok(length) => tls.writer().write_all(&buffer[..length]).ok()?,
            }
        } else if is_near_over && near_has.contains(PollFlags::HUP) && !tls.wants_write() {
            return Some(());
        }
        while tls.wants_write() {
            match tls.write_tls(&mut far) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return None,
            }
        }
    }
}
