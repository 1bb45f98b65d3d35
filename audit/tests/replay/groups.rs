//! What each group of checks alone lets through, on a day with an order for every group.

use gwanmun_audit::replay;
use gwanmun_gateway::Group;
use gwanmun_market::GateCode;

use crate::day::{Day, Sent, sent};

#[test]
fn each_group_stops_what_it_is_about_and_no_more() {
    let mut day = Day::begin();
    let of = |account: &str, order: Sent| Sent {
        account: account.to_owned(),
        ..order
    };
    for order in [
        sent("GOOD", '1', 10, 71_500),
        of("ACC-3", sent("CLOSED", '1', 10, 71_500)),
        of("NONE", sent("UNKNOWN", '1', 10, 71_500)),
        sent("TICK", '1', 10, 71_501),
        sent("COLLAR", '1', 10, 92_000),
        sent("SHORT", '2', 100_001, 71_500),
    ] {
        day.accepted_order(order);
    }
    let by_group = replay::by_group(&day.edge.segments(), &mut |_, _| {}).unwrap();
    assert!(by_group.replay.is_identical());
    let refused = |group: Option<Group>| {
        let alone = by_group.alone.iter().find(|alone| alone.group == group);
        let orders = alone.unwrap().orders.iter();
        let refused = orders.filter(|order| !order.verdict.is_passed());
        let refused = refused.map(|order| (order.cl_ord_id.to_string(), order.verdict.name()));
        refused.collect::<Vec<_>>()
    };
    let named = |name: &str, code: GateCode| (name.to_owned(), code.name());
    assert_eq!(refused(None), []);
    assert_eq!(
        refused(Some(Group::Reference)),
        [
            named("CLOSED", GateCode::AccountDisabled),
            named("UNKNOWN", GateCode::AccountUnknown)
        ]
    );
    assert_eq!(
        refused(Some(Group::Price)),
        [
            named("TICK", GateCode::Tick),
            named("COLLAR", GateCode::PriceCollar)
        ]
    );
    let short = named("SHORT", GateCode::SellableBalance);
    assert!(refused(Some(Group::Conduct)).contains(&short));
    assert!(by_group.alone.iter().all(|alone| alone.orders.len() == 6));
}
