//! A new order and its cancel, as the rules of engagement want them, and both of them again.

use gwanmun_fix::messages::execution_report::{Body, ExecType, OrdStatus};
use gwanmun_fix::tag;
use gwanmun_market::{FeeClass, OrderOrigin, Price, Side};

use super::head::wrong;
use super::line::Stop;
use super::received::Received;
use super::sequence::resend_from;
use super::stage::Stage;

const RULE: &str = "rules of engagement: Messages";
const TOLD: &str = "rules of engagement: What you are told";

/// The order of this run.
#[derive(Clone, Debug)]
pub(super) struct Order {
    request: Received,
    msg_seq_num: u64,
}

pub(super) fn order(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.ready()?;
    stage.begin(
        "Please have the member send a new order, a limit order",
        "NewOrderSingle(35=D) with the fields of the table",
        RULE,
    );
    let request = asked_for(stage, b"D")?;
    if let Some(what) = order_fault(&request) {
        return Err(wrong(&request, &what));
    }
    stage.pass(request.shown());
    report(stage, &request, &request, ExecType::New);
    stage.proves(
        "We send ExecutionReport(35=8), ExecType(150)=0, and a TestRequest(35=1)",
        TOLD,
    )?;
    stage.order = Some(Order {
        msg_seq_num: request.number(tag::MSG_SEQ_NUM).unwrap_or(1),
        request,
    });
    Ok(())
}

pub(super) fn cancel(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    let order = the_order(stage)?;
    stage.ready()?;
    let what = format!(
        "Please have the member cancel its order {}",
        order.request.text(tag::CL_ORD_ID)
    );
    stage.begin(
        &what,
        "OrderCancelRequest(35=F) with a new ClOrdID(11), the order's as OrigClOrdID(41), and the \
         order's Symbol(55) and Side(54)",
        RULE,
    );
    let request = asked_for(stage, b"F")?;
    if let Some(what) = cancel_fault(&request, &order.request) {
        return Err(wrong(&request, &what));
    }
    stage.pass(request.shown());
    report(stage, &request, &order.request, ExecType::Canceled);
    stage.proves(
        "We send ExecutionReport(35=8), ExecType(150)=4, and a TestRequest(35=1)",
        TOLD,
    )
}

pub(super) fn resend(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    let order = the_order(stage)?;
    stage.ready()?;
    resend_from(stage, order.msg_seq_num)
}

fn the_order(stage: &Stage<'_, '_>) -> Result<Order, Stop> {
    let reason = || Stop::Skip("there is no order that the scenario `order` took".to_owned());
    stage.order.clone().ok_or_else(reason)
}

/// Waits for a request, as long as people need.
fn asked_for(stage: &mut Stage<'_, '_>, msg_type: &[u8]) -> Result<Received, Stop> {
    let until_ns = stage.line.patience_by_ns();
    stage.expect_by(until_ns, |message| {
        message.is(msg_type) && !message.has_flag(tag::POSS_DUP_FLAG)
    })
}

fn order_fault(request: &Received) -> Option<String> {
    let text = |tag, max| is_text(request, tag, max);
    let one_of = |tag, values: &[u8]| match request.field(tag) {
        Some([value]) => values.contains(value),
        _ => false,
    };
    let optional = |tag: u32, is_right: bool| request.field(tag).is_none() || is_right;
    let is_limit = one_of(tag::ORD_TYPE, b"2");
    let wants = [
        (text(tag::CL_ORD_ID, 32), "ClOrdID(11)"),
        (text(tag::ACCOUNT, 16), "Account(1)"),
        (text(tag::SYMBOL, 8), "Symbol(55)"),
        (one_of(tag::SIDE, b"1256"), "Side(54)"),
        (
            request.time_ns(tag::TRANSACT_TIME).is_some(),
            "TransactTime(60)",
        ),
        (quantity(request).is_some(), "OrderQty(38)"),
        (one_of(tag::ORD_TYPE, b"12"), "OrdType(40)"),
        (!is_limit || price(request).is_some(), "Price(44)"),
        (
            optional(tag::TIME_IN_FORCE, one_of(tag::TIME_IN_FORCE, b"034")),
            "TimeInForce(59)",
        ),
        (
            optional(tag::EX_DESTINATION, text(tag::EX_DESTINATION, 8)),
            "ExDestination(100)",
        ),
        (
            optional(tag::ORDER_ORIGIN, one_of(tag::ORDER_ORIGIN, b"123")),
            "OrderOrigin(20101)",
        ),
        (
            optional(tag::FEE_CLASS, one_of(tag::FEE_CLASS, b"1234")),
            "FeeClass(20102)",
        ),
        (
            optional(tag::VOICE_RECORD_ID, text(tag::VOICE_RECORD_ID, 32)),
            "VoiceRecordID(20103)",
        ),
    ];
    let (_, name) = wants.into_iter().find(|(is_right, _)| !is_right)?;
    Some(format!("{name} is missing or not as the table wants it"))
}

