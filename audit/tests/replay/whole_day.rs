//! A day with everything in it that a replay could get wrong.

use gwanmun_gateway::StorageLevel;

use crate::day::member::order_body;
use crate::day::venue::Request;
use crate::day::{Day, Sent, sent};

fn order_of(account: &str, cl_ord_id: &str, side: char, order_qty: u32, price: i32) -> Sent {
    Sent {
        account: account.to_owned(),
        ..sent(cl_ord_id, side, order_qty, price)
    }
}

/// Orders that are passed, refused by each check, filled, canceled, replaced and rejected.
fn morning(day: &mut Day) {
    let bought = day.accepted_order(sent("C1", '1', 10, 71_400)).unwrap();
    day.executed(bought, 4, 71_400);
    day.executed(bought, 6, 71_300);
    assert_eq!(day.accepted_order(sent("C2", '2', 200_000, 71_500)), None);
    assert_eq!(day.accepted_order(sent("C3", '1', 10, 99_900)), None);
    assert_eq!(day.accepted_order(sent("C4", '1', 10, 71_450)), None);
    assert_eq!(
        day.accepted_order(order_of("ACC-3", "C5", '1', 10, 71_400)),
        None
    );
    assert_eq!(
        day.accepted_order(order_of("NONE", "C6", '1', 10, 71_400)),
        None
    );
    let resting = day
        .accepted_order(order_of("ACC-2", "C7", '1', 30, 71_000))
        .unwrap();
    // The same ClOrdID again gets no OrderID.
    let twice = day.message("D", &order_body(&order_of("ACC-2", "C7", '1', 30, 71_000)));
    day.receive(day.member, &twice);
    let body = "11=C8|41=C7|1=ACC-2|55=005930|54=1|60=20261123-00:00:00|";
    let cancel = day.message("F", body);
    day.receive_split(&cancel, 40);
    day.canceled(resting, 30);
    let moved = day.accepted_order(sent("C9", '1', 50, 71_000)).unwrap();
    day.requests();
    let body = "11=C10|41=C9|1=ACC-1|55=005930|54=1|38=60|40=2|44=71100|60=20261123-00:00:00|";
    let replace = day.message("G", body);
    day.receive(day.member, &replace);
    let Some(Request::Replace(numbers, quantity, order_id)) = day.requests().pop() else {
        panic!("the replace was not passed on");
    };
    assert_eq!(numbers.0, moved);
    day.replaced(numbers, quantity, order_id);
    day.executed(numbers.1, 60, 71_100);
    // Too late, and about an order that never was.
    for body in [
        "11=C11|41=C10|1=ACC-1|55=005930|54=1|60=20261123-00:00:00|",
        "11=C12|41=NEVER|1=ACC-1|55=005930|54=1|60=20261123-00:00:00|",
    ] {
        let cancel = day.message("F", body);
        day.receive(day.member, &cancel);
    }
    day.requests();
    day.order(sent("C13", '1', 10, 71_400));
    let Some(Request::Enter(user_ref_num, _, order_id)) = day.requests().pop() else {
        panic!("the order was not passed on");
    };
    day.rejected(user_ref_num, order_id);
}

/// Resends, heartbeats, garbage, low storage.
fn noon(day: &mut Day) {
    let resend = day.message("2", "7=1|16=0|");
    day.receive(day.member, &resend);
    day.receive(
        day.member,
        b"8=FIX.4.4\x019=5\x01nonsense that is no message\x01",
    );
    let test = day.message("1", "112=are you there|");
    day.receive(day.member, &test);
    day.wait(31);
    day.market(71_600);
    day.storage(StorageLevel::Low);
    assert_eq!(day.accepted_order(sent("N1", '1', 10, 71_400)), None);
    day.storage(StorageLevel::Normal);
    day.member_gone();
    day.wait(1);
    day.market(71_500);
    day.member_up();
}

/// A day with a restart while an order is in doubt.
pub(crate) fn whole_day() -> Day {
    let mut day = Day::begin();
    morning(&mut day);
    noon(&mut day);
    day.order(sent("DOUBT", '1', 10, 71_400));
    day.restart();
    let resend = day.message("2", "7=3|16=0|");
    day.receive(day.member, &resend);
    let bought = day.accepted_order(sent("A1", '1', 10, 71_400)).unwrap();
    day.executed(bought, 10, 71_400);
    for number in 0..150 {
        let price = 70_000 + 100 * (number % 30);
        let accepted = day.accepted_order(sent(&format!("L{number}"), '1', 5, price));
        if let Some(user_ref_num) = accepted.filter(|_| number % 3 == 0) {
            day.executed(user_ref_num, 5, price);
        }
    }
    day.leave();
    day
}
