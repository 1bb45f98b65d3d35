//! Values that stand in files of their own and are never shown.

use std::path::Path;

use super::Surroundings;

/// How a value refers to a secret.
const REFERENCE: &str = "secret:";

/// A secret and the name it goes by. Its value is never shown, nor written by the effective
/// configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    name: String,
    /// Invariant: printable ASCII, at least one byte.
    value: Vec<u8>,
}

impl Secret {
    /// The NAME of `secret:NAME`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value; do not show it.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Takes what is used in the place of a secret that could not be read, while further mistakes
    /// are looked for.
    pub(super) fn placeholder() -> Secret {
        Secret {
            name: String::new(),
            value: Vec::new(),
        }
    }

    /// Reads the secret behind `secret:NAME`; the error says what would be right.
    pub(super) fn resolve(
        reference: &str,
        dir: Option<&Path>,
        surroundings: &Surroundings,
        bytes_max: usize,
    ) -> Result<Secret, String> {
        let Some(name) = reference.strip_prefix(REFERENCE) else {
            return Err(
                "\"secret:NAME\"; a literal password is refused, put it into a file NAME \
                        of its own in the folder [secrets] dir"
                    .to_owned(),
            );
        };
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.starts_with('.') || !name.bytes().all(is_plain) {
            return Err(
                "a file name behind `secret:`, of letters, digits, `-`, `_` and `.`".into(),
            );
        }
        let Some(dir) = dir.or(surroundings.credentials_dir.as_deref()) else {
            return Err(
                "a folder to find it in: set dir in [secrets], or start with \
                        $CREDENTIALS_DIRECTORY set"
                    .to_owned(),
            );
        };
        let path = dir.join(name);
        let mut value = std::fs::read(&path)
            .map_err(|error| format!("a readable file {} ({error})", path.display()))?;
        // An editor ends the file with a line feed, which is not part of the secret.
        if value.last() == Some(&b'\n') {
            value.pop();
        }
        if value.is_empty() || value.len() > bytes_max || !value.iter().all(u8::is_ascii_graphic) {
            return Err(format!(
                "1 to {bytes_max} printable ASCII characters without blanks in {}",
                path.display()
            ));
        }
        Ok(Secret {
            name: name.to_owned(),
            value,
        })
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{REFERENCE}{}", self.name.escape_default())
    }
}
