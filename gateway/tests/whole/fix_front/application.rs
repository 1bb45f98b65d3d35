//! What the engine does for the application: requests into the venue, its stream into reports.

use gwanmun_binary::ouch::appendage::Appendage;
use gwanmun_binary::ouch::codes::{
    Capacity, CrossType, Display, OrderState, TimeInForce as OuchTimeInForce,
};
use gwanmun_binary::ouch::{CancelOrder, EnterOrder, Outbound, ReplaceOrder};
use gwanmun_market::{Price, Side, Text};

use super::{Fields, FixFront, Request, Shadow, TIME, decimal, field, units};
use crate::venue::Venue;

impl FixFront {
    pub(super) fn act(&mut self, venue: &mut Venue, request: &Request) {
        let (number, before) = (request.ref_num(11), venue.stream_length());
        let mut bytes = [0; 128];
        match request.msg_type.as_str() {
            "H" => return self.on_status(number, request),
            "D" => {
                let shadow = Shadow {
                    id: request.get(11).to_owned(),
                    symbol: request.get(55).to_owned(),
                    side: request.get(54).chars().next().unwrap(),
                    total: u32::try_from(request.number(38)).unwrap(),
                    cum: 0,
                    value: 0,
                    price: units(request.get(44)),
                    status: '0',
                };
                let enter = EnterOrder {
                    user_ref_num: number,
                    side: if shadow.side == '1' {
                        Side::Buy
                    } else {
                        Side::Sell
                    },
                    quantity: shadow.total,
                    symbol: Text::new(shadow.symbol.as_bytes()).unwrap(),
                    price: Price(shadow.price),
                    time_in_force: OuchTimeInForce::DAY,
                    display: Display::VISIBLE,
                    capacity: Capacity::AGENCY,
                    inter_market_sweep: false,
                    cross_type: CrossType::CONTINUOUS,
                    cl_ord_id: Text::new(request.get(526).as_bytes()).unwrap(),
                    appendage: Appendage::EMPTY,
                };
                let length = enter.encode(&mut bytes).unwrap();
                assert!(self.orders.insert(number, shadow).is_none(), "sent twice");
                venue.act(&bytes[..length]);
            }
            "G" => {
                let replace = ReplaceOrder {
                    orig_user_ref_num: request.ref_num(41),
                    user_ref_num: number,
                    quantity: u32::try_from(request.number(38)).unwrap(),
                    price: Price(units(request.get(44))),
                    time_in_force: OuchTimeInForce::DAY,
                    display: Display::VISIBLE,
                    inter_market_sweep: false,
                    cl_ord_id: Text::new(request.get(526).as_bytes()).unwrap(),
                    appendage: Appendage::EMPTY,
                };
                let length = replace.encode(&mut bytes).unwrap();
                venue.act(&bytes[..length]);
            }
            _ => {
                assert_eq!(request.ref_num(11), request.ref_num(41));
                let cancel = CancelOrder {
                    user_ref_num: number,
                    quantity: 0,
                    appendage: Appendage::EMPTY,
                };
                let length = cancel.encode(&mut bytes).unwrap();
                self.cancelling = Some(request.get(11).to_owned());
                venue.act(&bytes[..length]);
            }
        }
        if venue.stream_length() == before {
            self.refuse(request, 0);
        }
        self.report(venue);
        self.cancelling = None;
    }

    /// OrderCancelReject(9).
    pub(super) fn refuse(&mut self, request: &Request, reason: u32) {
        let is_replace = request.msg_type == "G";
        self.tell(
            "9",
            vec![
                field(37, "V"),
                field(11, request.get(11)),
                field(41, request.get(41)),
                field(39, '0'),
                field(434, if is_replace { 2 } else { 1 }),
                field(102, reason),
            ],
        );
    }

    pub(super) fn on_status(&mut self, number: u32, request: &Request) {
        if self.refuses_status {
            let fields = vec![field(45, request.get(34)), field(372, "H"), field(380, 3)];
            return self.tell("j", fields);
        }
        let tail = vec![field(790, request.get(790))];
        match self.orders.get(&number) {
            Some(shadow) if shadow.status != '5' => self.tell_order(number, 'I', tail),
            _ => {
                let mut fields = vec![
                    field(37, "NONE"),
                    field(11, request.get(11)),
                    field(17, 0),
                    field(150, 'I'),
                    field(39, '8'),
                    field(103, 5),
                    field(55, request.get(55)),
                    field(54, request.get(54)),
                ];
                fields.extend(tail);
                self.tell("8", fields);
            }
        }
    }

