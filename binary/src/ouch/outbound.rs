//! All reports under one type, told apart by their first byte.
//!
//! Not in it: the messages themselves, which have a module each. Next: [`super::Inbound`].

use super::{
    Accepted, AccountQueryResponse, AiqCanceled, BrokenTrade, CancelPending, CancelReject,
    Canceled, DisableResponse, EnableResponse, Executed, MassCancelResponse, Modified, OuchError,
    PriorityUpdate, Rejected, Replaced, Restated, SystemEvent,
};

/// A report, venue to client: the payload of a SoupBinTCP SequencedData packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outbound<'a> {
    /// `S`: start and end of day.
    SystemEvent(SystemEvent),
    /// `A`: an order was accepted.
    Accepted(Accepted<'a>),
    /// `U`: an order was replaced.
    Replaced(Replaced<'a>),
    /// `C`: quantity left an order.
    Canceled(Canceled<'a>),
    /// `D`: quantity left an order to prevent a self-match.
    AiqCanceled(AiqCanceled<'a>),
    /// `E`: an execution.
    Executed(Executed<'a>),
    /// `B`: an execution was undone.
    BrokenTrade(BrokenTrade<'a>),
    /// `J`: a request was refused.
    Rejected(Rejected<'a>),
    /// `P`: a cancel has to wait.
    CancelPending(CancelPending<'a>),
    /// `I`: a cancel was refused.
    CancelReject(CancelReject<'a>),
    /// `T`: an order got another place in the queue.
    PriorityUpdate(PriorityUpdate<'a>),
    /// `M`: an order was modified.
    Modified(Modified<'a>),
    /// `R`: the venue changed an order by itself.
    Restated(Restated<'a>),
    /// `X`: a mass cancel was taken.
    MassCancelResponse(MassCancelResponse<'a>),
    /// `G`: a firm is kept from entering orders.
    DisableResponse(DisableResponse<'a>),
    /// `K`: a firm is let in again.
    EnableResponse(EnableResponse<'a>),
    /// `Q`: the next UserRefNum.
    AccountQueryResponse(AccountQueryResponse<'a>),
}

impl<'a> Outbound<'a> {
    /// Reads one message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError::UnknownType`] when the first byte names no message of this direction, and
    /// whatever the message's own `parse` finds.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let &message_type = bytes.first().ok_or(OuchError::Truncated)?;
        match message_type {
            SystemEvent::TYPE => SystemEvent::parse(bytes).map(Outbound::SystemEvent),
            Accepted::TYPE => Accepted::parse(bytes).map(Outbound::Accepted),
            Replaced::TYPE => Replaced::parse(bytes).map(Outbound::Replaced),
            Canceled::TYPE => Canceled::parse(bytes).map(Outbound::Canceled),
            AiqCanceled::TYPE => AiqCanceled::parse(bytes).map(Outbound::AiqCanceled),
            Executed::TYPE => Executed::parse(bytes).map(Outbound::Executed),
            BrokenTrade::TYPE => BrokenTrade::parse(bytes).map(Outbound::BrokenTrade),
            Rejected::TYPE => Rejected::parse(bytes).map(Outbound::Rejected),
            CancelPending::TYPE => CancelPending::parse(bytes).map(Outbound::CancelPending),
            CancelReject::TYPE => CancelReject::parse(bytes).map(Outbound::CancelReject),
            PriorityUpdate::TYPE => PriorityUpdate::parse(bytes).map(Outbound::PriorityUpdate),
            Modified::TYPE => Modified::parse(bytes).map(Outbound::Modified),
            Restated::TYPE => Restated::parse(bytes).map(Outbound::Restated),
            MassCancelResponse::TYPE => {
                MassCancelResponse::parse(bytes).map(Outbound::MassCancelResponse)
            }
            DisableResponse::TYPE => DisableResponse::parse(bytes).map(Outbound::DisableResponse),
            EnableResponse::TYPE => EnableResponse::parse(bytes).map(Outbound::EnableResponse),
            AccountQueryResponse::TYPE => {
                AccountQueryResponse::parse(bytes).map(Outbound::AccountQueryResponse)
            }
            unknown => Err(OuchError::UnknownType(unknown)),
        }
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        match self {
            Outbound::SystemEvent(message) => message.encode(into),
            Outbound::Accepted(message) => message.encode(into),
            Outbound::Replaced(message) => message.encode(into),
            Outbound::Canceled(message) => message.encode(into),
            Outbound::AiqCanceled(message) => message.encode(into),
            Outbound::Executed(message) => message.encode(into),
            Outbound::BrokenTrade(message) => message.encode(into),
            Outbound::Rejected(message) => message.encode(into),
            Outbound::CancelPending(message) => message.encode(into),
            Outbound::CancelReject(message) => message.encode(into),
            Outbound::PriorityUpdate(message) => message.encode(into),
            Outbound::Modified(message) => message.encode(into),
            Outbound::Restated(message) => message.encode(into),
            Outbound::MassCancelResponse(message) => message.encode(into),
            Outbound::DisableResponse(message) => message.encode(into),
            Outbound::EnableResponse(message) => message.encode(into),
            Outbound::AccountQueryResponse(message) => message.encode(into),
        }
    }

    /// The name that `SCHEMA.md` gives the message.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Outbound::SystemEvent(_) => "SystemEvent",
            Outbound::Accepted(_) => "Accepted",
            Outbound::Replaced(_) => "Replaced",
            Outbound::Canceled(_) => "Canceled",
            Outbound::AiqCanceled(_) => "AiqCanceled",
            Outbound::Executed(_) => "Executed",
            Outbound::BrokenTrade(_) => "BrokenTrade",
            Outbound::Rejected(_) => "Rejected",
            Outbound::CancelPending(_) => "CancelPending",
            Outbound::CancelReject(_) => "CancelReject",
            Outbound::PriorityUpdate(_) => "PriorityUpdate",
            Outbound::Modified(_) => "Modified",
            Outbound::Restated(_) => "Restated",
            Outbound::MassCancelResponse(_) => "MassCancelResponse",
            Outbound::DisableResponse(_) => "DisableResponse",
            Outbound::EnableResponse(_) => "EnableResponse",
            Outbound::AccountQueryResponse(_) => "AccountQueryResponse",
        }
    }
}
