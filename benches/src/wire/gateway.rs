//! A gateway with both its ends: the member that sends orders, the venue that takes them, the feed.
//!
//! [`Gateway::start`] brings it to where orders flow, untimed; [`Gateway::round`] is one order's
//! way there and back, on the clock; [`Gateway::finish`] ends it and reads what it left behind.

use std::net::SocketAddr;
use std::process::Command;

use gwanmun_fix::index::Index;
use gwanmun_runtime::clock::cycles;

use super::child::Child;
use super::line::{Line, accept, connect, free_port, listen};
use super::member::{judge, log_on, message_length};
use super::orders::{Expected, Orders};
use super::placement::{Fifo, Placement, raise};
use super::venue::Venue;
use super::watch::Watch;
use super::world::{GatewayTerms, World, member_comp_id};
use super::{Fault, evidence};

/// Exit code of a gateway that cannot do what its configuration says.
const REFUSED_CONFIGURATION: i32 = 2;
/// The gateway's thread that carries orders.
pub const ORDER_CORE: &str = "order-core";
/// The one that may block.
pub const CAPTURE: &str = "capture";

/// A command line with places to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(pub Vec<String>);

impl Program {
    /// The command with every `{name}` replaced.
    #[must_use]
    pub fn command(&self, places: &[(&str, String)]) -> Command {
        let mut words = self.0.iter().map(|word| {
            places.iter().fold(word.clone(), |word, (name, value)| {
                word.replace(name, value)
            })
        });
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }

    /// Whether any word has this place.
    #[must_use]
    pub fn has(&self, place: &str) -> bool {
        self.0.iter().any(|word| word.contains(place))
    }
}

/// Why a gateway did not come up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotStarted {
    /// It cannot do what was asked of it: the lane does not exist yet.
    Refused(Fault),
    /// It should have come up.
    Failed(Fault),
}

impl NotStarted {
    /// Why, where the difference means nothing.
    #[must_use]
    pub fn into_fault(self) -> Fault {
        let (NotStarted::Refused(fault) | NotStarted::Failed(fault)) = self;
        fault
    }
}

/// One order's way, in counts of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Legs {
    /// From before the member's send until the order's bytes are at the venue.
    pub out: u64,
    /// From before the venue's send until the report's bytes are at the member.
    pub back: u64,
}

/// What a gateway left behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    /// Median nanoseconds from bytes in hand to bytes committed.
    pub hot_ns_p50: Option<u64>,
    /// Processor time of the capture thread for each order, in nanoseconds.
    pub capture_cpu_ns_per_message: Option<f64>,
    /// Why its capture is not what it has to be.
    pub capture_fault: Option<Fault>,
}

/// A gateway, its peers and its files.
pub struct Gateway {
    /// The process.
    pub child: Child,
    /// The active member's line.
    pub member: Line,
    /// The venue's orders line.
    pub venue: Venue,
    /// Orders sent so far; the next one has the next number.
    pub sent: u64,
    /// Orders that had to be refused, and were.
    pub refused: u64,
    feed: Venue,
    /// Members that are logged on and say nothing, the one with the last name first.
    pub silent: Vec<Line>,
    /// Where members are awaited.
    pub listens_at: SocketAddr,
    has_capture: bool,
    capture_cpu_ns_before: u64,
    index: Box<Index>,
    world: World,
}

