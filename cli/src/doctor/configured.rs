//! What a gateway's configuration asks of this host.

use std::net::SocketAddr;

use gwanmun_host::config::Config;

use super::finding::{Finding, Severity};
use super::host::Host;
use super::processor::permitted;
use super::storage;

/// Cores, folders and ports of the configuration.
pub(super) fn examine(host: &Host<'_>, config: &Config) -> Vec<Finding> {
    let journal = &config.journal;
    let mut findings = cores(host, config);
    findings.push(storage::memory_dir(
        host,
        &journal.memory_dir,
        journal.memory_dir_is_default,
    ));
    findings.extend(storage::journal_dir(host, &journal.dir));
    findings.extend(ports(host, config));
    findings
}

fn cores(host: &Host<'_>, config: &Config) -> Vec<Finding> {
    let Some(permitted) = permitted(host) else {
        return vec![Finding::unknown("configured cores", "no Cpus_allowed_list")];
    };
    if config.gateway.cores.is_empty() {
        let found = "none: the order core is not pinned";
        let last = permitted.last().copied().unwrap_or(0);
        let remedy = format!("cores = [{last}] in [gateway]");
        return vec![Finding::new(
            "configured cores",
            found,
            Severity::Note,
            remedy,
        )];
    }
    let check = |core: &usize| {
        if permitted.contains(core) {
            Finding::good("configured cores", format!("{core} is there"))
        } else {
            Finding::new(
                "configured cores",
                format!("{core} is not among {permitted:?}: the order core will not be pinned"),
                Severity::Stops,
                format!(
                    "cores = [{}] in [gateway]",
                    permitted.last().copied().unwrap_or(0)
                ),
            )
        }
    };
    config.gateway.cores.iter().map(check).collect()
}

fn ports(host: &Host<'_>, config: &Config) -> Vec<Finding> {
    let mut addresses: Vec<SocketAddr> = config
        .sessions
        .iter()
        .map(|session| session.socket_accept)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    let check = |address: SocketAddr| match host.probe.is_free(address) {
        None => Finding::unknown("port", &address.to_string()),
        Some(true) => Finding::good("port", format!("{address} is free")),
        Some(false) => Finding::new(
            "port",
            format!("{address} cannot be listened on"),
            Severity::Stops,
            format!("ss -tlnp 'sport = :{}'", address.port()),
        ),
    };
    addresses.into_iter().map(check).collect()
}
