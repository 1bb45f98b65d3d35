//! The line on which the venue publishes market state. What it says is not kept over a restart: the
//! venue tells it anew.

use gwanmun_binary::feed::MarketStateRecord;
use gwanmun_binary::soup::client::ClientEvent;
use gwanmun_binary::soup::packet::Packet;
use gwanmun_captures::effect::SECRET;

use crate::cause::Cause;
use crate::edge::{Close, Edge, Stamp, Stopped};
use crate::effect::EffectBuilder;
use crate::gateway::Gateway;
use crate::inputs;
use crate::stages::Stages;
use crate::state::Line;
use crate::venue_path::{LineFault, on_client_deadline};

impl<S: Stages> Gateway<S> {
    /// The feed's line is connected: asks for what comes next; the venue begins with the state of
    /// everything.
    pub(crate) fn feed_login<E: Edge>(
        &mut self,
        edge: &mut E,
        cause: Cause,
    ) -> Result<(), Stopped> {
        self.state.markets.forget();
        let feed = &mut self.state.feed;
        feed.line = Some(Line {
            connection: cause.connection,
            queued_bytes: 0,
        });
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        effect.output(cause.connection, SECRET, |into| {
            feed.client.login(0, cause.stamp.ns, into)
        });
        let built = effect.finish();
        self.commit(edge, built, cause)
    }

    /// Bytes of the feed's line. Returns how many are done with.
    pub(crate) fn on_feed_bytes<E: Edge>(
        &mut self,
        edge: &mut E,
        bytes: &[u8],
        fresh: usize,
        (connection, stamp): (u32, Stamp),
    ) -> Result<usize, Stopped> {
        inputs::record_received(edge, bytes, fresh, (connection, stamp))?;
        self.state.markets.on_received(stamp.ns);
        let mut done = 0;
        while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
            let fault = match Packet::parse(rest) {
                Ok(None) => break,
                Ok(Some((packet, length))) => {
                    done += length;
                    self.on_feed_packet(&packet, stamp.ns)
                }
                Err(_) => Some(LineFault::Unreadable),
            };
            if let Some(fault) = fault {
                self.give_up_feed(fault);
                edge.close(connection, Close::Now);
                return Ok(bytes.len());
            }
        }
        Ok(done)
    }

    fn on_feed_packet(&mut self, packet: &Packet<'_>, now_ns: u64) -> Option<LineFault> {
        match self.state.feed.client.on_packet(packet, now_ns) {
            ClientEvent::Sequenced { message, .. } => {
                let Ok(record) = MarketStateRecord::parse(message) else {
                    return Some(LineFault::Unreadable);
                };
                // An instrument that our tables do not have is the venue's to list and not ours to
                // trade.
                if let Some(index) = self.state.terms.tables.instrument_index(&record.symbol) {
                    self.state.markets.put(index, record.state);
                }
                None
            }
            ClientEvent::LoggedIn { .. } | ClientEvent::Heartbeat | ClientEvent::Debug => None,
            ClientEvent::LoginRejected(reason) => Some(LineFault::LoginRejected(reason)),
            ClientEvent::EndOfSession => Some(LineFault::Ended),
            ClientEvent::Unexpected => Some(LineFault::Unreadable),
        }
    }

    /// The feed's deadline has passed.
    pub(crate) fn on_feed_deadline<E: Edge>(
        &mut self,
        edge: &mut E,
        cause: Cause,
    ) -> Result<(), Stopped> {
        let (_, room) = edge.begin_effect()?;
        let mut effect = EffectBuilder::new(room);
        let is_dead = on_client_deadline(&mut self.state.feed.client, cause, &mut effect);
        let built = effect.finish();
        self.commit(edge, built, cause)?;
        if is_dead {
            self.give_up_feed(LineFault::Silent);
            edge.close(cause.connection, Close::Now);
        }
        Ok(())
    }

    fn give_up_feed(&mut self, fault: LineFault) {
        self.last_feed_fault = Some(fault);
        self.drop_feed_line();
    }

    /// The line is gone. What it told last stays what is known, and ages like under a silent line.
    pub(crate) fn drop_feed_line(&mut self) {
        self.state.feed.line = None;
        self.state.feed.client.on_disconnect();
    }
}
