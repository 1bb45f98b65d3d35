//! Settings of other engines turned into ours.
//!
//! In it: QuickFIX's settings file (`settings` reads it, `keys` knows what becomes of each key,
//! `session` makes one session, `hours` its hours, `write` makes our file). Every key that is not
//! carried over is told with its line and the reason; nothing is dropped silently. Not in it:
//! judging the result, which is `gwanmun gateway --check`'s.

mod hours;
mod keys;
mod session;
mod settings;
mod write;

#[cfg(test)]
mod tests;

pub use settings::SettingsError;

/// What became of a key that is not in our file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Line in the settings file, from one.
    pub line: usize,
    /// `DEFAULT`, or the session it stands in.
    pub section: String,
    /// The key as it stands there.
    pub key: String,
    /// Its value as it stands there.
    pub value: String,
    /// Why it was left out, and what is there instead.
    pub reason: String,
}

/// A settings file in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The gateway's configuration, a TOML file with places to fill in.
    pub toml: String,
    /// Sessions in it.
    pub sessions: usize,
    /// Every key that is not.
    pub left_out: Vec<LeftOut>,
}

/// Turns a QuickFIX settings file into a gateway's configuration.
///
/// # Errors
/// The first line that is none of a settings file, or a file without a session.
pub fn import(text: &str) -> Result<Imported, SettingsError> {
    let settings = settings::read(text)?;
    let mut left_out = Vec::new();
    let sessions = session::all(&settings, &mut left_out);
    // By line; a key of DEFAULT that each session leaves out for the same reason is told once.
    left_out.sort_by(|one, other| (one.line, &one.reason).cmp(&(other.line, &other.reason)));
    left_out.dedup_by(|one, other| (one.line, &one.reason) == (other.line, &other.reason));
    Ok(Imported {
        toml: write::gateway_file(&sessions),
        sessions: sessions.len(),
        left_out,
    })
}
