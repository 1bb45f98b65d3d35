//! Repeating groups as borrowed iterators over a message's fields.
//!
//! A [`Group`] says which tags belong to a group: from a constant list, or from a dictionary (with
//! the feature `dictionary`). [`Groups`] then walks the entries of one. An entry is a run of fields
//! that begins with the *delimiter*, which is whatever member stands first behind NumInGroup: the
//! specification has one particular field there, and a sender who begins each entry with another
//! one is understood as well. Behind it members may stand in any order, and any may be absent. The
//! group ends at the first field that is no member. A tag that the list does not name, a
//! counterparty's own for example, thus ends the group; name it in the list.
//!
//! NumInGroup must be the number of entries: the iterator ends with an error where it is not, and
//! never reads beyond the group or the message. Whether members are required, repeated or in order
//! is validation's question, not asked here.
//!
//! ```
//! use gwanmun_fix::groups::Group;
//! use gwanmun_fix::{Index, Message};
//!
//! static SUB_IDS: Group = Group::new(802, &[523, 803], &[]);
//! static PARTIES: Group = Group::new(453, &[448, 447, 452], std::slice::from_ref(&SUB_IDS));
//!
//! let bytes = b"8=FIX.4.4\x019=45\x0135=D\x01453=2\x01448=a\x01452=1\x01\
//!     448=b\x01802=1\x01523=c\x0110=000\x01";
//! let mut index = Index::new();
//! let message = Message::parse(bytes, &mut index).unwrap();
//! let mut ids = Vec::new();
//! for party in message.groups(&PARTIES).unwrap() {
//!     let party = party.unwrap();
//!     ids.push(party.required(448).unwrap());
//!     for sub_id in party.groups(&SUB_IDS).unwrap() {
//!         ids.push(sub_id.unwrap().required(523).unwrap());
//!     }
//! }
//! assert_eq!(ids, [b"a", b"b", b"c"]);
//! ```

mod entry;

use std::borrow::Cow;

use crate::error::{FieldError, SessionRejectReason};
use crate::message::Message;

pub use entry::Entry;

/// Tags below this are members by a bit, those above by a search. The standard files end below
/// 3,000.
const NEAR_TAGS: u32 = 4_096;
const NEAR_WORDS: usize = 64;
const _: () = assert!(NEAR_WORDS * 64 == NEAR_TAGS as usize);

/// Which tags belong to a repeating group.
#[derive(Clone, Debug)]
pub struct Group {
    count_tag: u32,
    /// Members, those of nested groups and their counts included: bits below [`NEAR_TAGS`].
    near: [u64; NEAR_WORDS],
    /// Its own members; the far ones are searched.
    members: Cow<'static, [u32]>,
    nested: Cow<'static, [Group]>,
}

impl Group {
    /// A group by NumInGroup, the other members, and the groups within it (whose NumInGroup need
    /// not be among the members).
    #[must_use]
    pub const fn new(count_tag: u32, members: &'static [u32], nested: &'static [Group]) -> Group {
        Group {
            count_tag,
            near: near_bits(members, nested),
            members: Cow::Borrowed(members),
            nested: Cow::Borrowed(nested),
        }
    }

    /// The same, made while the program runs.
    #[must_use]
    pub fn from_lists(count_tag: u32, members: Vec<u32>, nested: Vec<Group>) -> Group {
        Group {
            count_tag,
            near: near_bits(&members, &nested),
            members: Cow::Owned(members),
            nested: Cow::Owned(nested),
        }
    }

    /// NumInGroup's tag.
    #[must_use]
    pub const fn count_tag(&self) -> u32 {
        self.count_tag
    }

    /// The group within this one that this tag counts.
    #[must_use]
    pub fn nested(&self, count_tag: u32) -> Option<&Group> {
        self.nested
            .iter()
            .find(|group| group.count_tag == count_tag)
    }

    /// Whether a tag may stand in an entry, in a nested one too.
    #[must_use]
    #[inline]
    pub fn has(&self, tag: u32) -> bool {
        match self.near.get(tag as usize / 64) {
            Some(word) => word >> (tag % 64) & 1 == 1,
            None => self.has_far(tag),
        }
    }