    /// ExecutionReport(8) about an order as it stands.
    pub(super) fn tell_order(&mut self, number: u32, exec_type: char, tail: Fields) {
        self.execs += 1;
        let order = self.orders[&number].clone();
        let is_live = matches!(order.status, '0' | '1');
        let has_id = tail.iter().any(|field| field.0 == 11);
        let mut fields = vec![field(37, format!("V{number}"))];
        if !has_id {
            fields.push(field(11, &order.id));
        }
        fields.extend(tail);
        let average = order.value.checked_div(i64::from(order.cum)).unwrap_or(0);
        fields.extend([
            field(17, self.execs),
            field(150, exec_type),
            field(39, order.status),
            field(55, order.symbol),
            field(54, order.side),
            field(38, order.total),
            field(44, decimal(order.price)),
            field(151, if is_live { order.total - order.cum } else { 0 }),
            field(14, order.cum),
            field(6, decimal(average)),
            field(60, TIME),
        ]);
        self.tell("8", fields);
    }

    /// Tells what the venue has said since.
    pub(super) fn report(&mut self, venue: &Venue) {
        while let Some(message) = venue.stream_message(self.told) {
            self.told += 1;
            match Outbound::parse(&message).unwrap() {
                Outbound::Accepted(it) => {
                    self.tell_order(it.user_ref_num, '0', Vec::new());
                    if it.order_state == OrderState::DEAD {
                        self.cancel(it.user_ref_num, None);
                    }
                }
                Outbound::Executed(it) => self.execute(it.user_ref_num, it.quantity, it.price.0),
                Outbound::Canceled(it) => {
                    let order = self.orders.get_mut(&it.user_ref_num).unwrap();
                    if it.quantity < order.total - order.cum {
                        order.total -= it.quantity;
                        self.tell_order(it.user_ref_num, 'D', Vec::new());
                    } else {
                        let id = self.cancelling.take();
                        self.cancel(it.user_ref_num, id);
                    }
                }
                Outbound::Replaced(it) => {
                    let old = self.orders.get_mut(&it.orig_user_ref_num).unwrap();
                    let orig = old.id.clone();
                    let new = Shadow {
                        id: format!("GW1{:011}", it.user_ref_num),
                        total: it.quantity,
                        price: it.price.0,
                        ..old.clone()
                    };
                    old.status = '5';
                    self.orders.insert(it.user_ref_num, new);
                    self.tell_order(it.user_ref_num, '5', vec![field(41, orig)]);
                    if it.order_state == OrderState::DEAD {
                        self.cancel(it.user_ref_num, None);
                    }
                }
                Outbound::Rejected(it) => self.reject(it.user_ref_num),
                Outbound::CancelReject(it) => {
                    let id = format!("GW1{:011}", it.user_ref_num);
                    let fields = vec![field(11, format!("{id}C1")), field(41, id), field(102, 0)];
                    self.tell("9", fields);
                }
                other => panic!("not a report about an order: {other:?}"),
            }
        }
    }

    pub(super) fn reject(&mut self, number: u32) {
        match self.orders.get_mut(&number) {
            Some(order) => {
                order.status = '8';
                self.tell_order(number, '8', vec![field(103, 99)]);
            }
            None => {
                let id = format!("GW1{number:011}");
                self.tell("9", vec![field(11, id), field(434, 2), field(102, 99)]);
            }
        }
    }

    pub(super) fn cancel(&mut self, number: u32, id: Option<String>) {
        let order = self.orders.get_mut(&number).unwrap();
        order.status = '4';
        let orig = order.id.clone();
        let tail = id.map(|id| vec![field(11, id), field(41, orig)]);
        self.tell_order(number, '4', tail.unwrap_or_default());
    }

    pub(super) fn execute(&mut self, number: u32, quantity: u32, price: i64) {
        let order = self.orders.get_mut(&number).unwrap();
        order.cum += quantity;
        order.value += i64::from(quantity) * price;
        order.status = if order.cum >= order.total { '2' } else { '1' };
        let tail = vec![field(32, quantity), field(31, decimal(price))];
        self.tell_order(number, 'F', tail);
    }
}
