//! From a file to a [`Dictionary`]: our check, then the crate, then our own form of what it read.

use std::collections::BTreeMap;

use hotfix_dictionary::{LayoutItem, LayoutItemKind};

use super::check::{self, Checked, elements};
use super::{DataType, Dictionary, DictionaryError, Field, Item, MessageDefinition};
use super::{plain_form, structure};

/// Names that the crate gives to what stands around messages.
const HEADER: &str = "StandardHeader";
const TRAILER: &str = "StandardTrailer";

/// Reads a file, alone or as what is added to `base`.
pub(super) fn load(text: &str, base: Option<&Dictionary>) -> Result<Dictionary, DictionaryError> {
    let document = check::parse(text)?;
    let checked = check::check(&document, base)?;
    let plain = plain_form::write(&checked, base);
    let read = hotfix_dictionary::Dictionary::from_quickfix_spec(&plain)
        .map_err(|error| check::fault(checked.root, format!("not read: {error}")))?;
    let mut own = from_crate(&read);
    for &(tag, data_type) in checked.fields.values() {
        if let Some(field) = own.fields.get_mut(&tag) {
            field.data_type = data_type;
        }
    }
    let whole = match base {
        None => own,
        Some(base) => added(base.clone(), own, &checked),
    };
    structure::check(&whole).map_err(|flaw| locate(&checked, &flaw))?;
    Ok(whole)
}

/// The crate's dictionary in our form.
pub(super) fn from_crate(read: &hotfix_dictionary::Dictionary) -> Dictionary {
    let mut fields = BTreeMap::new();
    let mut tags = BTreeMap::new();
    for field in read.fields() {
        let values = field.enums().into_iter().flatten();
        let values = values.map(|value| (value.value().to_owned(), value.description().to_owned()));
        let own = Field {
            name: field.name().to_owned(),
            data_type: DataType::from_crate(field.fix_datatype()),
            values: values.collect(),
        };
        tags.insert(own.name.clone(), field.tag().get());
        fields.insert(field.tag().get(), own);
    }
    let mut components = BTreeMap::new();
    for component in read.components() {
        let items = component.items().map(|item| layout_item(&item)).collect();
        components.insert(component.name().to_owned(), items);
    }
    let mut messages = BTreeMap::new();
    for message in read.messages() {
        let definition = MessageDefinition {
            name: message.name().to_owned(),
            items: message.layout().map(|item| layout_item(&item)).collect(),
        };
        messages.insert(message.msg_type().to_owned(), definition);
    }
    Dictionary {
        version: read.version().to_owned(),
        fields,
        tags,
        header: components.remove(HEADER).unwrap_or_default(),
        trailer: components.remove(TRAILER).unwrap_or_default(),
        components,
        messages,
    }
}

fn layout_item(item: &LayoutItem<'_>) -> Item {
    let required = item.required();
    match item.kind() {
        LayoutItemKind::Field(field) => Item::Field {
            tag: field.tag().get(),
            required,
        },
        LayoutItemKind::Group(field, items) => Item::Group {
            tag: field.tag().get(),
            required,
            items: items.iter().map(layout_item).collect(),
        },
        LayoutItemKind::Component(component) => Item::Component {
            name: component.name().to_owned(),
            required,
        },
    }
}

/// What an extension adds to its base, as [`Dictionary::extend`] says.
fn added(mut base: Dictionary, own: Dictionary, checked: &Checked<'_>) -> Dictionary {
    for (tag, field) in own.fields {
        if !checked.fields.contains_key(field.name.as_str()) {
            continue;
        }
        base.tags.insert(field.name.clone(), tag);
        match base.fields.get_mut(&tag) {
            Some(before) => {
                before.data_type = field.data_type;
                before.values.extend(field.values);
            }
            None => drop(base.fields.insert(tag, field)),
        }
    }
    base.header.extend(own.header);
    base.trailer.extend(own.trailer);
    for (name, items) in own.components {
        base.components.entry(name).or_default().extend(items);
    }
    for (msg_type, message) in own.messages {
        match base.messages.get_mut(&msg_type) {
            Some(before) => before.items.extend(message.items),
            None => drop(base.messages.insert(msg_type, message)),
        }
    }
    base
}

/// The line of a flaw: of the part in the file, or of the file where the part is the base's.
fn locate(checked: &Checked<'_>, flaw: &structure::Flaw) -> DictionaryError {
    let (kind, name) = flaw.part.split_once(' ').unwrap_or((&flaw.part, ""));
    let is_it = |node: &roxmltree::Node<'_, '_>| {
        node.has_tag_name(kind) && (name.is_empty() || node.attribute("name") == Some(name))
    };
    let part = elements(checked.root).find_map(|part| {
        let inner = elements(part).find(is_it);
        inner.or_else(|| Some(part).filter(is_it))
    });
    let mut error = check::fault(part.unwrap_or(checked.root), flaw.problem);
    error.element.clone_from(&flaw.part);
    error
}
