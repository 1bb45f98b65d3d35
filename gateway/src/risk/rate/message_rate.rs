//! Does the session, or the account, send faster than it may?.

use gwanmun_market::{GateCode, RateLimit, Refusal};

use super::super::Situation;
use crate::conduct::Bucket;

/// Refuses a new order or a replace for which there is no room in the session's bucket or in the
/// account's, and a risk-increasing one where nobody said how large they are. Orders that reduce
/// risk have a reserve behind the burst.
pub(in super::super) fn message_rate(situation: &Situation<'_>) -> Result<(), Refusal> {
    let manner = &situation.manner;
    if manner.is_counted {
        return Ok(());
    }
    let rates = [
        (
            GateCode::RateSession,
            manner.session_bucket,
            manner.session_rate,
        ),
        (
            GateCode::RateAccount,
            manner.account_bucket,
            manner.limits.map(|limits| &limits.rate),
        ),
    ];
    for (code, bucket, rate) in rates {
        match rate {
            Some(rate) => has_room(situation, code, (bucket, rate))?,
            None if situation.is_risk_reducing() => {}
            None => return Err(Refusal::plain(GateCode::ConductLimitMissing)),
        }
    }
    Ok(())
}

fn has_room(
    situation: &Situation<'_>,
    code: GateCode,
    (bucket, rate): (Bucket, &RateLimit),
) -> Result<(), Refusal> {
    let now_ns = situation.manner.now_ns;
    if bucket.with_one(now_ns, rate, false).is_ok() {
        return Ok(());
    }
    let is_reducing = situation.is_risk_reducing();
    let with = bucket.with_one(now_ns, rate, is_reducing);
    let reserve = if is_reducing { rate.burst() } else { 0 };
    with.map(|_| ()).map_err(|count| Refusal {
        code,
        limit: i64::from(rate.burst()) + i64::from(reserve),
        observed: i64::try_from(count).unwrap_or(i64::MAX),
    })
}

#[cfg(test)]
mod tests {
    use gwanmun_market::ConductLimits;

    use super::super::super::Manner;
    use super::super::super::manner::example;
    use super::*;

    #[test]
    fn buckets_are_full_one_by_one_and_who_closes_has_a_reserve() {
        let rate = &RateLimit::new(10, 5).unwrap();
        let limits = &ConductLimits {
            rate: *rate,
            ..example::LIMITS
        };
        let holding = |count: u32| {
            let now_ns = example::manner().now_ns;
            (0..count).fold(Bucket::default(), |bucket, _| {
                bucket.with_one(now_ns, rate, true).unwrap()
            })
        };
        let no = |code, limit, observed| Some((code, limit, observed));
        for (of_session, of_account, is_reducing, expected) in [
            (4, 4, false, None),
            (5, 0, false, no(GateCode::RateSession, 5, 6)),
            (0, 5, false, no(GateCode::RateAccount, 5, 6)),
            (5, 5, true, None),
            (9, 9, true, None),
            (10, 0, true, no(GateCode::RateSession, 10, 11)),
            (0, 10, true, no(GateCode::RateAccount, 10, 11)),
            (0, 8, false, no(GateCode::RateAccount, 5, 9)),
        ] {
            let situation = Situation {
                manner: Manner {
                    session_rate: Some(rate),
                    session_bucket: holding(of_session),
                    limits: Some(limits),
                    account_bucket: holding(of_account),
                    ..example::manner()
                },
                ..example::reducing(is_reducing)
            };
            let refusal = message_rate(&situation).err();
            let refusal = refusal.map(|no| (no.code, no.limit, no.observed));
            assert_eq!(refusal, expected, "{of_session} {of_account} {is_reducing}");
        }
    }

    #[test]
    fn a_rate_that_is_missing_is_none_of_infinity() {
        let all = example::manner();
        for (manner, is_reducing, expected) in [
            (all, false, None),
            (
                Manner {
                    session_rate: None,
                    ..all
                },
                false,
                Some(GateCode::ConductLimitMissing),
            ),
            (
                Manner {
                    limits: None,
                    ..all
                },
                false,
                Some(GateCode::ConductLimitMissing),
            ),
            (
                Manner {
                    session_rate: None,
                    limits: None,
                    ..all
                },
                true,
                None,
            ),
        ] {
            let situation = Situation {
                manner,
                ..example::reducing(is_reducing)
            };
            let code = message_rate(&situation).err().map(|no| no.code);
            assert_eq!(code, expected, "{manner:?}");
        }
    }
}