impl Gateway {
    /// Starts a gateway on its core and logs everybody on.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start(
        program: &Program,
        world: World,
        terms: &GatewayTerms,
        placement: &Placement,
        watch: &mut Watch,
    ) -> Result<Gateway, NotStarted> {
        let failed = |fault| NotStarted::Failed(fault);
        let (venue, venue_at) = listen().map_err(failed)?;
        let (feed, feed_at) = listen().map_err(failed)?;
        let listen_at = free_port().map_err(failed)?;
        let addresses = [listen_at, venue_at, feed_at];
        world.write_gateway_toml(terms, addresses).map_err(failed)?;
        let mut command = program.command(&places(addresses, &world));
        placement.as_child();
        let child = Child::start(&mut command, &world.path("said.txt"));
        placement.as_harness();
        let mut child = child.map_err(failed)?;
        let mut alive = || child.check();
        let up = bring_up(&venue, &feed, listen_at, terms.sessions, watch, &mut alive);
        let (venue, feed, mut members) = match up {
            Ok(up) => up,
            Err(fault) => {
                let code = child.ended().and_then(|status| status.code());
                return Err(if code == Some(REFUSED_CONFIGURATION) {
                    NotStarted::Refused(Fault(refusal(&child.said())))
                } else {
                    NotStarted::Failed(fault)
                });
            }
        };
        if terms.transport == "uring" && has_no_ring(&child.said()) {
            let text = "no io_uring on this machine, plain sockets would be raced";
            return Err(NotStarted::Refused(Fault::new(text)));
        }
        let member = members.pop();
        let member = member.ok_or_else(|| NotStarted::Failed(Fault::new("no session")))?;
        let mut gateway = Gateway {
            member,
            venue,
            feed,
            sent: 0,
            refused: 0,
            silent: members,
            listens_at: listen_at,
            has_capture: terms.has_capture,
            capture_cpu_ns_before: 0,
            index: Box::new(Index::new()),
            world,
            child,
        };
        if let Some(capture) = gateway.child.thread(CAPTURE) {
            gateway.child.settle(capture);
            gateway.capture_cpu_ns_before = gateway.child.cpu_ns(capture).unwrap_or(0);
        }
        Ok(gateway)
    }

    /// Gives its order core SCHED_FIFO where that is wanted; tells why it was refused.
    pub fn raise(&self, fifo: Fifo) -> Option<String> {
        if fifo != Fifo::Both {
            return None;
        }
        let thread = self.child.thread(ORDER_CORE);
        thread.and_then(raise)
    }

    /// Lets it go on with both venue lines alive: what came last decides whether a line is dead and
    /// market state old.
    ///
    /// # Errors
    /// A line or the process is gone.
    pub fn resume(&mut self, watch: &mut Watch) -> Result<(), Fault> {
        self.venue.beat(watch)?;
        self.feed.beat(watch)?;
        self.child.resume()
    }

    /// Takes what the gateway said on its own account, and sees that no order waits at the venue
    /// and no report at the member.
    ///
    /// # Errors
    /// One does.
    pub fn expect_quiet(&mut self, watch: &mut Watch) -> Result<(), Fault> {
        self.venue.expect_no_order(watch)?;
        self.feed.expect_no_order(watch)?;
        self.member.receive()?;
        if self.member.held().is_empty() {
            Ok(())
        } else {
            Err(Fault::new("the member was told more than was asked for"))
        }
    }

    /// Sends the order with the next number, prepared as `message`, and waits until it has come
    /// back as a report. `None` for one that had to be refused, and was.
    ///
    /// # Errors
    /// An answer that is not right, or none.
    pub fn round(
        &mut self,
        message: &[u8],
        orders: &Orders,
        watch: &mut Watch,
    ) -> Result<Option<Legs>, Fault> {
        self.sent += 1;
        let number = self.sent;
        let expected = orders.expected(number);
        watch.begin();
        if expected.is_refused {
            self.member.send(message, watch)?;
            let reported = self.report(number, &expected, watch);
            // Where the venue has it, that says more than the silence at the member.
            self.venue.expect_no_order(watch)?;
            reported?;
            self.refused += 1;
            return Ok(None);
        }
        let sent_at = cycles();
        self.member.send(message, watch)?;
        let (arrived_at, accepted) = loop {
            if self.venue.line.receive()? {
                let arrived_at = cycles();
                if let Some(accepted) = self.venue.take_order(&expected, watch)? {
                    break (arrived_at, accepted);
                }
            }
            watch.spin().map_err(|fault| fault.at("venue"))?;
        };
        let answered_at = cycles();
        self.venue.line.send(&accepted, watch)?;
        let reported_at = self.report(number, &expected, watch)?;
        Ok(Some(Legs {
            out: arrived_at.saturating_sub(sent_at),
            back: reported_at.saturating_sub(answered_at),
        }))
    }

    /// Waits for the report about an order and judges it; tells when its last byte was there.
    fn report(
        &mut self,
        number: u64,
        expected: &Expected,
        watch: &mut Watch,
    ) -> Result<u64, Fault> {
        loop {
            if self.member.receive()? {
                let reported_at = cycles();
                if let Some(length) = message_length(self.member.held())? {
                    let bytes = self.member.held().get(..length).unwrap_or_default();
                    judge(bytes, number, expected, &mut self.index)?;
                    self.member.take(length);
                    return Ok(reported_at);
                }
            }
            watch.spin().map_err(|fault| fault.at("member"))?;
        }
    }

    /// Kills it, and gives what it left behind for another to start from.
    #[must_use]
    pub fn kill(self) -> World {
        drop(self.child);
        self.world
    }

    /// Lets the capture thread come to rest, ends the process and reads what it left.
    ///
    /// # Errors
    /// It did not end well.
    pub fn finish(mut self, watch: &mut Watch) -> Result<Left, Fault> {
        self.resume(watch)?;
        let mut capture_cpu_ns_per_message = None;
        if let Some(capture) = self.child.thread(CAPTURE) {
            self.child.settle(capture);
            let cpu_ns = self.child.cpu_ns(capture);
            capture_cpu_ns_per_message = cpu_ns.map(|cpu_ns| {
                let used_ns = cpu_ns.saturating_sub(self.capture_cpu_ns_before);
                // Far below 2^53, where the conversion would begin to round.
                used_ns as f64 / self.sent.max(1) as f64
            });
        }
        let status = self.child.end(watch)?;
        if !status.success() {
            return Err(Fault::new(format!("it ended badly: {status}")));
        }
        let day = self.world.day()?;
        let captured = if self.has_capture {
            evidence::expect_captured(&day, self.sent)
        } else {
            evidence::expect_no_capture(&day)
        };
        Ok(Left {
            hot_ns_p50: evidence::hot_ns_p50(&day).ok(),
            capture_cpu_ns_per_message,
            capture_fault: captured.err(),
        })
    }
}

