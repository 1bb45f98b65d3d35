//! The live edge: effects go into the journal, then their outputs into send buffers. Nothing else
//! can put bytes there.

use gwanmun_captures::effect::{EffectReader, Entry, SECRET};
use gwanmun_fix::frame::check_sum;
use gwanmun_gateway::effect::OFFLINE;
use gwanmun_gateway::{Close, Edge, EffectHead, Input, Place, Stopped};
use gwanmun_runtime::transport::{ConnectionId, Sender};

use crate::journal_writer::{JournalWriter, LivePast};
use crate::venue_lines::{Password, VenueLines};

/// Where the password stands in a SoupBinTCP login request: behind head (3) and username (6).
const PASSWORD_AT: core::ops::Range<usize> = 9..19;

/// CheckSum(10) at the end of a FIX message.
const CHECK_SUM_BYTES: usize = 7;

/// Journal and sockets for the time of one call into the gateway.
pub(crate) struct LiveEdge<'a> {
    pub(crate) journal: &'a mut JournalWriter,
    pub(crate) sender: &'a mut Sender,
    /// The venues' passwords among others; each goes into its venue's copy of a login and nowhere
    /// else.
    pub(crate) venues: &'a VenueLines,
}

impl Edge for LiveEdge<'_> {
    type Past<'b>
        = LivePast<'b>
    where
        Self: 'b;

    fn record(&mut self, input: Input<'_>) -> Result<u64, Stopped> {
        self.journal.record(input)
    }

    fn begin_effect(&mut self) -> Result<(LivePast<'_>, &mut [u8]), Stopped> {
        self.journal.begin_effect()
    }

    fn commit_effect(&mut self, used_bytes: usize, head: EffectHead) -> Result<Place, Stopped> {
        let (place, gate) = self.journal.commit_effect(used_bytes, head);
        for entry in EffectReader::new(self.journal.payload(place, used_bytes)) {
            let (connection, flags, bytes) = match entry {
                Ok(Entry::Output {
                    connection,
                    flags,
                    bytes,
                    ..
                }) => (connection, flags, bytes),
                Ok(Entry::State { .. }) => continue,
                // We built it a moment ago: what cannot be read back is a broken invariant, not bad
                // input.
                Err(error) => panic!("an effect that cannot be read back: {error:?}"),
            };
            if connection & OFFLINE != 0 {
                continue;
            }
            let connection = ConnectionId(connection);
            let (sender, venues) = (&mut *self.sender, self.venues);
            let mut send = |bytes: &[u8]| queue(sender, connection, (flags, bytes), gate, venues);
            #[cfg(feature = "faults")]
            crate::faults::tamper(connection.0, bytes, &mut send);
            #[cfg(not(feature = "faults"))]
            send(bytes);
        }
        Ok(place)
    }

    fn close(&mut self, connection: u32, how: Close) {
        match how {
            Close::AfterFlush => self.sender.close_after_flush(ConnectionId(connection)),
            Close::Now => self.sender.close(ConnectionId(connection)),
        }
    }
}

/// Puts one output into its connection's send buffer; it may leave once the journal is safe up to
/// `gate`.
fn queue(
    sender: &mut Sender,
    connection: ConnectionId,
    (flags, bytes): (u8, &[u8]),
    gate: u64,
    venues: &VenueLines,
) {
    match sender.reserve(connection, bytes.len()) {
        Some(room) => {
            room.copy_from_slice(bytes);
            if flags & SECRET != 0
                && let Some(password) = venues.password(connection)
            {
                put_password(room, password);
            }
            sender.commit(connection, bytes.len(), gate);
        }
        // A peer that does not read: a hole in his stream would be worse than its end. He fetches
        // by a ResendRequest what stands on record.
        None => sender.close(connection),
    }
}

/// Puts a venue's password into the peer's copy of a login, where asterisks stand.
fn put_password(login: &mut [u8], password: &Password) {
    if !login.starts_with(b"8=FIX") {
        if let Some(room) = login.get_mut(PASSWORD_AT) {
            room.copy_from_slice(password);
        }
        return;
    }
    let front = b"\x01554=";
    let at = login.windows(front.len()).position(|it| it == front);
    let tail = login.get_mut(at.map_or(login.len(), |at| at + front.len())..);
    for (to, from) in tail.unwrap_or_default().iter_mut().zip(password) {
        // Behind the asterisks, whose number is the password's length, the field ends.
        if *to != b'*' {
            break;
        }
        *to = *from;
    }
    let Some((body, trailer)) = login.split_last_chunk_mut::<CHECK_SUM_BYTES>() else {
        return;
    };
    let sum = check_sum(body);
    let digits = [b'0' + sum / 100, b'0' + sum / 10 % 10, b'0' + sum % 10];
    for (to, from) in trailer.iter_mut().skip(3).zip(digits) {
        *to = from;
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_fix::frame::{Frame, frame};

    use super::*;

    #[test]
    fn passwords_stand_where_asterisks_stood() {
        let fix = |password: &str| {
            let body = format!("35=A\x0134=1\x01553=gwan1\x01554={password}\x01");
            let front = format!("8=FIX.4.4\x019={}\x01{body}", body.len());
            let sum = check_sum(front.as_bytes());
            format!("{front}10={sum:03}\x01").into_bytes()
        };
        for password in ["x", "s3cret", "ten*bytes*"] {
            let mut login = fix(&"*".repeat(password.len()));
            let mut padded = [b' '; 10];
            padded[..password.len()].copy_from_slice(password.as_bytes());
            put_password(&mut login, &padded);
            assert_eq!(login, fix(password));
            let length = login.len();
            assert_eq!(frame(&login, 1_000), Frame::Whole { length });
        }
        let mut soup = *b"\x00\x31Lgwan1 **********rest";
        put_password(&mut soup, b"secret    ");
        assert_eq!(&soup, b"\x00\x31Lgwan1 secret    rest");
    }
}
