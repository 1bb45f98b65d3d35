//! A test's folder: configurations, secrets and tables, and the processes that run by them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use super::broken;
pub(crate) use super::markets::{LIVELY, LIVELY_FIX, QUIET, TRADING};
use super::process::Process;

/// The day of every test: no midnight comes in between.
pub(crate) const TRADING_DAY: &str = "2026-11-23";
const FOLDER_OF_DAY: &str = "20261123";
/// Accounts that trade, and one that may not.
const ACCOUNTS: &str = "[\"1001-01\", \"1002-01\", \"1003-01\", \"1004-01\", \"1005-01\", \
\"1006-01\", \"1007-01\", \"1001-02\", \"1008-01\"]";

/// Members that may log on, with the password `pass-` and their name in lower case.
pub(crate) const MEMBERS: [&str; 2] = ["MEMBER1", "BYSTANDER"];

/// One test's folder and what runs in it.
pub(crate) struct World {
    pub(crate) dir: PathBuf,
    pub(crate) memory: PathBuf,
    /// Where the venue's lines are, once it is started.
    pub(crate) venue: Option<SocketAddr>,
    pub(crate) feed: Option<SocketAddr>,
    /// Its FIX port, where its market has one: then the gateway's order line goes there.
    pub(crate) fix: Option<SocketAddr>,
    /// The same of the second venue, NXT, where a test has one.
    pub(crate) second: Option<(SocketAddr, SocketAddr)>,
    /// Ports that the second venue has at every start; zero for free ones.
    pub(crate) second_ports: [u16; 2],
}

/// What differs between the gateways of the tests.
#[derive(Clone, Debug)]
pub(crate) struct GatewayTerms {
    pub(crate) mode: &'static str,
    pub(crate) idle: &'static str,
    /// The order core's, if it is to have one.
    pub(crate) core: Option<usize>,
    /// Zero for a free one.
    pub(crate) port: u16,
    pub(crate) segment_bytes: u64,
    pub(crate) orders_max: u64,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) memory_dir: Option<PathBuf>,
    pub(crate) connections_max: u32,
    pub(crate) stranger_seconds_max: u32,
    /// The venue's other participants, for tests that start both.
    pub(crate) market: &'static str,
    /// More lines for `[limits]`.
    pub(crate) limits: &'static str,
    /// More lines for `[journal]`.
    pub(crate) journal: &'static str,
    /// Further lines of every `[[session]]`.
    pub(crate) session: &'static str,
    /// Further lines of MEMBER1's `[[session]]`.
    pub(crate) member1: &'static str,
}

impl Default for GatewayTerms {
    fn default() -> GatewayTerms {
        GatewayTerms {
            mode: "memory",
            idle: "yield",
            core: None,
            port: 0,
            segment_bytes: 1 << 20,
            orders_max: 4096,
            dir: None,
            memory_dir: None,
            connections_max: 16,
            stranger_seconds_max: 5,
            market: LIVELY,
            session: "",
            member1: "",
            journal: "",
            limits: "",
        }
    }
}

/// What the gateway says of a venue that speaks FIX.
const FIX_VENUE: &str = "protocol = \"fix\"
begin_string = \"FIX.4.4\"
sender_comp_id = \"GWANMUN\"
target_comp_id = \"EXCH\"
heart_bt_int = 1";

