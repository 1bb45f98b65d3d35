//! A gateway that asks no check, to measure what the checks cost over the wire.
//!
//! Built by `RUSTFLAGS="--cfg gwanmun_unchecked"` and in no other way: no feature, key, command or
//! flag leads to it, so that neither an operator nor `--all-features` can have one by mistake. It
//! takes members from this machine alone, and says what it is.

use std::net::SocketAddr;
use std::sync::Arc;

use gwanmun_gateway::Policy;

use crate::config::Config;
use crate::start_error::StartError;

/// Whether this is one.
pub(crate) const IS_UNCHECKED: bool = cfg!(gwanmun_unchecked);

/// Which checks the process asks.
pub(crate) const POLICY: Policy = if IS_UNCHECKED {
    Policy::Nothing
} else {
    Policy::All
};

// A process that carries orders asks every check.
const _: () = assert!(IS_UNCHECKED || matches!(POLICY, Policy::All));

/// Whether this build asks no check, which is for measuring alone.
#[must_use]
pub const fn asks_no_check() -> bool {
    IS_UNCHECKED
}

/// The configuration to share, unless it would let anybody else than this machine send orders that
/// nobody checks.
///
/// # Errors
/// [`StartError::Unchecked`].
pub(crate) fn refuse_strangers(config: &Config) -> Result<Arc<Config>, StartError> {
    let addresses = config.sessions.iter().map(|session| session.socket_accept);
    refuse(IS_UNCHECKED, addresses)?;
    Ok(Arc::new(config.clone()))
}

fn refuse(
    is_unchecked: bool,
    mut addresses: impl Iterator<Item = SocketAddr>,
) -> Result<(), StartError> {
    let outside = addresses.find(|address| !address.ip().is_loopback());
    match outside.filter(|_| is_unchecked) {
        Some(address) => Err(StartError::Unchecked(address)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_that_nobody_checks_come_from_this_machine_alone() {
        let of = |is_unchecked, texts: &[&str]| {
            let addresses = texts.iter().map(|text| text.parse().unwrap());
            refuse(is_unchecked, addresses).map_err(|error| error.to_string())
        };
        assert_eq!(of(false, &["127.0.0.1:1", "10.0.0.1:2"]), Ok(()));
        assert_eq!(of(true, &["127.0.0.1:1", "[::1]:2"]), Ok(()));
        for outside in ["10.0.0.1:2", "0.0.0.0:2", "[::]:2"] {
            let refused = of(true, &["127.0.0.1:1", outside]).unwrap_err();
            assert!(refused.contains(outside) && refused.contains("gwanmun_unchecked"));
        }
    }

    #[test]
    fn this_build_asks_every_check() {
        assert!(!IS_UNCHECKED && POLICY == Policy::All);
    }
}
