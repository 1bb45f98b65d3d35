//! A session that does not wait for its answers: so many messages in flight, always.
//!
//! Messages are prepared before the clock runs. Every answer is looked at while it runs, since in a
//! pipeline there is no time in between: the harness spends some 0.4 us on an order, on a core of
//! its own.

use gwanmun_fix::Message;
use gwanmun_fix::index::Index;
use gwanmun_fix::tag;
use gwanmun_runtime::clock::cycles;

use crate::messages::Batch;
use crate::wire::Fault;
use crate::wire::gateway::Gateway;
use crate::wire::line::Line;
use crate::wire::member::{judge, message_length};
use crate::wire::orders::{Orders, number_of};
use crate::wire::watch::Watch;

/// How the client writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Each message by a send of its own.
    Single,
    /// As many as the window has room for by one send, once half of it is free.
    Batched,
}

/// One run through the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Messages in flight.
    pub window: usize,
    /// How the client writes.
    pub writes: Writes,
}

/// What an orders run took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Took {
    /// Counts of the clock.
    pub cycles: u64,
    /// Turns of the harness.
    pub turns: u64,
    /// Those in which it found nothing to do.
    pub empty: u64,
}

/// Messages from which the next ones are sent, and how many were.
struct Feed<'a> {
    bytes: &'a [u8],
    ends: Vec<usize>,
    next: usize,
}

