//! Members, gateway and venue in one place, joined by lines that the tests cut, hold and split.
//!
//! Every call into the gateway is made under the counting allocator (`no_allocation`), and after
//! every input the sums of [`Images`] are taken where a test asks for it. `lines` carries bytes,
//! `asks` is what members say, `death` is the end of the process and its next start.

mod asks;
mod death;
mod lines;

use std::collections::BTreeMap;

use gwanmun_captures::input::{Leaving, Schedule};
use gwanmun_gateway::{
    Credential, Gateway, PastLines, Stamp, Stopped, StorageLevel, Terms, VenuePhase, WireTerms,
};
use gwanmun_market::{MarketState, OrderId, Symbol};
use gwanmun_runtime::allocation;

pub(crate) use asks::{Ask, BUY, SELL, ask};

use crate::edge::MemoryEdge;
use crate::images::Images;
use crate::member::Member;
use crate::snapshot::Restored;
use crate::sums;
use crate::terms::{self, FUTURE, HYNIX, NOW_NS, SAMSUNG, text};
use crate::venue::Venue;

const SEGMENT_BYTES: usize = 1 << 20;

pub(crate) struct World {
    pub(crate) terms: Terms,
    pub(crate) gateway: Gateway<()>,
    pub(crate) edge: MemoryEdge,
    pub(crate) members: Vec<Member>,
    pub(crate) member_lines: Vec<Option<u32>>,
    /// One for each venue of the terms.
    pub(crate) sites: Vec<Site>,
    pub(crate) now_ns: u64,
    /// Lines whose sockets accept nothing now.
    pub(crate) held_sockets: Vec<u32>,
    /// Whether received bytes come one by one.
    pub(crate) is_split: bool,
    /// Whether the sums and a restored twin are looked at after every input.
    pub(crate) is_checked: bool,
    /// Segments before the snapshot that a crash restarts from; all that are finished unless told.
    pub(crate) snapshot_border: Option<usize>,
    /// What came of members' names and passwords.
    pub(crate) credential: Credential,
    next_connection: u32,
    delivered: usize,
    unconsumed: BTreeMap<u32, Vec<u8>>,
    accepted: BTreeMap<u32, u64>,
    /// Bytes that wait for a held socket.
    waiting: BTreeMap<u32, Vec<Vec<u8>>>,
}

/// A venue and its two lines.
pub(crate) struct Site {
    pub(crate) venue: Venue,
    pub(crate) order_line: Option<u32>,
    pub(crate) feed_line: Option<u32>,
    /// Whether the venue reads requests only when the test says so.
    pub(crate) is_slow: bool,
}

fn index_of(site: usize) -> u16 {
    u16::try_from(site).unwrap()
}

impl Site {
    pub(crate) fn new(wire: WireTerms) -> Site {
        Site {
            venue: match wire {
                WireTerms::Ouch50 => Venue::new(),
                WireTerms::Fix(_) => Venue::with_front(),
            },
            order_line: None,
            feed_line: None,
            is_slow: false,
        }
    }
}

