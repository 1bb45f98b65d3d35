//! The terms under which an account may trade.

use crate::{AccountId, Tier};

/// One account of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountTerms {
    /// Account(1).
    pub account: AccountId,
    /// Whether it may enter orders now.
    pub is_enabled: bool,
    /// Its capital tier, by which it is limited.
    pub tier: Tier,
}
