//! Which core takes the interrupts of devices.
//!
//! In here: reading the kernel's table of them. A core that takes a disk's interrupts also does the
//! work that comes behind them, in front of whatever runs there; so the order core should be
//! another. Not in here: moving them, which takes an administrator.

use std::fs;

/// Where the kernel keeps the table.
pub const TABLE: &str = "/proc/interrupts";

/// Device interrupts that each core has taken since the machine's start, by the core's number and
/// in the table's order; empty where there is no such table.
#[must_use]
pub fn by_core() -> Vec<(usize, u64)> {
    fs::read_to_string(TABLE).map_or_else(|_| Vec::new(), |text| of_table(&text))
}

/// The same of a table's text. Rows without a number (timers, wake-ups of other cores) are the
/// kernel's own and do not count.
#[must_use]
pub fn of_table(text: &str) -> Vec<(usize, u64)> {
    let mut lines = text.lines();
    let heads = lines.next().unwrap_or_default().split_whitespace();
    let mut cores: Vec<(usize, u64)> = heads
        .filter_map(|head| Some((head.strip_prefix("CPU")?.parse().ok()?, 0)))
        .collect();
    for line in lines {
        let mut words = line.split_whitespace();
        let label = words.next().and_then(|label| label.strip_suffix(':'));
        if label.is_none_or(|label| label.parse::<u32>().is_err()) {
            continue;
        }
        for ((_, sum), word) in cores.iter_mut().zip(words) {
            *sum += word.parse::<u64>().unwrap_or(0);
        }
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_count_and_the_kernels_own_do_not() {
        let table = "           CPU0       CPU2       \n\
                     24:          1          0  IO-APIC   5-edge      ACPI:Ged\n\
                     36:          0    4188124 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n\
                     NMI:          5          7   Non-maskable interrupts\n\
                     LOC:   21896067   16546785   Local timer interrupts\n\
                     ERR:          0\n";
        assert_eq!(of_table(table), [(0, 1), (2, 4_188_124)]);
    }

    #[test]
    fn what_is_no_table_has_no_cores() {
        for text in ["", "\n", "no such file", "24: 1 2\n"] {
            assert_eq!(of_table(text), [], "{text:?}");
        }
        // Shorter rows and odd counts leave the others what they are.
        assert_eq!(of_table("CPU0 CPU1\n7: 3\n8: x 4\n"), [(0, 3), (1, 4)]);
    }

    #[test]
    fn this_machine_has_a_row_for_each_core_or_no_table() {
        let cores = by_core();
        let is_rising = cores.is_sorted_by(|one, next| one.0 < next.0);
        assert!(is_rising, "{cores:?}");
    }
}
