//! The allocator that refuses.
//!
//! In here: a wrapper around the system's allocator, and a switch per thread. While the switch is
//! on, allocating or freeing on that thread ends the process with a message that names the size, so
//! that "the order core does not allocate after start" is a property of every run and not of a
//! review. In tests it can count instead. And large blocks ask the kernel for huge pages: the order
//! tables are made of them, which a start touches whole and an order anywhere. Not in here: a
//! faster allocator.
//!
//! Each program that wants it says so itself:
//!
//! ```
//! #[global_allocator]
//! static ALLOCATOR: gwanmun_runtime::allocation::GuardedAllocator =
//!     gwanmun_runtime::allocation::GuardedAllocator;
//! # fn main() { assert!(gwanmun_runtime::allocation::is_installed()); }
//! ```
//!
//! A panicking thread is let through: its message matters more than the rule it breaks.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

/// The system's allocator behind a switch per thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct GuardedAllocator;

/// What the calling thread's allocations meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Allow,
    Count,
    Abort,
}

thread_local! {
    // A const initialiser and no destructor: reading it never allocates, at any time of a thread.
    static ANSWER: Cell<Answer> = const { Cell::new(Answer::Allow) };
    static COUNTED: Cell<u64> = const { Cell::new(0) };
}

static TRIPPED: AtomicU64 = AtomicU64::new(0);

/// Restores the calling thread's former answer when dropped.
#[derive(Debug)]
#[must_use = "the refusal ends when this is dropped; keep it, or call `forever`"]
pub struct Refusal {
    before: Answer,
    counted_before: u64,
    // A refusal belongs to the thread that began it.
    not_send: PhantomData<*const ()>,
}

impl Refusal {
    /// Refuses until the thread ends; for one that ends with the process. A thread that is to end
    /// before keeps the refusal and drops it before it takes its things down.
    pub fn forever(self) {
        std::mem::forget(self);
    }

    /// How often the calling thread has tripped since this refusal began.
    #[must_use]
    pub fn count(&self) -> u64 {
        COUNTED.get() - self.counted_before
    }
}

impl Drop for Refusal {
    fn drop(&mut self) {
        ANSWER.set(self.before);
    }
}

/// From here on, the process is aborted when the calling thread allocates or frees.
pub fn refuse_here() -> Refusal {
    answer_with(Answer::Abort)
}

/// From here on, allocations and frees of the calling thread are counted and let through.
pub fn count_here() -> Refusal {
    answer_with(Answer::Count)
}

/// Runs `body` with the calling thread's allocations let through: for the rare cold call inside a
/// refusing thread, which then stands visibly at its place.
pub fn allowed<T>(body: impl FnOnce() -> T) -> T {
    let scope = answer_with(Answer::Allow);
    let result = body();
    drop(scope);
    result
}

/// How often any thread of the process has tripped.
#[must_use]
pub fn tripped() -> u64 {
    TRIPPED.load(Ordering::Relaxed)
}

/// Whether the program really runs on `GuardedAllocator`; a guard that is not there never trips.
#[must_use]
pub fn is_installed() -> bool {
    let scope = count_here();
    drop(std::hint::black_box(Box::new(0_u64)));
    scope.count() > 0
}

fn answer_with(answer: Answer) -> Refusal {
    let before = ANSWER.replace(answer);
    Refusal {
        before,
        counted_before: COUNTED.get(),
        not_send: PhantomData,
    }
}

/// Asks the switch. Inlined into every allocation: one thread-local load and a compare.
#[inline]
fn ask(what: &[u8], size: usize) {
    // A thread whose locals are gone is past any order path.
    let answer = ANSWER.try_with(Cell::get).unwrap_or(Answer::Allow);
    if answer != Answer::Allow {
        refuse(answer, what, size);
    }
}

#[cold]
fn refuse(answer: Answer, what: &[u8], size: usize) {
    if std::thread::panicking() {
        return;
    }
    TRIPPED.fetch_add(1, Ordering::Relaxed);
    COUNTED.set(COUNTED.get() + 1);
    if answer == Answer::Abort {
        ANSWER.set(Answer::Allow);
        let mut line = Line {
            bytes: [0; LINE_BYTES],
            length: 0,
        };
        line.put(b"gwanmun: ");
        line.put(what);
        line.put(b" of ");
        line.put_number(size);
        line.put(b" bytes refused on thread '");
        line.put(
            std::thread::current()
                .name()
                .unwrap_or("unnamed")
                .as_bytes(),
        );
        line.put(b"': nothing is allocated or freed here after start\n");
        // The process ends in the next line: a message that cannot be written is lost.
        let _ = rustix::io::write(rustix::stdio::stderr(), line.written());
        std::process::abort();
    }
}

