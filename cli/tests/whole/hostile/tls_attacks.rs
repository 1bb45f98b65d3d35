//! What hostile peers do at the door of TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::SECRETS;
use super::attacks::{Attack, connect};
use crate::scene::logon;
use crate::support::tls::{connection, stream};

/// Lines that are held half-way at a time.
const HELD: usize = 6;

/// Waits for a line's end; an alert of seven bytes may come before it.
fn is_cut_with_an_alert_at_most(line: &mut TcpStream) -> bool {
    let mut answer = Vec::new();
    let _ = line.read_to_end(&mut answer);
    assert!(answer.len() <= 7, "a hostile peer was answered: {answer:?}");
    true
}

/// FIX in the open, noise, records of no kind, and lines that are gone at once.
pub(super) fn no_handshakes(address: SocketAddr) -> Attack {
    let logon = logon("MEMBER1", SECRETS);
    Attack::start(move |number| {
        let Some(mut line) = connect(address) else {
            return 0;
        };
        let bytes: &[u8] = match number % 4 {
            0 => &logon,
            1 => &[0xff; 3_000],
            2 => &[22, 3, 3, 0, 4, 77, 0, 0, 0],
            _ => return 1,
        };
        let _ = line.write_all(bytes);
        usize::from(is_cut_with_an_alert_at_most(&mut line))
    })
}

/// A byte of a true ClientHello now and then, on some lines at a time, until they are cut.
pub(super) fn half_handshakes(address: SocketAddr, config: &Arc<ClientConfig>) -> Attack {
    let mut hello = Vec::new();
    connection(config).write_tls(&mut hello).unwrap();
    let mut lines: Vec<Option<(TcpStream, usize)>> = (0..HELD).map(|_| None).collect();
    Attack::start(move |number| {
        let place = number % HELD;
        let Some((line, at)) = &mut lines[place] else {
            lines[place] = connect(address).map(|line| (line, 0));
            return 0;
        };
        line.set_read_timeout(Some(Duration::from_millis(2)))
            .unwrap();
        // One byte is never said, however long the line is kept.
        let byte = hello.get(*at).filter(|_| *at + 1 < hello.len());
        let is_said = byte.is_none_or(|byte| line.write_all(&[*byte]).is_ok());
        *at += 1;
        let is_cut = !is_said
            || match line.read(&mut [0; 8]) {
                Ok(0) => true,
                Ok(_) => panic!("a hostile peer was answered"),
                Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
            };
        if is_cut {
            lines[place] = None;
        }
        usize::from(is_cut)
    })
}

/// Whole handshakes, noise behind them, and the end that a stranger has. None does much arithmetic
/// by itself; together they keep the thread busy.
pub(super) fn whole_handshakes(address: SocketAddr, config: &Arc<ClientConfig>) -> Attack {
    let config = Arc::clone(config);
    Attack::start(move |_| {
        let mut line = stream(address, &config);
        // Whoever finds no place is cut before.
        if line.write_all(b"GET / HTTP/1.1\r\n\r\n").is_err() {
            return 0;
        }
        let mut answer = Vec::new();
        let _ = line.read_to_end(&mut answer);
        assert!(answer.is_empty(), "a hostile peer was answered: {answer:?}");
        1
    })
}
