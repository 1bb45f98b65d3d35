//! FIX dictionaries: which fields there are and which message may hold which, read at start-up from
//! QuickFIX's XML form.
//!
//! [`Dictionary::standard`] has FIX.4.2, FIX.4.4 and FIX.5.0SP2 over FIXT.1.1. A file of one's own
//! takes their place ([`Dictionary::from_xml`]) or adds to them ([`Dictionary::extend`]): tags,
//! messages, values, without a rebuild. Every file is checked here first, with the line of the
//! mistake and what would be right, and handed on in a plain form to the crate `hotfix-dictionary`,
//! which panics where a file is not as it expects. Holding messages against a dictionary is
//! [`crate::validate`]'s; nothing here is meant for the time between two messages.
//!
//! The standard files, and what `extension_50sp2.xml` adds to them, come from QuickFIX: "This
//! product includes software developed by quickfixengine.org
//! (<http://www.quickfixengine.org/>)." Its licence stands beside this file, in `LICENSE-QUICKFIX`.
//!
//! ```
//! use gwanmun_fix::dictionary::{Dictionary, Standard};
//!
//! let mut dictionary = Dictionary::standard(Standard::Fix44);
//! dictionary.extend(
//!     "<fix type='FIX' major='4' minor='4'>
//!        <header/> <trailer/> <components/>
//!        <messages>
//!          <message name='NewOrderSingle' msgtype='D'>
//!            <field name='DeskName' required='N'/>
//!          </message>
//!        </messages>
//!        <fields>
//!          <field number='20500' name='DeskName' type='STRING'/>
//!        </fields>
//!      </fix>",
//! )?;
//! assert_eq!(dictionary.tag("DeskName"), Some(20500));
//! # Ok::<(), gwanmun_fix::dictionary::DictionaryError>(())
//! ```

mod check;
mod data_type;
mod error;
mod groups;
mod load;
mod plain_form;
mod standard;
mod structure;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use data_type::DataType;
pub use error::DictionaryError;
pub use standard::Standard;

/// Longest file that is read, in bytes. QuickFIX's largest, 156 messages of FIX 5.0SP2, has 1.5 MB.
pub const FILE_BYTES_MAX: usize = 16 << 20;
/// Largest tag that a message can carry: nine digits, as the scan reads them.
pub const TAG_MAX: u32 = 999_999_999;
/// Groups within groups. The standard files need 5, QuickFIX's largest 7; validation keeps a stack
/// of so many.
pub const GROUP_DEPTH_MAX: usize = 8;
/// Components within components. A file that needs more has most likely a cycle.
pub const COMPONENT_DEPTH_MAX: usize = 32;
/// Fields that a message can have when all its components are put in, groups' members included.
/// The largest message of QuickFIX's largest file has 4,653.
pub const MEMBERS_MAX: usize = 20_000;
/// The same over all messages of a dictionary: a bound on the memory that a file can ask for. That
/// file has 307,480.
pub const MEMBERS_TOTAL_MAX: usize = 2_000_000;

/// Fields, components and messages of one FIX version.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// `FIX.4.4`.
    version: String,
    fields: BTreeMap<u32, Field>,
    /// Invariant: the tag of each field by its name.
    tags: BTreeMap<String, u32>,
    /// Invariant, of all layouts: tags and names in them are known; components contain no cycle
    /// and stay within the limits above; a group has a first member.
    header: Vec<Item>,
    trailer: Vec<Item>,
    components: BTreeMap<String, Vec<Item>>,
    /// By MsgType(35).
    messages: BTreeMap<String, MessageDefinition>,
}

/// A field's name and what it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// `ClOrdID`.
    pub name: String,
    /// What text it may hold.
    pub data_type: DataType,
    /// The only values it may hold, with their names; empty where it may hold any.
    pub values: BTreeMap<String, String>,
}

/// A message's name and what stands between its header and its trailer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageDefinition {
    /// `NewOrderSingle`.
    pub name: String,
    /// Fields, groups and components in the specification's order.
    pub items: Vec<Item>,
}

/// One line of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A field.
    Field {
        /// Its tag.
        tag: u32,
        /// Whether it has to be there.
        required: bool,
    },
    /// A repeating group.
    Group {
        /// The tag of the field that holds the number of entries.
        tag: u32,
        /// Whether that field has to be there.
        required: bool,
        /// What an entry may hold; the first field begins each one.
        items: Vec<Item>,
    },
    /// A named part that several layouts share.
    Component {
        /// Its name.
        name: String,
        /// Whether what it requires is required here.
        required: bool,
    },
}

