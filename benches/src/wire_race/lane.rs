//! One candidate: a child with both its ends, and what was measured of it.

use std::path::Path;

use gwanmun_runtime::clock::cycles;

use super::statistics::Blocks;
use crate::wire::Fault;
use crate::wire::child::Child;
use crate::wire::gateway::{Gateway, Left, Legs, Program};
use crate::wire::line::{Line, accept, connect, free_port, listen};
use crate::wire::orders::Orders;
use crate::wire::placement::{Fifo, Placement, raise};
use crate::wire::venue::ACCEPTED_BYTES;
use crate::wire::watch::{Hiccups, Watch, rest_us};

/// How long a lane goes on behind its turn, so that what it does besides messages is not put off
/// into the next one.
const REST_US: u64 = 1_000;

/// A program that passes bytes on, with its client and its venue.
pub struct Forwarder {
    child: Child,
    client: Line,
    venue: Line,
    sent: u64,
}

impl Forwarder {
    /// Starts it on its core and connects both its ends. What it says goes to the file `said`.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(
        program: &Program,
        said: &Path,
        placement: &Placement,
        watch: &mut Watch,
    ) -> Result<Forwarder, Fault> {
        let (venue, venue_at) = listen()?;
        let listen_at = free_port()?;
        let mut command = program.command(&[
            ("{listen}", listen_at.to_string()),
            ("{venue}", venue_at.to_string()),
        ]);
        placement.as_child();
        let child = Child::start(&mut command, said);
        placement.as_harness();
        let mut child = child?;
        let mut alive = || child.check();
        let client = connect(listen_at, watch, &mut alive)?;
        let venue = accept(&venue, watch, &mut alive)?;
        Ok(Forwarder {
            child,
            client,
            venue,
            sent: 0,
        })
    }

    /// A message there and an answer of the length of a venue's back, both held against what was
    /// sent.
    fn round(&mut self, message: &[u8], watch: &mut Watch) -> Result<Legs, Fault> {
        self.sent += 1;
        watch.begin();
        let sent_at = cycles();
        self.client.send(message, watch)?;
        let arrived_at = await_bytes(&mut self.venue, message, watch)?;
        let mut answer = [b' '; ACCEPTED_BYTES];
        for (to, from) in answer.iter_mut().zip(self.sent.to_be_bytes()) {
            *to = from;
        }
        let answered_at = cycles();
        self.venue.send(&answer, watch)?;
        let reported_at = await_bytes(&mut self.client, &answer, watch)?;
        Ok(Legs {
            out: arrived_at.saturating_sub(sent_at),
            back: reported_at.saturating_sub(answered_at),
        })
    }
}

/// Waits for exactly these bytes; tells when the last of them was there.
fn await_bytes(line: &mut Line, expected: &[u8], watch: &mut Watch) -> Result<u64, Fault> {
    loop {
        if line.receive()? {
            let at = cycles();
            if line.held().len() >= expected.len() {
                if line.held() != expected {
                    return Err(Fault::new("other bytes came than were sent"));
                }
                line.take(expected.len());
                return Ok(at);
            }
        }
        watch.spin()?;
    }
}

/// What a lane is.
pub enum Runner {
    /// Passes bytes on.
    Forwarder(Forwarder),
    /// FIX to OUCH and back.
    Gateway(Box<Gateway>),
}

/// How many messages a turn has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Before the measured ones.
    pub unmeasured: usize,
    /// Measured.
    pub measured: usize,
}

/// Everything measured of one lane.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Round trips.
    pub trips: Blocks,
    /// Member to venue.
    pub out: Blocks,
    /// Venue to member.
    pub back: Blocks,
    /// Involuntary switches of the child's threads within its turns.
    pub switches_child: u64,
    /// Involuntary switches of the harness within this lane's turns.
    pub switches_harness: u64,
    /// What kept the harness from looking within this lane's turns.
    pub hiccups: Vec<Hiccups>,
}

/// One lane that is up.
pub struct Lane {
    /// Its name.
    pub name: String,
    /// What was measured so far.
    pub measured: Measured,
    /// Prepared messages of the coming turn, and where each ends.
    batch: Vec<Vec<u8>>,
    runner: Runner,
}

impl Lane {
    /// A lane that is up, standing.
    ///
    /// # Errors
    /// It cannot be stopped.
    pub fn new(name: String, runner: Runner) -> Result<Lane, Fault> {
        let mut lane = Lane {
            name,
            measured: Measured::default(),
            batch: Vec::new(),
            runner,
        };
        lane.child().pause()?;
        Ok(lane)
    }

    fn child(&mut self) -> &mut Child {
        match &mut self.runner {
            Runner::Forwarder(forwarder) => &mut forwarder.child,
            Runner::Gateway(gateway) => &mut gateway.child,
        }
    }

