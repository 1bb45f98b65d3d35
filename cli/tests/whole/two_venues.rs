//! Two exchanges, KRX and NXT, at which the same symbol trades: one of them is killed, the gateway
//! is killed, and by both ledgers nothing is lost, nothing came twice, and all of it where it was
//! to go.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::support::member::{cancel, replace};
use crate::support::world::{QUIET, free_port, ready};
use crate::support::{GatewayTerms, Member, Process, World, journal, ledgers, until};

/// Samsung trades at KRX first, SK hynix at NXT.
pub(crate) const SAMSUNG: &str = "005930";
pub(crate) const HYNIX: &str = "000660";
/// Far below both markets, so that the order rests, and above, so that it trades.
const RESTING: [(&str, &str); 2] = [(SAMSUNG, "70000"), (HYNIX, "175000")];
const CROSSING: &str = "72500";
/// Orders on their way when the gateway is killed.
pub(crate) const BURST: u32 = 24;

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) member: Member,
    /// Where the gateway says each order is, by ClOrdID(11).
    pub(crate) told: BTreeMap<String, (String, String)>,
    orders: u32,
}

pub(crate) fn body(cl_ord_id: &str, symbol: &str, price: &str, venue: &str) -> String {
    let instruction = match venue {
        "" => String::new(),
        venue => format!("100={venue}|"),
    };
    format!(
        "11={cl_ord_id}|1=1001-01|21=1|55={symbol}|54=1|38=10|40=2|44={price}|59=0|{instruction}\
         60=20261123-00:00:00|"
    )
    .replace('|', "\u{1}")
}

impl Scene {
    pub(crate) fn name(&mut self) -> String {
        self.orders += 1;
        format!("V{}", self.orders)
    }

    /// Queues an order that rests; gives its name.
    pub(crate) fn send(&mut self, symbol: &str, venue: &str) -> String {
        let name = self.name();
        let price = RESTING.iter().find(|row| row.0 == symbol).unwrap().1;
        self.member.request("D", body(&name, symbol, price, venue));
        name
    }

    /// The venue that has an order, or the GateCode(20110) that refused it.
    #[track_caller]
    pub(crate) fn answer(&mut self, name: &str) -> String {
        let answer = self.member.answer(name);
        if answer.field(150) != "0" {
            return answer.field(20110).to_owned();
        }
        let (order_id, venue) = (answer.field(37).to_owned(), answer.field(30).to_owned());
        self.told.insert(name.to_owned(), (order_id, venue.clone()));
        venue
    }

    /// Sends an order and tells where it went.
    #[track_caller]
    pub(crate) fn goes(&mut self, symbol: &str, venue: &str) -> String {
        let name = self.send(symbol, venue);
        self.answer(&name)
    }

    /// Orders to both venues, by instruction and by the tables, none of whose answers is read.
    fn burst(&mut self, venues: [&str; 3]) -> Vec<String> {
        let mut names = Vec::new();
        for number in 0..BURST {
            let venue = venues[number as usize % venues.len()];
            let symbol = if number % 2 == 0 { SAMSUNG } else { HYNIX };
            names.push(self.send(symbol, venue));
        }
        self.member.write_raw(&[]);
        names
    }
}

pub(crate) fn begin(name: &str, market: &str, ports: [u16; 2]) -> (Scene, Process, Process) {
    let mut world = World::new(name);
    let row = format!("[[instrument]]\nsymbol = \"{HYNIX}\"\n");
    let tables = gwanmun_cli::demo::tables_toml();
    assert!(tables.contains(&row));
    let tables = tables.replace(&row, &format!("{row}venues = [\"NXT\", \"KRX\"]\n"));
    world.write_private("tables.toml", &tables);
    world.second_ports = ports;
    let krx = world.start_exchange(market);
    let nxt = world.start_second_exchange(market);
    let member = Member::new(&world, "MEMBER1");
    let scene = Scene {
        world,
        member,
        told: BTreeMap::new(),
        orders: 0,
    };
    (scene, krx, nxt)
}

pub(crate) fn start(scene: &Scene, terms: &GatewayTerms) -> (Process, SocketAddr) {
    let (mut gateway, address) = ready(scene.world.spawn_gateway(terms));
    gateway.wait_for_event("logon", "NXT");
    gateway.wait_for_event("logon", "NXT feed");
    (gateway, address)
}

