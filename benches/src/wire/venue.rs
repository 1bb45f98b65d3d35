//! The venue's end: a SoupBinTCP server that takes every order, and a feed that has told its market
//! state.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::OrderState;
use gwanmun_binary::ouch::{Accepted, AccountQueryResponse, EnterOrder, Inbound};
use gwanmun_binary::soup::packet::{HEAD_BYTES, Packet};
use gwanmun_binary::soup::{Server, ServerEvent, Terms};
use gwanmun_market::{MarketState, Phase, Price};

use super::Fault;
use super::line::Line;
use super::orders::Expected;
use super::watch::Watch;
use super::world::{VENUE_PASSWORD, VENUE_USER};
use crate::messages::{LISTINGS, text};

/// The venue's session.
const SESSION: [u8; 10] = *b"RACE000001";
/// Bytes of an Accepted in its packet.
pub const ACCEPTED_BYTES: usize = HEAD_BYTES + Accepted::LENGTH;
/// A peer that stands still between its turns is not dead.
const PATIENT: Terms = Terms {
    heartbeat_ns: 1_000_000_000,
    dead_ns: 3_600_000_000_000,
    login_timeout_ns: 60_000_000_000,
};

/// One of the two lines that a gateway opens.
pub struct Venue {
    /// The line.
    pub line: Line,
    server: Server,
    last_user_ref_num: u32,
    accepted: [u8; ACCEPTED_BYTES],
}

/// What came on an orders line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came<'a> {
    Login,
    Query,
    Order(EnterOrder<'a>),
    Nothing,
}

impl Venue {
    /// Takes a login on the orders line and answers until the line is settled: the gateway has had
    /// the answer to its AccountQuery. `alive` tells why waiting is of no use.
    ///
    /// # Errors
    /// The login is not the gateway's, or something else comes before an order may.
    pub fn orders(
        line: Line,
        watch: &mut Watch,
        alive: &mut impl FnMut() -> Result<(), Fault>,
    ) -> Result<Venue, Fault> {
        let mut venue = Venue::new(line, watch);
        venue.log_in(watch, alive)?;
        loop {
            match venue.next(watch)?.0 {
                Came::Query => break,
                Came::Nothing => {
                    alive()?;
                    watch.rest()?;
                    venue.line.receive()?;
                }
                other => return Err(Fault::new(format!("{other:?} before the venue is settled"))),
            }
        }
        let answer = AccountQueryResponse {
            timestamp_ns: 0,
            next_user_ref_num: 1,
            appendage: Appendage::EMPTY,
        };
        venue.send(watch, |into| answer.encode(into))?;
        Ok(venue)
    }

    /// Takes a login on the feed's line and tells the state of every instrument.
    ///
    /// # Errors
    /// The login is not the gateway's.
    pub fn feed(
        line: Line,
        watch: &mut Watch,
        alive: &mut impl FnMut() -> Result<(), Fault>,
    ) -> Result<Venue, Fault> {
        let mut feed = Venue::new(line, watch);
        feed.log_in(watch, alive)?;
        for listing in LISTINGS {
            let base = Some(Price::from_whole(listing.base));
            let record = MarketStateRecord {
                timestamp_ns: 0,
                symbol: text(listing.symbol),
                state: MarketState {
                    phase: Phase::Continuous,
                    base,
                    last: base,
                    ..MarketState::default()
                },
            };
            feed.send(watch, |into| record.encode(into))?;
        }
        Ok(feed)
    }

    fn new(line: Line, watch: &Watch) -> Venue {
        Venue {
            line,
            server: Server::new(PATIENT, watch.now_ns()),
            last_user_ref_num: 0,
            accepted: [0; ACCEPTED_BYTES],
        }
    }

    fn log_in(
        &mut self,
        watch: &mut Watch,
        alive: &mut impl FnMut() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        watch.begin();
        loop {
            match self.next(watch)?.0 {
                Came::Login => return Ok(()),
                Came::Nothing => {
                    alive()?;
                    watch.rest()?;
                    self.line.receive()?;
                }
                other => return Err(Fault::new(format!("{other:?} before a login"))),
            }
        }
    }

