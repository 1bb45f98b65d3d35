//! A change of one row about exposure: `credit.ID.FIELD`, `instrument_limit.SYMBOL.FIELD`,
//! `underlying.NAME.FIELD`, `group.NAME.FIELD` and `firm.FIELD`.

use gwanmun_gateway::{ExposureRows, Tables};
use gwanmun_market::{Credit, InstrumentLimits, MarginMode, PartyLimits, Text, UnderlyingLimits};

/// The keys, for people.
pub(super) const KEYS: &str = "credit.ID.cash, credit.ID.deposit, credit.ID.exposure_percent, \
credit.ID.open_value_max, credit.ID.margin, instrument_limit.SYMBOL.margin_bps, \
instrument_limit.SYMBOL.delta, instrument_limit.SYMBOL.sent_qty_max, \
instrument_limit.SYMBOL.sent_value_max, instrument_limit.SYMBOL.firm_qty_max, \
instrument_limit.SYMBOL.firm_value_max, underlying.NAME.sent_qty_max, \
underlying.NAME.sent_value_max, underlying.NAME.individual_max, underlying.NAME.other_max, \
group.NAME.sent_value_max, group.NAME.open_value_max, group.NAME.exposure_max, \
firm.sent_value_max, firm.open_value_max, firm.exposure_max";

/// A field of a row and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExposureChange {
    section: Section,
    /// The row's name as written; empty for the firm.
    name: String,
    field: String,
    value: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Credit,
    Instrument,
    Underlying,
    Group,
    Firm,
}

impl ExposureChange {
    /// Reads a key without its section, and the value. `None` where the section is another or has
    /// no such field; the remedy where the value is wrong.
    pub(super) fn parse(
        section: &str,
        rest: &str,
        value: &str,
    ) -> Option<Result<ExposureChange, &'static str>> {
        let section = match section {
            "credit" => Section::Credit,
            "instrument_limit" => Section::Instrument,
            "underlying" => Section::Underlying,
            "group" => Section::Group,
            "firm" => Section::Firm,
            _ => return None,
        };
        let (name, field) = match section {
            Section::Firm => ("", rest),
            _ => rest.rsplit_once('.')?,
        };
        let change = |value| ExposureChange {
            section,
            name: name.to_owned(),
            field: field.to_owned(),
            value,
        };
        if (section, field) == (Section::Credit, "margin") {
            let mode = MarginMode::WORDS.iter().position(|pair| pair.0 == value);
            let mode = mode.and_then(|mode| i64::try_from(mode).ok());
            return Some(mode.map(change).ok_or("pre or post"));
        }
        // A field that there is takes a one.
        if !change(1).fits() {
            return None;
        }
        let number = value.replace('_', "").parse().ok();
        let number = number.filter(|&number| number >= 0 || field == "delta");
        let change = number.map(change).filter(ExposureChange::fits);
        Some(change.ok_or("a whole number that is not below zero"))
    }

    /// Whether there is such a field, and it takes the value.
    fn fits(&self) -> bool {
        let done = match self.section {
            Section::Credit => self.credit(&mut Credit::wide(Text::EMPTY)),
            Section::Instrument => {
                self.instrument(&mut InstrumentLimits::wide(Text::EMPTY, Text::EMPTY))
            }
            Section::Underlying => self.underlying(&mut UnderlyingLimits::wide(Text::EMPTY)),
            Section::Group | Section::Firm => self.party(&mut { PartyLimits::WIDE }),
        };
        done.is_some()
    }

    /// Makes the change; how many rows it was made in.
    pub(super) fn put(&self, rows: &mut ExposureRows) -> usize {
        let name = self.name.as_str();
        match self.section {
            Section::Credit => {
                let rows = rows.credits.iter_mut();
                let rows = rows.filter(|row| is_named(name, row.account.as_bytes()));
                rows.filter_map(|row| self.credit(row)).count()
            }
            Section::Instrument => {
                let rows = rows.instruments.iter_mut();
                let rows = rows.filter(|row| is_named(name, row.symbol.as_bytes()));
                rows.filter_map(|row| self.instrument(row)).count()
            }
            Section::Underlying => {
                let rows = rows.underlyings.iter_mut();
                let rows = rows.filter(|row| is_named(name, row.underlying.as_bytes()));
                rows.filter_map(|row| self.underlying(row)).count()
            }
            Section::Group => {
                let rows = rows.groups.iter_mut();
                let rows = rows.filter(|row| is_named(name, row.name.as_bytes()));
                rows.filter_map(|row| self.party(&mut row.limits)).count()
            }
            Section::Firm => {
                let rows = rows.firm.iter_mut();
                rows.filter_map(|row| self.party(row)).count()
            }
        }
    }

    fn credit(&self, row: &mut Credit) -> Option<()> {
        match self.field.as_str() {
            "cash" => row.cash = self.value,
            "deposit" => row.deposit = self.value,
            "exposure_percent" => row.exposure_percent = u32::try_from(self.value).ok()?,
            "open_value_max" => row.open_value_max = self.value,
            "margin" => {
                let mode = usize::try_from(self.value).ok()?;
                row.margin_mode = MarginMode::WORDS.get(mode)?.1;
            }
            _ => return None,
        }
        Some(())
    }

    fn instrument(&self, row: &mut InstrumentLimits) -> Option<()> {
        match self.field.as_str() {
            "margin_bps" => row.margin_bps = u32::try_from(self.value).ok()?,
            "delta" => row.delta = i32::try_from(self.value).ok()?,
            "sent_qty_max" => row.sent_qty_max = self.value,
            "sent_value_max" => row.sent_value_max = self.value,
            "firm_qty_max" => row.firm_qty_max = self.value,
            "firm_value_max" => row.firm_value_max = self.value,
            _ => return None,
        }
        Some(())
    }

    fn underlying(&self, row: &mut UnderlyingLimits) -> Option<()> {
        match self.field.as_str() {
            "sent_qty_max" => row.sent_qty_max = self.value,
            "sent_value_max" => row.sent_value_max = self.value,
            "individual_max" => row.individual_max = self.value,
            "other_max" => row.other_max = self.value,
            _ => return None,
        }
        Some(())
    }

    fn party(&self, row: &mut PartyLimits) -> Option<()> {
        match self.field.as_str() {
            "sent_value_max" => row.sent_value_max = self.value,
            "open_value_max" => row.open_value_max = self.value,
            "exposure_max" => row.exposure_max = self.value,
            _ => return None,
        }
        Some(())
    }

    /// Names of the rows that there are, for people.
    pub(super) fn names(&self, tables: &Tables) -> Vec<String> {
        let rows = tables.exposure_rows();
        let names: Vec<&[u8]> = match self.section {
            Section::Credit => rows
                .credits
                .iter()
                .map(|row| row.account.as_bytes())
                .collect(),
            Section::Instrument => {
                let rows = rows.instruments.iter();
                rows.map(|row| row.symbol.as_bytes()).collect()
            }
            Section::Underlying => {
                let rows = rows.underlyings.iter();
                rows.map(|row| row.underlying.as_bytes()).collect()
            }
            Section::Group => rows.groups.iter().map(|row| row.name.as_bytes()).collect(),
            Section::Firm => Vec::new(),
        };
        names.into_iter().map(shown).collect()
    }
}

pub(super) fn is_named(name: &str, row: &[u8]) -> bool {
    name == "*" || name.as_bytes() == row
}

pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}