    #[cold]
    fn has_far(&self, tag: u32) -> bool {
        self.members.contains(&tag)
            || self
                .nested
                .iter()
                .any(|group| group.count_tag == tag || group.has_far(tag))
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "a constant function has no other way; every index is bounded beside it"
)]
const fn near_bits(members: &[u32], nested: &[Group]) -> [u64; NEAR_WORDS] {
    let mut bits = [0; NEAR_WORDS];
    let mut at = 0;
    while at < members.len() {
        if members[at] < NEAR_TAGS {
            bits[members[at] as usize / 64] |= 1 << (members[at] % 64);
        }
        at += 1;
    }
    at = 0;
    while at < nested.len() {
        if nested[at].count_tag < NEAR_TAGS {
            bits[nested[at].count_tag as usize / 64] |= 1 << (nested[at].count_tag % 64);
        }
        let mut word = 0;
        while word < NEAR_WORDS {
            bits[word] |= nested[at].near[word];
            word += 1;
        }
        at += 1;
    }
    bits
}

impl<'a> Message<'a> {
    /// The entries of a group of the message; none where NumInGroup is absent. The first field with
    /// its tag counts, wherever it stands: a group that other groups have within them too is asked
    /// of their [`Entry`].
    ///
    /// # Errors
    /// NumInGroup is not a number of 32 bits.
    pub fn groups<'g>(&self, group: &'g Group) -> Result<Groups<'a, 'g>, FieldError> {
        Groups::within(*self, 0, self.count(), group)
    }
}

/// The entries of a repeating group, in wire order.
///
/// Ends after its first error: SessionRejectReason(373)=16 at NumInGroup's tag where the entries
/// are fewer or more than it says.
#[derive(Clone, Debug)]
pub struct Groups<'a, 'g> {
    message: Message<'a>,
    group: &'g Group,
    /// The first slot behind the entries so far.
    at: usize,
    /// The slot behind which no entry can reach.
    end: usize,
    delimiter: u32,
    /// Entries still to come by NumInGroup.
    left: u32,
    /// Fields of the entry before: most entries are of one shape.
    fields_before: usize,
}

impl<'a, 'g> Groups<'a, 'g> {
    fn within(
        message: Message<'a>,
        start: usize,
        end: usize,
        group: &'g Group,
    ) -> Result<Groups<'a, 'g>, FieldError> {
        let tags = message.tags().get(start..end).unwrap_or(&[]);
        let place = tags.iter().position(|&tag| tag == group.count_tag);
        let count_slot = place.map_or(end, |place| start + place);
        let left = match message.value_at(count_slot).filter(|_| place.is_some()) {
            None => 0,
            Some(value) => entry::count(group.count_tag, value)?,
        };
        Ok(Groups {
            message,
            group,
            at: count_slot + 1,
            end,
            delimiter: message.tag_at(count_slot + 1).unwrap_or(0),
            left,
            fields_before: 0,
        })
    }

    /// Entries still to come, as NumInGroup says.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    /// Whether an entry begins in a slot.
    #[inline]
    fn begins(&self, slot: usize) -> bool {
        let tag = self.message.tags().get(slot).copied();
        slot < self.end && tag == Some(self.delimiter) && self.group.has(self.delimiter)
    }

    /// The slot behind the entry that begins at `self.at`.
    #[inline]
    fn entry_end(&self) -> usize {
        let tags = self.message.tags();
        // The same tags as before, and then another entry: no need to ask for each one.
        let (before, same) = (
            self.at - self.fields_before.min(self.at),
            self.at + self.fields_before,
        );
        if self.fields_before > 0
            && same < self.end
            && tags.get(same) == Some(&self.delimiter)
            && tags.get(before..self.at) == tags.get(self.at..same)
        {
            return same;
        }
        let rest = tags.get(self.at + 1..self.end).unwrap_or(&[]);
        let ends = |&tag: &u32| tag == self.delimiter || !self.group.has(tag);
        let length = rest.iter().position(ends);
        self.at + 1 + length.unwrap_or(rest.len())
    }
}

impl<'a, 'g> Iterator for Groups<'a, 'g> {
    type Item = Result<Entry<'a, 'g>, FieldError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let begins = self.begins(self.at);
        if begins && self.left > 0 {
            let end = self.entry_end();
            let entry = Entry::new(self.message, self.group, self.at, end);
            self.left -= 1;
            self.fields_before = end - self.at;
            self.at = end;
            return Some(Ok(entry));
        }
        if !begins && self.left == 0 {
            return None;
        }
        // Nothing follows the error.
        (self.left, self.end) = (0, 0);
        let reason = SessionRejectReason::IncorrectNumInGroupCount;
        Some(Err(FieldError::new(self.group.count_tag, reason)))
    }
}

#[cfg(test)]
mod tests;
