//! The sums as people and tests read them.

use std::collections::BTreeMap;

use gwanmun_market::ProductKind;

use super::{PartySums, Sent, Sums};
use crate::gateway::Gateway;
use crate::positions::Positions;
use crate::stages::Stages;

impl<S: Stages> Gateway<S> {
    /// Every sum that exposure is held against and that is not zero, by its name and the indices of
    /// the tables; amounts in 1/10,000 won. Cold: it allocates.
    ///
    /// `account A` has open value, cash spent, margin and exposure; `kind A K`, `held A I` and
    /// `instrument I` have quantity and value sent; `underlying A U` the same and the highest and
    /// the lowest weight; `group G` and `firm` value sent, open value and exposure.
    #[must_use]
    pub fn sums(&self) -> BTreeMap<String, [i128; 4]> {
        self.state.sums.report(&self.state.positions)
    }
}

impl Sums {
    pub(super) fn report(&self, positions: &Positions) -> BTreeMap<String, [i128; 4]> {
        let mut report = BTreeMap::new();
        let mut put = |name: &dyn Fn() -> String, figures: [i128; 4]| {
            if figures != [0; 4] {
                report.insert(name(), figures);
            }
        };
        let sent = |sent: &Sent| [i128::from(sent.qty), sent.value.units(), 0, 0];
        for (index, sums) in self.accounts.iter().enumerate() {
            let figures = [sums.open, sums.cash, sums.margin, sums.exposure];
            put(&|| format!("account {index}"), figures.map(|it| it.units()));
        }
        for (account, kinds) in self.kinds.iter().enumerate() {
            for (kind, sums) in ProductKind::ALL.iter().zip(kinds) {
                put(&|| format!("kind {account} {}", kind.index()), sent(sums));
            }
        }
        for (slot, position) in positions.all() {
            let (account, instrument) = (position.account, position.instrument);
            put(
                &|| format!("held {account} {instrument}"),
                sent(self.held(slot)),
            );
        }
        for (index, sums) in self.instruments.iter().enumerate() {
            put(&|| format!("instrument {index}"), sent(sums));
        }
        for (account, underlying, sums) in self.underlyings.all() {
            let [qty, value, ..] = sent(&sums.sent);
            let figures = [qty, value, sums.high, sums.low];
            put(&|| format!("underlying {account} {underlying}"), figures);
        }
        let party = |sums: &PartySums| {
            let (sent, open, exposure) = (sums.sent, sums.open, sums.exposure);
            [sent.units(), open.units(), exposure.units(), 0]
        };
        for (index, sums) in self.groups.iter().enumerate() {
            put(&|| format!("group {index}"), party(sums));
        }
        put(&|| "firm".to_owned(), party(&self.firm));
        report
    }
}
