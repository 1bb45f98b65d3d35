//! The lanes of each level: how a candidate's answers are checked, and what a pass is.
//!
//! The check holds every answer against what the messages were made from. A pass gives the sum of
//! its answers, which must never change; a value that was read goes through `black_box`, so that no
//! compiler leaves it out.

use std::hint::black_box;
use std::rc::Rc;

use crate::ground::Ground;
use crate::level::{
    Encoder, Entrant, Framer, GroupReader, Indexer, Lane, Moment as _, Number as _, Reader, Work,
};
use crate::message_sets::{Eight, Entry, Made, check_sum};

macro_rules! lane {
    ($(#[$doc:meta])* $name:ident, $work:ident, $trait:ident) => {
        struct $work<P> {
            ground: Rc<Ground>,
            candidate: P,
        }

        $(#[$doc])*
        pub fn $name<P: $trait + 'static>(name: &str, ground: &Rc<Ground>, candidate: P) -> Entrant {
            let ground = Rc::clone(ground);
            Entrant::Lane(Lane::new(name, $work { ground, candidate }))
        }
    };
}

lane!(
    /// A lane of the level `frame`.
    frame, Framing, Framer
);
lane!(
    /// A lane of the level `index`.
    index, Indexing, Indexer
);
lane!(
    /// A lane of the level `fields`, or of `validated` where the candidate validates first.
    fields, Reading, Reader
);
lane!(
    /// A lane of the level `groups`, or of `validated` where the candidate validates first.
    groups, GroupReading, GroupReader
);
lane!(
    /// A lane of the level `encode`.
    encode, Encoding, Encoder
);

fn refused<T>(answer: Option<T>) -> Result<T, String> {
    answer.ok_or_else(|| "a sound message was refused".to_owned())
}

/// Checks every made message, and tells with the message what was wrong with it.
fn each_made(
    ground: &Ground,
    mut check: impl FnMut(&Made) -> Result<(), String>,
) -> Result<(), String> {
    for made in &ground.made {
        check(made).map_err(|reason| {
            let text = String::from_utf8_lossy(&made.bytes).replace('\x01', "|");
            format!("{reason}: {text}")
        })?;
    }
    Ok(())
}

fn equal<T: PartialEq + std::fmt::Debug>(found: &T, expected: &T) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("found {found:?}, not {expected:?}"))
}

impl<P: Framer> Work for Framing<P> {
    fn check(&mut self) -> Result<(), String> {
        each_made(&self.ground, |made| {
            let found = refused(self.candidate.length(&made.bytes))?;
            equal(&found, &made.bytes.len())?;
            let mut wrong = made.bytes.clone();
            if let Some(byte) = wrong.get_mut(40) {
                *byte ^= 1;
            }
            equal(&self.candidate.length(&wrong), &None)
        })
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        if P::WANTS_ENDS {
            for message in self.ground.messages() {
                sum += refused(self.candidate.length(black_box(message)))? as u64;
            }
        } else {
            for stream in self.ground.streams() {
                sum += refused(self.candidate.length(black_box(stream)))? as u64;
            }
        }
        Ok(sum)
    }
}

impl<P: Indexer> Work for Indexing<P> {
    fn check(&mut self) -> Result<(), String> {
        each_made(&self.ground, |made| {
            let value = |place: &std::ops::Range<usize>| made.bytes.get(place.clone());
            let all = made.fields.iter().map(|(tag, place)| {
                let value = value(place).unwrap_or(&[]);
                (*tag, value.to_vec())
            });
            let listed = all.filter(|(tag, _)| !P::LEAVES_OUT.contains(tag));
            let expected: Vec<(u32, Vec<u8>)> = listed.collect();
            equal(&refused(self.candidate.fields(&made.bytes))?, &expected)?;
            equal(
                &refused(self.candidate.count(&made.bytes))?,
                &expected.len(),
            )
        })
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for message in self.ground.messages() {
            sum += refused(self.candidate.count(black_box(message)))? as u64;
        }
        Ok(sum)
    }
}

impl<P: Reader> Work for Reading<P> {
    fn check(&mut self) -> Result<(), String> {
        each_made(&self.ground, |made| {
            let found = self.candidate.read(&made.bytes, |values| Eight {
                msg_seq_num: values.msg_seq_num,
                sending_ms: values.sending.epoch_ms(),
                transact_ms: values.transact.epoch_ms(),
                cl_ord_id: values.cl_ord_id.to_vec(),
                symbol: values.symbol.to_vec(),
                side: values.side,
                order_qty: values.order_qty.ten_thousandths(),
                price: values.price.ten_thousandths(),
            });
            equal(&Some(refused(found)?), &made.eight)
        })
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for message in self.ground.messages() {
            let msg_seq_num = self.candidate.read(black_box(message), |values| {
                black_box(values);
                values.msg_seq_num
            });
            sum += refused(msg_seq_num)?;
        }
        Ok(sum)
    }
}

impl<P: GroupReader> Work for GroupReading<P> {
    fn check(&mut self) -> Result<(), String> {
        each_made(&self.ground, |made| {
            let mut found = Vec::new();
            let read = self.candidate.read(&made.bytes, |entry_type, price, size| {
                found.push(Entry {
                    entry_type,
                    price: price.ten_thousandths(),
                    size: size.ten_thousandths(),
                });
            });
            refused(read)?;
            equal(&found, &made.entries)
        })
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for message in self.ground.messages() {
            let read = self
                .candidate
                .read(black_box(message), |entry_type, price, size| {
                    black_box((&price, &size));
                    sum += u64::from(entry_type);
                });
            refused(read)?;
        }
        Ok(sum)
    }
}

/// A message's fields but for 8, 9 and 10, by tag; `None` where its sum is wrong.
#[must_use]
pub fn fields_by_tag(message: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (summed, trailer) = message.split_at_checked(message.len().checked_sub(7)?)?;
    if trailer != format!("10={:03}\x01", check_sum(summed)).as_bytes() {
        return None;
    }
    let mut fields = Vec::new();
    for field in summed.strip_suffix(b"\x01")?.split(|&byte| byte == 1) {
        let equals = field.iter().position(|&byte| byte == b'=')?;
        let (tag, value) = field.split_at_checked(equals)?;
        if tag != b"8" && tag != b"9" {
            fields.push((tag, value.get(1..)?));
        }
    }
    fields.sort_unstable();
    Some(fields)
}

impl<P: Encoder> Work for Encoding<P> {
    fn check(&mut self) -> Result<(), String> {
        each_made(&self.ground, |made| {
            let order = made.order.ok_or("not an order")?;
            let found = refused(self.candidate.encode(&order, <[u8]>::to_vec))?;
            if P::IS_SAME_BYTES {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\x01', "|");
                return equal(&text(&found), &text(&made.bytes));
            }
            let fields = fields_by_tag(&found).ok_or("the sum is wrong")?;
            equal(&Some(fields), &fields_by_tag(&made.bytes))
        })
    }

    fn pass(&mut self) -> Result<u64, String> {
        let mut sum = 0;
        for made in &self.ground.made {
            let order = made.order.as_ref().ok_or("not an order")?;
            let length = self.candidate.encode(black_box(order), |message| {
                black_box(message);
                message.len() as u64
            });
            sum += refused(length)?;
        }
        Ok(sum)
    }
}
