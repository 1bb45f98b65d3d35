//! The line on which each venue publishes market state. What it says is not kept over a restart:
//! the venue tells it anew.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::client::ClientEvent;
use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::SECRET;

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
        venue: u16,
        cause: Cause,
    ) -> Result<(), Stopped> {
        self.state.bind(LineOwner::Feed(venue), cause.connection);
        let Some(venue) = self.state.venue_mut(venue) else {
            edge.close(cause.connection, Close::Now);
            return Ok(());
        };
        venue.markets.forget();
        venue.feed.has_told = false;
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.output(cause.connection, SECRET, |into| {
            venue.feed.client.login(0, cause.stamp.ns, into)
        });
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
        inputs::record_received(edge, bytes, fresh, (connection, stamp))?;
        if let Some(venue) = self.state.venue_mut(venue) {
            venue.markets.on_received(stamp.ns);
        }
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let fault = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    done += length;
                    self.on_feed_packet(venue, &packet, stamp.ns)
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

    fn on_feed_packet(
        &mut self,
        venue: u16,
        packet: &Packet<'_>,
        now_ns: u64,
    ) -> Option<LineFault> {
        let tables = &self.state.terms.tables;
        let venue = self.state.venues.get_mut(usize::from(venue))?;
        match venue.feed.client.on_packet(packet, now_ns) {
            ClientEvent::Sequenced { message, .. } => {
                let Ok(record) = MarketStateRecord::parse(message) else {
                    return Some(LineFault::Unreadable);
                };
                venue.feed.has_told = true;
                // An instrument that our tables do not have is the venue's to list and not ours to
                // trade.
                if let Some(index) = tables.instrument_index(&record.symbol) {
                    venue.markets.put(index, record.state);
                }
                None
            }
            ClientEvent::LoggedIn { .. } | ClientEvent::Heartbeat | ClientEvent::Debug => None,
            ClientEvent::LoginRejected(reason) => Some(LineFault::LoginRejected(reason)),
            ClientEvent::EndOfSession => Some(LineFault::Ended),
            ClientEvent::Unexpected => Some(LineFault::Unreadable),
        }
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
