//! A venue and a gateway of the load's own, in a folder made for the run.

use core::fmt::Write;
use std::net::SocketAddr;
use std::path::Path;

use gwanmun_host::config::Config;
use gwanmun_runtime::signals::Termination;

use super::sessions::SessionTerms;
use crate::demo::folder::Folder;
use crate::demo::market::{self, ACCOUNT_DISABLED, ACCOUNTS};
use crate::demo::processes::{Process, listening, listening_members, logged_on};
use crate::exit::{Exit, Failure};

/// What each account can sell: a day of any length does not use it up.
const HOLDING: u64 = 1_000_000_000_000;
/// Connections beside the sessions: cut ones that the gateway has not yet noticed.
const CONNECTIONS_MORE: u32 = 32;
/// The gateway's own bounds for its tables.
const ORDERS_MAX: u64 = 1 << 26;

/// The two processes and their folder.
pub(super) struct Own {
    pub(super) folder: Folder,
    pub(super) address: SocketAddr,
    gateway: Process,
    exchange: Process,
}

impl Own {
    /// Starts both. `orders` are expected; the gateway's tables are made for them.
    pub(super) fn start(
        out: &Path,
        seed: u64,
        sessions: &[SessionTerms],
        orders: u64,
        stop: &Termination,
    ) -> Result<Own, Failure> {
        let folder = Folder::create(out, "load")?;
        for session in sessions {
            if let Some((user, password)) = &session.credentials {
                folder.write(&format!("secrets/{user}"), password)?;
            }
        }
        folder.write("secrets/krx", "load-venue")?;
        folder.write("tables.toml", &market::tables_with(HOLDING))?;
        folder.write("exchange.toml", &exchange_toml(seed))?;
        let mut exchange = Process::start(
            "exchange",
            &folder.path("exchange.toml"),
            &folder.path("exchange.log"),
        )?;
        let venue = exchange.wait_for("where it listens", stop, listening("order"))?;
        let feed = exchange.wait_for("where it serves the feed", stop, listening("feed"))?;
        let text = gateway_toml(&folder.name, sessions, orders, venue, feed);
        folder.write("gateway.toml", &text)?;
        // More sessions than a gateway takes are told in the words of its configuration.
        Config::load(&folder.path("gateway.toml"))
            .map_err(|error| Failure::new(Exit::Usage, error.to_string()))?;
        let mut gateway = Process::start(
            "gateway",
            &folder.path("gateway.toml"),
            &folder.path("gateway.log"),
        )?;
        let address = gateway.wait_for("where it listens", stop, listening_members)?;
        gateway.wait_for("that the venue is up", stop, logged_on("KRX"))?;
        Ok(Own {
            folder,
            address,
            gateway,
            exchange,
        })
    }

    /// The gateway's process id.
    pub(super) fn gateway_pid(&self) -> u32 {
        self.gateway.pid()
    }

    /// Stops both in good order; the folder stays.
    pub(super) fn stop(self) -> Result<Folder, Failure> {
        let stopped = self.gateway.stop();
        let stopped = stopped.and(self.exchange.stop());
        self.folder.clear_memory();
        stopped.map(|()| self.folder)
    }
}

/// A market that trades all along, without halts, so that every refusal has its cause in the order.
fn exchange_toml(seed: u64) -> String {
    format!(
        "# Made by `gwanmun load`.
order_listen = \"127.0.0.1:0\"
feed_listen = \"127.0.0.1:0\"
session = \"LOAD000001\"
ledger = \"exchange-ledger.csv\"
phase = \"continuous\"

[seed]
seed = {seed}
levels = 5
quantity_min = 10
quantity_max = 200
drift_ticks = 1
refill_every = 50
cross_every = 200
late_cancel_every = 400

[faults]
reject_every = 4000

[[users]]
username = \"gwan1\"
password_file = \"secrets/krx\"
"
    )
}

/// The gateway goes on until the disk is nearly full: half an hour takes tens of gigabytes, and
/// nothing of a load has to be kept.
fn gateway_toml(
    name: &str,
    sessions: &[SessionTerms],
    orders: u64,
    venue: SocketAddr,
    feed: SocketAddr,
) -> String {
    let accounts: Vec<String> = ACCOUNTS
        .into_iter()
        .chain([ACCOUNT_DISABLED])
        .map(|account| format!("\"{account}\""))
        .collect();
    let accounts = accounts.join(", ");
    // Room for what is due, and the margin that a round number gives.
    let orders_max = (orders + orders / 10 + 1_024).min(ORDERS_MAX);
    let connections_max = u32::try_from(sessions.len()).unwrap_or(u32::MAX) + CONNECTIONS_MORE;
    let gateway = sessions
        .first()
        .map_or("GWANMUN", |session| &session.target_comp_id);
    let mut text = format!(
        "# Made by `gwanmun load`.
[gateway]
name = \"{name}\"
idle = \"yield\"
order_id_prefix = \"L\"

[journal]
dir = \"journal\"
mode = \"memory\"
free_percent_min = 3

[limits]
orders_max = {orders_max}
connections_max = {connections_max}

[secrets]
dir = \"secrets\"

[defaults]
begin_string = \"FIX.4.4\"
sender_comp_id = \"{gateway}\"
socket_accept_port = 0
accounts = [{accounts}]

[[venue]]
name = \"KRX\"
protocol = \"ouch50\"
connect = \"{venue}\"
feed_connect = \"{feed}\"
username = \"gwan1\"
password = \"secret:krx\"

[tables]
file = \"tables.toml\"
max_age_ns = 5_000_000_000
"
    );
    for session in sessions {
        // Writing into a String cannot fail.
        let _ = write!(
            text,
            "\n[[session]]\ntarget_comp_id = \"{}\"\n",
            session.sender_comp_id
        );
        if let Some((user, _)) = &session.credentials {
            let _ = writeln!(text, "username = \"{user}\"\npassword = \"secret:{user}\"");
        }
    }
    text
}
