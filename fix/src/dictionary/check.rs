//! Whether a file is a dictionary, before anything else reads it.
//!
//! Each mistake is told with its line, its element and what would be right. What passes holds
//! everything that the crate behind [`super::load`] looks for without asking: every name is known,
//! every attribute is there. Cycles and sizes, which need more than this file, are
//! [`super::structure`]'s.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node, ParsingOptions};

use super::{DataType, Dictionary, DictionaryError, FILE_BYTES_MAX, GROUP_DEPTH_MAX, TAG_MAX};

/// XML nodes of a file; QuickFIX's largest has 24,000 elements, with a piece of text behind each.
const NODES_MAX: u32 = 2_000_000;
/// Bytes of a name, of a MsgType(35) and of a value.
const NAME_BYTES_MAX: usize = 128;
const MSG_TYPE_BYTES_MAX: usize = 16;
const SECTIONS: [&str; 5] = ["header", "trailer", "messages", "components", "fields"];
const ITEMS: &str = "is none of field, group and component";

/// A file that is right in itself.
pub(super) struct Checked<'x> {
    pub(super) root: Node<'x, 'x>,
    /// Tag and type of each field of the file, by name.
    pub(super) fields: BTreeMap<&'x str, (u32, DataType)>,
    pub(super) components: BTreeMap<&'x str, Node<'x, 'x>>,
}

/// Parses the text as XML within bounds.
pub(super) fn parse(text: &str) -> Result<Document<'_>, DictionaryError> {
    let fault = |line, problem: String| DictionaryError {
        line,
        element: String::new(),
        problem,
    };
    if text.len() > FILE_BYTES_MAX {
        return Err(fault(1, "the file is longer than 16 MiB".to_owned()));
    }
    let options = ParsingOptions {
        nodes_limit: NODES_MAX,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
        .map_err(|error| fault(error.pos().row, format!("not XML: {error}")))
}

/// Looks at everything in the file. Names may be of `base`, which the file adds to.
pub(super) fn check<'x>(
    document: &'x Document<'x>,
    base: Option<&Dictionary>,
) -> Result<Checked<'x>, DictionaryError> {
    let root = document.root_element();
    check_root(root)?;
    let [header, trailer, messages, components, fields] = sections(root)?;
    let mut checker = Checker {
        base,
        checked: Checked {
            root,
            fields: BTreeMap::new(),
            components: BTreeMap::new(),
        },
    };
    checker.fields(fields)?;
    checker.name_components(components)?;
    for around in [header, trailer] {
        checker.items(around, 0)?;
    }
    for component in elements(components) {
        checker.items(component, 0)?;
    }
    checker.messages(messages)?;
    Ok(checker.checked)
}

/// The elements inside one.
pub(super) fn elements<'x>(node: Node<'x, 'x>) -> impl Iterator<Item = Node<'x, 'x>> {
    node.children().filter(Node::is_element)
}

/// An error at an element.
pub(super) fn fault(node: Node<'_, '_>, problem: impl Into<String>) -> DictionaryError {
    let tag = node.tag_name().name();
    let name = node.attribute("name").or_else(|| node.attribute("enum"));
    DictionaryError {
        line: node.document().text_pos_at(node.range().start).row,
        element: name.map_or(tag.to_owned(), |name| format!("{tag} {name}")),
        problem: problem.into(),
    }
}

fn check_root(root: Node<'_, '_>) -> Result<(), DictionaryError> {
    if root.tag_name().name() != "fix" {
        return Err(fault(root, "the outermost element must be fix"));
    }
    let kind = attribute(root, "type")?;
    if kind != "FIX" && kind != "FIXT" {
        return Err(fault(root, "type must be FIX or FIXT"));
    }
    let numbers = [
        Some(attribute(root, "major")?),
        Some(attribute(root, "minor")?),
        root.attribute("servicepack"),
    ];
    let is_number = |text: &str| matches!(text.as_bytes(), [b'0'..=b'9']);
    if !numbers.into_iter().flatten().all(is_number) {
        return Err(fault(root, "major, minor and servicepack must be digits"));
    }
    Ok(())
}

