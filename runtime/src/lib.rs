//! Everything of gwanmun that touches the kernel.
//!
//! In here: the clock (`clock`), TCP connections without blocking and without allocation
//! (`transport`), mapped journal segments (`segment`), the capture thread's file work (`disk`),
//! pinning (`cores`), who takes interrupts (`interrupts`), threads with names (`thread`), what to
//! do in an empty turn (`idle`), the allocator that refuses (`allocation`), termination signals
//! (`signals`), a socket for people on this machine (`local_socket`), and what to tell the operator
//! when the host refuses something (`finding`, `limits`).
//!
//! Not in here: any protocol, any decision, any format. This crate imports no other crate of ours,
//! so that nothing which decides can be reached from the kernel's side, and `tidy` checks that.
//!
//! Where next: `transport` for the order core's duty cycle, `disk` for the capture thread.
#![deny(clippy::indexing_slicing)]
#![allow(unsafe_code)]

pub mod allocation;
pub mod clock;
pub mod cores;
pub mod disk;
pub mod errno;
pub mod finding;
pub mod idle;
pub mod interrupts;
pub mod limits;
pub mod local_socket;
pub mod readiness;
mod ring;
pub mod segment;
pub mod signals;
pub mod thread;
pub mod transport;
