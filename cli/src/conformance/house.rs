//! What all lines of a conformance acceptor share: who may come, the dictionaries, and who is here.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use gwanmun_fix::Version;
use gwanmun_fix::dictionary::{Dictionary, Item, Standard};
use gwanmun_fix::session::{ApplicationTypes, SeqNumReset, SessionTerms};
use gwanmun_fix::validate::{Checks, CompileError, Validator};
use gwanmun_market::Text;

/// Longest message taken, in bytes.
pub(super) const MESSAGE_BYTES_MAX: usize = 65_536;

/// Who we are, and who may come.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Our CompID.
    pub sender_comp_id: Text<32>,
    /// Theirs: each has a session in each version.
    pub target_comp_ids: Vec<Text<32>>,
}

/// What a version's messages are held against.
pub(super) struct Dialect {
    pub(super) validator: Validator,
    /// Tags of header and trailer: what an echo does not repeat.
    pub(super) around: BTreeSet<u32>,
}

/// The acceptor without its lines.
pub struct House {
    terms: Terms,
    fix42: Dialect,
    fix44: Dialect,
    fix50sp2: Dialect,
    /// Sessions that have a line, by version and place in `target_comp_ids`.
    busy: Mutex<BTreeSet<(&'static str, usize)>>,
}

/// A session taken by a line; it is free again when this is dropped.
pub(super) struct Seat<'h> {
    house: &'h House,
    key: (&'static str, usize),
}

impl House {
    /// Reads the dictionaries, in some tenths of a second.
    ///
    /// # Errors
    /// A dictionary that does not compile: none of those that are built in.
    pub fn new(terms: Terms) -> Result<House, CompileError> {
        Ok(House {
            terms,
            fix42: Dialect::of(Version::Fix42)?,
            fix44: Dialect::of(Version::Fix44)?,
            fix50sp2: Dialect::of(Version::Fix50Sp2)?,
            busy: Mutex::default(),
        })
    }

    pub(super) const fn dialect(&self, version: Version) -> &Dialect {
        match version {
            Version::Fix42 => &self.fix42,
            Version::Fix44 => &self.fix44,
            Version::Fix50Sp2 => &self.fix50sp2,
        }
    }

    /// The session between these two, where it is ours and has no line.
    pub(super) fn take_seat(
        &self,
        version: Version,
        sender_comp_id: &[u8],
        target_comp_id: &[u8],
    ) -> Option<(Seat<'_>, SessionTerms)> {
        if target_comp_id != self.terms.sender_comp_id.as_bytes() {
            return None;
        }
        let targets = &self.terms.target_comp_ids;
        let at = targets
            .iter()
            .position(|target| target.as_bytes() == sender_comp_id)?;
        let key = (version.name(), at);
        let is_free = self.busy().insert(key);
        let seat = is_free.then_some(Seat { house: self, key })?;
        let own = self.terms.sender_comp_id;
        let terms = SessionTerms {
            version,
            heart_bt_int_s: 3_600,
            reset: SeqNumReset::EachLogon,
            application_types: ApplicationTypes::All,
            ..SessionTerms::new(own, *targets.get(at)?, true)
        };
        Some((seat, terms))
    }

    fn busy(&self) -> MutexGuard<'_, BTreeSet<(&'static str, usize)>> {
        // A set of small keys is whole whatever happened to who held it.
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.house.busy().remove(&self.key);
    }
}

impl Dialect {
    /// The version's own dictionary, read and compiled.
    pub(super) fn of(version: Version) -> Result<Dialect, CompileError> {
        let standard = match version {
            Version::Fix42 => Standard::Fix42,
            Version::Fix44 => Standard::Fix44,
            Version::Fix50Sp2 => Standard::Fix50Sp2,
        };
        let dictionary = Dictionary::standard(standard);
        // Test case 14a leaves tags of the peers' own out.
        let checks = Checks {
            user_defined: false,
            ..Checks::ALL
        };
        let mut around = BTreeSet::new();
        collect(&dictionary, dictionary.header(), &mut around);
        collect(&dictionary, dictionary.trailer(), &mut around);
        Ok(Dialect {
            validator: Validator::new(&dictionary, checks)?,
            around,
        })
    }
}

/// Every tag of a layout, those of groups and components too. A dictionary has no cycles.
fn collect(dictionary: &Dictionary, items: &[Item], tags: &mut BTreeSet<u32>) {
    for item in items {
        match item {
            Item::Field { tag, .. } => {
                tags.insert(*tag);
            }
            Item::Group { tag, items, .. } => {
                tags.insert(*tag);
                collect(dictionary, items, tags);
            }
            Item::Component { name, .. } => {
                collect(dictionary, dictionary.component(name).unwrap_or(&[]), tags);
            }
        }
    }
}