impl World {
    /// Everything logged on, the market open.
    pub(crate) fn new() -> World {
        let mut world = World::of(terms::terms(), SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// The same with a venue that speaks FIX.
    pub(crate) fn with_fix_venue() -> World {
        let mut world = World::of(terms::fix_venue(), SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// The same with two venues, of which the second speaks FIX.
    pub(crate) fn with_two_wires() -> World {
        let mut terms = terms::two_venues();
        terms.venues[1].wire = terms::fix_venue().venues[0].wire;
        let mut world = World::of(terms, SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// The same with two venues, both open.
    pub(crate) fn with_two_venues() -> World {
        let mut world = World::of(terms::two_venues(), SEGMENT_BYTES);
        world.connect_all();
        world
    }

    /// A gateway just started, nothing connected.
    pub(crate) fn of(terms: Terms, segment_bytes: usize) -> World {
        let mut edge = MemoryEdge::new(segment_bytes);
        let stamp = Stamp {
            ns: NOW_NS,
            clock_quality: 0,
        };
        edge.record_start(&terms, stamp);
        World {
            gateway: Gateway::new(terms.clone(), ()).unwrap(),
            edge,
            members: (0..2).map(Member::new).collect(),
            member_lines: vec![None; terms.members.len()],
            sites: terms.venues.iter().map(|it| Site::new(it.wire)).collect(),
            now_ns: NOW_NS,
            held_sockets: Vec::new(),
            is_split: false,
            is_checked: true,
            snapshot_border: None,
            credential: Credential::Passed,
            next_connection: 1,
            delivered: 0,
            unconsumed: BTreeMap::new(),
            accepted: BTreeMap::new(),
            waiting: BTreeMap::new(),
            terms,
        }
    }

    pub(crate) fn connect_all(&mut self) {
        for site in 0..self.sites.len() {
            self.connect_venue_at(site);
            self.connect_feed_at(site);
            self.open_market(site);
        }
        self.connect_member(0, false);
        self.connect_member(1, false);
    }

    fn open_market(&mut self, site: usize) {
        for symbol in [SAMSUNG, HYNIX] {
            self.tell_market_at(site, symbol, terms::open_market());
        }
        let future = MarketState {
            last: Some(gwanmun_market::Price(3_500_000)),
            best_bid: None,
            best_ask: None,
            ..terms::open_market()
        };
        self.tell_market_at(site, FUTURE, future);
    }

    pub(crate) fn stamp(&self) -> Stamp {
        Stamp {
            ns: self.now_ns,
            clock_quality: 0,
        }
    }

    /// One call into the gateway: it allocates nothing, and nothing is done once it has stopped.
    pub(crate) fn call(
        &mut self,
        body: impl FnOnce(&mut Gateway<()>, &mut MemoryEdge) -> Result<(), Stopped>,
    ) {
        if self.edge.is_stopped {
            return;
        }
        let counting = allocation::count_here();
        let done = body(&mut self.gateway, &mut self.edge);
        let allocations = counting.count();
        drop(counting);
        assert_eq!(allocations, 0, "the gateway allocated");
        assert_eq!(done.is_err(), self.edge.is_stopped);
        if self.is_checked && done.is_ok() {
            self.check();
        }
    }

    /// The sums hold, and a gateway restored from the journal is the same byte for byte.
    pub(crate) fn check(&self) {
        let image = self.gateway.snapshot(&PastLines::default());
        let images = Images::read(&image);
        images.assert_sums();
        let restored = self.restored();
        assert!(
            restored.snapshot(&PastLines::default()) == image,
            "a restart brings back another state"
        );
        // What is summed is what a model sums from scratch, and what a restart sums.
        let sums = self.gateway.sums();
        assert_eq!(sums, sums::expected(&images, &self.terms.tables));
        assert_eq!(sums, restored.sums(), "a restart sums otherwise");
    }

    pub(crate) fn images(&self) -> Images {
        Images::read(&self.gateway.snapshot(&PastLines::default()))
    }

    pub(crate) fn restored(&self) -> Gateway<()> {
        Restored::from_all(&self.terms, self.edge.segments()).gateway
    }

    pub(crate) fn leave(&mut self, who: Leaving) {
        let stamp = self.stamp();
        self.call(|gateway, edge| gateway.on_leaving(edge, who, stamp));
        self.run();
    }

    /// A session's hours are told, or anything else of its calendar.
    pub(crate) fn schedule(&mut self, schedule: Schedule) {
        let stamp = self.stamp();
        self.call(|gateway, edge| gateway.on_schedule(edge, schedule, stamp));
        self.run();
    }

    pub(crate) fn storage(&mut self, level: StorageLevel) {
        let stamp = self.stamp();
        self.call(|gateway, edge| gateway.on_storage(edge, level, stamp));
    }

    /// Time passes; deadlines fire as they come.
    pub(crate) fn wait_ns(&mut self, ns: u64) {
        let until = self.now_ns + ns;
        while let Some(due) = self.gateway.next_deadline_ns().filter(|due| *due <= until) {
            self.now_ns = self.now_ns.max(due);
            let stamp = self.stamp();
            self.call(|gateway, edge| gateway.on_deadlines(edge, stamp));
            self.run();
        }
        self.now_ns = until;
    }

    pub(crate) fn is_up(&self) -> bool {
        self.is_up_at(0)
    }

    pub(crate) fn is_up_at(&self, site: usize) -> bool {
        self.gateway.venue_phase(index_of(site)) == VenuePhase::Up
    }

    pub(crate) fn sold_at_most(&self, symbol: &str) -> i64 {
        let symbol: Symbol = text(symbol);
        let sold = |site: &Site| site.venue.sold_at_most(&symbol);
        self.sites.iter().map(sold).sum()
    }

    pub(crate) fn entered(&self) -> &[OrderId] {
        &self.sites[0].venue.entered
    }
}
