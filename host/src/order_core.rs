//! What happens on the order core's lines, between the transport and the gateway: strangers become
//! members or go, outbound lines come and go, bytes and their stamps reach the gateway, and the
//! operator is told.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use gwanmun_captures::input::Leaving;
use gwanmun_fix::index::Index;
use gwanmun_fix::session::DisconnectReason;
use gwanmun_gateway::later_logon::LaterLogons;
use gwanmun_gateway::stranger::{self, Stranger, StrangerFault};
use gwanmun_gateway::{Credential, Gateway, Stopped};
use gwanmun_runtime::clock::Stamp;
use gwanmun_runtime::transport::{ClosedReason, ConnectionId, Event as LineEvent, Sender};

use crate::capture_thread::Shared;
use crate::config::Config;
use crate::credentials::judge;
use crate::desk::Desk;
use crate::events::Event;
use crate::journal_writer::{JournalWriter, stamp};
use crate::line_ends::{ends, reason_of};
use crate::live_edge::LiveEdge;
use crate::schedules::Schedules;
use crate::stage_clock::StageClock;
use crate::strangers::{Journaled, StrangerLine, Strangers};
use crate::terms::QUEUED_BYTES_MAX;
use crate::venue_lines::{Token, VenueLines};

/// Everything of the order core but the transport, which lends itself to callbacks.
pub(crate) struct Core {
    pub(crate) gateway: Gateway<StageClock>,
    pub(crate) journal: JournalWriter,
    pub(crate) strangers: Strangers,
    pub(crate) schedules: Schedules,
    pub(crate) venues: VenueLines,
    pub(crate) config: Arc<Config>,
    pub(crate) listeners: Vec<SocketAddr>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) events: SyncSender<Event>,
    pub(crate) index: Box<Index>,
    pub(crate) later_logons: LaterLogons,
    /// Bytes at the end of each member's line that wait, unrecorded, for the rest of a Logon.
    pub(crate) held_bytes: Box<[usize]>,
    pub(crate) journaled: Journaled,
    pub(crate) storage_byte: u64,
    /// What operators ask, where the configuration has a desk.
    pub(crate) desk: Option<Desk>,
    pub(crate) is_stopped: bool,
    /// A stop in good order has begun: no new lines.
    pub(crate) is_leaving: bool,
}

impl Core {
    pub(crate) fn tell(&self, event: Event) {
        // A full queue loses an event for people, never a decision.
        let _ = self.events.try_send(event);
    }

    /// Whether a step of a stop has nothing more to wait for.
    pub(crate) fn have_left(&self, who: Leaving) -> bool {
        match who {
            Leaving::Members => self.gateway.have_members_left(),
            Leaving::Venues => self.journaled.is_empty(),
        }
    }

    pub(crate) fn note(&mut self, done: Result<(), Stopped>) {
        self.is_stopped |= done.is_err();
    }

