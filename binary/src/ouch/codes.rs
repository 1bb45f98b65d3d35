//! The one-letter and numbered codes of OUCH.
//!
//! Each code is a newtype over what travels, with constants for the values that are known here and
//! a name for people. Values that are not known are kept as received: a venue may add one on any
//! day, and what it said must reach the journal and the member unchanged.

macro_rules! codes {
    ($(
        $(#[$type_doc:meta])*
        $name:ident($width:ty) { $( $constant:ident = $value:literal $text:literal, )* }
    )*) => { $(
        $(#[$type_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(pub $width);

        impl $name {
            $(
                #[doc = concat!("`", stringify!($value), "`: ", $text, ".")]
                pub const $constant: $name = $name($value);
            )*
            /// The values that have a name, in the order of `SCHEMA.md`.
            pub const KNOWN: &'static [$name] = &[$( $name::$constant, )*];

            /// What the value stands for, or `None` when it is not known here.
            #[must_use]
            pub const fn text(self) -> Option<&'static str> {
                match self {
                    $( $name::$constant => Some($text), )*
                    _ => None,
                }
            }
        }
    )* };
}

codes! {
    /// TimeInForce. Fill or kill is [`TimeInForce::IOC`] with MinQty equal to Quantity.
    TimeInForce(u8) {
        DAY = b'0' "day",
        IOC = b'3' "immediate or cancel",
        GTX = b'5' "extended hours",
        GTT = b'6' "until ExpireTime",
        AFTER_HOURS = b'E' "after hours",
    }
    /// Display: whether others see the order.
    Display(u8) {
        VISIBLE = b'Y' "visible",
        HIDDEN = b'N' "hidden",
        ATTRIBUTABLE = b'A' "attributable",
    }
    /// Capacity: for whom the firm trades.
    Capacity(u8) {
        AGENCY = b'A' "agency",
        PRINCIPAL = b'P' "principal",
        RISKLESS = b'R' "riskless principal",
        OTHER = b'O' "other",
    }
    /// CrossType: in which kind of trading the order takes part.
    CrossType(u8) {
        CONTINUOUS = b'N' "continuous trading",
        OPENING = b'O' "opening auction",
        CLOSING = b'C' "closing auction",
        HALT = b'H' "auction after a halt",
        SUPPLEMENTAL = b'S' "supplemental",
        RETAIL = b'R' "retail",
        EXTENDED = b'E' "extended life",
        AFTER_HOURS_CLOSE = b'A' "after-hours close",
    }
    /// OrderState of an accepted order.
    OrderState(u8) {
        LIVE = b'L' "live",
        DEAD = b'D' "accepted and at once canceled",
    }
    /// Reason of Canceled and AiqCanceled.
    CancelReason(u8) {
        USER = b'U' "asked for by the user",
        IOC = b'I' "rest of an immediate order",
        TIMEOUT = b'T' "time ran out",
        SUPERVISORY = b'S' "taken off by the venue's supervisors",
        REGULATORY = b'D' "regulatory restriction",
        SELF_MATCH = b'Q' "would have traded with the same firm",
        SYSTEM = b'Z' "taken off by the venue's system",
        CROSS = b'C' "left over after an auction",
        CANNOT_EXECUTE = b'K' "cannot execute at its terms",
        HALTED = b'H' "instrument halted",
        OPEN_PROTECTION = b'X' "price protection at the open",
        CLOSED = b'E' "market closed",
        POST_ONLY = b'F' "post only, would have traded",
        POST_ONLY_NO_PRICE = b'G' "post only, no price to stand at",
    }
    /// LiquidityFlag of an execution.
    LiquidityFlag(u8) {
        ADDED = b'A' "added",
        REMOVED = b'R' "removed",
        OPENING = b'O' "opening auction",
        CLOSING = b'C' "closing auction",
    }
    /// AiqStrategy: how the venue kept a firm from trading with itself. No values of its own here.
    AiqStrategy(u8) {}
    /// Reason of BrokenTrade. No values of its own here.
    BrokenTradeReason(u8) {}
    /// Reason of Restated.
    RestatedReason(u8) {
        REFRESH = b'R' "shown quantity refreshed",
        PRICE = b'P' "price changed by the venue",
    }
    /// EventCode of SystemEvent.
    EventCode(u8) {
        START_OF_DAY = b'S' "start of day",
        END_OF_DAY = b'E' "end of day",
    }
    /// Reason of Rejected. The UserRefNum of a rejected order is spent all the same.
    RejectReason(u16) {
        QUOTE_UNAVAILABLE = 1 "quote unavailable",
        DESTINATION_CLOSED = 2 "destination closed",
        DISPLAY = 3 "display",
        MAX_FLOOR = 4 "max floor",
        PEG_TYPE = 5 "peg type",
        FAT_FINGER = 6 "price too far off",
        HALTED = 7 "instrument halted",
        INTER_MARKET_SWEEP = 8 "inter-market sweep",
        SIDE = 9 "side",
        PROCESSING = 10 "processing error",
        CANCEL_PENDING = 11 "cancel pending",
        FIRM_NOT_AUTHORISED = 12 "firm not authorised",
        MIN_QUANTITY = 13 "minimum quantity",
        NO_CLOSING_REFERENCE = 14 "no closing reference price",
        OTHER = 15 "other",
        CANCEL_NOT_ALLOWED = 16 "cancel not allowed",
        PEGGING = 17 "pegging",
        CROSSED_MARKET = 18 "crossed market",
        QUANTITY = 19 "quantity",
        CROSS_ORDER = 20 "auction order",
        REPLACE_NOT_ALLOWED = 21 "replace not allowed",
        ROUTING = 22 "routing",
        SYMBOL = 23 "symbol",
        TEST = 24 "test",
        LATE_LIMIT_ON_CLOSE = 25 "late for the closing auction",
        RETAIL = 26 "retail",
        MIDPOINT_POST_ONLY_PRICE = 27 "midpoint post only price",
        DESTINATION = 28 "destination",
        PRICE = 29 "price",
        SHARES_THRESHOLD = 30 "shares threshold",
        NOTIONAL_LIMIT = 31 "notional limit",
    }
}