/// The five parts of a file, each once, in the order of [`SECTIONS`].
fn sections<'x>(root: Node<'x, 'x>) -> Result<[Node<'x, 'x>; 5], DictionaryError> {
    let mut found = [None; 5];
    for section in elements(root) {
        let name = section.tag_name().name();
        let place = SECTIONS.iter().position(|&known| known == name);
        let Some(slot) = place.and_then(|place| found.get_mut(place)) else {
            let problem = "is none of header, trailer, messages, components and fields";
            return Err(fault(section, problem));
        };
        if slot.replace(section).is_some() {
            return Err(fault(section, "stands here a second time"));
        }
    }
    if let [Some(a), Some(b), Some(c), Some(d), Some(e)] = found {
        return Ok([a, b, c, d, e]);
    }
    let mut lacking = SECTIONS.iter().zip(found);
    let name = lacking.find_map(|(name, node)| node.is_none().then_some(*name));
    let name = name.unwrap_or_default();
    Err(fault(
        root,
        format!("has no {name}: write <{name}/> for an empty one"),
    ))
}

fn attribute<'x>(node: Node<'x, 'x>, name: &str) -> Result<&'x str, DictionaryError> {
    let value = node
        .attribute(name)
        .ok_or_else(|| fault(node, format!("has no attribute {name}")))?;
    let fits = (1..=NAME_BYTES_MAX).contains(&value.len()) && !value.chars().any(char::is_control);
    if !fits {
        let problem =
            format!("{name} must be 1 to {NAME_BYTES_MAX} characters without control characters");
        return Err(fault(node, problem));
    }
    Ok(value)
}

struct Checker<'x, 'b> {
    base: Option<&'b Dictionary>,
    checked: Checked<'x>,
}

