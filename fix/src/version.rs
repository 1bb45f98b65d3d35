//! The FIX versions that a session may speak, and in tables what differs between them.
//!
//! One session machine and one set of messages serve all: whoever writes or judges a message asks
//! here. Not here: whole dictionaries (`crate::dictionary`, a feature).

use crate::error::SessionRejectReason;
use crate::time::Precision;

/// A version of FIX.
///
/// ```
/// use gwanmun_fix::Version;
///
/// let version = Version::of(b"FIXT.1.1", Some(b"9")).unwrap();
/// assert_eq!(version, Version::Fix50Sp2);
/// assert_eq!(version.begin_string(), b"FIXT.1.1");
/// assert_eq!(Version::of(b"FIXT.1.1", Some(b"7")), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// FIX.4.2.
    Fix42,
    /// FIX.4.4.
    #[default]
    Fix44,
    /// FIX.5.0SP2, carried by FIXT.1.1.
    Fix50Sp2,
}

/// How a message is written: in which version, and how fine its times are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Fields and values that this version has not are left out, or put in its words.
    pub version: Version,
    /// Decimals of every UTCTimestamp.
    pub precision: Precision,
}

impl Default for Dialect {
    /// FIX.4.4 with nanoseconds.
    fn default() -> Dialect {
        Dialect {
            version: Version::Fix44,
            precision: Precision::Nanoseconds,
        }
    }
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Version; 3] = [Version::Fix42, Version::Fix44, Version::Fix50Sp2];

    /// The version with this BeginString(8) and, for FIXT.1.1, this DefaultApplVerID(1137); none
    /// for one that is not spoken here.
    #[must_use]
    pub fn of(begin_string: &[u8], default_appl_ver_id: Option<&[u8]>) -> Option<Version> {
        let version = Version::of_begin_string(begin_string)?;
        let is_right = version
            .appl_ver_id()
            .is_none_or(|own| default_appl_ver_id == Some(own));
        is_right.then_some(version)
    }

    /// The version with this BeginString(8); behind FIXT.1.1 it is FIX.5.0SP2.
    #[must_use]
    pub fn of_begin_string(begin_string: &[u8]) -> Option<Version> {
        Version::ALL
            .into_iter()
            .find(|version| version.begin_string() == begin_string)
    }

    /// BeginString(8).
    #[must_use]
    pub const fn begin_string(self) -> &'static [u8] {
        match self {
            Version::Fix42 => b"FIX.4.2",
            Version::Fix44 => b"FIX.4.4",
            Version::Fix50Sp2 => b"FIXT.1.1",
        }
    }

    /// What people call it: the value of `version` in a configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Version::Fix42 => "FIX.4.2",
            Version::Fix44 => "FIX.4.4",
            Version::Fix50Sp2 => "FIX.5.0SP2",
        }
    }

    /// DefaultApplVerID(1137), and ApplVerID(1128) of each message that names one; none where
    /// BeginString(8) says it all.
    #[must_use]
    pub const fn appl_ver_id(self) -> Option<&'static [u8]> {
        match self {
            Version::Fix42 | Version::Fix44 => None,
            Version::Fix50Sp2 => Some(b"9"),
        }
    }

    /// The finest precision of a UTCTimestamp that a peer with a plain dictionary of this version
    /// reads. FIXT.1.1 allows finer ones by agreement, and so do extensions of the others.
    #[must_use]
    pub const fn precision(self) -> Precision {
        Precision::Milliseconds
    }

    /// Whether Logon(A) has NextExpectedMsgSeqNum(789).
    #[must_use]
    pub const fn has_next_expected_msg_seq_num(self) -> bool {
        !matches!(self, Version::Fix42)
    }

    /// Whether Logout(5) has SessionStatus(1409). Where it has not, Text(58) tells it alone.
    #[must_use]
    pub const fn has_session_status(self) -> bool {
        matches!(self, Version::Fix50Sp2)
    }

    /// Whether SessionRejectReason(373) of this version has the reason. Where it has not, Text(58)
    /// tells it alone.
    #[must_use]
    pub const fn has_reason(self, reason: SessionRejectReason) -> bool {
        let number = reason.number();
        match self {
            Version::Fix42 => number <= 11,
            Version::Fix44 => number <= 17 || number == 99,
            Version::Fix50Sp2 => true,
        }
    }

    /// Whether this version defines the MsgType(35) for applications, or leaves it to the peers
    /// (U...).
    #[must_use]
    pub fn has_application_type(self, msg_type: &[u8]) -> bool {
        match msg_type {
            [b'U', _, ..] => true,
            // Gone with old versions (I, O), never given out (U alone), the session's own (A).
            [b'I' | b'O' | b'U' | b'A'] => false,
            [b'6'..=b'9' | b'B'..=b'Z'] => true,
            [last @ b'a'..=b'z'] => self != Version::Fix42 || *last <= b'm',
            [first, second] => self.has_pair(*first, *second),
            _ => false,
        }
    }

    /// Two letters: the versions went on where the one before had ended.
    fn has_pair(self, first: u8, second: u8) -> bool {
        let last = match self {
            Version::Fix42 => return false,
            Version::Fix44 => [b'B', b'H'],
            Version::Fix50Sp2 => [b'E', b'Z'],
        };
        first.is_ascii_uppercase()
            && second.is_ascii_uppercase()
            && [first, second] <= last
            // Given out in no version.
            && [first, second] != *b"CF"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_by_what_a_logon_says() {
        assert_eq!(Version::of(b"FIX.4.2", None), Some(Version::Fix42));
        assert_eq!(Version::of(b"FIX.4.4", Some(b"9")), Some(Version::Fix44));
        assert_eq!(
            Version::of(b"FIXT.1.1", Some(b"9")),
            Some(Version::Fix50Sp2)
        );
        for (begin_string, id) in [
            (&b"FIXT.1.1"[..], None),
            (b"FIXT.1.1", Some(&b"8"[..])),
            (b"FIX.4.3", None),
            (b"FIX.5.0SP2", None),
            (b"", None),
        ] {
            assert_eq!(Version::of(begin_string, id), None);
        }
    }

    #[test]
    fn tells_the_standards_types_from_others() {
        let known = |version: Version, text: &str| version.has_application_type(text.as_bytes());
        for text in ["6", "8", "D", "a", "j", "m", "U1", "UXYZ"] {
            for version in Version::ALL {
                assert!(known(version, text), "{text} {version:?}");
            }
        }
        for text in [
            "", "A", "I", "O", "U", "5", "CFX", "aa", "ZZ", "!", "AAA", "\u{7f}", "Aa",
        ] {
            for version in Version::ALL {
                assert!(!known(version, text), "{text} {version:?}");
            }
        }
        for (text, versions) in [
            ("n", [false, true, true]),
            ("p", [false, true, true]),
            ("z", [false, true, true]),
            ("AA", [false, true, true]),
            ("BH", [false, true, true]),
            ("BI", [false, false, true]),
            ("CA", [false, false, true]),
            ("DI", [false, false, true]),
        ] {
            let found = Version::ALL.map(|version| known(version, text));
            assert_eq!(found, versions, "{text}");
        }
    }

    /// The version's own dictionary, where the feature brings it, has no type that is missing here.
    #[cfg(feature = "dictionary")]
    #[test]
    fn every_type_of_the_dictionaries_is_known() {
        use crate::dictionary::{Dictionary, Standard};
        for (version, standard) in [
            (Version::Fix42, Standard::Fix42),
            (Version::Fix44, Standard::Fix44),
            (Version::Fix50Sp2, Standard::Fix50Sp2),
        ] {
            let dictionary = Dictionary::standard(standard);
            let admin = ["0", "1", "2", "3", "4", "5", "A"];
            for (msg_type, _) in dictionary.messages() {
                if !admin.contains(&msg_type) {
                    assert!(
                        version.has_application_type(msg_type.as_bytes()),
                        "{version:?} {msg_type}"
                    );
                }
            }
        }
    }
}