    /// The next message of what is held, heartbeats passed over; a login is answered at once.
    /// An order is left on the line for as long as it is looked at; its bytes come with it.
    fn next(&mut self, watch: &mut Watch) -> Result<(Came<'_>, usize), Fault> {
        loop {
            let parsed = Packet::parse(self.line.held());
            let parsed = parsed.map_err(|error| Fault::new(error.text()))?;
            let Some((packet, length)) = parsed else {
                return Ok((Came::Nothing, 0));
            };
            let now_ns = watch.now_ns();
            match self.server.on_packet(&packet, now_ns) {
                ServerEvent::Heartbeat | ServerEvent::Debug => self.line.take(length),
                ServerEvent::LoginRequested(login) => {
                    let is_known = login.username.as_bytes() == VENUE_USER.as_bytes()
                        && login.password.as_bytes() == VENUE_PASSWORD.as_bytes();
                    if !is_known {
                        return Err(Fault::new("a login with another name or password"));
                    }
                    let mut into = [0; 64];
                    let answer = self.server.accept(SESSION, 1, now_ns, &mut into);
                    let answer = into.get(..answer.unwrap_or(0)).unwrap_or_default();
                    self.line.take(length);
                    self.line.send(answer, watch)?;
                    return Ok((Came::Login, 0));
                }
                ServerEvent::Unsequenced(_) => return self.message(length),
                ServerEvent::LogoutRequested | ServerEvent::Unexpected => {
                    return Err(Fault::new("the gateway logs out, or is out of step"));
                }
            }
        }
    }

    /// The message in the packet of this length at the front.
    fn message(&mut self, length: usize) -> Result<(Came<'_>, usize), Fault> {
        let at_front = self.line.held().get(HEAD_BYTES..length);
        if at_front.unwrap_or_default().first() == Some(&b'Q') {
            self.line.take(length);
            return Ok((Came::Query, 0));
        }
        let bytes = self.line.held().get(HEAD_BYTES..length).unwrap_or_default();
        match Inbound::parse(bytes) {
            Ok(Inbound::EnterOrder(order)) => Ok((Came::Order(order), length)),
            other => Err(Fault::new(format!("not an order: {other:?}"))),
        }
    }

