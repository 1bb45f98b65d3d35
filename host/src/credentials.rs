//! Who may have a session's line: Username(553), Password(554) or RawData(96), and nobody while it
//! has one.

use gwanmun_fix::Version;
use gwanmun_gateway::Credential;
use gwanmun_gateway::stranger::StrangerFault;

use crate::config::SessionConfig;

/// Whether a session's Logon may have the line, or an answer.
pub(crate) fn judge(
    session: &SessionConfig,
    (username, password): (Option<&[u8]>, Option<&[u8]>),
    is_bound: bool,
    now_ns: u64,
) -> Result<Credential, StrangerFault> {
    // FIX.4.2 has no Username(553): there the CompIDs, which were found right, say who it is.
    let needs_no_name = session.version == Version::Fix42 && username.is_none();
    let is_right_user = session
        .username
        .is_none_or(|wanted| needs_no_name || username == Some(wanted.as_bytes()));
    let is_right_password = session
        .password
        .as_ref()
        .is_none_or(|secret| password.is_some_and(|given| is_same(secret.value(), given)));
    let has_expired = session
        .password_expires
        .is_some_and(|expiry| expiry.has_passed(now_ns));
    // Whoever does not know the password finds out nothing about it, not even that it has expired.
    if !is_right_user || !is_right_password {
        Err(StrangerFault::Credentials)
    } else if is_bound {
        Err(StrangerFault::AlreadyConnected)
    } else if has_expired {
        Ok(Credential::Expired)
    } else {
        Ok(Credential::Passed)
    }
}

/// Compares in a time that does not tell how much of a guess was right.
fn is_same(secret: &[u8], given: &[u8]) -> bool {
    let differs = secret
        .iter()
        .zip(given)
        .fold(0, |differs, (left, right)| differs | (left ^ right));
    core::hint::black_box(differs) == 0 && secret.len() == given.len()
}

#[cfg(test)]
mod tests {
    use super::{Credential, StrangerFault, Version, is_same, judge};
    use crate::config::GATEWAY_EXAMPLE;
    use crate::config::tests::Folder;

    /// The example's first session, which has a name and a password, in a version.
    #[test]
    fn name_and_password_are_needed_and_the_name_only_where_the_version_has_one() {
        let folder = Folder::new("judge");
        let config = folder.parse(GATEWAY_EXAMPLE);
        let mut session = config.unwrap().sessions.swap_remove(0);
        let name = session.username;
        let name = name.as_ref().map(|name| name.as_bytes());
        let secret = session.password.as_ref().unwrap().value().to_vec();
        let password = Some(&secret[..]);
        let (passed, wrong) = (Ok(Credential::Passed), Err(StrangerFault::Credentials));
        for version in Version::ALL {
            session.version = version;
            let unnamed = if version == Version::Fix42 {
                passed
            } else {
                wrong
            };
            for (username, password, expected) in [
                (name, password, passed),
                (None, password, unnamed),
                (Some(&b"other"[..]), password, wrong),
                (name, None, wrong),
                (name, Some(&b"other"[..]), wrong),
                (None, None, wrong),
            ] {
                assert_eq!(judge(&session, (username, password), false, 0), expected);
            }
            let twice = Err(StrangerFault::AlreadyConnected);
            assert_eq!(judge(&session, (name, password), true, 0), twice);
        }
    }

    /// A password that has expired is told to nobody but whoever knows it.
    #[test]
    fn an_expired_password_is_right_or_wrong_like_any_other() {
        let folder = Folder::new("expiry");
        let password = "password = \"secret:member1\"";
        let source = format!("{password}\npassword_expires = 2026-12-31");
        let source = GATEWAY_EXAMPLE.replacen(password, &source, 1);
        let config = folder.parse(&source);
        let session = config.unwrap().sessions.swap_remove(0);
        let name = session.username;
        let name = name.as_ref().map(|name| name.as_bytes());
        // 2027-01-01 00:00 in Seoul.
        let end_ns = 1_798_729_200_000_000_000;
        let given =
            |password, is_bound, now_ns| judge(&session, (name, Some(password)), is_bound, now_ns);
        assert_eq!(given(b"m1-pass", false, end_ns - 1), Ok(Credential::Passed));
        assert_eq!(given(b"m1-pass", false, end_ns), Ok(Credential::Expired));
        for now_ns in [end_ns - 1, end_ns] {
            let wrong = Err(StrangerFault::Credentials);
            assert_eq!(given(b"m1-pass ", false, now_ns), wrong);
            assert_eq!(given(b"other", false, now_ns), wrong);
            let twice = Err(StrangerFault::AlreadyConnected);
            assert_eq!(given(b"m1-pass", true, now_ns), twice);
        }
    }

    #[test]
    fn only_the_whole_secret_will_do() {
        assert!(is_same(b"secret", b"secret"));
        for wrong in [&b""[..], b"s", b"secre", b"secrets", b"Secret", b"******"] {
            assert!(!is_same(b"secret", wrong));
        }
    }
}