impl<'a> Feed<'a> {
    fn new(batch: &'a Batch) -> Feed<'a> {
        let ends = batch.iter().scan(0, |end, message| {
            *end += message.len();
            Some(*end)
        });
        Feed {
            bytes: batch.bytes(),
            ends: ends.collect(),
            next: 0,
        }
    }

    fn end(&self, count: usize) -> usize {
        let last = count.checked_sub(1);
        last.and_then(|last| self.ends.get(last).copied())
            .unwrap_or(0)
    }

    /// Fills the window. Tells whether anything was sent.
    fn fill(
        &mut self,
        answered: usize,
        flow: Flow,
        line: &mut Line,
        watch: &mut Watch,
    ) -> Result<bool, Fault> {
        let until = (answered + flow.window).min(self.ends.len());
        let free = until - self.next;
        match flow.writes {
            _ if free == 0 => return Ok(false),
            Writes::Single => {
                for index in self.next..until {
                    let message = self.bytes.get(self.end(index)..self.end(index + 1));
                    line.send(message.unwrap_or_default(), watch)?;
                }
            }
            Writes::Batched if free < flow.window / 2 && until < self.ends.len() => {
                return Ok(false);
            }
            Writes::Batched => {
                let messages = self.bytes.get(self.end(self.next)..self.end(until));
                line.send(messages.unwrap_or_default(), watch)?;
            }
        }
        self.next = until;
        Ok(true)
    }
}

/// Sends every message of the batch to an echo server; returns the counts of the clock that the
/// whole took.
///
/// # Errors
/// Other bytes come back than were sent, or none.
pub fn echo(batch: &Batch, flow: Flow, line: &mut Line, watch: &mut Watch) -> Result<u64, Fault> {
    let mut feed = Feed::new(batch);
    let (mut answered, mut checked) = (0, 0);
    watch.begin();
    let began_at = cycles();
    while answered < batch.count() {
        let has_sent = feed.fill(answered, flow, line, watch)?;
        if line.receive()? {
            let held = line.held().len();
            let sent = batch.bytes().get(checked..checked + held);
            if sent != Some(line.held()) {
                return Err(Fault::new("an echo of something else"));
            }
            checked += held;
            line.take(held);
            while feed.ends.get(answered).is_some_and(|&end| end <= checked) {
                answered += 1;
            }
        } else if !has_sent {
            watch.spin()?;
        }
    }
    Ok(cycles().saturating_sub(began_at))
}

/// The orders of a coming run through a gateway, written down.
#[must_use]
pub fn prepare(orders: &Orders, first: u64, count: usize, now_ns: u64) -> Batch {
    let (mut batch, mut message) = (Batch::default(), Vec::new());
    for number in (first..).take(count) {
        orders.write(number, number + 1, now_ns, &mut message);
        batch.push(&message);
    }
    batch
}

/// Sends every order of the batch through a gateway, its venue answering what has come by one send,
/// until every one is reported; returns what the whole took.
///
/// # Errors
/// An answer that is not right, one too many, or none.
pub fn orders(
    batch: &Batch,
    flow: Flow,
    orders: &Orders,
    gateway: &mut Gateway,
    watch: &mut Watch,
) -> Result<Took, Fault> {
    let mut feed = Feed::new(batch);
    let (mut turns, mut empty) = (0, 0);
    let first = gateway.sent + 1;
    let mut seen = vec![false; batch.count()];
    let mut at_venue = first;
    let mut accepted = Vec::with_capacity(1 << 16);
    let mut index = Index::new();
    let mut answered = 0;
    watch.begin();
    let began_at = cycles();
    while answered < batch.count() {
        let mut has_moved = feed.fill(answered, flow, &mut gateway.member, watch)?;
        if gateway.venue.line.receive()? {
            has_moved = true;
            at_venue = take_orders(at_venue, orders, gateway, &mut accepted, watch)?;
            gateway.venue.line.send(&accepted, watch)?;
            accepted.clear();
        }
        if gateway.member.receive()? {
            has_moved = true;
            answered += take_reports(first, orders, &mut gateway.member, &mut seen, &mut index)?;
        }
        turns += 1;
        if !has_moved {
            empty += 1;
            watch.spin()?;
        }
    }
    let took = Took {
        cycles: cycles().saturating_sub(began_at),
        turns,
        empty,
    };
    gateway.sent += batch.count() as u64;
    let numbers = first..=gateway.sent;
    gateway.refused += numbers
        .filter(|&number| orders.expected(number).is_refused)
        .count() as u64;
    Ok(took)
}

/// Answers every order that is whole at the venue: those that must pass, in the order sent.
fn take_orders(
    mut number: u64,
    orders: &Orders,
    gateway: &mut Gateway,
    accepted: &mut Vec<u8>,
    watch: &mut Watch,
) -> Result<u64, Fault> {
    loop {
        while orders.expected(number).is_refused {
            number += 1;
        }
        let Some(answer) = gateway.venue.take_order(&orders.expected(number), watch)? else {
            return Ok(number);
        };
        accepted.extend_from_slice(&answer);
        number += 1;
    }
}

/// Judges every report that is whole; returns how many there were.
fn take_reports(
    first: u64,
    orders: &Orders,
    member: &mut Line,
    seen: &mut [bool],
    index: &mut Index,
) -> Result<usize, Fault> {
    let mut count = 0;
    while let Some(length) = message_length(member.held())? {
        let bytes = member.held().get(..length).unwrap_or_default();
        let number = Message::parse(bytes, index)
            .ok()
            .and_then(|message| number_of(message.field(tag::CL_ORD_ID)?))
            .ok_or_else(|| Fault::new("a report about no order of ours"))?;
        judge(bytes, number, &orders.expected(number), index)?;
        let place = number
            .checked_sub(first)
            .and_then(|at| usize::try_from(at).ok());
        match place.and_then(|at| seen.get_mut(at)) {
            Some(seen) if !*seen => *seen = true,
            _ => {
                return Err(Fault::new(format!(
                    "one report too many about order {number}"
                )));
            }
        }
        member.take(length);
        count += 1;
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::line::{accept, connect, listen};

    fn pair(watch: &mut Watch) -> (Line, Line) {
        let (listener, address) = listen().unwrap();
        let near = connect(address, watch, &mut || Ok(())).unwrap();
        (near, accept(&listener, watch, &mut || Ok(())).unwrap())
    }

    #[test]
    fn a_window_is_never_overfilled_and_batches_wait_for_half_of_it() {
        let mut watch = Watch::new(true);
        let (mut near, _far) = pair(&mut watch);
        let orders = Orders::default();
        let batch = prepare(&orders, 1, 20, 0);
        for (writes, steps) in [
            (Writes::Single, [(0, 8), (1, 9), (9, 17), (20, 20)]),
            (Writes::Batched, [(0, 8), (3, 8), (4, 12), (20, 20)]),
        ] {
            let mut feed = Feed::new(&batch);
            let flow = Flow { window: 8, writes };
            for (answered, next) in steps {
                feed.fill(answered, flow, &mut near, &mut watch).unwrap();
                assert_eq!(feed.next, next, "{writes:?} {answered}");
            }
        }
    }

    #[test]
    fn a_foreign_echo_is_found() {
        let mut watch = Watch::new(true);
        let (mut near, mut far) = pair(&mut watch);
        let batch = prepare(&Orders::default(), 1, 1, 0);
        let mut other = batch.bytes().to_vec();
        other[20] ^= 1;
        far.send(&other, &mut watch).unwrap();
        let flow = Flow {
            window: 1,
            writes: Writes::Single,
        };
        let fault = echo(&batch, flow, &mut near, &mut watch).unwrap_err();
        assert_eq!(fault.0, "an echo of something else");
    }
}