    fn send(
        &mut self,
        watch: &mut Watch,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> Result<(), Fault> {
        let mut into = [0; 256];
        let written = self.server.sequenced(watch.now_ns(), &mut into, write);
        let written = written.ok_or_else(|| Fault::new("a report that does not fit"))?;
        let bytes = into.get(..written).unwrap_or_default();
        self.line.send(bytes, watch)
    }

    /// The answer to the next order that is held, judged against what was sent; `None` while no
    /// order is whole. Sending it is the caller's, on the clock.
    ///
    /// # Errors
    /// The order is not what was sent, or one that had to be refused.
    pub fn take_order(
        &mut self,
        expected: &Expected,
        watch: &mut Watch,
    ) -> Result<Option<[u8; ACCEPTED_BYTES]>, Fault> {
        let last = self.last_user_ref_num;
        let mut accepted = self.accepted;
        let (number, length) = match self.next(watch)? {
            (Came::Order(order), length) => {
                judge(&order, expected, last)?;
                write_accepted(&order, &mut accepted)?;
                (order.user_ref_num, length)
            }
            (Came::Nothing, _) => return Ok(None),
            (other, _) => return Err(Fault::new(format!("{other:?} where an order was due"))),
        };
        self.last_user_ref_num = number;
        self.line.take(length);
        Ok(Some(accepted))
    }

    /// Takes the next order that is held, whatever it says, and answers it; `None` while none is
    /// whole. Whether it is one that was sent, and in its order, is the caller's to judge.
    ///
    /// # Errors
    /// It is no order, or the line is gone.
    pub fn take_any_order(&mut self, watch: &mut Watch) -> Result<Option<Expected>, Fault> {
        let mut accepted = self.accepted;
        let (came, number, length) = match self.next(watch)? {
            (Came::Order(order), length) => {
                write_accepted(&order, &mut accepted)?;
                let came = Expected {
                    side: order.side,
                    symbol: order.symbol,
                    quantity: order.quantity,
                    price: order.price,
                    is_refused: false,
                };
                (came, order.user_ref_num, length)
            }
            (Came::Nothing, _) => return Ok(None),
            (other, _) => return Err(Fault::new(format!("{other:?} where an order was due"))),
        };
        if number <= self.last_user_ref_num {
            return Err(Fault::new("an order came to the venue twice"));
        }
        self.last_user_ref_num = number;
        self.line.take(length);
        self.line.send(&accepted, watch)?;
        Ok(Some(came))
    }

    /// Sees to it that no order is waiting here.
    ///
    /// # Errors
    /// One is.
    pub fn expect_no_order(&mut self, watch: &mut Watch) -> Result<(), Fault> {
        self.line.receive()?;
        match self.next(watch)?.0 {
            Came::Nothing => Ok(()),
            other => Err(Fault::new(format!("{other:?} where nothing was due"))),
        }
    }

    /// Tells the peer that the line is alive, for when it goes on.
    ///
    /// # Errors
    /// The line is gone.
    pub fn beat(&mut self, watch: &mut Watch) -> Result<(), Fault> {
        let mut into = [0; HEAD_BYTES];
        let written = Packet::ServerHeartbeat.encode(&mut into).unwrap_or(0);
        self.line
            .send(into.get(..written).unwrap_or_default(), watch)
    }
}

/// Holds an order at the venue against the order that was sent.
fn judge(order: &EnterOrder<'_>, expected: &Expected, last: u32) -> Result<(), Fault> {
    if expected.is_refused {
        let text = format!("an order that had to be refused is at the venue: {order:?}");
        return Err(Fault(text));
    }
    let is_same = order.side == expected.side
        && order.symbol == expected.symbol
        && order.quantity == expected.quantity
        && order.price == expected.price;
    if !is_same || order.user_ref_num <= last {
        let text = format!("another order at the venue: {order:?}, sent was {expected:?}");
        return Err(Fault(text));
    }
    Ok(())
}

fn write_accepted(order: &EnterOrder<'_>, into: &mut [u8; ACCEPTED_BYTES]) -> Result<(), Fault> {
    let accepted = Accepted {
        timestamp_ns: 0,
        user_ref_num: order.user_ref_num,
        side: order.side,
        quantity: order.quantity,
        symbol: order.symbol,
        price: order.price,
        time_in_force: order.time_in_force,
        display: order.display,
        order_reference_number: u64::from(order.user_ref_num),
        capacity: order.capacity,
        inter_market_sweep: order.inter_market_sweep,
        cross_type: order.cross_type,
        order_state: OrderState::LIVE,
        cl_ord_id: order.cl_ord_id,
        appendage: Appendage::EMPTY,
    };
    let written = gwanmun_binary::soup::packet::sequenced(into, |room| accepted.encode(room));
    match written {
        Some(ACCEPTED_BYTES) => Ok(()),
        _ => Err(Fault::new("an Accepted of another length")),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, TimeInForce};
    use gwanmun_market::Side;

    use super::*;

    const SENT: Expected = Expected {
        side: Side::Buy,
        symbol: gwanmun_market::Symbol::EMPTY,
        quantity: 7,
        price: Price(715_000_000),
        is_refused: false,
    };

    fn order() -> EnterOrder<'static> {
        EnterOrder {
            user_ref_num: 5,
            side: SENT.side,
            quantity: SENT.quantity,
            symbol: SENT.symbol,
            price: SENT.price,
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            cl_ord_id: text(b"R1"),
            appendage: Appendage::EMPTY,
        }
    }

    #[test]
    fn an_order_that_is_not_what_was_sent_is_found() {
        assert_eq!(judge(&order(), &SENT, 4), Ok(()));
        let lies = [
            EnterOrder {
                side: Side::Sell,
                ..order()
            },
            EnterOrder {
                quantity: 8,
                ..order()
            },
            EnterOrder {
                symbol: text(b"005930"),
                ..order()
            },
            EnterOrder {
                price: Price(SENT.price.0 + 1),
                ..order()
            },
        ];
        for lie in lies {
            assert!(judge(&lie, &SENT, 4).is_err(), "{lie:?}");
        }
        assert!(judge(&order(), &SENT, 5).is_err(), "the same order twice");
        let refused = Expected {
            is_refused: true,
            ..SENT
        };
        let fault = judge(&order(), &refused, 4).unwrap_err();
        assert!(fault.0.contains("had to be refused"), "{fault}");
    }

    #[test]
    fn an_answer_repeats_the_order() {
        let mut bytes = [0; ACCEPTED_BYTES];
        write_accepted(&order(), &mut bytes).unwrap();
        let (packet, length) = Packet::parse(&bytes).unwrap().unwrap();
        let Packet::SequencedData(message) = packet else {
            panic!("{packet:?}");
        };
        let accepted = Accepted::parse(message).unwrap();
        assert_eq!(length, ACCEPTED_BYTES);
        assert_eq!(
            (accepted.user_ref_num, accepted.quantity, accepted.price),
            (5, 7, SENT.price)
        );
    }
}