fn cancel_fault(request: &Received, order: &Received) -> Option<String> {
    let same = |tag| request.field(tag) == order.field(tag);
    let name = request.field(tag::CL_ORD_ID);
    let is_new = is_text(request, tag::CL_ORD_ID, 32) && name != order.field(tag::CL_ORD_ID);
    let is_named = request.field(tag::ORIG_CL_ORD_ID) == order.field(tag::CL_ORD_ID);
    let wants = [
        (is_new, "ClOrdID(11) is not a new one of 1 to 32 characters"),
        (is_named, "OrigClOrdID(41) is not the order's ClOrdID(11)"),
        (same(tag::SYMBOL), "Symbol(55) is not the order's"),
        (same(tag::SIDE), "Side(54) is not the order's"),
        (
            request.time_ns(tag::TRANSACT_TIME).is_some(),
            "TransactTime(60) is missing or no time",
        ),
    ];
    let (_, what) = wants.into_iter().find(|(is_right, _)| !is_right)?;
    Some(what.to_owned())
}

/// 1 to `length_max` printable ASCII characters.
fn is_text(request: &Received, tag: u32, length_max: usize) -> bool {
    request.field(tag).is_some_and(|value| {
        (1..=length_max).contains(&value.len())
            && value.iter().all(|byte| matches!(byte, b' '..=b'~'))
    })
}

/// OrderQty(38), above zero; zeros behind a point are read.
fn quantity(request: &Received) -> Option<u32> {
    let text = request.text(tag::ORDER_QTY);
    let (whole, zeros) = text.split_once('.').unwrap_or((&text, ""));
    let is_whole =
        zeros.bytes().all(|byte| byte == b'0') && whole.bytes().all(|byte| byte.is_ascii_digit());
    let quantity = whole.parse().ok().filter(|_| is_whole);
    quantity.filter(|quantity: &u32| *quantity > 0)
}

/// Price(44) in 1/10,000, of a decimal of at most four places that count.
fn price(request: &Received) -> Option<i64> {
    let text = request.text(tag::PRICE);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_plain = !whole.is_empty()
        && fraction.len() <= 4
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|it| it.is_ascii_digit());
    let shown = format!("{whole}{fraction:0<4}");
    let value: i64 = shown.parse().ok().filter(|_| is_plain)?;
    Some(if is_negative { -value } else { value })
}

/// Tells the member what became of its request.
fn report(stage: &mut Stage<'_, '_>, request: &Received, order: &Received, exec_type: ExecType) {
    let is_new = exec_type == ExecType::New;
    let order_qty = quantity(order);
    let exec_id = format!("CERTIFY{:07}", stage.line.next_out);
    let side = match order.field(tag::SIDE) {
        Some([value]) => Side::from_fix(*value).unwrap_or(Side::Buy),
        _ => Side::Buy,
    };
    let now_ns = stage.line.wire.now_ns();
    let body = Body {
        order_id: b"CERTIFY0000001",
        exec_id: exec_id.as_bytes(),
        exec_type,
        ord_status: if is_new {
            OrdStatus::New
        } else {
            OrdStatus::Canceled
        },
        cl_ord_id: request.field(tag::CL_ORD_ID).unwrap_or(b""),
        orig_cl_ord_id: request.field(tag::ORIG_CL_ORD_ID).unwrap_or(b""),
        account: order.field(tag::ACCOUNT).unwrap_or(b""),
        symbol: order.field(tag::SYMBOL).unwrap_or(b""),
        side,
        order_qty,
        ord_type: None,
        price: None,
        time_in_force: None,
        last: None,
        last_mkt: b"",
        leaves_qty: order_qty.filter(|_| is_new).unwrap_or(0),
        cum_qty: 0,
        avg_px: Price::ZERO,
        transact_time_ns: now_ns,
        exec_ref_id: b"",
        refusal: None,
        text: b"",
        origin: OrderOrigin::default(),
        fee_class: FeeClass::default(),
        voice_record_id: b"",
    };
    stage.line.send(b"8", |writer| body.write(writer));
}
