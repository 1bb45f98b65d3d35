//! Differences in words, one line each; bytes of peers are escaped.

use core::fmt::{Display, Formatter, Result};

use super::compare::{Difference, Excerpt, What};
use super::verdict::Verdict;

impl Display for Difference {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Difference {
            record,
            input,
            epoch,
            connection,
            what,
        } = self;
        write!(f, "record {record} (start {epoch}, line {connection}")?;
        if record != input {
            write!(f, ", about {input}")?;
        }
        write!(f, "): {what}")
    }
}

impl Display for What {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            What::Output {
                offset,
                recorded,
                replayed,
            } => write!(
                f,
                "bytes sent differ from byte {offset} of the line on: journal \"{recorded}\", \
                 replay \"{replayed}\""
            ),
            What::OutputHead { recorded, replayed } => write!(
                f,
                "an output's line, number and flags are {recorded:?} in the journal, {replayed:?} \
                 in the replay"
            ),
            What::Verdict {
                order_id,
                cl_ord_id,
                recorded,
                replayed,
            } => write!(
                f,
                "verdict on {} ({}): journal {recorded}, replay {replayed}",
                order_id.as_bytes().escape_ascii(),
                cl_ord_id.as_bytes().escape_ascii()
            ),
            What::State {
                tag,
                offset,
                recorded,
                replayed,
            } => write!(
                f,
                "a change of state (tag {tag}) differs from its byte {offset} on: journal \
                 \"{recorded}\", replay \"{replayed}\""
            ),
            What::Entries { recorded, replayed } => write!(
                f,
                "other entries: {recorded} in the journal, {replayed} in the replay"
            ),
            What::Unreadable { offset } => {
                write!(
                    f,
                    "the journal's effect cannot be read from its byte {offset} on"
                )
            }
            What::Head => f.write_str("the effect's time, line or input differs"),
            What::NotOnRecord => f.write_str("the journal lacks an effect that the replay made"),
            What::NotReplayed => {
                f.write_str("the journal has an effect that the replay did not make")
            }
            What::Input => f.write_str("the gateway would have recorded this input otherwise"),
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.name())?;
        if self.is_passed() {
            return Ok(());
        }
        write!(f, " (limit {}, observed {})", self.limit, self.observed)
    }
}

impl Display for Excerpt {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}", self.bytes.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use gwanmun_market::{ClOrdId, OrderId};

    use super::*;

    #[test]
    fn a_difference_says_where_and_what() {
        let verdict = |code| Verdict {
            code,
            limit: 5,
            observed: -6,
        };
        let mut difference = Difference {
            record: 8,
            input: 7,
            epoch: 2,
            connection: 3,
            what: What::Verdict {
                order_id: OrderId::new(b"G1").unwrap(),
                cl_ord_id: ClOrdId::new(b"C\x1b1").unwrap(),
                recorded: verdict(0),
                replayed: verdict(120),
            },
        };
        assert_eq!(
            difference.to_string(),
            "record 8 (start 2, line 3, about 7): verdict on G1 (C\\x1b1): journal PASSED, replay \
             PRICE_COLLAR (limit 5, observed -6)"
        );
        difference.record = 7;
        difference.what = What::Output {
            offset: 12,
            recorded: Excerpt {
                bytes: b"35=8\x01".to_vec(),
            },
            replayed: Excerpt::default(),
        };
        assert_eq!(
            difference.to_string(),
            "record 7 (start 2, line 3): bytes sent differ from byte 12 of the line on: journal \
             \"35=8\\x01\", replay \"\""
        );
    }
}
