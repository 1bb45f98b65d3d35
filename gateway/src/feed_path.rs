//! The line on which each venue publishes market state and halts. Market state is not kept over a
//! restart: the venue tells it anew. Halts are on record as they change, and hold until the feed
//! that told them has begun anew and told all that are in force then.

use gwanmun_binary::feed::{FeedRecord, MarketStateRecord};
use gwanmun_binary::soup::client::ClientEvent;
use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::SECRET;
use gwanmun_market::Halt;

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::inputs;
use crate::owners::LineOwner;
use crate::stages::Stages;
use crate::venue_path::{LineFault, on_client_deadline};

impl<S: Stages> Gateway<S> {
    /// A feed's line is connected: asks for what comes next; the venue begins with the state of
    /// everything.
    pub(crate) fn feed_login<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        self.state.bind(LineOwner::Feed(index), cause.connection);
        let Some(venue) = self.state.venue_mut(index) else {
            edge.close(cause.connection, Close::Now);
            return Ok(());
        };
        venue.markets.forget();
        venue.feed.has_told = false;
        self.state.foreign.forget(index);
        let is_in_doubt = self.state.halts.doubt(index);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        if is_in_doubt {
            effect.halts_told(index, false);
        }
        if let Some(venue) = self.state.venue_mut(index) {
            effect.output(cause.connection, SECRET, |into| {
                venue.feed.client.login(0, cause.stamp.ns, into)
            });
        }
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Bytes of a feed's line. Returns how many are done with.
    pub(crate) fn on_feed_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        bytes: &[u8],
        fresh: usize,
        (connection, stamp): (u32, Stamp),
    ) -> Result<usize, Stopped> {
        let cause = inputs::record_received(edge, bytes, fresh, (connection, stamp))?;
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.markets.on_received(stamp.ns);
        }
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let fault = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    done += length;
                    self.on_feed_packet(edge, venue, &packet, cause)?
                }
                Err(_) => Some(LineFault::Unreadable),
            };
            if let Some(fault) = fault {
                self.give_up_feed(venue, fault);
                edge.close(connection, Close::Now);
                return Ok(bytes.len());
            }
        }
        Ok(done)
    }

    fn on_feed_packet<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        packet: &Packet<'_>,
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let Some(venue) = self.state.venue_mut(index) else {
            return Ok(None);
        };
        match venue.feed.client.on_packet(packet, cause.stamp.ns) {
            ClientEvent::Sequenced { message, .. } => match FeedRecord::parse(message) {
                Ok(FeedRecord::MarketState(record)) => {
                    self.on_market_state(edge, index, &record, cause)?;
                    Ok(None)
                }
                Ok(FeedRecord::Halt(record)) => self.on_halt(edge, index, record.halt, cause),
                Err(_) => Ok(Some(LineFault::Unreadable)),
            },
            ClientEvent::LoggedIn { .. } | ClientEvent::Heartbeat | ClientEvent::Debug => Ok(None),
            ClientEvent::LoginRejected(reason) => Ok(Some(LineFault::LoginRejected(reason))),
            ClientEvent::EndOfSession => Ok(Some(LineFault::Ended)),
            ClientEvent::Unexpected => Ok(Some(LineFault::Unreadable)),
        }
    }

    /// A venue's word on one instrument. The first behind a login ends what is in doubt of halts.
    fn on_market_state<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        record: &MarketStateRecord,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let state = &mut self.state;
        let Some(venue) = state.venues.get_mut(usize::from(index)) else {
            return Ok(());
        };
        let is_first = !core::mem::replace(&mut venue.feed.has_told, true);
        let tables = &state.terms.tables;
        // An instrument that our tables do not have is the venue's to list and not ours to trade.
        if let Some(instrument) = tables.instrument_index(&record.symbol) {
            let reference_qty_min = tables.market_rules(instrument).reference_qty_min;
            venue
                .markets
                .put(instrument, record, reference_qty_min, cause.stamp.ns);
            if let Some(room) = record.state.foreign_room {
                state.foreign.tell(instrument, room, index);
            }
        }
        if !is_first || !state.halts.has_doubt(index) {
            return Ok(());
        }
        state.halts.settle(index, tables);
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.halts_told(index, true);
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// A venue's word on a halt; on record if it changes anything. More areas than there is room
    /// for cost the line, so that nothing of the venue is taken for fresh.
    fn on_halt<E: Edge>(
        &mut self,
        edge: &mut E,
        index: u16,
        halt: Halt,
        cause: Cause,
    ) -> Result<Option<LineFault>, Stopped> {
        let state = &mut self.state;
        let told = state.halts.tell(index, halt, &state.terms.tables);
        let image = match told {
            Ok(Some(image)) => image,
            Ok(None) => return Ok(None),
            Err(_) => return Ok(Some(LineFault::Unreadable)),
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.halt(&image);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        Ok(None)
    }

    /// A feed's deadline has passed.
    pub(crate) fn on_feed_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let Some(entry) = self.state.venue_mut(venue) else {
            return Ok(());
        };
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let is_dead = on_client_deadline(&mut entry.feed.client, cause, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if is_dead {
            self.give_up_feed(venue, LineFault::Silent);
            edge.close(cause.connection, Close::Now);
        }
        Ok(())
    }

    fn give_up_feed(&mut self, venue: u16, fault: LineFault) {
        self.drop_feed_line(venue);
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.feed.last_fault = Some(fault);
        }
    }

    /// The line is gone. What it told last stays what is known, and ages like under a silent line.
    pub(crate) fn drop_feed_line(&mut self, venue: u16) {
        self.state.unbind(LineOwner::Feed(venue));
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.feed.client.on_disconnect();
            venue.feed.has_told = false;
        }
    }
}