impl World {
    pub(crate) fn new(name: &str) -> World {
        let unique = format!("{name}-{}", std::process::id());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&unique);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("secrets")).unwrap();
        let shared = Path::new("/dev/shm");
        let memory = if shared.is_dir() {
            shared.join(format!("gwanmun-test-{unique}"))
        } else {
            dir.join("memory")
        };
        let _ = fs::remove_dir_all(&memory);
        let world = World {
            dir,
            memory,
            venue: None,
            feed: None,
            fix: None,
            second: None,
            second_ports: [0; 2],
        };
        world.write_private("secrets/krx", "pass-venue");
        world.write_private("secrets/nxt", "pass-nxt");
        for member in MEMBERS {
            let member = member.to_lowercase();
            world.write_private(&format!("secrets/{member}"), &format!("pass-{member}"));
        }
        world.write_private("tables.toml", &gwanmun_cli::demo::tables_toml());
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn write_private(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// Where the gateway's segments of the day lie on disk.
    pub(crate) fn day(&self) -> PathBuf {
        self.path("journal").join(FOLDER_OF_DAY)
    }

    /// Where they lie in memory.
    pub(crate) fn day_in_memory(&self) -> PathBuf {
        self.memory.join(FOLDER_OF_DAY)
    }

    /// Starts the venue with these other participants.
    pub(crate) fn start_exchange(&mut self, market: &str) -> Process {
        let (mut exchange, orders, feed) = self.spawn_exchange("exchange", "krx", [0; 2], market);
        self.fix = market
            .contains("[fix]")
            .then(|| listens_for(&mut exchange, "fix"));
        self.venue = Some(orders);
        self.feed = Some(feed);
        exchange
    }

    /// Starts a second venue, NXT, whose ledger is `nxt-ledger.csv`; its user has the same name and
    /// another password. It keeps its day: started again on the same ports, it goes on.
    pub(crate) fn start_second_exchange(&mut self, market: &str) -> Process {
        let (exchange, orders, feed) = self.spawn_exchange("nxt", "nxt", self.second_ports, market);
        self.second = Some((orders, feed));
        exchange
    }

    /// An exchange and where its two lines are.
    fn spawn_exchange(
        &self,
        name: &str,
        secret: &str,
        [order_port, feed_port]: [u16; 2],
        market: &str,
    ) -> (Process, SocketAddr, SocketAddr) {
        let text = format!(
            "order_listen = \"127.0.0.1:{order_port}\"
feed_listen = \"127.0.0.1:{feed_port}\"
session = \"TEST000001\"
trading_day = \"{TRADING_DAY}\"
ledger = \"{name}-ledger.csv\"
day_log = \"{name}-day.log\"
phase = \"continuous\"
[[users]]
username = \"gwan1\"
password_file = \"secrets/{secret}\"
{market}"
        );
        let file = format!("{name}.toml");
        self.write_private(&file, &text);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
        command
            .args(["exchange", "--json", "--config"])
            .arg(self.path(&file));
        let mut exchange = Process::start(name, command);
        let orders = listens_for(&mut exchange, "order");
        let feed = listens_for(&mut exchange, "feed");
        (exchange, orders, feed)
    }

    pub(crate) fn write_gateway_toml(&self, terms: &GatewayTerms) {
        let dir = terms.dir.clone().unwrap_or_else(|| self.path("journal"));
        let memory = terms.memory_dir.clone().unwrap_or(self.memory.clone());
        let mut text = format!(
            "[gateway]
name = \"test\"
cores = {:?}
idle = \"{}\"
trading_day = \"{TRADING_DAY}\"
order_id_prefix = \"T\"
[journal]
dir = \"{}\"
memory_dir = \"{}\"
mode = \"{}\"
segment_bytes = {}
{}
[limits]
orders_max = {}
positions_max = 1024
connections_max = {}
stranger_seconds_max = {}
{}
[secrets]
dir = \"secrets\"
[defaults]
begin_string = \"FIX.4.4\"
sender_comp_id = \"GWANMUN\"
socket_accept_port = {}
[[venue]]
name = \"KRX\"
{}
connect = \"{}\"
feed_connect = \"{}\"
username = \"gwan1\"
password = \"secret:krx\"
[tables]
file = \"tables.toml\"
max_age_ns = 30_000_000_000
",
            Vec::from_iter(terms.core),
            terms.idle,
            dir.display(),
            memory.display(),
            terms.mode,
            terms.segment_bytes,
            terms.journal,
            terms.orders_max,
            terms.connections_max,
            terms.stranger_seconds_max,
            terms.limits,
            terms.port,
            if self.fix.is_some() {
                FIX_VENUE
            } else {
                "protocol = \"ouch50\""
            },
            self.fix.or(self.venue).expect("the venue is started first"),
            self.feed.expect("the venue is started first"),
        );
        if let Some((orders, feed)) = self.second {
            text.push_str(&format!(
                "[[venue]]\nname = \"NXT\"\nprotocol = \"ouch50\"\nconnect = \"{orders}\"\n\
                 feed_connect = \"{feed}\"\nusername = \"gwan1\"\npassword = \"secret:nxt\"\n"
            ));
        }
        for member in MEMBERS {
            let user = member.to_lowercase();
            let own = if member == "MEMBER1" {
                terms.member1
            } else {
                ""
            };
            text.push_str(&format!(
                "[[session]]\ntarget_comp_id = \"{member}\"\nusername = \"{user}\"\n\
                 password = \"secret:{user}\"\naccounts = {ACCOUNTS}\n{}\n{own}\n",
                terms.session
            ));
        }
        self.write_private("gateway.toml", &text);
    }

    /// Starts the program's own gateway without waiting for anything.
    pub(crate) fn spawn_gateway(&self, terms: &GatewayTerms) -> Process {
        self.write_gateway_toml(terms);
        let mut command = Command::new(env!("CARGO_BIN_EXE_gwanmun"));
        command
            .args(["gateway", "--json", "--config"])
            .arg(self.path("gateway.toml"));
        Process::start("gateway", command)
    }

    /// Starts the program's own gateway; ready when its line to the venue is settled.
    pub(crate) fn start_gateway(&self, terms: &GatewayTerms) -> (Process, SocketAddr) {
        ready(self.spawn_gateway(terms))
    }

    /// Starts a gateway in this test executable, to break as `faults` says.
    pub(crate) fn start_broken(&self, terms: &GatewayTerms, faults: &str) -> Process {
        self.write_gateway_toml(terms);
        broken::start(&self.path("gateway.toml"), faults)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.memory);
        // What a failed test leaves behind is what tells why it failed.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Where an exchange listens for one kind of line.
fn listens_for(exchange: &mut Process, kind: &str) -> SocketAddr {
    exchange.wait_for("where it listens", |event| {
        let is_it = event["event"] == "listening" && event["kind"] == kind;
        is_it.then(|| event["address"].as_str()?.parse().ok())?
    })
}

/// Waits until a gateway listens, its line to the venue is settled and market state has come; tells
/// where it listens.
pub(crate) fn ready(mut gateway: Process) -> (Process, SocketAddr) {
    let address = listening(&mut gateway);
    gateway.wait_for_event("logon", "KRX");
    gateway.wait_for_event("logon", "KRX feed");
    (gateway, address)
}

/// Where a gateway listens for members.
pub(crate) fn listening(gateway: &mut Process) -> SocketAddr {
    gateway.wait_for("where it listens", |event| {
        let is_it = event["event"] == "listen";
        is_it.then(|| event["address"].as_str()?.parse().ok())?
    })
}

/// A port that nobody has, below those that the kernel gives to outgoing connections, so that it
/// stays free while its gateway is away.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 10_000 + u16::try_from(std::process::id() % 20_000).unwrap_or(0);
    loop {
        let port = start + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
