//! The script: changes of the market by message count, as the configuration has them.
//!
//! In it: [`ScriptEntry`] and the words of its keys, checked while they are read. Not in it: what a
//! change does (see `phases.rs` and `halts.rs`).

use gwanmun_market::{AreaName, Board, Halt, HaltKind, HaltScope, HaltSides};
use serde::Deserialize;

use crate::config::{PhaseText, SymbolText, printable};

/// One change of phase, halt, board, stage of the daily limit or foreign room.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptEntry {
    /// It happens behind the member message with this number, and at the start for 0.
    pub after_messages: u64,
    /// Which instrument; all when absent.
    #[serde(default)]
    pub symbol: Option<SymbolText>,
    /// The phase from then on; unchanged when absent.
    #[serde(default)]
    pub phase: Option<PhaseText>,
    /// Whether halted from then on, for no reason told; unchanged when absent.
    #[serde(default)]
    pub halted: Option<bool>,
    /// A kind of halt that begins, changes or ends.
    #[serde(default)]
    pub halt: Option<HaltKindText>,
    /// Its level: 0 lifted, 1 in force, of a circuit breaker the stage; 1 when absent.
    #[serde(default)]
    pub level: Option<u8>,
    /// Which orders a sidecar or a sanction stops; both sides when absent.
    #[serde(default)]
    pub sides: Option<SidesText>,
    /// The matching group that it stops, instead of a symbol.
    #[serde(default)]
    pub group: Option<AreaText>,
    /// The market segment that it stops, instead of a symbol.
    #[serde(default)]
    pub market: Option<AreaText>,
    /// Whether every other venue must halt with this one.
    #[serde(default)]
    pub everywhere: bool,
    /// The board from then on; unchanged when absent.
    #[serde(default)]
    pub board: Option<BoardText>,
    /// Stage of the daily limit downwards from then on; unchanged when absent.
    #[serde(default)]
    pub limit_stage_low: Option<StageNumber>,
    /// The same upwards.
    #[serde(default)]
    pub limit_stage_high: Option<StageNumber>,
    /// What foreigners may still buy, as told from then on; unchanged when absent.
    #[serde(default)]
    pub foreign_room: Option<u64>,
}

/// A kind of halt by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct HaltKindText(pub HaltKind);

impl TryFrom<String> for HaltKindText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let its = HaltKind::ALL.iter().find(|(.., word)| *word == text);
        its.map(|(kind, ..)| HaltKindText(*kind)).ok_or_else(|| {
            let words = HaltKind::ALL.map(|(.., word)| word);
            format!("a kind of halt: {}", words.join(", "))
        })
    }
}

/// `both`, `buy` or `sell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SidesText(pub HaltSides);

impl TryFrom<String> for SidesText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Ok(SidesText(match text.as_str() {
            "both" => HaltSides::Both,
            "buy" => HaltSides::Buy,
            "sell" => HaltSides::Sell,
            _ => return Err("the sides that are stopped: both, buy or sell"),
        }))
    }
}

/// A board by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BoardText(pub Board);

impl TryFrom<String> for BoardText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let its = Board::ALL.iter().find(|(.., word)| *word == text);
        its.map(|(board, ..)| BoardText(*board)).ok_or_else(|| {
            let words = Board::ALL.map(|(.., word)| word);
            format!("a board: {}", words.join(", "))
        })
    }
}

/// The name of a matching group or a market segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct AreaText(pub AreaName);

impl TryFrom<String> for AreaText {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        printable(&text)
            .map(AreaText)
            .ok_or("a group or a market has one to eight printable ASCII characters without blanks")
    }
}

/// A stage of the daily limit, 1 to 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u8")]
pub struct StageNumber(pub u8);

impl TryFrom<u8> for StageNumber {
    type Error = &'static str;

    fn try_from(stage: u8) -> Result<Self, Self::Error> {
        Some(stage)
            .filter(|stage| (1..=3).contains(stage))
            .map(StageNumber)
            .ok_or("a stage of the daily limit: 1, 2 or 3")
    }
}

impl ScriptEntry {
    /// The halt that the entry tells: of its group or its market if it names one, else of its
    /// symbol, else of everything.
    pub(crate) fn told_halt(&self) -> Option<Halt> {
        let kind = self.halt?.0;
        let scope = match (self.group, self.market, self.symbol) {
            (Some(group), ..) => HaltScope::Group(group.0),
            (None, Some(market), _) => HaltScope::Market(market.0),
            (None, None, Some(symbol)) => HaltScope::Instrument(symbol.0),
            (None, None, None) => HaltScope::Market(AreaName::EMPTY),
        };
        Some(Halt {
            kind,
            scope,
            level: self.level.unwrap_or(1),
            sides: self.sides.map_or(HaltSides::Both, |sides| sides.0),
            is_everywhere: self.everywhere,
        })
    }

    /// What is wrong with the entry as a whole.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let scopes = [self.group.is_some(), self.market.is_some()];
        let is_named = scopes.iter().any(|&is_there| is_there);
        match self.told_halt() {
            None if is_named || self.level.is_some() || self.sides.is_some() || self.everywhere => {
                Some("`group`, `market`, `level`, `sides` and `everywhere` say more of a `halt`")
            }
            Some(halt) if halt.level > halt.kind.level_max() => {
                Some("`level` is 0 or 1, of a circuit_breaker 0 to 3")
            }
            Some(_) if scopes == [true, true] || (is_named && self.symbol.is_some()) => {
                Some("a `halt` has a `symbol`, a `group` or a `market`, or none: then it is of all")
            }
            _ => None,
        }
    }
}
