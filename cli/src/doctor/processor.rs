//! Cores and clocks.

use super::finding::{Finding, Severity};
use super::host::{Host, cores_of};

const STATUS: &str = "proc/self/status";

/// All of it.
pub(super) fn examine(host: &Host<'_>) -> Vec<Finding> {
    vec![
        cores(host),
        model(host),
        counter(host),
        clock_source(host),
        governor(host),
        isolation(host),
        siblings(host),
    ]
}

/// The cores that this process may run on.
pub(super) fn permitted(host: &Host<'_>) -> Option<Vec<usize>> {
    cores_of(&host.field(STATUS, "Cpus_allowed_list")?).filter(|cores| !cores.is_empty())
}

fn cores(host: &Host<'_>) -> Finding {
    let Some(permitted) = permitted(host) else {
        return Finding::unknown("cores", "no Cpus_allowed_list in /proc/self/status");
    };
    let online = host.text("sys/devices/system/cpu/online");
    let online = online
        .as_deref()
        .and_then(cores_of)
        .map_or(0, |cores| cores.len());
    let found = if online > permitted.len() {
        format!("{} of {online} permitted: {permitted:?}", permitted.len())
    } else {
        format!("{} permitted: {permitted:?}", permitted.len())
    };
    match (permitted.len(), online) {
        (1, 2..) => Finding::new(
            "cores",
            format!("{found}; order core, capture thread and kernel share it"),
            Severity::Hurts,
            format!("taskset -cp 0-{} $$", online - 1),
        ),
        (1, _) => Finding::new(
            "cores",
            format!("{found}; order core, capture thread and kernel share it"),
            Severity::Hurts,
            "idle = \"yield\" in [gateway], or a machine with two cores",
        ),
        _ => Finding::good("cores", found),
    }
}

fn model(host: &Host<'_>) -> Finding {
    match host.field("proc/cpuinfo", "model name") {
        Some(model) => Finding::new("processor", model, Severity::Note, ""),
        None => Finding::unknown("processor", "no model name in /proc/cpuinfo"),
    }
}

fn counter(host: &Host<'_>) -> Finding {
    let Some(flags) = host.field("proc/cpuinfo", "flags") else {
        return Finding::unknown("time-stamp counter", "no flags in /proc/cpuinfo");
    };
    let has = |flag: &str| flags.split_whitespace().any(|there| there == flag);
    if has("constant_tsc") && has("nonstop_tsc") {
        return Finding::good("time-stamp counter", "constant_tsc nonstop_tsc");
    }
    let there = ["constant_tsc", "nonstop_tsc"]
        .into_iter()
        .filter(|flag| has(flag));
    let there: Vec<&str> = there.collect();
    Finding::new(
        "time-stamp counter",
        format!(
            "not steady: {}",
            if there.is_empty() {
                "neither flag".to_owned()
            } else {
                there.join(" ")
            }
        ),
        Severity::Hurts,
        "a processor, or a hypervisor's CPU model, with an invariant TSC",
    )
}

fn clock_source(host: &Host<'_>) -> Finding {
    const FOLDER: &str = "sys/devices/system/clocksource/clocksource0";
    let Some(current) = host.text(&format!("{FOLDER}/current_clocksource")) else {
        return Finding::unknown("clock source", "no current_clocksource in /sys");
    };
    if current == "tsc" {
        return Finding::good("clock source", current);
    }
    let available = host
        .text(&format!("{FOLDER}/available_clocksource"))
        .unwrap_or_default();
    let remedy = if available.split_whitespace().any(|source| source == "tsc") {
        format!("echo tsc | sudo tee /{FOLDER}/current_clocksource")
    } else {
        "boot with clocksource=tsc tsc=reliable where the hypervisor permits it".to_owned()
    };
    Finding::new("clock source", current, Severity::Hurts, remedy)
}

fn governor(host: &Host<'_>) -> Finding {
    let cores = permitted(host).unwrap_or_else(|| vec![0]);
    let mut governors: Vec<String> = cores
        .iter()
        .filter_map(|core| {
            host.text(&format!(
                "sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor"
            ))
        })
        .collect();
    governors.sort_unstable();
    governors.dedup();
    match governors.as_slice() {
        [] => Finding::unknown(
            "governor",
            "no cpufreq in /sys: a virtual machine, or a fixed clock",
        ),
        [only] if only == "performance" => Finding::good("governor", only.clone()),
        several => Finding::new(
            "governor",
            several.join(" "),
            Severity::Hurts,
            "sudo cpupower frequency-set -g performance",
        ),
    }
}

fn isolation(host: &Host<'_>) -> Finding {
    let list = |name: &str| {
        let text = host.text(&format!("sys/devices/system/cpu/{name}"));
        // The kernel writes `(null)` where nothing was asked for.
        text.map(|text| {
            if text.starts_with('(') {
                String::new()
            } else {
                text
            }
        })
    };
    let (isolated, nohz_full) = (list("isolated"), list("nohz_full"));
    if isolated.is_none() && nohz_full.is_none() {
        return Finding::unknown("isolation", "neither isolated nor nohz_full in /sys");
    }
    let (isolated, nohz_full) = (isolated.unwrap_or_default(), nohz_full.unwrap_or_default());
    let found = format!("isolcpus \"{isolated}\", nohz_full \"{nohz_full}\"");
    if !isolated.is_empty() && !nohz_full.is_empty() {
        return Finding::good("isolation", found);
    }
    let core = permitted(host)
        .and_then(|cores| cores.last().copied())
        .unwrap_or(1);
    Finding::new(
        "isolation",
        format!("{found}; timers and other work interrupt the order core"),
        Severity::Note,
        format!("boot with isolcpus={core} nohz_full={core} rcu_nocbs={core}"),
    )
}

fn siblings(host: &Host<'_>) -> Finding {
    match host.text("sys/devices/system/cpu/smt/active").as_deref() {
        None => Finding::unknown("sibling threads", "no smt/active in /sys"),
        Some("0") => Finding::good("sibling threads", "off"),
        Some(_) => {
            let cores = permitted(host).unwrap_or_default();
            let pair = |core: &usize| {
                let path =
                    format!("sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list");
                host.text(&path)
                    .filter(|list| cores_of(list).is_some_and(|all| all.len() > 1))
            };
            let mut pairs: Vec<String> = cores.iter().filter_map(pair).collect();
            pairs.dedup();
            pairs.sort_unstable();
            pairs.dedup();
            Finding::new(
                "sibling threads",
                format!(
                    "on: {}; a busy sibling takes half of the order core",
                    pairs.join(" and ")
                ),
                Severity::Note,
                "leave the order core's sibling idle, or: echo off | sudo tee \
                 /sys/devices/system/cpu/smt/control",
            )
        }
    }
}
