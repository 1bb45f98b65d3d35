//! A QuickFIX settings file as it stands: sections of `key = value` with their lines.

use core::fmt;

use crate::show::escaped;

/// Sections that a file may have; QuickFIX reads tens of thousands, a gateway has 1,024 sessions.
const SECTIONS_MAX: usize = 10_000;

/// A line `key = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
}

/// A `[SESSION]`, or what stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) line: usize,
    pub(super) settings: Vec<Setting>,
}

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) defaults: Section,
    pub(super) sessions: Vec<Section>,
}

/// A file that is no settings file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The line, from one; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.problem),
            line => write!(f, "line {line}: {}", self.problem),
        }
    }
}

impl core::error::Error for SettingsError {}

impl Section {
    /// The last of a key's values, as QuickFIX takes it; its names are told apart by case.
    pub(super) fn find(&self, key: &str) -> Option<&Setting> {
        let mut found = self.settings.iter().rev();
        found.find(|setting| setting.key == key)
    }
}

/// Which section the lines belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Nowhere,
    Defaults,
    Session,
}

/// Reads a file: `[DEFAULT]` and `[SESSION]` in any case, `key=value`, `#` before a comment.
pub(super) fn read(text: &str) -> Result<Settings, SettingsError> {
    let mut settings = Settings::default();
    let mut place = Place::Nowhere;
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line_number = at + 1;
        let line = line.trim();
        let read = if line.is_empty() || line.starts_with('#') {
            Ok(())
        } else if let Some(name) = line.strip_prefix('[') {
            let name = name.split(']').next().unwrap_or("").trim();
            settings.begin(name, line_number).map(|begun| place = begun)
        } else {
            settings.take(line, line_number, place)
        };
        read.map_err(|problem| SettingsError {
            line: line_number,
            problem,
        })?;
    }
    if settings.sessions.is_empty() {
        return Err(SettingsError {
            line: 0,
            problem: "no [SESSION] in the file: there is nothing to carry over".to_owned(),
        });
    }
    Ok(settings)
}

impl Settings {
    /// A section begins.
    fn begin(&mut self, name: &str, line: usize) -> Result<Place, String> {
        match name.to_ascii_uppercase().as_str() {
            "DEFAULT" => Ok(Place::Defaults),
            "SESSION" if self.sessions.len() < SECTIONS_MAX => {
                self.sessions.push(Section {
                    line,
                    settings: Vec::new(),
                });
                Ok(Place::Session)
            }
            "SESSION" => Err(format!("more than {SECTIONS_MAX} sessions")),
            _ => Err(format!(
                "a section [{}]; [DEFAULT] and [SESSION] are known",
                escaped(name)
            )),
        }
    }

    /// A setting of the section.
    fn take(&mut self, text: &str, line: usize, place: Place) -> Result<(), String> {
        let Some((key, value)) = text.split_once('=') else {
            return Err(format!(
                "`{}` is no setting; expected Key=Value, [DEFAULT], [SESSION] or # comment",
                escaped(text)
            ));
        };
        let setting = Setting {
            line,
            key: key.trim().to_owned(),
            value: value.trim().to_owned(),
        };
        let section = match place {
            Place::Nowhere => None,
            Place::Defaults => Some(&mut self.defaults),
            Place::Session => self.sessions.last_mut(),
        };
        let Some(section) = section else {
            return Err(format!(
                "`{}` stands before any section; expected [DEFAULT] or [SESSION] first",
                escaped(&setting.key)
            ));
        };
        section.settings.push(setting);
        Ok(())
    }
}
