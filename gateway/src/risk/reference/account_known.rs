//! Is the account known to us and enabled? Account(1). Where no account is known at all, the fault
//! is ours, and it is told apart.

use gwanmun_market::{GateCode, Refusal};

use super::super::Situation;

/// Refuses an account that is not in the table, not the session's to use, or switched off.
pub(in super::super) fn account_known(situation: &Situation<'_>) -> Result<(), Refusal> {
    match situation.account {
        None if !situation.has_account_table => Err(Refusal::plain(GateCode::AccountTableMissing)),
        None => Err(Refusal::plain(GateCode::AccountUnknown)),
        Some(account) if !account.is_enabled => Err(Refusal {
            code: GateCode::AccountDisabled,
            limit: 1,
            observed: 0,
        }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::AccountTerms;

    use super::super::super::example;
    use super::*;

    #[test]
    fn known_and_enabled_passes_all_else_is_refused() {
        let disabled = AccountTerms {
            is_enabled: false,
            ..example::ACCOUNT
        };
        for (account, expected) in [
            (Some(&example::ACCOUNT), None),
            (Some(&disabled), Some((GateCode::AccountDisabled, 1, 0))),
            (None, Some((GateCode::AccountUnknown, 0, 0))),
        ] {
            let situation = Situation {
                account,
                ..example::passing()
            };
            let refusal = account_known(&situation).err();
            assert_eq!(refusal.map(|no| (no.code, no.limit, no.observed)), expected);
        }
    }

    #[test]
    fn without_a_table_the_fault_is_ours() {
        let situation = Situation {
            account: None,
            has_account_table: false,
            ..example::passing()
        };
        let refusal = account_known(&situation).unwrap_err();
        assert_eq!(refusal, Refusal::plain(GateCode::AccountTableMissing));
    }
}
