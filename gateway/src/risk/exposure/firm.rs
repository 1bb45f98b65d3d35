//! Is it too much together with what all accounts did? R-83.
//!
//! Its table of cases stands with that of linked accounts.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;
use super::linked::together;
use crate::exposure::{Added, Missing};

/// Refuses what would take all accounts together beyond what the firm may send, have open or bear.
pub(super) fn firm(situation: &Situation<'_>, added: &Added) -> Result<(), Refusal> {
    let exposed = &situation.exposed;
    let Some(limits) = exposed.firm_limits else {
        return situation.lacks(Missing::Firm);
    };
    let codes = [
        GateCode::FirmSentValue,
        GateCode::FirmOpenValue,
        GateCode::FirmExposure,
    ];
    together(exposed.firm, limits, added, codes)
}
