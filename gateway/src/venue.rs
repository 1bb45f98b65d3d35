//! One venue as the gateway keeps it: its order line, its market state line, its numbers, its
//! market. Venues share nothing but the orders and positions; what one of them does leaves the
//! others alone.
//!
//! Not in it: what the lines say (`venue_path`, `feed_path`) and which venue an order goes to
//! (`route`).

use gwanmun_binary::soup::client::Client;
use gwanmun_market::{Phase, Text};

use crate::effect::EffectBuilder;
use crate::markets::Markets;
use crate::state::{Line, State};
use crate::terms::VenueTerms;
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

/// A venue.
pub(crate) struct Venue {
    pub(crate) client: Client,
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
            client: client(),
            line: None,
            phase: VenuePhase::Down,
            session: Text::EMPTY,
            next_sequence_number: 1,
            queries_open: 0,
            answers_due: 0,
            first_user_ref_num: u32::MAX,
            next_user_ref_num: 1,
            last_fault: None,
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
        if let Some(entry) = self.venue(venue) {
            effect.venue(
                venue,
                (entry.next_sequence_number, entry.queries_open),
                &entry.session,
            );
        }
    }
}
