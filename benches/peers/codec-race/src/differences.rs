//! What others make of a message, held against what we make of it.
//!
//! A difference that no entry of the list in [`crate::explained`] accounts for is a finding: either
//! our codec is wrong, or theirs is and the list lacks an entry.

use std::panic::{AssertUnwindSafe, catch_unwind};

use race_ours::ground::SEED;
use race_ours::message_sets::make;
use race_ours::ours;
use race_ours::random::Random;

use crate::explained::EXPLAINED;
use crate::mutations::{self, Mutation};
#[cfg(feature = "easyfix")]
use crate::peers::easyfix;
use crate::peers::{Decoded, fefix, hotfix, ironfix, rustyfix};

/// Fields with their values, as a message has them.
pub type Fields = Vec<(u32, Vec<u8>)>;

/// One message, what was done to it, and what both sides make of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The peer.
    pub peer: &'static str,
    /// What was done to the message.
    pub mutation: Mutation,
    /// The message.
    pub message: Vec<u8>,
    /// What we read; `None` where we refuse it.
    pub ours: Option<Fields>,
    /// What the peer reads.
    pub theirs: Decoded,
}

impl Case {
    /// Whether we take the message and the peer refuses it.
    #[must_use]
    pub fn only_we_take_it(&self) -> bool {
        self.ours.is_some() && matches!(self.theirs, Decoded::Refused(_))
    }

    /// Whether we refuse the message and the peer takes it.
    #[must_use]
    pub fn only_they_take_it(&self) -> bool {
        self.ours.is_none() && matches!(self.theirs, Decoded::Fields(_))
    }

    /// The entry of the list that accounts for it.
    #[must_use]
    pub fn explanation(&self) -> Option<usize> {
        EXPLAINED
            .iter()
            .position(|known| known.peers.contains(&self.peer) && (known.applies)(self))
    }

    /// The message for people.
    #[must_use]
    pub fn text(&self) -> String {
        self.message
            .escape_ascii()
            .to_string()
            .replace("\\x01", "|")
    }

    /// The fields that only the peer reads, or why it refuses the message, for people.
    #[must_use]
    pub fn theirs_alone(&self) -> String {
        let ours = self.ours.as_deref().unwrap_or_default();
        match &self.theirs {
            Decoded::Refused(reason) => reason.clone(),
            Decoded::Fields(theirs) => {
                let alone = theirs.iter().filter(|field| !ours.contains(field));
                let text =
                    |(tag, value): &(u32, Vec<u8>)| format!("{tag}={}|", value.escape_ascii());
                alone.map(text).collect()
            }
        }
    }
}

type Decode = Box<dyn FnMut(&[u8]) -> Decoded>;

/// How a peer's fields compare to ours.
struct Peer {
    name: &'static str,
    decode: Decode,
    /// Tags that it does not tell.
    leaves_out: &'static [u32],
    /// Whether it keeps the order of the wire.
    keeps_order: bool,
}

fn peers() -> Vec<Peer> {
    let hotfix = hotfix::Hotfix::default();
    let fefix = fefix::dictionary();
    let mut rustyfix = rustyfix::Rustyfix::default();
    let peer = |name, leaves_out, keeps_order, decode| Peer {
        name,
        decode,
        leaves_out,
        keeps_order,
    };
    vec![
        peer(
            "ironfix-tagvalue",
            &[10][..],
            true,
            Box::new(ironfix::decode) as Box<_>,
        ),
        peer(
            "fefix",
            &[9, 10],
            true,
            Box::new(move |bytes| fefix::decode(&fefix, bytes)),
        ),
        peer(
            "rustyfix",
            &[9, 10],
            true,
            Box::new(move |bytes| rustyfix::decode(&mut rustyfix, bytes)),
        ),
        peer(
            "hotfix-message",
            &[],
            false,
            Box::new(move |bytes| hotfix::decode(&hotfix, bytes)),
        ),
        #[cfg(feature = "easyfix")]
        peer(
            "easyfix-messages",
            &[8, 9, 10],
            false,
            Box::new(|bytes| easyfix::decode(&under_fixt(bytes))),
        ),
    ]
}

