//! What the kernel does on the order core for others: interrupts of devices, and work of its own.

use gwanmun_host::config::Config;
use gwanmun_runtime::interrupts;

use super::finding::{Finding, Severity};
use super::host::Host;
use super::processor::permitted;

/// Fewer interrupts than this since the machine's start disturb nobody.
const INTERRUPTS_MIN: u64 = 1_000;
const WORKERS: &str = "sys/devices/virtual/workqueue/cpumask";

/// All of it, for the configured order core or the one that would be advised.
pub(super) fn examine(host: &Host<'_>, config: Option<&Config>) -> Vec<Finding> {
    let configured = config.and_then(|config| config.gateway.cores.first().copied());
    let permitted = permitted(host).unwrap_or_default();
    let order_core = configured.or_else(|| permitted.last().copied());
    vec![
        devices(host, &permitted, order_core),
        workers(host, &permitted, order_core),
    ]
}

fn devices(host: &Host<'_>, permitted: &[usize], order_core: Option<usize>) -> Finding {
    const WHAT: &str = "interrupts";
    let table = host.text("proc/interrupts").unwrap_or_default();
    let mut cores = interrupts::of_table(&table);
    cores.retain(|row| permitted.contains(&row.0));
    let here = order_core.and_then(|core| cores.iter().find(|row| row.0 == core));
    let (Some(&(core, count)), Some(&(calm, fewest))) =
        (here, cores.iter().min_by_key(|row| row.1))
    else {
        return Finding::unknown(WHAT, "no row for the order core in /proc/interrupts");
    };
    let found = format!("{count} of devices on core {core}, {fewest} on core {calm}");
    if count < INTERRUPTS_MIN || count / 2 <= fewest {
        return Finding::good(WHAT, found);
    }
    Finding::new(
        WHAT,
        format!("{found}; what is behind them runs in front of an order core there"),
        Severity::Note,
        format!("cores = [{calm}] in [gateway], or /proc/irq/N/smp_affinity of those devices"),
    )
}

fn workers(host: &Host<'_>, permitted: &[usize], order_core: Option<usize>) -> Finding {
    const WHAT: &str = "kernel workers";
    let mask = host.text(WORKERS);
    let mask = mask.and_then(|mask| u128::from_str_radix(&mask.replace(',', ""), 16).ok());
    let bit =
        |core: usize| u32::try_from(core).map_or(0, |core| 1_u128.checked_shl(core).unwrap_or(0));
    let (Some(mask), Some(core)) = (mask, order_core) else {
        return Finding::unknown(WHAT, "no mask of cores in /sys/devices/virtual/workqueue");
    };
    let others = permitted.iter().fold(0, |all, &core| all | bit(core)) & !bit(core);
    if mask & bit(core) == 0 || others == 0 {
        return Finding::good(WHAT, format!("may run on the cores of mask {mask:x}"));
    }
    Finding::new(
        WHAT,
        format!("may run on core {core}, writing to disks among them"),
        Severity::Note,
        format!("echo {others:x} | sudo tee /{WORKERS}"),
    )
}