/// Room for the message, so that it is made without the allocator it is about.
const LINE_BYTES: usize = 192;

struct Line {
    bytes: [u8; LINE_BYTES],
    length: usize,
}

impl Line {
    /// Appends what fits.
    fn put(&mut self, text: &[u8]) {
        let room = self.bytes.get_mut(self.length..).unwrap_or_default();
        let fitting = room.len().min(text.len());
        for (into, from) in room.iter_mut().zip(text) {
            *into = *from;
        }
        self.length += fitting;
    }

    fn put_number(&mut self, number: usize) {
        let mut rest = number;
        let mut digits = [b'0'; 20];
        let mut count = 0;
        for digit in digits.iter_mut().rev() {
            *digit += u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            count += 1;
            if rest == 0 {
                break;
            }
        }
        self.put(digits.get(digits.len() - count..).unwrap_or_default());
    }

    fn written(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Bytes of the huge pages of the architectures we run on, with the usual page of 4 KiB.
const HUGE_PAGE_BYTES: usize = 2 << 20;

/// Asks for huge pages under a block that holds at least one. A table that is touched at random
/// misses the translation cache on nearly every touch with small ones, and each of them is a fault
/// when it is touched first.
#[inline]
fn want_huge_pages(block: *mut u8, size: usize) {
    if size >= 2 * HUGE_PAGE_BYTES && !block.is_null() {
        advise(block, size);
    }
}

#[cold]
fn advise(block: *mut u8, size: usize) {
    let to_first = block.align_offset(HUGE_PAGE_BYTES);
    let length = size.saturating_sub(to_first) / HUGE_PAGE_BYTES * HUGE_PAGE_BYTES;
    if length == 0 {
        return;
    }
    let advice = rustix::mm::Advice::LinuxHugepage;
    // SAFETY: `to_first + length` is at most `size`, so the range lies within a block that was just
    // allocated and is nobody's yet; this advice changes how its pages are made and no byte.
    // JUSTIFICATION: there is no safe interface to it. A start on an empty day touched 100 MiB of
    // tables in 60 ms by small pages, 25,000 faults.
    let _ = unsafe { rustix::mm::madvise(block.wrapping_add(to_first).cast(), length, advice) };
}

// SAFETY: every method passes its arguments unchanged to `System`, which upholds the trait's
// contract; asking the switch before neither allocates nor unwinds.
// JUSTIFICATION: the standard library offers no safe way to put a check before an allocator.
unsafe impl GlobalAlloc for GuardedAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ask(b"allocation", layout.size());
        // SAFETY: the caller's obligations for `layout` are those of `System`.
        // JUSTIFICATION: the trait's own signature.
        let block = unsafe { System.alloc(layout) };
        want_huge_pages(block, layout.size());
        block
    }

    #[inline]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ask(b"freeing", layout.size());
        // SAFETY: `pointer` came from `System` by one of these methods, with this `layout`.
        // JUSTIFICATION: the trait's own signature.
        unsafe { System.dealloc(pointer, layout) };
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ask(b"allocation", layout.size());
        // SAFETY: the caller's obligations for `layout` are those of `System`.
        // JUSTIFICATION: the trait's own signature; the default would write the zeros twice.
        let block = unsafe { System.alloc_zeroed(layout) };
        want_huge_pages(block, layout.size());
        block
    }

    #[inline]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        ask(b"reallocation", new_size);
        // SAFETY: `pointer` came from `System` by one of these methods, with this `layout`.
        // JUSTIFICATION: the trait's own signature; the default would always copy.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_the_allocator() {
        let check = |number: usize| {
            let mut line = Line {
                bytes: [0; LINE_BYTES],
                length: 0,
            };
            line.put_number(number);
            assert_eq!(line.written(), number.to_string().as_bytes());
        };
        for number in [0, 1, 9, 10, 11, 99, 100, 4096, usize::MAX] {
            check(number);
        }
    }

    #[test]
    fn a_message_that_is_too_long_is_cut() {
        let mut line = Line {
            bytes: [0; LINE_BYTES],
            length: 0,
        };
        line.put(&[b'a'; LINE_BYTES - 1]);
        line.put(b"bc");
        line.put(b"d");
        assert_eq!(line.written().len(), LINE_BYTES);
        assert_eq!(line.written().last(), Some(&b'b'));
    }

    #[test]
    fn a_guard_that_is_not_installed_is_noticed() {
        // This test program runs on the plain allocator; tests/allocation.rs runs on ours.
        assert!(!is_installed());
    }
}
