//! The folder of a demonstration: configurations, secrets and tables made for this one run.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::initiator::InitiatorTerms;
use super::market;
use crate::exit::Failure;

const MEMBER: &str = "MEMBER1";
const GATEWAY: &str = "GWANMUN";
const MEMBER_USER: &str = "member1";
const MEMBER_PASSWORD: &str = "demo-member";
const VENUE_USER: &str = "gwan1";
const VENUE_PASSWORD: &str = "demo-venue";

/// The folder and what is written into it.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) folder: Folder,
    seed: u64,
}

impl World {
    /// Makes the folder anew.
    pub(super) fn create(out: &Path, seed: u64) -> Result<World, Failure> {
        let folder = Folder::create(out, "demo")?;
        let world = World { folder, seed };
        let folder = &world.folder;
        folder.write("secrets/member1", MEMBER_PASSWORD)?;
        folder.write("secrets/krx", VENUE_PASSWORD)?;
        folder.write("tables.toml", &market::tables_toml())?;
        folder.write("exchange.toml", &world.exchange_toml())?;
        Ok(world)
    }

    /// A path in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    /// The venue: a lively market, an opening auction at first, one halt, a refusal of its own now
    /// and then. All of it by message count.
    fn exchange_toml(&self) -> String {
        let seed = self.seed;
        format!(
            "# Made by `gwanmun demo`.
order_listen = \"127.0.0.1:0\"
feed_listen = \"127.0.0.1:0\"
session = \"DEMO000001\"
ledger = \"exchange-ledger.csv\"
phase = \"opening_auction\"

[seed]
seed = {seed}
levels = 5
quantity_min = 10
quantity_max = 200
drift_ticks = 1
refill_every = 6
cross_every = 60
late_cancel_every = 40
late_replace_every = 60

[faults]
reject_every = 400

[[users]]
username = \"{VENUE_USER}\"
password_file = \"secrets/krx\"

[[script]]
after_messages = 400
phase = \"continuous\"

[[script]]
after_messages = 9_000
symbol = \"035720\"
halted = true

[[script]]
after_messages = 9_600
symbol = \"035720\"
halted = false
"
        )
    }

    /// Writes the gateway's configuration, once the venue's addresses are known.
    pub(super) fn write_gateway_toml(
        &self,
        venue: SocketAddr,
        feed: SocketAddr,
    ) -> Result<(), Failure> {
        let accounts: Vec<String> = market::ACCOUNTS
            .into_iter()
            .chain([market::ACCOUNT_DISABLED])
            .map(|account| format!("\"{account}\""))
            .collect();
        let text = format!(
            "# Made by `gwanmun demo`.
[gateway]
name = \"{}\"
idle = \"yield\"
order_id_prefix = \"D\"

[journal]
# Small, so that a day changes segments several times.
segment_bytes = 8388608
dir = \"journal\"
mode = \"memory\"

[secrets]
dir = \"secrets\"

[defaults]
begin_string = \"FIX.4.4\"
sender_comp_id = \"{GATEWAY}\"
socket_accept_port = 0

[[session]]
target_comp_id = \"{MEMBER}\"
username = \"{MEMBER_USER}\"
password = \"secret:member1\"
accounts = [{}]

[[venue]]
name = \"KRX\"
protocol = \"ouch50\"
connect = \"{venue}\"
feed_connect = \"{feed}\"
username = \"{VENUE_USER}\"
password = \"secret:krx\"

[tables]
file = \"tables.toml\"
max_age_ns = 5_000_000_000
",
            self.folder.name,
            accounts.join(", ")
        );
        self.folder.write("gateway.toml", &text)
    }

    /// The member's session.
    pub(super) fn session(&self) -> InitiatorTerms {
        InitiatorTerms {
            sender_comp_id: MEMBER.to_owned(),
            target_comp_id: GATEWAY.to_owned(),
            credentials: Some((MEMBER_USER.to_owned(), MEMBER_PASSWORD.to_owned())),
            heart_bt_int_s: 30,
        }
    }
}
