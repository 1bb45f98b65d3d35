//! Is it too much together with what the account has sent?

pub(super) mod sent_total;
