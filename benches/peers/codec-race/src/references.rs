//! What the memory allows: a copy, a read sweep, and a search by memchr. None of them reads FIX.

use std::hint::black_box;
use std::rc::Rc;

use race_ours::ground::Ground;
use race_ours::level::{Entrant, Lane, Work};

/// The references at a level. `memchr` counts SOH at the level `frame` and stops at every SOH and
/// every `=` at the level `index`.
#[must_use]
pub fn entrants(level: &str, ground: &Rc<Ground>) -> Vec<Entrant> {
    let reference = |name: &str, pass: fn(&[u8], &mut [u8]) -> u64| {
        let work = Reference {
            ground: Rc::clone(ground),
            copy: vec![0; ground.longest()],
            pass,
        };
        Entrant::Lane(Lane::new(name, work))
    };
    let mut all = vec![reference("memcpy", copy), reference("sweep", sweep)];
    match level {
        "frame" => all.push(reference("memchr", count_soh)),
        "index" => all.push(reference("memchr", visit_delimiters)),
        _ => {}
    }
    all
}

struct Reference {
    ground: Rc<Ground>,
    copy: Vec<u8>,
    pass: fn(&[u8], &mut [u8]) -> u64,
}

impl Work for Reference {
    fn check(&mut self) -> Result<(), String> {
        for made in &self.ground.made {
            let bytes = &made.bytes;
            if copy(bytes, &mut self.copy) != bytes.len() as u64
                || self.copy.get(..bytes.len()) != Some(&bytes[..])
            {
                return Err("the copy is another".to_owned());
            }
            let fields = made.fields.len() as u64;
            if count_soh(bytes, &mut self.copy) != fields {
                return Err("another number of SOH".to_owned());
            }
        }
        Ok(())
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut count = 0;
        for message in self.ground.messages() {
            black_box((self.pass)(black_box(message), &mut self.copy));
            count += 1;
        }
        Ok(count)
    }
}

fn copy(message: &[u8], into: &mut [u8]) -> u64 {
    if let Some(into) = into.get_mut(..message.len()) {
        into.copy_from_slice(message);
        black_box(into);
    }
    message.len() as u64
}

/// Reads every byte, 64 at a time, and does as little with it as there is to do.
fn sweep(message: &[u8], _: &mut [u8]) -> u64 {
    let (blocks, rest) = message.as_chunks::<64>();
    let mut all = [0_u64; 8];
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for (sum, word) in all.iter_mut().zip(words) {
            *sum |= u64::from_le_bytes(*word);
        }
    }
    let (words, rest) = rest.as_chunks::<8>();
    let mut last = 0;
    for word in words {
        last |= u64::from_le_bytes(*word);
    }
    for &byte in rest {
        last |= u64::from(byte);
    }
    all.iter().fold(last, |all, one| all | one) & 0xFF
}

fn count_soh(message: &[u8], _: &mut [u8]) -> u64 {
    memchr::memchr_iter(1, message).count() as u64
}

fn visit_delimiters(message: &[u8], _: &mut [u8]) -> u64 {
    memchr::memchr2_iter(1, b'=', message).fold(0, |sum, at| sum + at as u64)
}
