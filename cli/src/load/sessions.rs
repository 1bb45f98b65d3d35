//! Who sends: sessions from a pattern, or from a file that also names where their passwords are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::exit::{Exit, Failure};

/// Most sessions of one run.
pub const SESSIONS_MAX: u32 = 4_096;
/// Password(554) as far as the gateway takes one.
const PASSWORD_BYTES_MAX: usize = 64;

/// One session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionTerms {
    /// SenderCompID(49) of what is sent.
    pub sender_comp_id: String,
    /// TargetCompID(56) of what is sent.
    pub target_comp_id: String,
    /// Username(553) and Password(554).
    pub credentials: Option<(String, String)>,
}

impl core::fmt::Debug for SessionTerms {
    /// Without the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SessionTerms")
            .field("sender_comp_id", &self.sender_comp_id)
            .field("target_comp_id", &self.target_comp_id)
            .finish_non_exhaustive()
    }
}

/// `count` sessions whose names are `pattern` with the number, from 1, for `{}`; a pattern without
/// one gets the number behind it.
///
/// # Errors
/// When a name cannot be a CompID.
pub fn from_pattern(
    pattern: &str,
    target_comp_id: &str,
    count: u32,
) -> Result<Vec<SessionTerms>, Failure> {
    (1..=count)
        .map(|number| {
            let number = number.to_string();
            let name = if pattern.contains("{}") {
                pattern.replace("{}", &number)
            } else {
                format!("{pattern}{number}")
            };
            comp_id(&name, "--names")?;
            comp_id(target_comp_id, "--target")?;
            Ok(SessionTerms {
                sender_comp_id: name,
                target_comp_id: target_comp_id.to_owned(),
                credentials: None,
            })
        })
        .collect()
}

/// The sessions of a file: `SenderCompID,Username,password file` on each line, the last two empty
/// or left out where no password is asked for; `#` begins a remark. Paths count from the file's
/// folder.
///
/// # Errors
/// With the line that is wrong, or the password file that cannot be read.
pub fn from_file(path: &Path, target_comp_id: &str) -> Result<Vec<SessionTerms>, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::input(path, &error))?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    comp_id(target_comp_id, "--target")?;
    let mut sessions: Vec<SessionTerms> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{}:{}", path.display(), index + 1);
        let session = session_of(line, &place, &folder, target_comp_id)?;
        let twin = |other: &SessionTerms| other.sender_comp_id == session.sender_comp_id;
        if sessions.iter().any(twin) {
            let text = format!("{place}: {} stands there twice", session.sender_comp_id);
            return Err(Failure::new(Exit::Usage, crate::show::escaped(&text)));
        }
        sessions.push(session);
    }
    let most = usize::try_from(SESSIONS_MAX).unwrap_or(usize::MAX);
    if sessions.is_empty() || sessions.len() > most {
        let count = sessions.len();
        let text = format!("{}: {count} sessions; expected 1 to {most}", path.display());
        return Err(Failure::new(Exit::Usage, crate::show::escaped(&text)));
    }
    Ok(sessions)
}

fn session_of(
    line: &str,
    place: &str,
    folder: &Path,
    target_comp_id: &str,
) -> Result<SessionTerms, Failure> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let (name, credentials) = match cells.as_slice() {
        [name] | [name, "", ""] => (*name, None),
        [name, user, file] if !user.is_empty() && !file.is_empty() => {
            let password = password(&folder.join(file))?;
            (*name, Some(((*user).to_owned(), password)))
        }
        _ => {
            let text = format!("{place}: expected SenderCompID,Username,PASSWORD-FILE");
            return Err(Failure::new(Exit::Usage, crate::show::escaped(&text)));
        }
    };
    comp_id(name, place)?;
    Ok(SessionTerms {
        sender_comp_id: name.to_owned(),
        target_comp_id: target_comp_id.to_owned(),
        credentials,
    })
}

/// The first line of a password file; what is wrong with it is told without it.
fn password(path: &PathBuf) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::input(path, &error))?;
    let password = text.lines().next().unwrap_or("").trim_end().to_owned();
    let is_plain = password
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if password.is_empty() || password.len() > PASSWORD_BYTES_MAX || !is_plain {
        let what = "the first line is a password of 1 to 64 printable ASCII characters";
        return Err(Failure::input(path, &what));
    }
    Ok(password)
}

/// Refuses what cannot be a CompID of FIX, or would break the ledger's file name.
fn comp_id(name: &str, place: &str) -> Result<(), Failure> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !name.is_empty() && name.len() <= 32 && name.bytes().all(is_plain) && !name.starts_with('.')
    {
        return Ok(());
    }
    let text =
        format!("{place}: {name:?} is no CompID: expected 1 to 32 of A-Z, a-z, 0-9, -, _, .");
    Err(Failure::new(Exit::Usage, crate::show::escaped(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(test: &str, text: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("gwanmun-sessions-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("one.secret"), "top secret\nsecond line\n").unwrap();
        fs::write(folder.join("sessions"), text).unwrap();
        folder.join("sessions")
    }

    #[test]
    fn names_come_from_a_pattern() {
        let names = |pattern| -> Vec<String> {
            let sessions = from_pattern(pattern, "GW", 3).unwrap();
            sessions
                .into_iter()
                .map(|session| session.sender_comp_id)
                .collect()
        };
        assert_eq!(names("MEMBER"), ["MEMBER1", "MEMBER2", "MEMBER3"]);
        assert_eq!(names("DESK-{}-A"), ["DESK-1-A", "DESK-2-A", "DESK-3-A"]);
        for bad in ["", "A B", "A/../B", "\u{1}", "../A"] {
            if !bad.is_empty() {
                assert!(from_pattern(bad, "GW", 1).is_err(), "{bad:?}");
            }
            assert!(from_pattern("M", bad, 1).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_file_names_sessions_and_where_their_passwords_are() {
        let path = file("good", "# desks\nA,alice,one.secret\n\nB\nC , ,\n");
        let sessions = from_file(&path, "GW").unwrap();
        let names: Vec<&str> = sessions.iter().map(|s| s.sender_comp_id.as_str()).collect();
        assert_eq!(names, ["A", "B", "C"]);
        let credentials = ("alice".to_owned(), "top secret".to_owned());
        assert_eq!(sessions[0].credentials, Some(credentials));
        assert_eq!(sessions[1].credentials, None);
        assert!(!format!("{sessions:?}").contains("top secret"));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        for (text, told) in [
            ("A,alice\n", "sessions:1"),
            ("A\nA\n", "sessions:2: A stands there twice"),
            ("A,alice,missing\n", "missing"),
            ("\n# nobody\n", "0 sessions"),
            ("A B\n", "no CompID"),
        ] {
            let path = file("bad", text);
            let failure = from_file(&path, "GW").unwrap_err();
            assert!(
                failure.message.contains(told),
                "{text:?}: {}",
                failure.message
            );
            fs::remove_dir_all(path.parent().unwrap()).unwrap();
        }
    }
}
