//! AccountQuery: the next UserRefNum, behind everything older.
//!
//! In it: the answer, which is a report like any other, so that it stands in the account's stream
//! behind every report of an earlier message. A client that reads it has read its whole replay.

use gwanmun_binary::ouch::{AccountQueryResponse, Outbound};

use crate::venue::{About, Disposition, Venue};

impl Venue {
    pub(crate) fn query(&mut self, account: usize, timestamp_ns: u64) -> Disposition {
        let response = AccountQueryResponse {
            timestamp_ns,
            next_user_ref_num: self.accounts[account].next_user_ref_num(),
            appendage: Default::default(),
        };
        self.report(
            account,
            Outbound::AccountQueryResponse(response),
            About::default(),
        );
        Disposition::Answered
    }
}
