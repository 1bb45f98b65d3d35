//! One member session as the gateway keeps it.

use gwanmun_fix::session::{SeqNumReset, Session};

use crate::schedule::Window;
use crate::state::Line;
use crate::tables::Tables;
use crate::terms::MemberTerms;

/// One member session.
pub(crate) struct Member {
    pub(crate) session: Session,
    pub(crate) line: Option<Line>,
    /// The session's reset count when its sent messages were last forgotten.
    pub(crate) reset_count: u32,
    /// When resets are honoured outside of an agreed time.
    pub(crate) reset_agreed: SeqNumReset,
    /// First MsgSeqNum(34) that was written since the member was last here: what he was not sent.
    pub(crate) away_from: Option<u64>,
    /// `None` where the session is open as long as the process runs.
    pub(crate) window: Option<Window>,
    /// Whether each account of the tables may be used, by account index.
    pub(crate) may_use: Box<[bool]>,
}

impl Member {
    pub(crate) fn new(terms: &MemberTerms, may_use: Box<[bool]>) -> Member {
        Member {
            session: Session::new(terms.session),
            line: None,
            reset_count: 0,
            reset_agreed: terms.session.reset,
            away_from: None,
            window: None,
            may_use,
        }
    }
}

/// Whether a session may use each account of the tables, by account index.
pub(crate) fn may_use(terms: &MemberTerms, tables: &Tables) -> Box<[bool]> {
    let listed = &terms.accounts;
    let accounts = tables.accounts().iter();
    accounts
        .map(|row| listed.is_empty() || listed.contains(&row.account))
        .collect()
}
