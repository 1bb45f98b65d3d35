//! A repeating group's tags, as [`crate::groups`] reads messages by.

use std::collections::BTreeSet;

use super::{Dictionary, Item};
use crate::groups::Group;

impl Dictionary {
    /// The group that a NumInGroup field counts in a message, wherever in it; the first where there
    /// are several. `None` without such a message or group.
    #[must_use]
    pub fn group(&self, msg_type: &str, count_tag: u32) -> Option<Group> {
        let message = self.message(msg_type)?;
        let parts = [self.header(), &message.items, self.trailer()];
        let mut seen = BTreeSet::new();
        let items = parts
            .into_iter()
            .find_map(|items| self.find_group(items, count_tag, &mut seen))?;
        Some(self.make_group(count_tag, items))
    }

    /// Looks into each component once, however often it is named: components within components
    /// would otherwise be as many ways as there are.
    fn find_group<'d>(
        &'d self,
        items: &'d [Item],
        count_tag: u32,
        seen: &mut BTreeSet<&'d str>,
    ) -> Option<&'d [Item]> {
        items.iter().find_map(|item| match item {
            Item::Field { .. } => None,
            Item::Group { tag, items, .. } if *tag == count_tag => Some(items.as_slice()),
            Item::Group { items, .. } => self.find_group(items, count_tag, seen),
            Item::Component { name, .. } => {
                let is_new = seen.insert(name.as_str());
                let items = self.component(name).filter(|_| is_new)?;
                self.find_group(items, count_tag, seen)
            }
        })
    }

    fn make_group(&self, count_tag: u32, items: &[Item]) -> Group {
        let (mut members, mut nested) = (Vec::new(), Vec::new());
        self.collect(items, &mut members, &mut nested);
        Group::from_lists(count_tag, members, nested)
    }

    fn collect(&self, items: &[Item], members: &mut Vec<u32>, nested: &mut Vec<Group>) {
        for item in items {
            match item {
                Item::Field { tag, .. } => members.push(*tag),
                Item::Group { tag, items, .. } => nested.push(self.make_group(*tag, items)),
                Item::Component { name, .. } => {
                    self.collect(self.component(name).unwrap_or(&[]), members, nested);
                }
            }
        }
    }
}
