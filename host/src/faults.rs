//! A gateway that breaks on purpose, for tests only: feature `faults`, off by default.
//!
//! In it: the end of the process behind a chosen append to the journal or within the making of a
//! snapshot, an allocation on the order
//! core, and three ways to betray an order on its way to the venue, each of which the two ledgers
//! must find. Not in it: a disk that fails (see `gwanmun_runtime::disk::DiskFaults`), and any way
//! to switch this on in a program that trades: no configuration names it.
//!
//! The plan belongs to the process, as the tests run one gateway in each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use gwanmun_binary::ouch::{Accepted, EnterOrder, codes};
use gwanmun_binary::soup::packet::Packet;

/// The order of this number is betrayed; of [`Sabotage::SwapQuantities`] it and the next one.
const BETRAYED: u64 = 5;
/// Room for an EnterOrder or an OrderAccepted in its packet, with every option.
const PACKET_BYTES_MAX: usize = 512;
/// Where EnterOrder has its quantity, counted from the packet's front.
const QUANTITY_AT: core::ops::Range<usize> = 3 + 6..3 + 10;

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// The process is aborted behind this append to the journal, counted from 1 at the start.
    pub abort_after_append: Option<u64>,
    /// The process is aborted at this step of writing snapshots, counted from 1 at the start: all
    /// but its head is written; it is whole under its first name; it has its name; an older one is
    /// gone.
    pub abort_at_snapshot_step: Option<u64>,
    /// The order core allocates behind this append.
    pub allocate_after_append: Option<u64>,
    /// The order core breaks an invariant behind this append: it panics.
    pub panic_after_append: Option<u64>,
    /// How the orders are betrayed.
    pub sabotage: Option<Sabotage>,
}

/// How a gateway may betray its orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// One order never leaves; an acceptance that the venue never gave is taken for its answer.
    DropAcknowledged,
    /// One order is sent twice.
    SendTwice,
    /// Two orders leave with each other's quantity.
    SwapQuantities,
}

/// Bytes kept without allocating.
#[derive(Clone, Copy)]
struct Kept {
    connection: u32,
    bytes: [u8; PACKET_BYTES_MAX],
    length: usize,
}

static PLAN: OnceLock<Faults> = OnceLock::new();
static APPENDS: AtomicU64 = AtomicU64::new(0);
static SNAPSHOT_STEPS: AtomicU64 = AtomicU64::new(0);
static ORDERS: AtomicU64 = AtomicU64::new(0);
static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

/// Sets the plan of this process; the first one stays.
pub fn plan(faults: Faults) {
    let _ = PLAN.set(faults);
}

/// One more record stands in the journal.
pub(crate) fn appended() {
    let Some(plan) = PLAN.get() else { return };
    let count = APPENDS.fetch_add(1, Ordering::Relaxed) + 1;
    if plan.abort_after_append == Some(count) {
        std::process::abort();
    }
    if plan.allocate_after_append == Some(count) {
        drop(core::hint::black_box(Box::new([0_u8; 4_321])));
    }
    assert!(
        plan.panic_after_append != Some(count),
        "an invariant broken on purpose behind append {count}"
    );
}

/// A snapshot is a step further.
pub(crate) fn snapshot_step() {
    let Some(plan) = PLAN.get() else { return };
    let count = SNAPSHOT_STEPS.fetch_add(1, Ordering::Relaxed) + 1;
    if plan.abort_at_snapshot_step == Some(count) {
        std::process::abort();
    }
}

/// Hands an output on, once or twice or not at all, changed or not.
pub(crate) fn tamper(connection: u32, bytes: &[u8], send: &mut dyn FnMut(&[u8])) {
    let sabotage = PLAN.get().and_then(|plan| plan.sabotage);
    let is_order = bytes.get(2..4) == Some(b"UO".as_slice());
    let Some(sabotage) = sabotage.filter(|_| is_order) else {
        return send(bytes);
    };
    let number = ORDERS.fetch_add(1, Ordering::Relaxed) + 1;
    match sabotage {
        Sabotage::DropAcknowledged if number == BETRAYED => keep(connection, bytes),
        Sabotage::SendTwice if number == BETRAYED => {
            send(bytes);
            send(bytes);
        }
        Sabotage::SwapQuantities if number == BETRAYED => keep(connection, bytes),
        Sabotage::SwapQuantities if number == BETRAYED + 1 => swap(bytes, send),
        _ => send(bytes),
    }
}

fn keep(connection: u32, bytes: &[u8]) {
    let mut kept = Kept {
        connection,
        bytes: [0; PACKET_BYTES_MAX],
        length: bytes.len(),
    };
    if let Some(room) = kept.bytes.get_mut(..bytes.len()) {
        room.copy_from_slice(bytes);
        *KEPT.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }
}

fn take_kept() -> Option<Kept> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// The order that was held and this one go, each with the other's quantity.
fn swap(bytes: &[u8], send: &mut dyn FnMut(&[u8])) {
    let (Some(mut held), Some(theirs)) = (take_kept(), bytes.get(QUANTITY_AT)) else {
        return send(bytes);
    };
    let mut second = [0; PACKET_BYTES_MAX];
    let (Some(first), Some(second)) = (
        held.bytes.get_mut(..held.length),
        second.get_mut(..bytes.len()),
    ) else {
        return send(bytes);
    };
    second.copy_from_slice(bytes);
    if let (Some(to), Some(ours)) = (second.get_mut(QUANTITY_AT), first.get(QUANTITY_AT)) {
        to.copy_from_slice(ours);
    }
    if let Some(to) = first.get_mut(QUANTITY_AT) {
        to.copy_from_slice(theirs);
    }
    send(first);
    send(second);
}

/// Gives the acceptance of an order that was dropped, as if it had come on the venue's line.
pub(crate) fn answer_dropped(give: impl FnOnce((u32, &[u8]))) {
    if PLAN.get().and_then(|plan| plan.sabotage) != Some(Sabotage::DropAcknowledged) {
        return;
    }
    let Some(dropped) = take_kept() else { return };
    let packet = dropped.bytes.get(..dropped.length).unwrap_or(&[]);
    let Ok(Some((Packet::UnsequencedData(message), _))) = Packet::parse(packet) else {
        return;
    };
    let Ok(order) = EnterOrder::parse(message) else {
        return;
    };
    let accepted = Accepted {
        timestamp_ns: 1,
        user_ref_num: order.user_ref_num,
        side: order.side,
        quantity: order.quantity,
        symbol: order.symbol,
        price: order.price,
        time_in_force: order.time_in_force,
        display: order.display,
        order_reference_number: u64::MAX,
        capacity: order.capacity,
        inter_market_sweep: order.inter_market_sweep,
        cross_type: order.cross_type,
        order_state: codes::OrderState::LIVE,
        cl_ord_id: order.cl_ord_id,
        appendage: order.appendage,
    };
    let (mut payload, mut into) = ([0; PACKET_BYTES_MAX], [0; PACKET_BYTES_MAX]);
    let answer = accepted
        .encode(&mut payload)
        .and_then(|length| payload.get(..length))
        .and_then(|message| Packet::SequencedData(message).encode(&mut into))
        .and_then(|length| into.get(..length));
    if let Some(answer) = answer {
        give((dropped.connection, answer));
    }
}
