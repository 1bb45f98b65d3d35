//! A checked file written again with nothing in it but what the crate reads.
//!
//! Types that the crate does not know take the name of one that it does; what the file names of the
//! dictionary that it extends is told too, components as empty ones. So the text stands for itself.

use std::collections::BTreeSet;

use roxmltree::Node;

use super::check::{Checked, elements};
use super::{DataType, Dictionary};

/// The text for the crate.
pub(super) fn write(checked: &Checked<'_>, base: Option<&Dictionary>) -> String {
    let mut text = String::from("<fix");
    for name in ["type", "major", "minor", "servicepack"] {
        if let Some(value) = checked.root.attribute(name) {
            attribute(&mut text, name, value);
        }
    }
    text.push_str(">\n");
    for part in elements(checked.root) {
        let name = part.tag_name().name();
        text.push_str(&format!("<{name}>\n"));
        match name {
            "fields" => fields(&mut text, part, checked, base),
            _ => layouts(&mut text, part),
        }
        if let ("components", Some(base)) = (name, base) {
            for used in used(checked.root, "component") {
                let known = checked.components.contains_key(used);
                if !known && base.component(used).is_some() {
                    text.push_str("<component");
                    attribute(&mut text, "name", used);
                    text.push_str("/>\n");
                }
            }
        }
        text.push_str(&format!("</{name}>\n"));
    }
    text.push_str("</fix>\n");
    text
}

/// Messages, components and the lines of layouts, one within the other.
fn layouts(text: &mut String, part: Node<'_, '_>) {
    for element in elements(part) {
        let name = element.tag_name().name();
        text.push_str(&format!("<{name}"));
        for name in ["name", "required", "msgtype"] {
            if let Some(value) = element.attribute(name) {
                attribute(text, name, value);
            }
        }
        text.push_str(">\n");
        layouts(text, element);
        text.push_str(&format!("</{name}>\n"));
    }
}

fn fields(text: &mut String, part: Node<'_, '_>, checked: &Checked<'_>, base: Option<&Dictionary>) {
    for field in elements(part) {
        let name = field.attribute("name").unwrap_or_default();
        let Some(&(tag, data_type)) = checked.fields.get(name) else {
            continue;
        };
        field_head(text, tag, name, data_type);
        for value in elements(field) {
            text.push_str("<value");
            for name in ["enum", "description"] {
                attribute(text, name, value.attribute(name).unwrap_or_default());
            }
            text.push_str("/>");
        }
        text.push_str("</field>\n");
    }
    let Some(base) = base else { return };
    for name in used(checked.root, "field")
        .into_iter()
        .chain(used(checked.root, "group"))
        .collect::<BTreeSet<_>>()
    {
        if checked.fields.contains_key(name) {
            continue;
        }
        let Some(tag) = base.tag(name) else { continue };
        let Some(field) = base.field(tag) else {
            continue;
        };
        field_head(text, tag, name, field.data_type);
        text.push_str("</field>\n");
    }
}

fn field_head(text: &mut String, tag: u32, name: &str, data_type: DataType) {
    text.push_str("<field");
    attribute(text, "number", &tag.to_string());
    attribute(text, "name", name);
    attribute(text, "type", data_type.crate_name());
    text.push('>');
}

/// Names that lines of layouts use.
fn used<'x>(root: Node<'x, 'x>, tag: &str) -> BTreeSet<&'x str> {
    root.descendants()
        .filter(|node| node.has_tag_name(tag) && node.has_attribute("required"))
        .filter_map(|node| node.attribute("name"))
        .collect()
}

fn attribute(text: &mut String, name: &str, value: &str) {
    text.push(' ');
    text.push_str(name);
    text.push_str("='");
    for character in value.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '\'' => text.push_str("&apos;"),
            _ => text.push(character),
        }
    }
    text.push('\'');
}