impl Dictionary {
    /// `FIX.4.4`, as the file's head says.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The field behind a tag.
    #[must_use]
    pub fn field(&self, tag: u32) -> Option<&Field> {
        self.fields.get(&tag)
    }

    /// The tag of a field.
    #[must_use]
    pub fn tag(&self, name: &str) -> Option<u32> {
        self.tags.get(name).copied()
    }

    /// Every field, by tag.
    pub fn fields(&self) -> impl Iterator<Item = (u32, &Field)> {
        self.fields.iter().map(|(&tag, field)| (tag, field))
    }

    /// The message of a MsgType(35).
    #[must_use]
    pub fn message(&self, msg_type: &str) -> Option<&MessageDefinition> {
        self.messages.get(msg_type)
    }

    /// Every message with its MsgType(35), in the order of those.
    pub fn messages(&self) -> impl Iterator<Item = (&str, &MessageDefinition)> {
        let messages = self.messages.iter();
        messages.map(|(msg_type, message)| (msg_type.as_str(), message))
    }

    /// What stands in front of every message's body.
    #[must_use]
    pub fn header(&self) -> &[Item] {
        &self.header
    }

    /// What stands behind every message's body.
    #[must_use]
    pub fn trailer(&self) -> &[Item] {
        &self.trailer
    }

    /// What a component stands for.
    #[must_use]
    pub fn component(&self, name: &str) -> Option<&[Item]> {
        self.components.get(name).map(Vec::as_slice)
    }

    /// Components in the order of their names.
    pub fn components(&self) -> impl Iterator<Item = (&str, &[Item])> {
        let components = self.components.iter();
        components.map(|(name, items)| (name.as_str(), items.as_slice()))
    }

    /// Reads a file in QuickFIX's form that stands for itself.
    ///
    /// A file of FIX 5.0 has no header: put it over FIXT.1.1 with [`Dictionary::over`].
    ///
    /// # Errors
    /// The first mistake, its line, and what would be right.
    pub fn from_xml(text: &str) -> Result<Dictionary, DictionaryError> {
        load::load(text, None)
    }

    /// Adds what a file in QuickFIX's form holds; it may name fields and components of `self`.
    ///
    /// New fields, components and messages are added. A message or component that is here already
    /// gets the file's items behind its own. A field that is here already, with the same tag and
    /// name, takes the file's type, and its values behind its own.
    ///
    /// # Errors
    /// The first mistake, as [`Dictionary::from_xml`]; a tag or a name that is here with another
    /// name or tag. `self` is unchanged then.
    pub fn extend(&mut self, text: &str) -> Result<(), DictionaryError> {
        *self = load::load(text, Some(self))?;
        Ok(())
    }

    /// Puts an application's dictionary over a session's: header, trailer and session messages of
    /// the latter. Where both have something under one name, `self` keeps its own.
    ///
    /// # Errors
    /// A field's tag or name that means something else in the two, or layouts that together go
    /// beyond the limits; the line is 0.
    pub fn over(mut self, session: &Dictionary) -> Result<Dictionary, DictionaryError> {
        let fault = |element: String, problem: &str| DictionaryError {
            line: 0,
            element,
            problem: problem.to_owned(),
        };
        for (&tag, field) in &session.fields {
            let same_tag = self.tags.get(&field.name).is_none_or(|&own| own == tag);
            let same_name = self.field(tag).is_none_or(|own| own.name == field.name);
            if !same_tag || !same_name {
                let problem = "stands for another field in the session's dictionary";
                return Err(fault(format!("field {}", field.name), problem));
            }
            self.tags.insert(field.name.clone(), tag);
            self.fields.entry(tag).or_insert_with(|| field.clone());
        }
        for (name, items) in &session.components {
            let own = self.components.entry(name.clone());
            own.or_insert_with(|| items.clone());
        }
        for (msg_type, message) in &session.messages {
            let own = self.messages.entry(msg_type.clone());
            own.or_insert_with(|| message.clone());
        }
        self.header.clone_from(&session.header);
        self.trailer.clone_from(&session.trailer);
        structure::check(&self).map_err(|flaw| fault(flaw.part, flaw.problem))?;
        Ok(self)
    }
}
