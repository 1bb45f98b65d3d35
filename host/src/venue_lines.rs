//! The lines that we open: for each venue one for orders and one for market state, with the
//! password that both are opened with.

use gwanmun_gateway::{VENUES_MAX, VenuePhase};
use gwanmun_runtime::transport::ConnectionId;

use crate::config::VenueConfig;
use crate::events::Event;
use crate::order_core::Core;
use crate::outbound::Outbound;

/// SoupBinTCP's Password field, padded with blanks.
pub(crate) type Password = [u8; 10];

/// One venue.
struct VenueLine {
    orders: Outbound,
    feed: Outbound,
    password: Password,
    /// Whether the operator was told last that orders flow.
    was_up: bool,
    /// Since when that is so; UTC nanoseconds, zero before the first look.
    since_ns: u64,
    /// Whether he was told last that its feed tells market state.
    feed_was_up: bool,
    /// Since when that is so.
    feed_since_ns: u64,
}

/// How a venue stands, for `status.json`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct VenueState {
    /// Whether orders flow.
    pub(crate) is_up: bool,
    /// Since when that is so, in UTC nanoseconds; the process's start at the earliest.
    pub(crate) since_ns: u64,
    /// Whether its feed tells market state.
    pub(crate) feed_is_up: bool,
    /// Since when that is so.
    pub(crate) feed_since_ns: u64,
    /// Orders of which it is not known what became of a request.
    pub(crate) orders_in_doubt: usize,
    /// Number of its next sequenced packet.
    pub(crate) next_sequence_number: u64,
}

/// Which of our lines a token of the transport is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) venue: u16,
    pub(crate) is_feed: bool,
}

impl Token {
    /// The transport's number for it.
    pub(crate) fn number(self) -> u32 {
        u32::from(self.venue) * 2 + u32::from(self.is_feed)
    }

    /// The token behind a number.
    pub(crate) fn of(number: u32) -> Token {
        Token {
            venue: u16::try_from(number / 2).unwrap_or(u16::MAX),
            is_feed: number % 2 == 1,
        }
    }
}

/// Every venue's lines, in the order of the configuration.
pub(crate) struct VenueLines {
    venues: Vec<VenueLine>,
}

impl VenueLines {
    /// To be opened at once.
    pub(crate) fn new(venues: &[VenueConfig]) -> VenueLines {
        let line = |venue: &VenueConfig| VenueLine {
            orders: Outbound::new(venue.connect),
            feed: Outbound::new(venue.feed_connect),
            password: padded(venue.password.value()),
            was_up: false,
            since_ns: 0,
            feed_was_up: false,
            feed_since_ns: 0,
        };
        VenueLines {
            venues: venues.iter().take(VENUES_MAX).map(line).collect(),
        }
    }

    /// Tokens of all lines.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = Token> + use<> {
        let venues = 0..u16::try_from(self.venues.len()).unwrap_or(0);
        venues.flat_map(|venue| [false, true].map(|is_feed| Token { venue, is_feed }))
    }

    /// One of the lines.
    pub(crate) fn line_mut(&mut self, token: Token) -> Option<&mut Outbound> {
        let venue = self.venues.get_mut(usize::from(token.venue))?;
        Some(if token.is_feed {
            &mut venue.feed
        } else {
            &mut venue.orders
        })
    }

    /// A connection is gone, perhaps one of ours.
    pub(crate) fn on_lost(&mut self, connection: ConnectionId, now_ns: u64) {
        for venue in &mut self.venues {
            for line in [&mut venue.orders, &mut venue.feed] {
                if line.is_on(connection) {
                    line.on_lost(now_ns);
                }
            }
        }
    }

    /// The password for the login on a connection.
    pub(crate) fn password(&self, connection: ConnectionId) -> Option<&Password> {
        let is_on =
            |venue: &&VenueLine| venue.orders.is_on(connection) || venue.feed.is_on(connection);
        self.venues.iter().find(is_on).map(|venue| &venue.password)
    }
}

fn padded(password: &[u8]) -> Password {
    let mut padded = [b' '; 10];
    for (to, from) in padded.iter_mut().zip(password) {
        *to = *from;
    }
    padded
}

impl Core {
    /// Tells the operator when the venues' lines come and go.
    pub(crate) fn watch_venues(&mut self, now_ns: u64) {
        for venue in 0..self.venues.venues.len() {
            self.watch_venue(venue, now_ns);
            self.watch_feed(venue, now_ns);
        }
    }

    /// How the venues stand now. It looks at every order, so it is for the moment of a stop.
    pub(crate) fn venue_states(&self) -> [VenueState; VENUES_MAX] {
        let mut states = [VenueState::default(); VENUES_MAX];
        for (venue, (state, line)) in (0..).zip(states.iter_mut().zip(&self.venues.venues)) {
            *state = VenueState {
                is_up: line.was_up,
                since_ns: line.since_ns,
                feed_is_up: line.feed_was_up,
                feed_since_ns: line.feed_since_ns,
                orders_in_doubt: self.gateway.orders_in_doubt(venue),
                next_sequence_number: self.gateway.next_sequence_number(venue),
            };
        }
        states
    }

    fn watch_venue(&mut self, at: usize, now_ns: u64) {
        let venue = u16::try_from(at).unwrap_or(u16::MAX);
        let Some(entry) = self.venues.venues.get_mut(at) else {
            return;
        };
        let is_up = self.gateway.venue_phase(venue) == VenuePhase::Up;
        let fault = self.gateway.take_venue_fault(venue);
        let finding = self.gateway.take_venue_finding(venue);
        let has_turned = is_up != entry.was_up;
        entry.was_up = is_up;
        if has_turned || entry.since_ns == 0 {
            entry.since_ns = now_ns;
        }
        if is_up {
            entry.orders.on_proven();
        }
        if !has_turned && fault.is_some() {
            entry.orders.on_refused(now_ns);
        }
        if has_turned && is_up {
            self.tell(Event::VenueUp(venue));
        } else if has_turned || fault.is_some() {
            self.tell(Event::VenueDown(venue, fault));
        }
        if let Some(finding) = finding {
            self.tell(Event::VenueFinding(venue, finding));
        }
    }

    fn watch_feed(&mut self, at: usize, now_ns: u64) {
        let venue = u16::try_from(at).unwrap_or(u16::MAX);
        let Some(entry) = self.venues.venues.get_mut(at) else {
            return;
        };
        let is_up = self.gateway.feed_tells(venue);
        let fault = self.gateway.take_feed_fault(venue);
        let has_turned = is_up != entry.feed_was_up;
        entry.feed_was_up = is_up;
        if has_turned || entry.feed_since_ns == 0 {
            entry.feed_since_ns = now_ns;
        }
        if is_up {
            entry.feed.on_proven();
        }
        if !has_turned && fault.is_some() {
            entry.feed.on_refused(now_ns);
        }
        if has_turned && is_up {
            self.tell(Event::FeedUp(venue));
        } else if has_turned || fault.is_some() {
            self.tell(Event::FeedDown(venue, fault));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_read_back() {
        for venue in 0..4 {
            for is_feed in [false, true] {
                let token = Token { venue, is_feed };
                assert_eq!(Token::of(token.number()), token);
            }
        }
    }

    #[test]
    fn passwords_are_padded_to_their_field() {
        assert_eq!(&padded(b"secret"), b"secret    ");
        assert_eq!(&padded(b"0123456789"), b"0123456789");
    }
}
