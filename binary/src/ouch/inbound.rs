//! All requests under one type, told apart by their first byte.
//!
//! Not in it: the messages themselves, which have a module each. Next: [`super::Outbound`].

use super::{
    AccountQuery, CancelOrder, DisableOrderEntry, EnableOrderEntry, EnterOrder, MassCancel,
    ModifyOrder, OuchError, ReplaceOrder,
};

/// A request, client to venue: the payload of a SoupBinTCP UnsequencedData packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inbound<'a> {
    /// `O`: a new order.
    EnterOrder(EnterOrder<'a>),
    /// `U`: a change of price or quantity.
    ReplaceOrder(ReplaceOrder<'a>),
    /// `X`: less of an order, or none.
    CancelOrder(CancelOrder<'a>),
    /// `M`: another side or less of an order.
    ModifyOrder(ModifyOrder<'a>),
    /// `C`: that many orders be taken off at once.
    MassCancel(MassCancel<'a>),
    /// `D`: that a firm be kept from entering orders.
    DisableOrderEntry(DisableOrderEntry<'a>),
    /// `E`: that a firm be let in again.
    EnableOrderEntry(EnableOrderEntry<'a>),
    /// `Q`: the next UserRefNum.
    AccountQuery(AccountQuery<'a>),
}

impl<'a> Inbound<'a> {
    /// Reads one message from exactly its bytes.
    ///
    /// # Errors
    /// [`OuchError::UnknownType`] when the first byte names no message of this direction, and
    /// whatever the message's own `parse` finds.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, OuchError> {
        let &message_type = bytes.first().ok_or(OuchError::Truncated)?;
        match message_type {
            EnterOrder::TYPE => EnterOrder::parse(bytes).map(Inbound::EnterOrder),
            ReplaceOrder::TYPE => ReplaceOrder::parse(bytes).map(Inbound::ReplaceOrder),
            CancelOrder::TYPE => CancelOrder::parse(bytes).map(Inbound::CancelOrder),
            ModifyOrder::TYPE => ModifyOrder::parse(bytes).map(Inbound::ModifyOrder),
            MassCancel::TYPE => MassCancel::parse(bytes).map(Inbound::MassCancel),
            DisableOrderEntry::TYPE => {
                DisableOrderEntry::parse(bytes).map(Inbound::DisableOrderEntry)
            }
            EnableOrderEntry::TYPE => EnableOrderEntry::parse(bytes).map(Inbound::EnableOrderEntry),
            AccountQuery::TYPE => AccountQuery::parse(bytes).map(Inbound::AccountQuery),
            unknown => Err(OuchError::UnknownType(unknown)),
        }
    }

    /// Writes the message and returns its length in bytes; `None` when it does not fit.
    pub fn encode(&self, into: &mut [u8]) -> Option<usize> {
        match self {
            Inbound::EnterOrder(message) => message.encode(into),
            Inbound::ReplaceOrder(message) => message.encode(into),
            Inbound::CancelOrder(message) => message.encode(into),
            Inbound::ModifyOrder(message) => message.encode(into),
            Inbound::MassCancel(message) => message.encode(into),
            Inbound::DisableOrderEntry(message) => message.encode(into),
            Inbound::EnableOrderEntry(message) => message.encode(into),
            Inbound::AccountQuery(message) => message.encode(into),
        }
    }

    /// The name that `SCHEMA.md` gives the message.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Inbound::EnterOrder(_) => "EnterOrder",
            Inbound::ReplaceOrder(_) => "ReplaceOrder",
            Inbound::CancelOrder(_) => "CancelOrder",
            Inbound::ModifyOrder(_) => "ModifyOrder",
            Inbound::MassCancel(_) => "MassCancel",
            Inbound::DisableOrderEntry(_) => "DisableOrderEntry",
            Inbound::EnableOrderEntry(_) => "EnableOrderEntry",
            Inbound::AccountQuery(_) => "AccountQuery",
        }
    }
}
