//! One venue as the gateway keeps it: its order line and which protocol is spoken there ([`Wire`]),
//! its market state line, its numbers, its market. Venues share nothing but the orders and
//! positions; what one of them does leaves the others alone.
//!
//! Not in it: what the lines say (`venue_path`, `fix_venue`, `feed_path`) and which venue an order
//! goes to (`route`).

use gwanmun_binary::soup::client::Client;
use gwanmun_market::{Phase, Text};

use crate::effect::EffectBuilder;
use crate::fix_line::{FixLine, VenueFinding};
use crate::markets::Markets;
use crate::state::{Line, State};
use crate::terms::{VenueTerms, WireTerms};
use crate::venue_path::LineFault;

/// How far the line to a venue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenuePhase {
    /// No line.
    Down,
    /// Connected, LoginRequest sent.
    LoggingIn,
    /// Logged in, AccountQuery sent; what arrives is replay or live, and nothing new is sent before
    /// the answer.
    Settling,
    /// Orders flow.
    Up,
}

/// What is spoken on a venue's order line, and how far the talk is. Who reads and who writes it is
/// chosen by this alone.
pub(crate) enum Wire {
    /// OUCH 5.0 in SoupBinTCP 3.0: `venue_path` and `venue_request`.
    Ouch(Client),
    /// FIX with us as initiator: `fix_venue` and `fix_request`.
    Fix(Box<FixLine>),
}

impl Wire {
    fn new(terms: &VenueTerms, client: Client) -> Wire {
        match terms.wire {
            WireTerms::Ouch50 => Wire::Ouch(client),
            WireTerms::Fix(session) => Wire::Fix(Box::new(FixLine::new(session, terms))),
        }
    }

    /// Whether FIX is spoken.
    pub(crate) const fn is_fix(&self) -> bool {
        matches!(self, Wire::Fix(_))
    }

    /// The SoupBinTCP client, where OUCH is spoken.
    pub(crate) const fn ouch_mut(&mut self) -> Option<&mut Client> {
        match self {
            Wire::Ouch(client) => Some(client),
            Wire::Fix(_) => None,
        }
    }

    /// The FIX line, where FIX is spoken.
    pub(crate) fn fix(&self) -> Option<&FixLine> {
        match self {
            Wire::Fix(line) => Some(line),
            Wire::Ouch(_) => None,
        }
    }

    /// The FIX line, to change it.
    pub(crate) fn fix_mut(&mut self) -> Option<&mut FixLine> {
        match self {
            Wire::Fix(line) => Some(line),
            Wire::Ouch(_) => None,
        }
    }

    /// When the line wants to be told the time.
    pub(crate) fn next_deadline_ns(&self) -> Option<u64> {
        match self {
            Wire::Ouch(client) => client.next_deadline_ns(),
            Wire::Fix(line) => line.next_deadline_ns(),
        }
    }

    /// The line is gone.
    pub(crate) fn on_disconnect(&mut self) {
        match self {
            Wire::Ouch(client) => client.on_disconnect(),
            Wire::Fix(line) => line.on_disconnect(),
        }
    }
}

/// A venue.
pub(crate) struct Venue {
    pub(crate) wire: Wire,
    pub(crate) line: Option<Line>,
    pub(crate) phase: VenuePhase,
    /// The venue's session of this trading day, once it told us.
    pub(crate) session: Text<10>,
    /// Number of the next sequenced packet that we have not on record.
    pub(crate) next_sequence_number: u64,
    /// AccountQueries sent on any line whose answer may still come; some may have been lost with
    /// their line.
    pub(crate) queries_open: u32,
    /// Answers that must come on this line before one is surely to a query of this line.
    pub(crate) answers_due: u32,
    /// The first UserRefNum that could go out on this line, once it is up.
    pub(crate) first_user_ref_num: u32,
    /// The UserRefNum that the next order or replace spends.
    pub(crate) next_user_ref_num: u32,
    /// Why we last gave up its line.
    pub(crate) last_fault: Option<LineFault>,
    /// What it said last that could not be understood.
    pub(crate) last_finding: Option<VenueFinding>,
    pub(crate) feed: Feed,
    /// What its feed told about every instrument.
    pub(crate) markets: Markets,
}

/// The line on which a venue publishes market state.
pub(crate) struct Feed {
    pub(crate) client: Client,
    pub(crate) line: Option<Line>,
    /// Whether this line has told a market state.
    pub(crate) has_told: bool,
    /// Why we last gave up its line.
    pub(crate) last_fault: Option<LineFault>,
}

impl Venue {
    /// A venue before the first record of the day.
    pub(crate) fn new(terms: &VenueTerms, instruments: usize) -> Venue {
        // The journal holds asterisks; the edge puts the password into the peer's copy.
        let masked = Text::new(&[b'*'; 10]).unwrap_or_default();
        let client = || Client::new(terms.username, masked);
        Venue {
            wire: Wire::new(terms, client()),
            line: None,
            phase: VenuePhase::Down,
            session: Text::EMPTY,
            next_sequence_number: 1,
            queries_open: 0,
            answers_due: 0,
            first_user_ref_num: u32::MAX,
            next_user_ref_num: 1,
            last_fault: None,
            last_finding: None,
            feed: Feed {
                client: client(),
                line: None,
                has_told: false,
                last_fault: None,
            },
            markets: Markets::new(instruments),
        }
    }

    /// Whether its feed stands and says that its phase takes orders for an instrument.
    pub(crate) fn takes_orders(&self, instrument: u16) -> bool {
        let phase = self.markets.phase(instrument);
        self.feed.line.is_some() && phase.is_some_and(|phase| phase != Phase::Closed)
    }
}

impl State {
    /// A venue by its index.
    pub(crate) fn venue(&self, venue: u16) -> Option<&Venue> {
        self.venues.get(usize::from(venue))
    }

    /// A venue by its index, to change it.
    pub(crate) fn venue_mut(&mut self, venue: u16) -> Option<&mut Venue> {
        self.venues.get_mut(usize::from(venue))
    }

    /// The FIX line of a venue, to change it; `None` where there is no such venue, or another
    /// protocol is spoken.
    pub(crate) fn fix_line_mut(&mut self, venue: u16) -> Option<&mut FixLine> {
        self.venue_mut(venue)?.wire.fix_mut()
    }

    /// The next UserRefNum of a venue, spent whether or not it is sent: the venue asks only that
    /// they rise. Zero, which is no number, where there is no such venue.
    pub(crate) fn take_user_ref_num(&mut self, venue: u16) -> u32 {
        let Some(venue) = self.venue_mut(venue) else {
            return 0;
        };
        let taken = venue.next_user_ref_num;
        venue.next_user_ref_num = taken.saturating_add(1);
        taken
    }

    /// Whether a venue has given out its last UserRefNum.
    pub(crate) fn is_out_of_numbers(&self, venue: u16) -> bool {
        let venue = self.venue(venue);
        venue.is_some_and(|venue| venue.next_user_ref_num == u32::MAX)
    }

    /// Puts how far a venue's stream is read onto the effect.
    pub(crate) fn put_venue(&self, venue: u16, effect: &mut EffectBuilder<'_>) {
        let Some(entry) = self.venue(venue) else {
            return;
        };
        match &entry.wire {
            Wire::Ouch(_) => effect.venue(
                venue,
                (entry.next_sequence_number, entry.queries_open),
                &entry.session,
            ),
            Wire::Fix(line) => effect.venue_numbers(venue, line.session.numbers()),
        }
    }
}
