//! Who may have a session's line: Username(553), Password(554) or RawData(96), and nobody while it
//! has one.

use gwanmun_fix::Version;
use gwanmun_gateway::stranger::StrangerFault;

use crate::config::SessionConfig;

/// Whether a session's Logon may have the line.
pub(crate) fn judge(
    session: &SessionConfig,
    username: Option<&[u8]>,
    password: Option<&[u8]>,
    is_bound: bool,
) -> Option<StrangerFault> {
    // FIX.4.2 has no Username(553): there the CompIDs, which were found right, say who it is.
    let needs_no_name = session.version == Version::Fix42 && username.is_none();
    let is_right_user = session
        .username
        .is_none_or(|wanted| needs_no_name || username == Some(wanted.as_bytes()));
    let is_right_password = session
        .password
        .as_ref()
        .is_none_or(|secret| password.is_some_and(|given| is_same(secret.value(), given)));
    if !is_right_user || !is_right_password {
        Some(StrangerFault::Credentials)
    } else if is_bound {
        Some(StrangerFault::AlreadyConnected)
    } else {
        None
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
    use super::{StrangerFault, Version, is_same, judge};
    use crate::config::{Config, GATEWAY_EXAMPLE, Surroundings};

    /// The example's first session, which has a name and a password, in a version.
    #[test]
    fn name_and_password_are_needed_and_the_name_only_where_the_version_has_one() {
        let folder = std::env::temp_dir().join(format!("gwanmun-judge-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("secrets")).unwrap();
        for (name, secret) in [("member1", "m1-pass"), ("krx", "krx-pass")] {
            std::fs::write(folder.join("secrets").join(name), secret).unwrap();
        }
        let surroundings = Surroundings {
            base_dir: folder.clone(),
            credentials_dir: None,
        };
        let config = Config::parse(GATEWAY_EXAMPLE, "gateway.toml", &surroundings);
        std::fs::remove_dir_all(folder).unwrap();
        let mut session = config.unwrap().sessions.swap_remove(0);
        let name = session.username;
        let name = name.as_ref().map(|name| name.as_bytes());
        let secret = session.password.as_ref().unwrap().value().to_vec();
        let password = Some(&secret[..]);
        let wrong = Some(StrangerFault::Credentials);
        for version in Version::ALL {
            session.version = version;
            let unnamed = if version == Version::Fix42 {
                None
            } else {
                wrong
            };
            for (username, password, expected) in [
                (name, password, None),
                (None, password, unnamed),
                (Some(&b"other"[..]), password, wrong),
                (name, None, wrong),
                (name, Some(&b"other"[..]), wrong),
                (None, None, wrong),
            ] {
                assert_eq!(judge(&session, username, password, false), expected);
            }
            let twice = Some(StrangerFault::AlreadyConnected);
            assert_eq!(judge(&session, name, password, true), twice);
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
