//! A gateway's files, written for one lane into a folder of their own: configuration, tables,
//! secrets. Dropping the world removes them, and what the gateway had on memory-backed storage.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gwanmun_market::TickTableId;

use super::Fault;
use super::placement::Placement;
use crate::messages::LISTINGS;

/// Username(553) of every member.
pub const MEMBER_USER: &str = "member";
/// Password(554) of every member.
pub const MEMBER_PASSWORD: &str = "race-member";
/// The gateway's name at the venue.
pub const VENUE_USER: &str = "gwan1";
/// Its password there.
pub const VENUE_PASSWORD: &str = "race-venue";

/// How one lane's gateway differs from another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewayTerms {
    /// `[gateway] transport`.
    pub transport: &'static str,
    /// `[journal] mode`.
    pub mode: &'static str,
    /// `[journal] capture`.
    pub has_capture: bool,
    /// Sessions, all logged on; the first one is active.
    pub sessions: usize,
    /// `[limits] orders_max`.
    pub orders_max: u64,
    /// `[journal] segment_bytes`.
    pub segment_bytes: u64,
    /// `[gateway] idle`.
    pub idle: &'static str,
    /// `[gateway] cores`.
    pub core: usize,
    /// Connections beyond one for each session that may be there at a time.
    pub strangers_max: usize,
    /// More lines for `[defaults]`.
    pub defaults: &'static str,
    /// `[limits] stranger_seconds_max`.
    pub stranger_seconds_max: u32,
}

/// The gateway's own default; a quick run fills several of the small ones.
const SEGMENT_BYTES: u64 = 64 << 20;
const SEGMENT_BYTES_QUICK: u64 = 4 << 20;

impl GatewayTerms {
    /// One session, a capture, the journal in memory, on the cores that there are.
    #[must_use]
    pub fn usual(placement: &Placement, orders_max: u64, is_quick: bool) -> GatewayTerms {
        GatewayTerms {
            transport: "auto",
            mode: "memory",
            has_capture: true,
            sessions: 1,
            orders_max,
            segment_bytes: if is_quick {
                SEGMENT_BYTES_QUICK
            } else {
                SEGMENT_BYTES
            },
            idle: if placement.is_apart() {
                "spin"
            } else {
                "yield"
            },
            core: placement.children,
            strangers_max: 16,
            defaults: "",
            stranger_seconds_max: 5,
        }
    }
}

/// CompID of a member by its index.
#[must_use]
pub fn member_comp_id(index: usize) -> String {
    format!("MEMBER{:03}", index + 1)
}

/// The folder of one lane.
#[derive(Debug)]
pub struct World {
    dir: PathBuf,
    memory: PathBuf,
    name: String,
}

