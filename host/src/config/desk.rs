//! `[desk]`: where operators give commands to the running gateway.

use toml::de::DeValue;

use super::error::Problem;
use super::read::{self, Section};
use super::{DeskConfig, Surroundings};
use crate::desk::is_name;

/// Keys of the section.
pub(super) const KEYS: &[&str] = &["socket", "operators"];

/// A firm's operators of one gateway; a longer list is a mistake.
const OPERATORS_MAX: usize = 64;
/// What the kernel takes as a socket's path.
const PATH_BYTES_MAX: usize = 107;

/// Reads the section; none where it has no key.
pub(super) fn read(
    section: &Section<'_>,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Option<DeskConfig> {
    if section.is_absent() {
        return None;
    }
    let socket = section.required("socket", problems, read::string);
    let operators = section.required("operators", problems, operators);
    let socket = surroundings.resolve(&socket?);
    if socket.as_os_str().len() > PATH_BYTES_MAX {
        section.refuse(
            "socket",
            format!("{} is longer than a socket's path may be", socket.display()),
            "a path of at most 107 bytes, counted from the root",
            problems,
        );
    }
    let operators = operators?;
    Some(DeskConfig { socket, operators })
}

fn operators(value: &DeValue<'_>) -> Result<Vec<String>, read::Expected> {
    let expected = || {
        format!(
            "an array of 1 to {OPERATORS_MAX} user names or numbers as strings, each of at most \
             32 printable characters without blanks, like [\"kim\", \"1001\"]"
        )
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let name = |value: &DeValue<'_>| read::string(value).ok().filter(|name| is_name(name));
    let names: Option<Vec<String>> = array.iter().map(|it| name(it.get_ref())).collect();
    names
        .filter(|names| (1..=OPERATORS_MAX).contains(&names.len()))
        .ok_or_else(expected)
}
