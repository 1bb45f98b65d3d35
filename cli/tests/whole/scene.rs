//! A gateway with a bystander who trades before and after whatever a test does to it, and the bytes
//! of messages made by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;

use crate::support::member::new_order;
use crate::support::world::QUIET;
use crate::support::{GatewayTerms, Member, PATIENCE_NS, Process, World, journal};

/// A gateway with a bystander who trades before and after whatever happens.
pub(crate) struct Scene {
    pub(crate) world: World,
    exchange: Process,
    pub(crate) gateway: Process,
    pub(crate) address: SocketAddr,
    pub(crate) bystander: Member,
}

impl Scene {
    pub(crate) fn new(name: &str) -> Scene {
        let terms = GatewayTerms {
            stranger_seconds_max: 1,
            ..GatewayTerms::default()
        };
        Scene::with(name, &terms, 30)
    }

    /// The same with other terms and another HeartBtInt(108) of the bystander.
    pub(crate) fn with(name: &str, terms: &GatewayTerms, heart_bt_int_s: u64) -> Scene {
        Scene::in_world(World::new(name), terms, heart_bt_int_s)
    }

    /// The same in a folder that a test has put files into.
    pub(crate) fn in_world(mut world: World, terms: &GatewayTerms, heart_bt_int_s: u64) -> Scene {
        let exchange = world.start_exchange(QUIET);
        let (gateway, address) = world.start_gateway(terms);
        let mut bystander = Member::beating(&world, "BYSTANDER", heart_bt_int_s);
        bystander.log_on(address);
        let mut scene = Scene {
            world,
            exchange,
            gateway,
            address,
            bystander,
        };
        scene.bystander_trades();
        scene
    }

    pub(crate) fn member(&self) -> Member {
        let mut member = Member::new(&self.world, "MEMBER1");
        member.log_on(self.address);
        member
    }

    /// On the line that was there from the start.
    #[track_caller]
    pub(crate) fn bystander_trades(&mut self) {
        let name = format!("Y{}", self.bystander.requested);
        self.bystander
            .request("D", new_order(&name, '1', 10, "70000"));
        assert_eq!(self.bystander.answer(&name).field(150), "0");
    }

    /// The bystander trades once more; everything ends well. Gives the folders, to look into them.
    #[track_caller]
    pub(crate) fn end(mut self, member: Option<Member>) -> World {
        self.bystander_trades();
        self.bystander.finish();
        if let Some(member) = member {
            member.finish();
        }
        self.gateway.stop().expect_code(0);
        self.exchange.stop().expect_code(0);
        journal::assert_evidence(&self.world.day());
        self.world
    }

    /// Sends bytes on a new line; waits for its end, with no byte in answer.
    #[track_caller]
    pub(crate) fn stranger_is_cut(&mut self, bytes: &[u8], reason: &str) {
        let mut line = TcpStream::connect(self.address).unwrap();
        line.write_all(bytes).unwrap();
        line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
            .unwrap();
        let mut answer = [0; 64];
        match line.read(&mut answer) {
            Ok(length) => assert_eq!(length, 0, "a stranger was answered"),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
        self.gateway
            .wait_for("why a stranger was refused", |event| {
                let is_it = event["event"] == "stranger_refused" && event["detail"] == reason;
                is_it.then_some(())
            });
        self.bystander_trades();
    }
}

/// A message with its BodyLength(9) and CheckSum(10) right. `|` stands for SOH.
pub(crate) fn message(body: &str) -> Vec<u8> {
    let body = body.replace('|', "\u{1}");
    let mut bytes = format!("8=FIX.4.4\u{1}9={}\u{1}{body}", body.len()).into_bytes();
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.extend_from_slice(format!("10={sum:03}\u{1}").as_bytes());
    bytes
}

pub(crate) fn now() -> String {
    jiff::Timestamp::from_nanosecond(i128::from(wall_now_ns()))
        .unwrap()
        .strftime("%Y%m%d-%H:%M:%S%.3f")
        .to_string()
}

pub(crate) fn logon(sender: &str, credentials: &str) -> Vec<u8> {
    let time = now();
    message(&format!(
        "35=A|49={sender}|56=GWANMUN|34=1|52={time}|98=0|108=30|{credentials}"
    ))
}
