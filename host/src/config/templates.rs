//! `[[session_template]]`: what sessions of a kind have in common.

use toml::de::DeTable;

use super::error::Problem;
use super::line_keys::{SHARED_KEYS, joined};
use super::read::{self, Section};

/// Keys of a template: its name, and all of a session's but who it is and how he shows that.
pub(super) const TEMPLATE_KEYS: &[&str] =
    &joined::<_, _, { 1 + SHARED_KEYS.len() }>(["name"], SHARED_KEYS);

/// `[[session_template]]`s, each by its name.
pub(super) struct Templates<'a> {
    named: Vec<(String, Section<'a>)>,
}

impl<'a> Templates<'a> {
    pub(super) fn new(root: &'a DeTable<'a>, problems: &mut Vec<Problem>) -> Templates<'a> {
        let mut named: Vec<(String, Section<'a>)> = Vec::new();
        for section in Section::each_of_root(root, "session_template", TEMPLATE_KEYS, problems) {
            let name = section.required("name", problems, read::string);
            let name = name.unwrap_or_default();
            if named.iter().any(|(other, _)| *other == name) {
                let message = format!("a second template with the name {name}");
                let remedy = "each [[session_template]] has a name of its own";
                section.refuse("name", message, remedy, problems);
            }
            named.push((name, section));
        }
        Templates { named }
    }

    /// A session over the template that it names, if it names one.
    pub(super) fn under(&self, section: Section<'a>, problems: &mut Vec<Problem>) -> Section<'a> {
        let Some(name) = section.optional("template", problems, read::string) else {
            return section;
        };
        match self.named.iter().find(|(other, _)| *other == name) {
            Some((_, template)) => section.over(template),
            None => {
                let message = format!("there is no template {name}");
                // In front of what the template would have said.
                problems.push(Problem {
                    span: section.span(),
                    key: "session.template".to_owned(),
                    message,
                    remedy: "name a [[session_template]] of this file".to_owned(),
                });
                section
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::GATEWAY_EXAMPLE;
    use crate::config::tests::Folder;

    const SLOW: &str = "\n[[session_template]]\nname = \"slow\"\naccounts = [\"ACC-2\"]\n\
                        heart_bt_int = 17\n";

    #[test]
    fn a_session_has_its_own_then_its_templates_then_the_defaults() {
        let folder = Folder::new("templates");
        let source = format!(
            "{GATEWAY_EXAMPLE}{SLOW}[[session]]\ntemplate = \"slow\"\ntarget_comp_id = \"M2\"\n\
             [[session]]\ntemplate = \"slow\"\ntarget_comp_id = \"M3\"\nheart_bt_int = 18\n"
        );
        let config = folder.parse(&source);
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let [first, second, third] = config.sessions.as_slice() else {
            panic!("three sessions were written");
        };
        assert_eq!((second.heart_bt_int_s, third.heart_bt_int_s), (17, 18));
        assert_eq!(second.accounts, third.accounts);
        assert_ne!(second.accounts, first.accounts);
        assert_eq!(second.sender_comp_id, first.sender_comp_id);
        assert_eq!(second.socket_accept, first.socket_accept);
    }

    #[test]
    fn a_template_that_is_none_is_told_first() {
        for (piece, expected) in [
            (
                "\n[[session]]\ntemplate = \"fast\"\ntarget_comp_id = \"M2\"\n".to_owned(),
                "there is no template fast",
            ),
            (
                format!("{SLOW}{SLOW}"),
                "a second template with the name slow",
            ),
            (
                format!("{SLOW}username = \"u\"\n"),
                "[session_template] has no key `username`",
            ),
        ] {
            let folder = Folder::new("templates-wrong");
            let error = folder.parse(&format!("{GATEWAY_EXAMPLE}{piece}"));
            let error = error.expect_err(&piece);
            assert_eq!(error.problems()[0].message, expected);
        }
    }
}