impl World {
    /// Makes a folder for the lane with this number.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn create(under: &Path, number: usize) -> Result<World, Fault> {
        let name = format!("wire-{}-{number}", std::process::id());
        let dir = under.join(&name);
        fs::create_dir_all(dir.join("secrets"))?;
        // The default place of segments being written: what a gateway uses when nothing else is
        // said.
        let memory = PathBuf::from(format!("/dev/shm/gwanmun-{name}"));
        let world = World { dir, memory, name };
        world.write("secrets/member", MEMBER_PASSWORD)?;
        world.write("secrets/venue", VENUE_PASSWORD)?;
        world.write("tables.toml", &tables_toml())?;
        Ok(world)
    }

    /// A path in the folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The only trading day's folder, once the gateway has made one.
    ///
    /// # Errors
    /// There is none.
    pub fn day(&self) -> Result<PathBuf, Fault> {
        let mut days = fs::read_dir(self.path("journal"))?;
        let day = days.next().ok_or_else(|| Fault::new("no journal"))??;
        Ok(day.path())
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Fault> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        Ok(options.open(self.path(name))?.write_all(text.as_bytes())?)
    }

    /// Writes the configuration.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_gateway_toml(
        &self,
        terms: &GatewayTerms,
        [listen, venue, feed]: [SocketAddr; 3],
    ) -> Result<(), Fault> {
        let mut text = format!(
            "# Made by a race over the wire.
[gateway]
name = \"{name}\"
cores = [{core}]
idle = \"{idle}\"
transport = \"{transport}\"
order_id_prefix = \"R\"
[journal]
dir = \"journal\"
mode = \"{mode}\"
capture = {has_capture}
segment_bytes = {segment_bytes}
# A machine that is used for measuring may have little space left, which is not what is measured.
free_percent_min = 1
[limits]
orders_max = {orders_max}
connections_max = {connections_max}
stranger_seconds_max = {stranger_seconds_max}
[secrets]
dir = \"secrets\"
[defaults]
begin_string = \"FIX.4.4\"
sender_comp_id = \"GWANMUN\"
socket_accept_port = {port}
username = \"{MEMBER_USER}\"
password = \"secret:member\"
accounts = [\"ACC-1\", \"ACC-2\"]
{defaults}
[[venue]]
name = \"KRX\"
protocol = \"ouch50\"
connect = \"{venue}\"
feed_connect = \"{feed}\"
username = \"{VENUE_USER}\"
password = \"secret:venue\"
[tables]
file = \"tables.toml\"
# A day: market state is told once, before the clock runs, and lanes stand still in between.
max_age_ns = 86_400_000_000_000
",
            name = self.name,
            core = terms.core,
            idle = terms.idle,
            transport = terms.transport,
            mode = terms.mode,
            has_capture = terms.has_capture,
            segment_bytes = terms.segment_bytes,
            orders_max = terms.orders_max,
            connections_max = terms.sessions + terms.strangers_max,
            stranger_seconds_max = terms.stranger_seconds_max,
            defaults = terms.defaults,
            port = listen.port(),
        );
        for index in 0..terms.sessions {
            let member = member_comp_id(index);
            text.push_str(&format!("[[session]]\ntarget_comp_id = \"{member}\"\n"));
        }
        self.write("gateway.toml", &text)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.memory);
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A limit that no run comes near.
const WIDE: &str = "1_000_000_000_000_000_000";

/// Two accounts that may trade every instrument of the benches, with enough to sell all day.
fn tables_toml() -> String {
    let mut text = String::new();
    for account in ["ACC-1", "ACC-2"] {
        text.push_str(&format!(
            "[[account]]\nid = \"{account}\"\nenabled = true\nself_trade = \"allowed\"\n\
             [[credit]]\naccount = \"{account}\"\ninvestor = \"other\"\nmargin = \"pre\"\n\
             cash = {WIDE}\ndeposit = {WIDE}\nopen_value_max = {WIDE}\n"
        ));
    }
    text.push_str(&format!(
        "[firm]\nsent_value_max = {WIDE}\nopen_value_max = {WIDE}\nexposure_max = {WIDE}\n\
         [[underlying]]\nname = \"K200\"\nsent_qty_max = {WIDE}\nsent_value_max = {WIDE}\n\
         individual_max = {WIDE}\nother_max = {WIDE}\n"
    ));
    // More than any machine sends: what is measured here is not the rate that is let through.
    let rate = "messages_per_second_max = 1_000_000_000\nmessages_burst_max = 1_000_000_000\n";
    text.push_str(&format!(
        "[[conduct]]\ntier = 1\n{rate}same_order_max = 1_000_000_000\n\
         same_order_within_ms = 1000\nrequests_per_trade_max = 1_000_000_000\n\
         canceled_percent_max = 100\nratio_floor = 1_000_000_000\n[session_rate]\n{rate}"
    ));
    for kind in ["share", "etf", "future"] {
        text.push_str(&format!(
            "[[limit]]\ntier = 1\nkind = \"{kind}\"\norder_qty_max = 1_000_000\n\
             order_value_max = 1_000_000_000_000\nsent_qty_max = 1_000_000_000_000_000\n\
             sent_value_max = 1_000_000_000_000_000_000\n"
        ));
    }
    for listing in LISTINGS {
        let symbol = String::from_utf8_lossy(listing.symbol);
        let (kind, ticks) = match listing.ticks {
            TickTableId::Etf2023 => ("etf", "etf_2023"),
            TickTableId::K200Future => ("future", "k200_future"),
            _ => ("share", "share_2023"),
        };
        text.push_str(&format!(
            "[[instrument]]\nsymbol = \"{symbol}\"\nkind = \"{kind}\"\ntick_table = \"{ticks}\"\n\
             base_price = {}\ncollar_bps = 500\ndaily_limit_bps = 3000\nmultiplier = 1\n\
             order_kinds = [\"limit_day\", \"limit_ioc\"]\n",
            listing.base
        ));
        let weight = match kind {
            "future" => "underlying = \"K200\"\nmargin_bps = 1500\ndelta = 10000\n",
            _ => "",
        };
        text.push_str(&format!(
            "[[instrument_limit]]\nsymbol = \"{symbol}\"\n{weight}sent_qty_max = {WIDE}\n\
             sent_value_max = {WIDE}\nfirm_qty_max = {WIDE}\nfirm_value_max = {WIDE}\n"
        ));
        for account in ["ACC-1", "ACC-2"] {
            text.push_str(&format!(
                "[[holding]]\naccount = \"{account}\"\nsymbol = \"{symbol}\"\n\
                 quantity = 1_000_000_000_000\n"
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use gwanmun_host::config::{Config, Tables};

    use super::*;

    #[test]
    fn the_gateway_takes_what_is_written() {
        let under = std::env::temp_dir().join(format!("wire-world-{}", std::process::id()));
        let world = World::create(&under, 0).unwrap();
        let terms = GatewayTerms {
            mode: "durable",
            transport: "auto",
            has_capture: false,
            sessions: 8,
            orders_max: 1_000,
            segment_bytes: 1 << 20,
            idle: "spin",
            core: 1,
            strangers_max: 16,
            defaults: "",
            stranger_seconds_max: 5,
        };
        let address = "127.0.0.1:9876".parse().unwrap();
        world.write_gateway_toml(&terms, [address; 3]).unwrap();
        let config = Config::load(&world.path("gateway.toml")).unwrap();
        assert_eq!(config.sessions.len(), 8);
        assert!(!config.journal.capture);
        let tables = Tables::load(&config.tables.file).unwrap();
        gwanmun_host::check(&config, &tables).unwrap();
        let dir = world.path("");
        drop(world);
        assert!(!dir.exists());
        fs::remove_dir_all(under).unwrap();
    }
}
