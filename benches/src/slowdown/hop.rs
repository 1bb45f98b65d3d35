//! One hop over loopback and back: a model of a check at the market's centre, kind to it.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use gwanmun_runtime::clock::{Clock, cycles};

/// Bytes of a question and of its answer.
const BYTES: usize = 64;

/// The median of so many, in microseconds.
pub(super) fn median_us(count: usize) -> io::Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut asking = TcpStream::connect(listener.local_addr()?)?;
    let (mut answering, _) = listener.accept()?;
    asking.set_nodelay(true)?;
    answering.set_nodelay(true)?;
    let answers = std::thread::spawn(move || -> io::Result<()> {
        let mut bytes = [0; BYTES];
        // Ends with the line.
        while answering.read_exact(&mut bytes).is_ok() {
            answering.write_all(&bytes)?;
        }
        Ok(())
    });
    let mut took = Vec::with_capacity(count);
    let mut bytes = [7; BYTES];
    for _ in 0..count {
        let before = cycles();
        asking.write_all(&bytes)?;
        asking.read_exact(&mut bytes)?;
        took.push(cycles().saturating_sub(before));
    }
    drop(asking);
    let _ = answers.join();
    took.sort_unstable();
    let median = took.get(count / 2).copied().unwrap_or(0);
    Ok(Clock::new().cycles_to_ns(median) as f64 / 1e3)
}
