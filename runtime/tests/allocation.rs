//! The refusing allocator in a program that runs on it: it counts where it should count, it ends
//! the process where it should end it, and it leaves everybody else alone.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use gwanmun_runtime::allocation::{
    GuardedAllocator, allowed, count_here, is_installed, refuse_here, tripped,
};

#[global_allocator]
static ALLOCATOR: GuardedAllocator = GuardedAllocator;

/// Names the deed that a child process of this program is to do.
const DEED: &str = "GUARDED_DEED";

#[test]
fn the_guard_is_installed() {
    assert!(is_installed());
}

#[test]
fn counting_counts_this_thread_and_lets_through() {
    let before = tripped();
    let scope = count_here();
    let kept = vec![1_u8; 10];
    std::thread::scope(|threads| {
        let _ = allowed(|| threads.spawn(|| drop(vec![0_u8; 20])).join());
    });
    let mut grown = kept;
    grown.reserve_exact(100);
    let counted = scope.count();
    drop(scope);
    // At least an allocation and a reallocation; what scoped threads do on this thread is theirs.
    assert!(counted >= 2, "{counted}");
    assert!(tripped() >= before + counted);
    let outside = count_here();
    drop(outside);
    drop(grown);
}

#[test]
fn a_scope_restores_what_was_before() {
    let outer = count_here();
    let kept = allowed(|| Box::new(1));
    assert_eq!(outer.count(), 0);
    drop(kept);
    assert_eq!(outer.count(), 1);
    drop(outer);
    let after = tripped_here(|| drop(std::hint::black_box(Box::new(2))));
    assert_eq!(after, 2);
}

fn tripped_here(body: impl FnOnce()) -> u64 {
    let scope = count_here();
    body();
    scope.count()
}

/// Does nothing unless it runs in a child process that was told what to do.
#[test]
fn child() {
    let Ok(deed) = std::env::var(DEED) else {
        return;
    };
    let kept = vec![0_u8; 1234];
    let scope = refuse_here();
    match deed.as_str() {
        "allocate" => drop(std::hint::black_box(vec![0_u8; 4321])),
        "free" => drop(kept),
        "grow" => {
            let mut kept = kept;
            kept.reserve_exact(5_000);
        }
        "panic" => panic!("a message that must be seen"),
        "elsewhere" => {
            drop(scope);
            drop(kept);
        }
        other => panic!("no such deed: {other}"),
    }
}

fn run(deed: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(DEED, deed)
        .output()
        .unwrap()
}

#[test]
fn a_refused_deed_aborts_and_names_the_size() {
    let check = |deed: &str, message: &str| {
        let output = run(deed);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(6), "{deed}: {told}");
        assert!(told.contains(message), "{deed}: {told}");
    };
    check(
        "allocate",
        "allocation of 4321 bytes refused on thread 'child'",
    );
    check("free", "freeing of 1234 bytes refused");
    check("grow", "reallocation of 6234 bytes refused");
}

#[test]
fn a_panic_is_told_and_a_scope_that_ended_refuses_nothing() {
    let output = run("panic");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("a message that must be seen"), "{told}");
    assert!(run("elsewhere").status.success());
}
