//! What a dictionary's layouts must keep when all components are put in: no cycles, and bounds on
//! depth and size.
//!
//! It reads layouts alone, so that a file and what it extends are looked at together. Every
//! component is measured once.

use std::collections::BTreeMap;

use super::{
    COMPONENT_DEPTH_MAX, Dictionary, GROUP_DEPTH_MAX, Item, MEMBERS_MAX, MEMBERS_TOTAL_MAX,
};

/// Which part of a dictionary cannot stand, and why.
pub(super) struct Flaw {
    /// `component Parties`, `message NewOrderSingle`, `header`, `trailer`.
    pub(super) part: String,
    pub(super) problem: &'static str,
}

/// What a layout comes to.
#[derive(Clone, Copy, Default)]
struct Extent {
    members: usize,
    /// Components put in, empty ones too: each is looked into as often as it is named.
    mentions: usize,
    group_depth: usize,
    component_depth: usize,
}

const TOO_DEEP: &str = "contains components more than 32 deep";

struct Measure<'d> {
    dictionary: &'d Dictionary,
    /// `None` while the component is being measured.
    components: BTreeMap<&'d str, Option<Extent>>,
}

/// Looks at every layout of the dictionary.
pub(super) fn check(dictionary: &Dictionary) -> Result<(), Flaw> {
    let mut measure = Measure {
        dictionary,
        components: BTreeMap::new(),
    };
    for name in dictionary.components.keys() {
        let flaw = |problem| Flaw {
            part: format!("component {name}"),
            problem,
        };
        measure.component(name, 0).map_err(flaw)?;
    }
    let mut around = Extent::default();
    for (part, items) in [
        ("header", &dictionary.header),
        ("trailer", &dictionary.trailer),
    ] {
        let flaw = |problem| Flaw {
            part: part.to_owned(),
            problem,
        };
        around = around.beside(measure.items(items, 0).map_err(flaw)?);
    }
    let mut total = 0_usize;
    for message in dictionary.messages.values() {
        let flaw = |problem| Flaw {
            part: format!("message {}", message.name),
            problem,
        };
        let body = measure.items(&message.items, 0).map_err(flaw)?;
        let whole = around.beside(body);
        whole.within_limits().map_err(flaw)?;
        total = total.saturating_add(whole.members);
        if total > MEMBERS_TOTAL_MAX {
            return Err(flaw("all messages so far have more than 2,000,000 fields"));
        }
    }
    Ok(())
}

impl Extent {
    fn beside(self, other: Extent) -> Extent {
        Extent {
            members: self.members.saturating_add(other.members),
            mentions: self.mentions.saturating_add(other.mentions),
            group_depth: self.group_depth.max(other.group_depth),
            component_depth: self.component_depth.max(other.component_depth),
        }
    }

    fn within_limits(self) -> Result<(), &'static str> {
        if self.group_depth > GROUP_DEPTH_MAX {
            return Err("groups stand within groups more than 8 deep");
        }
        if self.component_depth > COMPONENT_DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        if self.mentions > MEMBERS_MAX {
            return Err("names more than 20,000 components when they are put in");
        }
        if self.members > MEMBERS_MAX {
            return Err("has more than 20,000 fields when its components are put in");
        }
        Ok(())
    }
}

impl<'d> Measure<'d> {
    fn component(&mut self, name: &'d str, depth: usize) -> Result<Extent, &'static str> {
        match self.components.get(name) {
            Some(Some(extent)) => return Ok(*extent),
            Some(None) => return Err("contains itself"),
            None => {}
        }
        if depth > COMPONENT_DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        self.components.insert(name, None);
        let items = self.dictionary.component(name).unwrap_or(&[]);
        let extent = self.items(items, depth)?;
        self.components.insert(name, Some(extent));
        Ok(extent)
    }

    fn items(&mut self, items: &'d [Item], depth: usize) -> Result<Extent, &'static str> {
        let mut sum = Extent::default();
        for item in items {
            let extent = match item {
                Item::Field { .. } => Extent {
                    members: 1,
                    ..Extent::default()
                },
                Item::Component { name, .. } => {
                    let inner = self.component(name, depth + 1)?;
                    Extent {
                        component_depth: inner.component_depth + 1,
                        mentions: inner.mentions.saturating_add(1),
                        ..inner
                    }
                }
                Item::Group { items, .. } => {
                    // XML was read to a bounded depth, so this recursion is bounded too.
                    let inner = self.items(items, depth)?;
                    if inner.members == 0 {
                        return Err("a group has no member: its first field begins each entry");
                    }
                    Extent {
                        members: inner.members.saturating_add(1),
                        group_depth: inner.group_depth + 1,
                        ..inner
                    }
                }
            };
            sum = sum.beside(extent);
            sum.within_limits()?;
        }
        Ok(sum)
    }
}
