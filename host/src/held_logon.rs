//! Half a later Logon at the end of a member's line: it waits, unrecorded, for its other half.
//!
//! Not in it: masking it (`gwanmun_gateway::later_logon`).

use crate::order_core::Core;

/// Text of a line's end with bytes that never went on record.
const HALF_A_LOGON: &[u8] = b"ended in half a message with secrets, which is not kept";

impl Core {
    /// What of a member's bytes may go on record now, and how many of them are not there yet: the
    /// secrets of a later Logon are masked, and half a Logon waits.
    pub(crate) fn recordable<'b>(
        &mut self,
        member: u16,
        bytes: &'b mut [u8],
        fresh: usize,
    ) -> (&'b [u8], usize) {
        let unrecorded = self.held_bytes(member) + fresh;
        let message_bytes_max = self.gateway.terms().limits.message_bytes_max;
        let index = &mut self.index;
        let held = self
            .later_logons
            .mask(bytes, unrecorded, message_bytes_max, index);
        if let Some(entry) = self.held_bytes.get_mut(usize::from(member)) {
            *entry = held;
        }
        let visible = bytes.len().saturating_sub(held);
        (
            bytes.get(..visible).unwrap_or_default(),
            unrecorded.saturating_sub(held),
        )
    }

    fn held_bytes(&self, member: u16) -> usize {
        let held = self.held_bytes.get(usize::from(member));
        held.copied().unwrap_or_default()
    }

    /// Reason and text of a line's end as they go on record.
    pub(crate) fn told_of_end(
        &self,
        member: Option<u16>,
        (code, text): (u8, &'static [u8]),
    ) -> (u8, &'static [u8]) {
        let is_cut = member.is_some_and(|member| self.held_bytes(member) > 0);
        (code, if is_cut { HALF_A_LOGON } else { text })
    }
}
