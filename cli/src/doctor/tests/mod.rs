//! The examination over hosts made of files: a good machine, a container, one core, nothing at all.

mod remedies;

use std::cell::Cell;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;

use gwanmun_host::config::Surroundings;

use super::finding::Severity;
use super::host::{Probe, Space, cores_of};
use super::*;

/// A host of files, and answers given beforehand.
struct Fake {
    root: PathBuf,
    ring: Option<Result<(), (String, String)>>,
    space: Option<Space>,
    ports_are_free: Option<bool>,
    ring_asked: Cell<u32>,
}

impl Probe for Fake {
    fn ring(&self) -> Option<Result<(), (String, String)>> {
        self.ring_asked.set(self.ring_asked.get() + 1);
        self.ring.clone()
    }

    fn space(&self, _: &Path) -> Option<Space> {
        self.space
    }

    fn is_free(&self, _: SocketAddr) -> Option<bool> {
        self.ports_are_free
    }
}

const GIB: u64 = 1 << 30;

/// A machine prepared for the purpose.
const GOOD: &[(&str, &str)] = &[
    (
        "proc/self/status",
        "Name:\tx\nCapEff:\t0000000000804000\nCpus_allowed_list:\t0-3\n",
    ),
    (
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Good CPU\nflags\t\t: fpu constant_tsc nonstop_tsc\n",
    ),
    ("proc/self/limits", LIMITS),
    ("proc/swaps", "Filename Type Size Used Priority\n"),
    ("proc/sys/kernel/osrelease", "6.8.0-31-generic\n"),
    ("proc/sys/kernel/io_uring_disabled", "0\n"),
    ("proc/sys/net/core/somaxconn", "4096\n"),
    (
        "proc/sys/net/ipv4/tcp_allowed_congestion_control",
        "reno cubic\n",
    ),
    ("proc/sys/net/ipv4/tcp_congestion_control", "cubic\n"),
    (
        "proc/self/mountinfo",
        "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n\
         24 22 0:21 / /dev/shm rw shared:3 - tmpfs tmpfs rw\n",
    ),
    ("sys/devices/system/cpu/online", "0-3\n"),
    ("sys/devices/system/cpu/isolated", "3\n"),
    ("sys/devices/system/cpu/nohz_full", "3\n"),
    ("sys/devices/system/cpu/smt/active", "0\n"),
    (
        "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
        "performance\n",
    ),
    (
        "sys/devices/system/cpu/cpu3/cpufreq/scaling_governor",
        "performance\n",
    ),
    (
        "sys/devices/system/clocksource/clocksource0/current_clocksource",
        "tsc\n",
    ),
    (
        "sys/kernel/mm/transparent_hugepage/enabled",
        "always [madvise] never\n",
    ),
    ("sys/dev/block/259:2/queue/rotational", "0\n"),
    (
        "proc/interrupts",
        "  CPU0 CPU1 CPU2 CPU3\n 36:  90000 0 0 7 PCI-MSIX nvme0q1\nLOC: 1 2 3 99999999 Timer\n",
    ),
    ("sys/devices/virtual/workqueue/cpumask", "7\n"),
];

const LIMITS: &str = "\
Limit                     Soft Limit           Hard Limit           Units     
Max locked memory         8388608              8388608              bytes     
Max open files            1024                 1048576              files     
Max realtime priority     0                    0                    
";

/// Makes the host below a folder of the test's own.
fn fake(test: &str, files: &[(&str, &str)]) -> Fake {
    let root = std::env::temp_dir().join(format!("gwanmun-doctor-{test}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    Fake {
        root,
        ring: Some(Ok(())),
        space: Some(Space {
            total_bytes: 100 * GIB,
            free_bytes: 50 * GIB,
        }),
        ports_are_free: Some(true),
        ring_asked: Cell::new(0),
    }
}

/// The good machine with some files in place of its own; an empty text takes the file away.
fn good_but(changes: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut files: Vec<(&str, &str)> = GOOD.to_vec();
    for change in changes {
        files.retain(|(path, _)| *path != change.0);
        if !change.1.is_empty() {
            files.push(*change);
        }
    }
    files
}

fn findings(fake: &Fake, config: Option<&Config>) -> Vec<Finding> {
    let host = Host::new(&fake.root, fake);
    let findings = examine(&host, config, Path::new("/var/lib/gateway"));
    fs::remove_dir_all(&fake.root).unwrap();
    findings
}

fn of<'f>(findings: &'f [Finding], what: &str) -> &'f Finding {
    let mut found = findings.iter().filter(|finding| finding.what == what);
    found
        .next()
        .unwrap_or_else(|| panic!("no {what} in {findings:?}"))
}

#[test]
fn a_prepared_machine_has_nothing_to_complain_of() {
    let fake = fake("good", GOOD);
    let findings = findings(&fake, None);
    let worse = findings
        .iter()
        .filter(|finding| finding.severity > Severity::Good);
    let worse: Vec<&str> = worse.map(|finding| finding.what).collect();
    // The model is told for the record, and has no severity to speak of.
    assert_eq!(worse, ["processor"], "{findings:?}");
    assert_eq!(of(&findings, "processor").found, "Good CPU");
    assert_eq!(findings.len(), 20);
    assert_eq!(fake.ring_asked.get(), 1);
}

