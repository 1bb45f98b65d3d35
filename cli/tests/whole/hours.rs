//! Sessions with hours, whole processes: the windows lie days away from now on either side, so that
//! it does not matter when the test runs or how long it takes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use gwanmun_runtime::clock::wall_now_ns;

use crate::scene::logon;
use crate::support::member::new_order;
use crate::support::world::{QUIET, free_port};
use crate::support::{GatewayTerms, Member, PATIENCE_NS, World, journal, ledgers};

/// One window a week, from and to so many days from now.
fn week(from_days: i64, to_days: i64) -> String {
    let now = jiff::Timestamp::from_nanosecond(i128::from(wall_now_ns())).unwrap();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let day = |days| {
        let date = today.checked_add(jiff::Span::new().days(days)).unwrap();
        date.strftime("%a").to_string().to_lowercase()
    };
    format!(
        "time_zone = \"UTC\"\nstart_day = \"{}\"\nstart_time = \"12:00:00\"\n\
         end_day = \"{}\"\nend_time = \"12:00:00\"\n",
        day(from_days),
        day(to_days)
    )
}

fn terms(session: String) -> GatewayTerms {
    GatewayTerms {
        session: session.leak(),
        port: free_port(),
        ..GatewayTerms::default()
    }
}

/// All that a Logon is answered with until the gateway ends the line; `|` stands for SOH.
fn answer(address: SocketAddr, logon: &[u8]) -> String {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_nanos(PATIENCE_NS)))
        .unwrap();
    line.write_all(logon).unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap().replace('\u{1}', "|")
}

const RIGHT: &str = "553=member1|554=pass-member1|";
const WRONG: &str = "553=member1|554=pass-member2|";

#[test]
fn outside_of_its_window_a_member_is_told_when_to_come() {
    let mut world = World::new("hours-closed");
    let exchange = world.start_exchange(QUIET);
    let terms = terms(week(2, 4));
    let (mut gateway, address) = world.start_gateway(&terms);
    let told = answer(address, &logon("MEMBER1", RIGHT));
    assert!(told.contains("|35=5|34=1|"), "{told}");
    assert!(told.contains("|58=Logon(A) is taken from 2"), "{told}");
    assert_eq!(told.matches("8=FIX").count(), 1, "{told}");
    let event = gateway.wait_for_event("logout", "MEMBER1");
    assert_eq!(event["detail"], "Logon refused");
    // Whoever does not know the password is told nothing.
    assert_eq!(answer(address, &logon("MEMBER1", WRONG)), "");
    gateway.kill();
    // Another start of the day knows what was said: our number goes on.
    let (gateway, address) = world.start_gateway(&terms);
    let told = answer(address, &logon("MEMBER1", RIGHT));
    assert!(told.contains("|35=5|34=2|"), "{told}");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    journal::assert_evidence(&world.day());
}

#[test]
fn within_its_window_a_member_goes_on_over_a_restart() {
    let mut world = World::new("hours-open");
    let exchange = world.start_exchange(QUIET);
    let terms = terms(week(-2, 3));
    let (gateway, address) = world.start_gateway(&terms);
    let mut member = Member::new(&world, "MEMBER1");
    member.log_on(address);
    member.request("D", new_order("H1", '1', 10, "70000"));
    assert_eq!(member.answer("H1").field(150), "0");
    gateway.kill();
    member.wait_for_end();
    let (gateway, address) = world.start_gateway(&terms);
    member.log_on(address);
    member.request("D", new_order("H2", '1', 10, "70000"));
    assert_eq!(member.answer("H2").field(150), "0");
    member.finish();
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    ledgers::assert_sound(&world, "member1-ledger.csv");
    journal::assert_evidence(&world.day());
}

#[test]
fn an_expired_password_is_told_to_whoever_knows_it() {
    let mut world = World::new("hours-expired");
    let exchange = world.start_exchange(QUIET);
    let (gateway, address) = world.start_gateway(&terms("password_expires = 2001-12-31\n".into()));
    let told = answer(address, &logon("MEMBER1", RIGHT));
    assert!(told.contains("|35=5|") && told.contains("|58=password has expired|"));
    assert_eq!(answer(address, &logon("MEMBER1", WRONG)), "");
    gateway.stop().expect_code(0);
    exchange.stop().expect_code(0);
    journal::assert_evidence(&world.day());
}