    fn sent(&self) -> u64 {
        match &self.runner {
            Runner::Forwarder(forwarder) => forwarder.sent,
            Runner::Gateway(gateway) => gateway.sent,
        }
    }

    /// Orders sent, and how many of them were refused as they had to be.
    #[must_use]
    pub fn orders(&self) -> (u64, u64) {
        match &self.runner {
            Runner::Forwarder(forwarder) => (forwarder.sent, 0),
            Runner::Gateway(gateway) => (gateway.sent, gateway.refused),
        }
    }

    /// Gives its spinning thread SCHED_FIFO where that is wanted; tells why it was refused.
    pub fn raise(&mut self, fifo: Fifo) -> Option<String> {
        match &mut self.runner {
            Runner::Forwarder(forwarder) if fifo == Fifo::Both => raise(forwarder.child.pid()),
            Runner::Forwarder(_) => None,
            Runner::Gateway(gateway) => gateway.raise(fifo),
        }
    }

    /// Lets it go on for a moment and stops it again, so that its own timers see no long silence.
    ///
    /// # Errors
    /// It is gone, or said something that nobody asked for.
    pub fn tend(&mut self, watch: &mut Watch) -> Result<(), Fault> {
        if let Runner::Gateway(gateway) = &mut self.runner {
            gateway.resume(watch)?;
            rest_us(REST_US);
            gateway.expect_quiet(watch)?;
            gateway.child.pause()?;
        }
        Ok(())
    }

    /// One turn: prepared while the child stands, measured while it has its core for itself.
    ///
    /// # Errors
    /// An answer that is not right, or none.
    pub fn turn(&mut self, turn: Turn, orders: &Orders, watch: &mut Watch) -> Result<(), Fault> {
        self.prepare(turn.unmeasured + turn.measured, orders, watch.now_ns());
        let mut trips = Vec::with_capacity(turn.measured);
        let (mut out, mut back) = (trips.clone(), trips.clone());
        match &mut self.runner {
            Runner::Forwarder(forwarder) => forwarder.child.resume()?,
            Runner::Gateway(gateway) => gateway.resume(watch)?,
        }
        let before = (self.child().involuntary_switches(), own_switches());
        let batch = core::mem::take(&mut self.batch);
        for (place, message) in batch.iter().enumerate() {
            if place == turn.unmeasured {
                watch.take_hiccups();
            }
            let legs = match &mut self.runner {
                Runner::Forwarder(forwarder) => Some(forwarder.round(message, watch)?),
                Runner::Gateway(gateway) => gateway.round(message, orders, watch)?,
            };
            if let Some(legs) = legs.filter(|_| place >= turn.unmeasured) {
                let [out_ns, back_ns] =
                    [legs.out, legs.back].map(|count| watch.clock.cycles_to_ns(count));
                trips.push(out_ns + back_ns);
                out.push(out_ns);
                back.push(back_ns);
            }
        }
        self.measured.hiccups.push(watch.take_hiccups());
        let after = (self.child().involuntary_switches(), own_switches());
        self.batch = batch;
        self.measured.switches_child += after.0.saturating_sub(before.0);
        self.measured.switches_harness += after.1.saturating_sub(before.1);
        for (blocks, samples) in [
            (&mut self.measured.trips, trips),
            (&mut self.measured.out, out),
            (&mut self.measured.back, back),
        ] {
            blocks.0.push(samples);
        }
        rest_us(REST_US);
        if let Runner::Gateway(gateway) = &mut self.runner {
            gateway.expect_quiet(watch)?;
        }
        self.child().pause()
    }

    /// Writes the next messages into memory that is kept from turn to turn.
    fn prepare(&mut self, count: usize, orders: &Orders, now_ns: u64) {
        self.batch.resize(count, Vec::new());
        let first = self.sent() + 1;
        for (number, message) in (first..).zip(&mut self.batch) {
            // The Logon was number 1.
            orders.write(number, number + 1, now_ns, message);
        }
    }

    /// Ends the child; a gateway tells what it left behind.
    ///
    /// # Errors
    /// It did not end well.
    pub fn finish(self, watch: &mut Watch) -> Result<Option<Left>, Fault> {
        match self.runner {
            Runner::Gateway(gateway) => gateway.finish(watch).map(Some),
            Runner::Forwarder(mut forwarder) => {
                let status = forwarder.child.end(watch)?;
                if status.success() {
                    Ok(None)
                } else {
                    Err(Fault::new(format!("it ended badly: {status}")))
                }
            }
        }
    }
}

fn own_switches() -> u64 {
    use crate::wire::placement::{involuntary_switches, this_thread};
    involuntary_switches(rustix::process::getpid(), this_thread()).unwrap_or(0)
}
