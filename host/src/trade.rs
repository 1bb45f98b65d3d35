//! The order core on its own thread, and the starting thread that watches over it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use gwanmun_runtime::finding::Finding;
use gwanmun_runtime::idle::Idle;
use gwanmun_runtime::{allocation, cores, thread};

use crate::config::{Config, IdleStrategy};
use crate::events::Event;
use crate::journal_writer::stamp;
use crate::shard::Shard;
use crate::start_error::StartError;

/// How often the starting thread looks whether it is asked to stop.
const WATCH: Duration = Duration::from_millis(20);

/// The order core after its last turn.
pub(crate) struct Traded {
    pub(crate) shard: Shard,
    /// It panicked: an invariant of our own is broken.
    pub(crate) is_broken: bool,
}

/// Runs the order core until it is asked to stop, cannot go on, or breaks. The calling thread
/// leaves it its core.
pub(crate) fn trade(
    shard: Shard,
    config: &Config,
    shown: &Receiver<Event>,
    is_asked: &dyn Fn() -> bool,
    show: &mut dyn FnMut(Event),
) -> Result<Traded, StartError> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopping = Arc::clone(&stop);
    let core = config.gateway.cores.first().copied();
    let idle = match config.gateway.idle {
        IdleStrategy::Spin => Idle::Spin,
        IdleStrategy::Yield => Idle::Yield,
        IdleStrategy::Park => Idle::Park,
    };
    let body = move || turn_until(shard, core, idle, &stopping);
    let order_core = thread::spawn("order-core", body).map_err(StartError::Thread)?;
    // Not earlier: a thread inherits where its maker may run, and the order core needs its own.
    if let Some(finding) = leave_to_order_core(core) {
        show(Event::Finding(finding));
    }
    while !order_core.is_finished() {
        match shown.recv_timeout(WATCH) {
            Ok(event) => show(event),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if is_asked() {
            stop.store(true, Ordering::Relaxed);
        }
    }
    match order_core.join() {
        Ok(traded) => Ok(traded),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// The order core's thread. A panic stops the shard, whose lines drop with it, and leaves a last
/// record that says so.
fn turn_until(mut shard: Shard, core: Option<usize>, idle: Idle, stop: &AtomicBool) -> Traded {
    if let Some(finding) = pin(core) {
        shard.core.tell(Event::Finding(finding));
    }
    let refusal = allocation::refuse_here();
    let run = || shard.run(idle, &|| stop.load(Ordering::Relaxed));
    let panic = catch_unwind(AssertUnwindSafe(run)).err();
    drop(refusal);
    if let Some(panic) = &panic {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        let now = stamp(shard.transport.clock().now());
        shard.core.journal.record_last(text.unwrap_or("panic"), now);
    }
    Traded {
        shard,
        is_broken: panic.is_some(),
    }
}

/// Keeps a thread that is not the order core off its core, where it is pinned to one: whatever runs
/// there delays every member by a turn of the kernel's scheduler, which is milliseconds. Tells why
/// that was refused.
pub(crate) fn leave_to_order_core(core: Option<usize>) -> Option<Finding> {
    core.and_then(|core| cores::keep_off(core).err())
}

fn pin(core: Option<usize>) -> Option<Finding> {
    cores::too_few().or_else(|| core.and_then(|core| cores::pin_current_thread(core).err()))
}
