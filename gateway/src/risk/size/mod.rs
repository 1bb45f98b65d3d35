//! Is the order too large by itself?

pub(super) mod order_size;
