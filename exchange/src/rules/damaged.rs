//! Messages that are long enough to name their order and are wrong all the same.
//!
//! In it: which RejectReason a field that cannot be read gets. A message too short for its
//! UserRefNum and ClOrdID is nobody's order: it is ignored, and the operator is told.

use gwanmun_binary::ouch::codes::RejectReason;
use gwanmun_binary::ouch::{EnterOrder, OuchError, ReplaceOrder};
use gwanmun_market::OrderId;

use crate::venue::{About, Disposition, Venue};

/// Where a request that can be rejected has its UserRefNum and ClOrdID.
struct Layout {
    length_min: usize,
    user_ref_num_offset: usize,
    cl_ord_id_offset: usize,
}

const ENTER: Layout = Layout {
    length_min: EnterOrder::LENGTH,
    user_ref_num_offset: 1,
    cl_ord_id_offset: 31,
};
const REPLACE: Layout = Layout {
    length_min: ReplaceOrder::LENGTH,
    user_ref_num_offset: 5,
    cl_ord_id_offset: 24,
};

impl Venue {
    pub(crate) fn refuse_damaged(
        &mut self,
        account: usize,
        bytes: &[u8],
        error: OuchError,
        at_ns: u64,
    ) -> Disposition {
        let Some((user_ref_num, cl_ord_id)) = named(bytes) else {
            return Disposition::Unreadable;
        };
        if !self.accounts[account].spend(user_ref_num) {
            return Disposition::NumberUsed;
        }
        let reason = match error {
            OuchError::Side(_) => RejectReason::SIDE,
            OuchError::Flag(_) => RejectReason::INTER_MARKET_SWEEP,
            _ => RejectReason::OTHER,
        };
        let about = About {
            cl_ord_id,
            ..About::default()
        };
        self.reject(account, user_ref_num, reason, about, at_ns);
        Disposition::Answered
    }
}

fn named(bytes: &[u8]) -> Option<(u32, OrderId)> {
    let layout = match *bytes.first()? {
        EnterOrder::TYPE => ENTER,
        ReplaceOrder::TYPE => REPLACE,
        _ => return None,
    };
    if bytes.len() < layout.length_min {
        return None;
    }
    let user_ref_num = bytes
        .get(layout.user_ref_num_offset..)?
        .first_chunk::<4>()?;
    let cl_ord_id = bytes.get(layout.cl_ord_id_offset..)?.first_chunk::<14>()?;
    Some((
        u32::from_be_bytes(*user_ref_num),
        OrderId::from_padded(cl_ord_id),
    ))
}
