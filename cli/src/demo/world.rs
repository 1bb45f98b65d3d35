//! The folder of a demonstration: configurations, secrets and tables made for this one run.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::initiator::InitiatorTerms;
use super::market;
use crate::exit::{Exit, Failure};

/// Shows that a folder was made by a demonstration and may be emptied by the next one.
const MARK: &str = ".gwanmun-demo";
const MEMBER: &str = "MEMBER1";
const GATEWAY: &str = "GWANMUN";
const MEMBER_USER: &str = "member1";
const MEMBER_PASSWORD: &str = "demo-member";
const VENUE_USER: &str = "gwan1";
const VENUE_PASSWORD: &str = "demo-venue";

/// The folder and what in it has which name.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) out: PathBuf,
    /// The gateway's name; the process id keeps its memory-backed folder apart from any other's.
    pub(super) name: String,
    seed: u64,
}

impl World {
    /// Makes the folder anew.
    pub(super) fn create(out: &Path, seed: u64) -> Result<World, Failure> {
        let refuse = |error: std::io::Error| Failure::host(&out.display().to_string(), &error);
        if out.exists() && !out.join(MARK).exists() {
            let is_empty = fs::read_dir(out).map_err(refuse)?.next().is_none();
            if !is_empty {
                let name = crate::show::escaped(&out.display().to_string());
                let text = format!("{name} is not empty and not of a demo: choose another --out");
                return Err(Failure::new(Exit::Usage, text));
            }
        }
        if out.exists() {
            fs::remove_dir_all(out).map_err(refuse)?;
        }
        // Secrets and the day's orders are nobody else's business.
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(out.join("secrets"))
            .map_err(refuse)?;
        let out = out.canonicalize().map_err(refuse)?;
        let name = format!("demo-{}", std::process::id());
        let world = World { out, name, seed };
        world.write(
            MARK,
            "made by `gwanmun demo`; the next one empties this folder\n",
        )?;
        world.write("secrets/member1", MEMBER_PASSWORD)?;
        world.write("secrets/krx", VENUE_PASSWORD)?;
        world.write("tables.toml", &market::tables_toml())?;
        world.write("exchange.toml", &world.exchange_toml())?;
        Ok(world)
    }

    /// A path in the folder.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }

    /// Writes a file that only this user may read.
    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(name);
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| Failure::host(&path.display().to_string(), &error))
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
            self.name,
            accounts.join(", ")
        );
        self.write("gateway.toml", &text)
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

    /// Takes away what the gateway had on memory-backed storage: it is on disk by now.
    pub(super) fn clear_memory(&self) {
        let _ = fs::remove_dir_all(Path::new("/dev/shm").join(format!("gwanmun-{}", self.name)));
    }
}
