//! What the commands that speak FIX to a peer of the user's have in common: identities, versions,
//! and where one listens.

use std::net::{IpAddr, Ipv4Addr, TcpListener};

use clap::Args;
use gwanmun_fix::Version;
use gwanmun_market::Text;

use crate::exit::Failure;
use crate::show;

/// Where we wait for a peer, and who we are.
#[derive(Debug, Args)]
pub struct Listening {
    /// The port to listen on; 0 takes a free one, which is then told.
    #[arg(long, value_name = "P")]
    port: u16,
    /// The address of this machine to listen on.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// Our CompID: SenderCompID(49) of what we send.
    #[arg(long, value_name = "ID", value_parser = comp_id)]
    pub(super) sender_comp_id: Text<32>,
}

impl Listening {
    /// The listener; its address is told.
    ///
    /// # Errors
    /// The port is not to be had.
    pub(super) fn start(&self) -> Result<TcpListener, Failure> {
        let listener = TcpListener::bind((self.host, self.port));
        let listener = listener.and_then(|listener| {
            show::note(&format!("listening on {}", listener.local_addr()?));
            Ok(listener)
        });
        listener.map_err(|error| Failure::host("no listener", &error))
    }
}

/// A CompID as an argument.
pub(super) fn comp_id(text: &str) -> Result<Text<32>, String> {
    let is_fit = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    Text::new(text.as_bytes())
        .filter(|_| is_fit)
        .ok_or_else(|| "a CompID has 1 to 32 printable ASCII characters without blanks".to_owned())
}

/// A version as an argument.
pub(super) fn version(text: &str) -> Result<Version, String> {
    Version::ALL
        .into_iter()
        .find(|version| version.name() == text)
        .ok_or_else(|| "it is FIX.4.2, FIX.4.4 or FIX.5.0SP2".to_owned())
}
