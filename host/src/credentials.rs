//! Who may have a session's line: Username(553), Password(554), and nobody while it has one.

use gwanmun_gateway::stranger::StrangerFault;

use crate::config::SessionConfig;

/// Whether a session's Logon may have the line.
pub(crate) fn judge(
    session: &SessionConfig,
    username: Option<&[u8]>,
    password: Option<&[u8]>,
    is_bound: bool,
) -> Option<StrangerFault> {
    let is_right_user = session
        .username
        .is_none_or(|wanted| username == Some(wanted.as_bytes()));
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
    use super::is_same;

    #[test]
    fn only_the_whole_secret_will_do() {
        assert!(is_same(b"secret", b"secret"));
        for wrong in [&b""[..], b"s", b"secre", b"secrets", b"Secret", b"******"] {
            assert!(!is_same(b"secret", wrong));
        }
    }
}
