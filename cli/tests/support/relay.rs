//! A wire between two processes that counts what crosses it, and loses what it is told to.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Passes connections on to another address.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
    /// One for each connection so far: whether what comes back on it is lost.
    lost: Arc<Mutex<Vec<Arc<AtomicBool>>>>,
}

#[derive(Debug, Default)]
struct Counts {
    forward_bytes: AtomicU64,
    forward_ended: AtomicU64,
}

impl Relay {
    pub(crate) fn to(target: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let lost = Arc::new(Mutex::new(Vec::new()));
        let losing = Arc::clone(&lost);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let Ok(far) = TcpStream::connect(target) else {
                    continue;
                };
                let (back_from, back_to) = (far.try_clone().unwrap(), near.try_clone().unwrap());
                let counting = Arc::clone(&counting);
                let is_lost = Arc::new(AtomicBool::new(false));
                losing.lock().unwrap().push(Arc::clone(&is_lost));
                std::thread::spawn(move || {
                    let never = AtomicBool::new(false);
                    pass(near, far, &counting.forward_bytes, &never);
                    counting.forward_ended.fetch_add(1, Ordering::SeqCst);
                });
                std::thread::spawn(move || {
                    pass(back_from, back_to, &AtomicU64::new(0), &is_lost);
                });
            }
        });
        Relay {
            address,
            counts,
            lost,
        }
    }

    /// From now on nothing comes back on the connections that stand: for a target that is about to
    /// die, and whose last words nobody hears.
    pub(crate) fn lose_what_comes_back(&self) {
        for is_lost in self.lost.lock().unwrap().iter() {
            is_lost.store(true, Ordering::SeqCst);
        }
    }

    /// Bytes that came from whoever connected.
    pub(crate) fn forward_bytes(&self) -> u64 {
        self.counts.forward_bytes.load(Ordering::SeqCst)
    }

    /// How many connections their makers have closed.
    pub(crate) fn forward_ended(&self) -> u64 {
        self.counts.forward_ended.load(Ordering::SeqCst)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: &AtomicU64, is_lost: &AtomicBool) {
    let mut buffer = [0; 1 << 14];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        count.fetch_add(length as u64, Ordering::SeqCst);
        if is_lost.load(Ordering::SeqCst) {
            continue;
        }
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