#[test]
fn what_only_the_kernel_answers_is_taken_as_it_answers() {
    let mut refusing = fake("kernel", GOOD);
    refusing.ring = Some(Err(("a cause".to_owned(), "a remedy".to_owned())));
    refusing.space = Some(Space {
        total_bytes: 100 * GIB,
        free_bytes: GIB / 4,
    });
    let told = findings(&refusing, None);
    assert_eq!(of(&told, "io_uring").severity, Severity::Hurts);
    assert_eq!(of(&told, "io_uring").remedy, "a remedy");
    assert_eq!(of(&told, "memory_dir").severity, Severity::Hurts);
    assert_eq!(of(&told, "journal room").severity, Severity::Hurts);
    let mut full = fake("kernel", GOOD);
    full.space = Some(Space {
        total_bytes: 100,
        free_bytes: 0,
    });
    assert_eq!(
        of(&findings(&full, None), "journal room").severity,
        Severity::Stops
    );
    let mut silent = fake("kernel", GOOD);
    (silent.ring, silent.space) = (None, None);
    let told = findings(&silent, None);
    for what in ["io_uring", "memory_dir", "journal room"] {
        assert_eq!(of(&told, what).severity, Severity::Note, "{what}");
        assert!(of(&told, what).found.contains("unknown"), "{what}");
    }
}

#[test]
fn a_host_that_shows_nothing_is_unknown_and_stops_nobody() {
    let mut nothing = fake("nothing", &[]);
    (nothing.ring, nothing.space) = (None, None);
    let told = findings(&nothing, None);
    assert_eq!(told.len(), 20);
    for finding in &told {
        assert_eq!(finding.severity, Severity::Note, "{finding:?}");
        assert!(finding.found.starts_with("unknown"), "{finding:?}");
    }
    // Nor does one that shows nonsense.
    let garbage: Vec<(&str, &str)> = GOOD
        .iter()
        .map(|(path, _)| (*path, "\u{1b}[2J - , [ ] 18446744073709551616\n"))
        .collect();
    for finding in findings(&fake("garbage", &garbage), None) {
        assert!(!finding.found.contains('\u{1b}'), "{finding:?}");
        assert!(finding.severity < Severity::Stops, "{finding:?}");
    }
}

#[test]
fn a_configuration_is_held_against_the_host() {
    let folder =
        std::env::temp_dir().join(format!("gwanmun-doctor-secrets-{}", std::process::id()));
    fs::create_dir_all(folder.join("secrets")).unwrap();
    for name in ["member1", "krx"] {
        fs::write(folder.join("secrets").join(name), "secret").unwrap();
    }
    let config = |change: (&str, &str)| {
        let text = gwanmun_host::config::GATEWAY_EXAMPLE;
        assert!(text.contains(change.0));
        let surroundings = Surroundings {
            base_dir: folder.clone(),
            credentials_dir: None,
        };
        Config::parse(&text.replacen(change.0, change.1, 1), "test", &surroundings)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let same = config(("cores = [1]", "cores = [1]"));
    let told = findings(&fake("config", GOOD), Some(&same));
    assert_eq!(of(&told, "configured cores").severity, Severity::Good);
    assert_eq!(of(&told, "port").found, "127.0.0.1:9876 is free");
    let elsewhere = config(("cores = [1]", "cores = [7]"));
    let told = findings(&fake("config", GOOD), Some(&elsewhere));
    let cores = of(&told, "configured cores");
    assert_eq!(
        (cores.severity, cores.remedy.as_str()),
        (Severity::Stops, "cores = [3] in [gateway]")
    );
    let unpinned = config(("cores = [1]", "cores = []"));
    let told = findings(&fake("config", GOOD), Some(&unpinned));
    assert_eq!(of(&told, "configured cores").severity, Severity::Note);
    let mut taken = fake("config", GOOD);
    taken.ports_are_free = Some(false);
    let told = findings(&taken, Some(&same));
    assert_eq!(of(&told, "port").severity, Severity::Stops);
    assert!(of(&told, "port").remedy.contains("9876"));
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn lists_of_cores_are_read_or_refused() {
    assert_eq!(cores_of("0-3,8,10-11\n").unwrap(), [0, 1, 2, 3, 8, 10, 11]);
    assert_eq!(cores_of("").unwrap(), [0_usize; 0]);
    for bad in [
        "3-1",
        "a",
        "0-",
        "-",
        "0-99999999999999999999",
        "0-4294967295",
    ] {
        assert_eq!(cores_of(bad), None, "{bad}");
    }
}

#[test]
fn the_longest_mount_in_front_of_a_path_is_its_own() {
    let fake = fake(
        "mounts",
        &[(
            "proc/self/mountinfo",
            "1 0 8:1 / / rw - ext4 a rw\n2 1 8:2 / /var rw x:1 y:2 - xfs b rw\n\
             3 2 8:3 / /var/lib/gate\\040way rw - btrfs c rw\nnonsense\n",
        )],
    );
    let host = Host::new(&fake.root, &fake);
    let kind = |path: &str| storage::mount_of(&host, Path::new(path)).unwrap().kind;
    assert_eq!(kind("/variable"), "ext4");
    assert_eq!(kind("/var/log"), "xfs");
    assert_eq!(kind("/var/lib/gate way/journal"), "btrfs");
    assert_eq!(kind("/var/./lib/../../home"), "ext4");
    fs::remove_dir_all(&fake.root).unwrap();
}
