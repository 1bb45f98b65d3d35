//! Is the order too large by itself, or so large that somebody must say that it is meant?

pub(super) mod large_order;
pub(super) mod order_size;
