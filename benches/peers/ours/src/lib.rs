//! What both sides of the codec race need: the messages, the clock, what a lane is, and our lanes.
//!
//! [`message_sets`] and [`order_codec`] are the benches' own files, taken in by their path.
//! [`ground`] lays the messages out, [`level`] says what each level asks of a candidate, [`work`]
//! checks and times its answers, [`ours`] alone names our codec besides. The program `ours-native`
//! beside it is the same lanes compiled for the machine at hand. Not in it: any peer, and the race
//! itself, which is `codec-race`.
#![forbid(unsafe_code)]

#[path = "../../../src/random.rs"]
pub mod random;

#[path = "../../../src/message_sets.rs"]
pub mod message_sets;

#[path = "../../../src/order_codec.rs"]
pub mod order_codec;

pub mod clock;
pub mod ground;
pub mod level;
pub mod ours;
pub mod work;
