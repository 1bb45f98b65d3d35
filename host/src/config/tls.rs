//! `tls` of a session: the files that its address speaks TLS with.

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::Surroundings;
use super::error::Problem;
use super::read::{self, Section};

/// Keys of the table.
const TLS_KEYS: &[&str] = &["certificate", "key", "client_ca"];
/// What the table looks like.
const EXPECTED: &str = "a table of files like { certificate = \"gw.crt\", key = \"gw.key\" }, \
                        perhaps with client_ca = \"members.crt\"";

/// Files in PEM that an address speaks TLS with. That they are there and fit each other was
/// checked when the configuration was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// The gateway's certificate, followed by those that lead to its authority.
    pub certificate: PathBuf,
    /// Its private key, which no other user of the host may read.
    pub key: PathBuf,
    /// Certificates of authorities, one of which must have signed the member's; `None` asks members
    /// for no certificate.
    pub client_ca: Option<PathBuf>,
}

/// The table and everything that is wrong with it or its files.
pub(super) fn read(
    section: &Section<'_>,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Option<TlsConfig> {
    let config = section.optional("tls", problems, |value| {
        let DeValue::Table(table) = value else {
            return Err(EXPECTED.to_owned());
        };
        files(table, surroundings).ok_or_else(|| EXPECTED.to_owned())
    })?;
    if let Err((message, remedy)) = check(&config) {
        section.refuse("tls", message, remedy, problems);
    }
    Some(config)
}

fn files(table: &DeTable<'_>, surroundings: &Surroundings) -> Option<TlsConfig> {
    let file = |key| {
        let value = table.get(key)?;
        let path = read::string(value.get_ref()).ok()?;
        Some(surroundings.resolve(&path))
    };
    let is_known = table
        .iter()
        .all(|(key, _)| TLS_KEYS.contains(&key.get_ref().as_ref()));
    let client_ca = file("client_ca");
    (is_known && client_ca.is_some() == table.contains_key("client_ca"))
        .then_some(())
        .and_then(|()| {
            Some(TlsConfig {
                certificate: file("certificate")?,
                key: file("key")?,
                client_ca,
            })
        })
}

/// What is wrong with the files, and what to do.
#[cfg(feature = "tls")]
fn check(config: &TlsConfig) -> Result<(), (String, &'static str)> {
    crate::tls::files::server_config(config)
        .map(drop)
        .map_err(|fault| (fault.to_string(), fault.remedy()))
}

#[cfg(not(feature = "tls"))]
fn check(_: &TlsConfig) -> Result<(), (String, &'static str)> {
    Err((
        "this program was built without TLS".to_owned(),
        "build it with `--features tls`, or take `tls` out and let a proxy end TLS",
    ))
}
