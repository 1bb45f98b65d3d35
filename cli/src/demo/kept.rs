//! What an initiator keeps for being asked to send it again.

use std::collections::VecDeque;

/// An application message that may have to be sent again.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) msg_type: &'static str,
    pub(super) sending_time: String,
    pub(super) body: String,
}

/// Messages by their number, as far as they are kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// By number from `first`; `None` for what may be filled over: administrative messages and what
    /// is answered.
    messages: VecDeque<Option<Sent>>,
    first: u64,
    most: usize,
    /// Messages that were given up unanswered, because too many later ones followed.
    pub(super) forgotten: u64,
}

impl Default for Kept {
    fn default() -> Kept {
        Kept::at_most(usize::MAX)
    }
}

impl Kept {
    /// Room for so many messages; a further one pushes the oldest out.
    pub(super) fn at_most(most: usize) -> Kept {
        Kept {
            messages: VecDeque::new(),
            first: 1,
            most,
            forgotten: 0,
        }
    }

    /// From the next message on no more than so many are kept.
    pub(super) fn limit_to(&mut self, most: usize) {
        self.most = most;
    }

    /// Nothing is kept, and the next message has this number.
    pub(super) fn begin_at(&mut self, number: u64) {
        self.messages.clear();
        self.first = number;
    }

    /// Keeps the message with the next number; `None` keeps its number alone.
    pub(super) fn push(&mut self, sent: Option<Sent>) {
        self.messages.push_back(sent);
        while self.messages.len() > self.most {
            let oldest = self.messages.pop_front().flatten();
            self.forgotten += u64::from(oldest.is_some());
            self.first += 1;
        }
    }

    /// The message with this number need not be kept any more.
    pub(super) fn settle(&mut self, number: u64) {
        if let Some(index) = self.index_of(number)
            && let Some(place) = self.messages.get_mut(index)
        {
            *place = None;
        }
        while self.messages.front().is_some_and(Option::is_none) {
            self.messages.pop_front();
            self.first += 1;
        }
    }

    /// The message with this number, where it is kept.
    pub(super) fn at(&self, number: u64) -> Option<&Sent> {
        self.messages.get(self.index_of(number)?)?.as_ref()
    }

    fn index_of(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.first)?).ok()
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.messages.len()
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}