/// Market state has come where an order passes that may go to no other venue.
pub(crate) fn wait_for_markets(scene: &mut Scene) {
    for venue in ["KRX", "NXT"] {
        for symbol in [SAMSUNG, HYNIX] {
            until("market state", || {
                (scene.goes(symbol, venue) == venue).then_some(())
            });
        }
    }
}

#[test]
fn nothing_is_lost_or_doubled_at_either_venue() {
    let (mut scene, krx, nxt) = begin("two-venues", QUIET, [0; 2]);
    let terms = GatewayTerms {
        port: free_port(),
        ..GatewayTerms::default()
    };
    let (gateway, address) = start(&scene, &terms);
    scene.member.log_on(address);
    wait_for_markets(&mut scene);
    assert_eq!(scene.goes(SAMSUNG, ""), "KRX");
    assert_eq!(scene.goes(HYNIX, ""), "NXT");
    assert_eq!(scene.goes(SAMSUNG, "XKRX"), "16");
    for venue in ["KRX", "NXT"] {
        let name = scene.name();
        let order = body(&name, SAMSUNG, CROSSING, venue);
        scene.member.request("D", order);
        assert_eq!(scene.answer(&name), venue);
        let is_fill = |message: &crate::support::member::Message| {
            message.field(150) == "F" && message.field(11) == name
        };
        let fill = scene.member.wait_for("a fill", is_fill);
        assert_eq!(fill.field(30), venue);
    }

    // The gateway dies with orders on their way to both, and to neither.
    let burst = scene.burst(["KRX", "NXT", ""]);
    gateway.kill();
    until("the end of the line", || {
        (!scene.member.turn()).then_some(())
    });
    let (gateway, _) = start(&scene, &terms);
    scene.member.log_on_again(address);
    let mut venues = BTreeMap::new();
    for name in &burst {
        *venues.entry(scene.answer(name)).or_insert(0) += 1;
    }
    assert!(
        venues
            .keys()
            .all(|at| ["KRX", "NXT", "122", "200"].contains(&at.as_str())),
        "{venues:?}"
    );
    wait_for_markets(&mut scene);

    // NXT dies; orders that may go elsewhere do, and cancels at KRX pass.
    let resting = scene.send(SAMSUNG, "KRX");
    assert_eq!(scene.answer(&resting), "KRX");
    let mut gateway = gateway;
    nxt.kill();
    gateway.wait_for_event("logout", "NXT");
    assert_eq!(scene.goes(HYNIX, ""), "KRX");
    assert_eq!(scene.goes(SAMSUNG, ""), "KRX");
    assert_eq!(scene.goes(SAMSUNG, "NXT"), "4");
    scene
        .member
        .request("G", replace("W1", &resting, '1', 20, "70100"));
    assert_eq!(scene.member.answer("W1").field(150), "5");
    scene.member.request("F", cancel("W2", "W1", '1'));
    assert_eq!(scene.member.answer("W2").field(150), "4");

    // The gateway dies again while NXT is away: KRX is settled without it.
    let burst = scene.burst(["KRX", "", "KRX"]);
    gateway.kill();
    until("the end of the line", || {
        (!scene.member.turn()).then_some(())
    });
    let (gateway, _) = ready(scene.world.spawn_gateway(&terms));
    scene.member.log_on_again(address);
    for name in &burst {
        let at = scene.answer(name);
        assert!(["KRX", "122", "200"].contains(&at.as_str()), "{at}");
    }
    until("market state", || {
        (scene.goes(HYNIX, "") == "KRX").then_some(())
    });
    // No word of NXT's market came to this start: the checks say so before a line is asked for.
    assert_eq!(scene.goes(HYNIX, "NXT"), "122");
    gateway.stop().expect_code(0);
    krx.stop().expect_code(0);
    end(scene);
}

/// By the ledgers: nothing lost, nothing twice, and every order at the venue that was told.
pub(crate) fn end(scene: Scene) {
    let Scene {
        world,
        member,
        told,
        ..
    } = scene;
    member.finish();
    let joined = ledgers::assert_sound_at_both(&world, "member1-ledger.csv");
    assert!(joined.accepted >= 20 && joined.fills > 0, "{joined:#?}");
    for (venue, ledger) in [("KRX", "exchange-ledger.csv"), ("NXT", "nxt-ledger.csv")] {
        let mut there: Vec<String> = told
            .values()
            .filter(|told| told.1 == venue)
            .map(|told| told.0.clone())
            .collect();
        there.sort();
        assert!(there.len() > 5, "{venue}: {there:?}");
        assert_eq!(ledgers::entered(&world, ledger), there, "{venue}");
    }
    journal::assert_evidence(&world.day());
}