    pub(crate) fn with_edge<T>(
        &mut self,
        sender: &mut Sender,
        body: impl FnOnce(&mut Gateway<StageClock>, &mut LiveEdge<'_>) -> T,
    ) -> T {
        let Core {
            gateway,
            journal,
            venues,
            ..
        } = self;
        body(
            gateway,
            &mut LiveEdge {
                journal,
                sender,
                venues,
            },
        )
    }

    /// Stops 1 and 2: what the transport tells, with its stamp. Returns how many bytes are done
    /// with.
    pub(crate) fn on_event(&mut self, event: LineEvent<'_>, sender: &mut Sender) -> usize {
        if self.is_stopped {
            return 0;
        }
        match event {
            LineEvent::Accepted {
                listener,
                connection,
                peer,
                local,
                stamp,
            } => {
                let line = StrangerLine {
                    connection,
                    listener,
                    peer,
                    local,
                    since_ns: stamp.ns,
                    is_promoted: false,
                };
                if self.is_leaving || !self.strangers.add(line) {
                    sender.close(connection);
                }
                0
            }
            LineEvent::Connected {
                connection,
                token,
                peer,
                local,
                stamp,
            } => {
                self.on_connected(Token::of(token), (connection, stamp), (peer, local), sender);
                0
            }
            LineEvent::ConnectFailed { token, stamp, .. } => {
                if let Some(line) = self.venues.line_mut(Token::of(token)) {
                    line.on_lost(stamp.ns);
                }
                0
            }
            LineEvent::Received {
                connection,
                bytes,
                fresh,
                is_full,
                stamp,
            } => {
                // Members first: their way may not grow with the number of strangers.
                match self.gateway.member_of(connection.0) {
                    None if let Some(line) = self.strangers.find(connection) => {
                        self.on_stranger(line, (bytes, is_full), stamp, sender)
                    }
                    member => self.on_received((connection, member), bytes, fresh, stamp, sender),
                }
            }
            LineEvent::Closed {
                connection,
                reason,
                stamp,
            } => {
                self.on_closed((connection, stamp), reason, sender);
                0
            }
            LineEvent::Deadline { .. } => 0,
        }
    }

    fn on_connected(
        &mut self,
        token: Token,
        (connection, at): (ConnectionId, Stamp),
        (peer, local): (SocketAddr, SocketAddr),
        sender: &mut Sender,
    ) {
        if let Some(line) = self.venues.line_mut(token) {
            line.on_connected(connection);
        }
        self.journaled.add(connection);
        let ends = ends(peer, local);
        let line = (connection.0, stamp(at));
        let venue = token.venue;
        let done = self.with_edge(sender, |gateway, edge| {
            if token.is_feed {
                gateway.on_feed_connected(edge, (venue, ends), line)
            } else {
                gateway.on_venue_connected(edge, (venue, ends), line)
            }
        });
        self.note(done);
    }

    fn on_received(
        &mut self,
        (connection, member): (ConnectionId, Option<u16>),
        bytes: &mut [u8],
        fresh: usize,
        at: Stamp,
        sender: &mut Sender,
    ) -> usize {
        if fresh == 0 {
            return 0;
        }
        let (bytes, fresh) = match member {
            Some(member) => self.recordable(member, bytes, fresh),
            None => (&*bytes, fresh),
        };
        if fresh == 0 {
            return 0;
        }
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_received(edge, bytes, fresh, (connection.0, stamp(at)))
        });
        #[cfg(feature = "faults")]
        crate::faults::answer_dropped(|(venue, answer)| {
            let line = (venue, stamp(at));
            let told = self.with_edge(sender, |gateway, edge| {
                gateway.on_received(edge, answer, answer.len(), line)
            });
            self.note(told.map(|_| ()));
        });
        if let Some(member) = member
            && !self.gateway.is_bound(member)
        {
            let reason = self.gateway.take_disconnect_reason();
            self.tell(Event::MemberDown { member, reason });
        }
        self.watch_venues(at.ns);
        match done {
            Ok(consumed) => consumed,
            Err(stopped) => {
                self.note(Err(stopped));
                0
            }
        }
    }

    /// A stranger said something: perhaps his Logon is whole.
    fn on_stranger(
        &mut self,
        line: StrangerLine,
        (bytes, is_full): (&mut [u8], bool),
        at: Stamp,
        sender: &mut Sender,
    ) -> usize {
        self.strangers.hear(line.connection, bytes);
        let recognised = match self.recognise(line, bytes, at.ns) {
            Ok(None) if is_full => Err(StrangerFault::TooLong),
            recognised => recognised,
        };
        let (member, length, credential) = match recognised {
            Ok(None) => return 0,
            Ok(Some(recognised)) => recognised,
            Err(fault) => {
                self.refuse(line, fault, at.ns, sender);
                return bytes.len();
            }
        };
        // Twice, if the buffers of a line that is ending were not back yet.
        if !line.is_promoted || sender.capacity(line.connection) < QUEUED_BYTES_MAX {
            self.let_in(line.connection, member, sender);
            return 0;
        }
        self.strangers.forget(line.connection);
        self.journaled.add(line.connection);
        self.tell(Event::MemberUp {
            member,
            peer: line.peer,
        });
        let ends = ends(line.peer, line.local);
        let on_line = (line.connection.0, stamp(at));
        let Some((logon, rest)) = bytes.split_at_mut_checked(length) else {
            return 0;
        };
        stranger::mask_secrets(logon, &mut self.index);
        if let Some(entry) = self.held_bytes.get_mut(usize::from(member)) {
            *entry = 0;
        }
        let fresh = rest.len();
        let (rest, fresh) = self.recordable(member, rest, fresh);
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_member_logon(edge, (member, ends, credential), logon, on_line)?;
            if fresh == 0 {
                Ok(0)
            } else {
                gateway.on_received(edge, rest, fresh, on_line)
            }
        });
        if !self.gateway.is_bound(member) {
            let reason = self.gateway.take_disconnect_reason();
            self.tell(Event::MemberDown { member, reason });
        }
        match done {
            Ok(consumed) => length + consumed,
            Err(stopped) => {
                self.note(Err(stopped));
                0
            }
        }
    }

    /// A stranger's Logon is to be taken, with the large buffers: what it is owed by way of answer
    /// may be more than a stranger's hold. It has them at the next poll, and is delivered again
    /// then.
    fn let_in(&mut self, connection: ConnectionId, member: u16, sender: &mut Sender) {
        self.strangers.promoted(connection);
        sender.promote(connection);
        let session = self.config.sessions.get(usize::from(member));
        if session.is_some_and(|session| session.keep_hot) {
            sender.keep_hot(connection);
        }
        sender.deliver_again(connection);
    }

    /// The session and the length of a stranger's Logon, once it is whole and may have the line, or
    /// the answer why not.
    fn recognise(
        &mut self,
        line: StrangerLine,
        bytes: &[u8],
        now_ns: u64,
    ) -> Result<Option<(u16, usize, Credential)>, StrangerFault> {
        match stranger::examine(bytes, self.gateway.terms(), &mut self.index) {
            _ if self.is_leaving => Err(StrangerFault::Stopping),
            Stranger::Waiting => Ok(None),
            Stranger::Refused(fault) => Err(fault),
            Stranger::Logon {
                member,
                length,
                username,
                password,
            } => {
                let listener = self.listeners.get(line.listener.0 as usize);
                let session = self.config.sessions.get(usize::from(member));
                let credential = match session {
                    Some(session) if !session.is_open_to(line.peer.ip()) => {
                        Err(StrangerFault::Address)
                    }
                    Some(session) if listener == Some(&session.socket_accept) => {
                        let is_bound = self.gateway.is_bound(member);
                        judge(session, (username, password), is_bound, now_ns)
                    }
                    _ => Err(StrangerFault::UnknownSession),
                }?;
                Ok(Some((member, length, credential)))
            }
        }
    }

    pub(crate) fn refuse(
        &mut self,
        line: StrangerLine,
        fault: StrangerFault,
        now_ns: u64,
        sender: &mut Sender,
    ) {
        self.strangers.end(line.connection, Some(fault), now_ns);
        self.tell(Event::StrangerRefused {
            peer: line.peer,
            fault,
        });
        sender.close(line.connection);
    }

    fn on_closed(
        &mut self,
        (connection, at): (ConnectionId, Stamp),
        reason: ClosedReason,
        sender: &mut Sender,
    ) {
        if self.strangers.end(connection, None, at.ns) {
            return;
        }
        self.venues.on_lost(connection, at.ns);
        if !self.journaled.remove(connection) {
            return;
        }
        let member = self.gateway.member_of(connection.0);
        let told = self.told_of_end(member, reason_of(reason));
        let parted = match (member, reason) {
            (Some(_), ClosedReason::NotReading) => Some(DisconnectReason::NoRoom),
            (Some(member), _) => self.gateway.parting_reason(member),
            (None, _) => None,
        };
        let done = self.with_edge(sender, |gateway, edge| {
            gateway.on_closed(edge, told, (connection.0, stamp(at)))
        });
        self.note(done);
        if let Some(member) = member {
            self.tell(Event::MemberDown {
                member,
                reason: parted,
            });
        }
        self.watch_venues(at.ns);
    }
}
