//! A change of what the tables say of short sales: `account.ID.has_balance_system` and
//! `instrument.SYMBOL.short_sale`.

use gwanmun_gateway::{ShortRows, Tables};

use super::change_exposure::{is_named, shown};

/// The keys, for people.
pub(super) const KEYS: &str = "account.ID.has_balance_system, instrument.SYMBOL.short_sale";

/// Whose or what, and whether it may be sold short from now on. Names are as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ShortChange {
    BalanceSystem(String, bool),
    ShortSale(String, bool),
}

impl ShortChange {
    /// Reads a key without its section, and the value. `None` where it is another key; the remedy
    /// where the value is wrong.
    pub(super) fn parse(
        section: &str,
        rest: &str,
        value: &str,
    ) -> Option<Result<ShortChange, &'static str>> {
        let (name, field) = rest.rsplit_once('.')?;
        let name = name.to_owned();
        match (section, field) {
            ("account", "has_balance_system") => {
                let has = value.parse().map_err(|_| "true or false");
                Some(has.map(|has| ShortChange::BalanceSystem(name, has)))
            }
            ("instrument", "short_sale") => Some(match value {
                "allowed" => Ok(ShortChange::ShortSale(name, true)),
                "banned" => Ok(ShortChange::ShortSale(name, false)),
                _ => Err("allowed or banned"),
            }),
            _ => None,
        }
    }

    /// Makes the change; how many rows of the tables it names.
    pub(super) fn put(&self, tables: &Tables, rows: &mut ShortRows) -> usize {
        match self {
            ShortChange::BalanceSystem(name, has) => {
                let accounts = tables.accounts().iter().map(|row| row.account);
                let named = accounts.filter(|account| is_named(name, account.as_bytes()));
                let named: Vec<_> = named.collect();
                rows.balance_systems
                    .retain(|account| !named.contains(account));
                if *has {
                    rows.balance_systems.extend(&named);
                }
                named.len()
            }
            ShortChange::ShortSale(name, is_allowed) => {
                let symbols = tables.instruments().iter().map(|row| row.symbol);
                let named = symbols.filter(|symbol| is_named(name, symbol.as_bytes()));
                let named: Vec<_> = named.collect();
                rows.allowed.retain(|symbol| !named.contains(symbol));
                if *is_allowed {
                    rows.allowed.extend(&named);
                }
                named.len()
            }
        }
    }

    /// Rows that the change could name.
    pub(super) fn names(&self, tables: &Tables) -> Vec<String> {
        match self {
            ShortChange::BalanceSystem(..) => {
                let accounts = tables.accounts().iter();
                accounts.map(|row| shown(row.account.as_bytes())).collect()
            }
            ShortChange::ShortSale(..) => {
                let instruments = tables.instruments().iter();
                instruments
                    .map(|row| shown(row.symbol.as_bytes()))
                    .collect()
            }
        }
    }
}