#[cfg(feature = "easyfix")]
/// The message under BeginString(8)=FIXT.1.1; a sum that was wrong stays wrong.
fn under_fixt(message: &[u8]) -> Vec<u8> {
    let rest = message.strip_prefix(b"8=FIX.4.4").unwrap_or(message);
    let mut other = b"8=FIXT.1.1".to_vec();
    other.extend_from_slice(rest);
    let check_sum = race_ours::message_sets::check_sum;
    let split = message.len().checked_sub(7).map(|at| message.split_at(at));
    if let Some((summed, trailer)) = split
        && trailer == format!("10={:03}\x01", check_sum(summed)).as_bytes()
    {
        other.truncate(other.len() - 7);
        let sum = check_sum(&other);
        other.extend_from_slice(format!("10={sum:03}\x01").as_bytes());
    }
    other
}

/// What a comparison found.
#[derive(Default)]
pub struct Found {
    /// Messages compared, with every peer counted.
    pub compared: usize,
    /// Messages that both sides take, with the same fields.
    pub same_fields: usize,
    /// How many each entry of the list accounts for.
    pub explained: Vec<usize>,
    /// The rest.
    pub unexplained: Vec<Case>,
}

/// Compares every peer on so many messages of each set, each in all its mutations.
pub fn compare(messages: usize) -> Found {
    let mut found = Found {
        explained: vec![0; EXPLAINED.len()],
        ..Found::default()
    };
    let mut peers = peers();
    for_each_case(messages, |mutation, message, ours| {
        for peer in &mut peers {
            let theirs = peer.decode(message);
            found.take(peer, mutation, message, ours, theirs);
        }
    });
    found
}

/// Gives so many messages of each set, each in all its mutations, and what we read in them.
pub fn for_each_case(messages: usize, mut then: impl FnMut(Mutation, &[u8], Option<&Fields>)) {
    let mut random = Random::new(SEED);
    for set in ["nos", "er", "mdi", "mds", "nos-mixed", "mixed"] {
        for made in make(set, SEED).iter().take(messages) {
            for mutation in mutations::ALL {
                let message = mutations::mutate(made, mutation, &mut random);
                then(mutation, &message, ours::decode(&message).as_ref());
            }
        }
    }
}

impl Peer {
    fn decode(&mut self, message: &[u8]) -> Decoded {
        let decode = &mut self.decode;
        let decoded = catch_unwind(AssertUnwindSafe(|| decode(message)));
        decoded.unwrap_or_else(|_| Decoded::Refused("it panics".to_owned()))
    }

    fn agrees(&self, ours: Option<&Fields>, theirs: &Decoded) -> bool {
        match (ours, theirs) {
            (None, Decoded::Refused(_)) => true,
            (Some(ours), Decoded::Fields(theirs)) => {
                let told = |field: &&(u32, Vec<u8>)| !self.leaves_out.contains(&field.0);
                let mut ours: Vec<&(u32, Vec<u8>)> = ours.iter().filter(told).collect();
                let mut theirs: Vec<&(u32, Vec<u8>)> = theirs.iter().collect();
                if !self.keeps_order {
                    ours.sort_unstable();
                    theirs.sort_unstable();
                }
                ours == theirs
            }
            _ => false,
        }
    }
}

impl Found {
    fn take(
        &mut self,
        peer: &Peer,
        mutation: Mutation,
        message: &[u8],
        ours: Option<&Fields>,
        theirs: Decoded,
    ) {
        self.compared += 1;
        if peer.agrees(ours, &theirs) {
            self.same_fields += usize::from(ours.is_some());
            return;
        }
        let case = Case {
            peer: peer.name,
            mutation,
            message: message.to_vec(),
            ours: ours.cloned(),
            theirs,
        };
        match case.explanation() {
            Some(at) => {
                if let Some(count) = self.explained.get_mut(at) {
                    *count += 1;
                }
            }
            None => self.unexplained.push(case),
        }
    }
}
