//! Is the order an algorithm's, and may the account have one? OrderOrigin(20101), R-89.

use gwanmun_market::{AccountConduct, GateCode, OrderOrigin, Refusal};

use super::super::Situation;

/// Refuses an order that says that it is an algorithm's, of an account for which none is registered
/// in advance; and one that does not say so, of an account that is an algorithm's alone. There an
/// emergency order passes, since people give it when the machine has failed.
pub(in super::super) fn algorithm(situation: &Situation<'_>) -> Result<(), Refusal> {
    let conduct = situation.manner.account;
    let is_registered = conduct.is_some_and(|conduct| conduct.algorithm.is_some());
    let is_alone = |conduct: &AccountConduct| conduct.is_algorithm_only;
    let (code, limit, observed) = match situation.manner.origin {
        OrderOrigin::Algorithm if !is_registered => (GateCode::AlgorithmUnregistered, 0, 1),
        OrderOrigin::Online if conduct.is_some_and(is_alone) => {
            (GateCode::AlgorithmUnflagged, 1, 0)
        }
        _ => return Ok(()),
    };
    Err(Refusal {
        code,
        limit,
        observed,
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::Text;

    use super::super::super::Manner;
    use super::super::super::manner::example;
    use super::*;

    #[test]
    fn the_flag_and_the_registration_go_together() {
        let registered = AccountConduct {
            algorithm: Text::new(b"MM-01"),
            ..example::CONDUCT
        };
        let alone = AccountConduct {
            is_algorithm_only: true,
            ..registered
        };
        let unregistered = Some((GateCode::AlgorithmUnregistered, 0, 1));
        let unflagged = Some((GateCode::AlgorithmUnflagged, 1, 0));
        let (online, machine) = (OrderOrigin::Online, OrderOrigin::Algorithm);
        for (account, origin, expected) in [
            (Some(&example::CONDUCT), online, None),
            (Some(&example::CONDUCT), OrderOrigin::Emergency, None),
            (Some(&example::CONDUCT), machine, unregistered),
            (None, machine, unregistered),
            (Some(&registered), machine, None),
            (Some(&registered), online, None),
            (Some(&alone), machine, None),
            (Some(&alone), online, unflagged),
            (Some(&alone), OrderOrigin::Emergency, None),
        ] {
            // It is about who gives the order: whether it closes makes no difference.
            for is_reducing in [false, true] {
                let situation = Situation {
                    manner: Manner {
                        account,
                        origin,
                        ..example::manner()
                    },
                    ..example::reducing(is_reducing)
                };
                let refusal = algorithm(&situation).err();
                let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
                assert_eq!(refusal, expected, "{account:?} {origin:?}");
            }
        }
    }
}