fn places([listen, venue, feed]: [SocketAddr; 3], world: &World) -> [(&'static str, String); 4] {
    [
        ("{listen}", listen.to_string()),
        ("{venue}", venue.to_string()),
        ("{feed}", feed.to_string()),
        ("{config}", world.path("gateway.toml").display().to_string()),
    ]
}

type Up = (Venue, Venue, Vec<Line>);

/// Answers the gateway's logins and logs every member on, the active one last.
fn bring_up(
    venue: &std::net::TcpListener,
    feed: &std::net::TcpListener,
    members_at: SocketAddr,
    sessions: usize,
    watch: &mut Watch,
    alive: &mut impl FnMut() -> Result<(), Fault>,
) -> Result<Up, Fault> {
    let line = accept(venue, watch, alive).map_err(|fault| fault.at("orders line"))?;
    let venue = Venue::orders(line, watch, alive).map_err(|fault| fault.at("orders line"))?;
    let line = accept(feed, watch, alive).map_err(|fault| fault.at("feed"))?;
    let feed = Venue::feed(line, watch, alive).map_err(|fault| fault.at("feed"))?;
    let mut members = Vec::with_capacity(sessions);
    for index in (0..sessions).rev() {
        let mut line = connect(members_at, watch, alive)?;
        let comp_id = member_comp_id(index);
        log_on(&mut line, comp_id.as_bytes(), watch, alive)
            .map_err(|fault| fault.at(&format!("Logon of {comp_id}")))?;
        members.push(line);
    }
    Ok((venue, feed, members))
}

/// What a gateway says about a configuration that it refuses: what is wrong, and what would be
/// right, without the lines of the file between them.
fn refusal(said: &str) -> String {
    let what = said.lines().next().unwrap_or("nothing");
    let what = what.trim_start_matches("error: ");
    let remedy = said.lines().find_map(|line| line.split_once("help: "));
    let remedy = remedy.map(|(_, remedy)| format!(" ({remedy})"));
    let remedy = remedy.unwrap_or_default();
    format!("the gateway refuses its configuration: {what}{remedy}")
}

/// Whether a gateway has told that it goes without io_uring.
fn has_no_ring(said: &str) -> bool {
    said.lines()
        .any(|line| line.starts_with("finding") && line.contains("io_uring"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_wherever_they_stand() {
        let words = ["a", "--to={venue}", "{listen}", "{listen}:{venue}"];
        let program = Program(words.map(str::to_owned).to_vec());
        let command = program.command(&[("{listen}", "L".into()), ("{venue}", "V".into())]);
        assert_eq!(command.get_program(), "a");
        assert_eq!(
            command.get_args().collect::<Vec<_>>(),
            ["--to=V", "L", "L:V"]
        );
        assert!(program.has("{venue}") && !program.has("{feed}"));
    }

    #[test]
    fn a_refused_configuration_is_told_in_one_line() {
        let said =
            "error: `transport` cannot be \"x\"\n --> f:6:13\n  |\n  = help: expected one of y\n";
        assert_eq!(
            refusal(said),
            "the gateway refuses its configuration: `transport` cannot be \"x\" (expected one of y)"
        );
    }

    #[test]
    fn a_missing_ring_is_read_from_what_the_gateway_says() {
        assert!(has_no_ring(
            "listen  members\nfinding  no io_uring: refused; ask\n"
        ));
        assert!(!has_no_ring(
            "finding  one core: x; y\nlogon venue io_uring\n"
        ));
    }
}