impl<'x> Checker<'x, '_> {
    fn fields(&mut self, fields: Node<'x, 'x>) -> Result<(), DictionaryError> {
        let mut numbers = BTreeMap::new();
        for field in elements(fields) {
            if field.tag_name().name() != "field" {
                return Err(fault(field, "only field may stand among the fields"));
            }
            let name = attribute(field, "name")?;
            let number = attribute(field, "number")?;
            let tag = number
                .parse()
                .ok()
                .filter(|tag| (1..=TAG_MAX).contains(tag) && number.starts_with(is_digit_from_1))
                .ok_or_else(|| fault(field, "number must be a tag from 1 to 999999999"))?;
            let type_name = attribute(field, "type")?;
            let Some(data_type) = DataType::from_name(type_name) else {
                let known: Vec<_> = DataType::names().collect();
                let problem = format!("type {type_name} is none of {}", known.join(", "));
                return Err(fault(field, problem));
            };
            check_values(field)?;
            if let Some(other) = numbers.insert(tag, name) {
                return Err(fault(field, format!("tag {tag} is taken by {other}")));
            }
            if self.checked.fields.insert(name, (tag, data_type)).is_some() {
                return Err(fault(field, "the name is taken by a field before"));
            }
            self.agrees_with_base(field, name, tag)?;
        }
        Ok(())
    }

    fn agrees_with_base(
        &self,
        field: Node<'x, 'x>,
        name: &str,
        tag: u32,
    ) -> Result<(), DictionaryError> {
        let Some(base) = self.base else { return Ok(()) };
        match (base.field(tag), base.tag(name)) {
            (Some(other), _) if other.name != name => {
                let problem = format!("tag {tag} is {} in what is extended", other.name);
                Err(fault(field, problem))
            }
            (None, Some(other)) => {
                let problem = format!("{name} is tag {other} in what is extended");
                Err(fault(field, problem))
            }
            _ => Ok(()),
        }
    }

    fn name_components(&mut self, components: Node<'x, 'x>) -> Result<(), DictionaryError> {
        for component in elements(components) {
            if component.tag_name().name() != "component" {
                let problem = "only component may stand among the components";
                return Err(fault(component, problem));
            }
            let name = attribute(component, "name")?;
            if component.has_attribute("required") {
                let problem = "required belongs where a component is used, not where it is told";
                return Err(fault(component, problem));
            }
            if matches!(name, "StandardHeader" | "StandardTrailer") {
                let problem = "is told by the elements header and trailer";
                return Err(fault(component, problem));
            }
            let components = &mut self.checked.components;
            if components.insert(name, component).is_some() {
                return Err(fault(component, "the name is taken by a component before"));
            }
        }
        Ok(())
    }

    fn messages(&self, messages: Node<'x, 'x>) -> Result<(), DictionaryError> {
        let mut names = BTreeSet::new();
        let mut msg_types = BTreeSet::new();
        for message in elements(messages) {
            if message.tag_name().name() != "message" {
                let problem = "only message may stand among the messages";
                return Err(fault(message, problem));
            }
            let name = attribute(message, "name")?;
            let msg_type = attribute(message, "msgtype")?;
            let is_plain = msg_type.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_plain || msg_type.len() > MSG_TYPE_BYTES_MAX {
                let problem = "msgtype must be 1 to 16 visible ASCII characters";
                return Err(fault(message, problem));
            }
            if !names.insert(name) {
                return Err(fault(message, "the name is taken by a message before"));
            }
            if !msg_types.insert(msg_type) {
                let problem = format!("msgtype {msg_type} is taken by a message before");
                return Err(fault(message, problem));
            }
            self.agrees_with_messages(message, name, msg_type)?;
            self.items(message, 0)?;
        }
        Ok(())
    }

    fn agrees_with_messages(
        &self,
        message: Node<'x, 'x>,
        name: &str,
        msg_type: &str,
    ) -> Result<(), DictionaryError> {
        let Some(base) = self.base else { return Ok(()) };
        let clash = base
            .messages()
            .find(|(other_type, other)| (other.name == name) != (*other_type == msg_type));
        match clash {
            None => Ok(()),
            Some((other_type, other)) => {
                let problem = format!("msgtype {other_type} is {} in what is extended", other.name);
                Err(fault(message, problem))
            }
        }
    }

    /// The lines of a layout; `depth` counts the groups around it.
    fn items(&self, layout: Node<'x, 'x>, depth: usize) -> Result<(), DictionaryError> {
        for item in elements(layout) {
            let name = attribute(item, "name")?;
            if !matches!(attribute(item, "required")?, "Y" | "N") {
                return Err(fault(item, "required must be Y or N"));
            }
            let kind = item.tag_name().name();
            if let ("field" | "component", Some(inside)) = (kind, elements(item).next()) {
                return Err(fault(inside, "stands in a line that has nothing in it"));
            }
            match kind {
                "field" => self.field_is_known(item, name)?,
                "component" => self.component_is_known(item, name)?,
                "group" => {
                    self.field_is_known(item, name)?;
                    if depth == GROUP_DEPTH_MAX {
                        return Err(fault(item, "groups stand within groups more than 8 deep"));
                    }
                    if elements(item).next().is_none() {
                        let problem = "has no member: its first field begins each entry";
                        return Err(fault(item, problem));
                    }
                    self.items(item, depth + 1)?;
                }
                _ => return Err(fault(item, ITEMS)),
            }
        }
        Ok(())
    }

    fn field_is_known(&self, item: Node<'x, 'x>, name: &str) -> Result<(), DictionaryError> {
        let in_base = self.base.is_some_and(|base| base.tag(name).is_some());
        if in_base || self.checked.fields.contains_key(name) {
            return Ok(());
        }
        let problem = "no field of this name is told among the fields; case counts";
        Err(fault(item, problem))
    }

    fn component_is_known(&self, item: Node<'x, 'x>, name: &str) -> Result<(), DictionaryError> {
        let in_base = self.base.is_some_and(|base| base.component(name).is_some());
        if in_base || self.checked.components.contains_key(name) {
            return Ok(());
        }
        let problem = "no component of this name is told among the components; case counts";
        Err(fault(item, problem))
    }
}

fn is_digit_from_1(character: char) -> bool {
    matches!(character, '1'..='9')
}

fn check_values(field: Node<'_, '_>) -> Result<(), DictionaryError> {
    for value in field.children().filter(Node::is_element) {
        if value.tag_name().name() != "value" {
            return Err(fault(value, "only value may stand in a field"));
        }
        let text = value
            .attribute("enum")
            .ok_or_else(|| fault(value, "has no attribute enum"))?;
        if text.is_empty() || text.len() > NAME_BYTES_MAX || text.chars().any(char::is_control) {
            let problem = "enum must be 1 to 128 characters without control characters";
            return Err(fault(value, problem));
        }
        if value.attribute("description").is_none() {
            return Err(fault(value, "has no attribute description"));
        }
    }
    Ok(())
}
