//! What we write in each version is what its dictionary allows, for every code and every kind of
//! report.

use gwanmun_market::{GateCode, OrderOrigin, Refusal, Side};

use super::*;
use crate::SessionRejectReason;
use crate::dictionary::{Dictionary, Standard};
use crate::messages::business_message_reject::{self, BusinessRejectReason};
use crate::messages::execution_report::{self, ExecType, OrdStatus};
use crate::messages::order_cancel_reject::{self, CxlRejResponseTo};
use crate::messages::reject;
use crate::time::Precision;
use crate::validate::{Checks, Memo, Validator};
use crate::version::{Dialect, Version};

/// A version, its dictionary's judgement, and room to write.
struct Judge {
    version: Version,
    validator: Validator,
    memo: Memo,
}

impl Judge {
    fn new(version: Version) -> Judge {
        let dictionary = Dictionary::standard(match version {
            Version::Fix42 => Standard::Fix42,
            Version::Fix44 => Standard::Fix44,
            Version::Fix50Sp2 => Standard::Fix50Sp2,
        });
        // Tags of our own are in no dictionary of the standard.
        let checks = Checks {
            user_defined: false,
            ..Checks::ALL
        };
        let validator = Validator::new(&dictionary, checks).unwrap();
        let memo = Memo::new(&validator);
        Judge {
            version,
            validator,
            memo,
        }
    }

    fn allows(&mut self, msg_type: &[u8], body: impl FnOnce(&mut MessageWriter<'_>)) -> String {
        let mut into = [0; 1_000];
        let mut writer = MessageWriter::start(&mut into, self.version.begin_string());
        writer.set_dialect(Dialect {
            version: self.version,
            precision: Precision::Milliseconds,
        });
        Header {
            orig_sending_time_ns: Some(NOW_NS),
            last_msg_seq_num_processed: Some(6),
            ..samples::header(msg_type)
        }
        .write(&mut writer);
        body(&mut writer);
        let length = writer.finish().unwrap();
        let text = into[..length].escape_ascii().to_string();
        let text = text.replace("\\x01", "|");
        let mut index = Index::new();
        let message = Message::parse(&into[..length], &mut index).unwrap();
        let answer = self.validator.validate(&message, &mut self.memo);
        assert_eq!(answer, Ok(()), "{text}");
        text
    }
}

/// With the fields that the sample leaves out, but for a refusal.
fn report(exec_type: ExecType, ord_status: OrdStatus) -> execution_report::Body<'static> {
    execution_report::Body {
        exec_type,
        ord_status,
        orig_cl_ord_id: b"C-0",
        side: Side::SellShort,
        last_mkt: b"XKRX",
        exec_ref_id: b"E0",
        text: b"text",
        origin: OrderOrigin::Emergency,
        voice_record_id: b"voice/1",
        ..samples::report()
    }
}

#[test]
fn reports_are_what_each_versions_dictionary_allows() {
    for version in Version::ALL {
        let mut judge = Judge::new(version);
        for exec_type in ExecType::ALL {
            let body = report(exec_type, OrdStatus::PartiallyFilled);
            judge.allows(b"8", |writer| body.write(writer));
        }
        for code in GateCode::ALL {
            let refusal = Refusal {
                code,
                limit: 1,
                observed: 2,
            };
            let body = execution_report::Body {
                refusal: Some(refusal),
                ..report(ExecType::Rejected, OrdStatus::Rejected)
            };
            judge.allows(b"8", |writer| body.write(writer));
            for response_to in [
                CxlRejResponseTo::OrderCancelRequest,
                CxlRejResponseTo::OrderCancelReplaceRequest,
            ] {
                let body = order_cancel_reject::Body {
                    order_id: b"",
                    cl_ord_id: b"C-1",
                    orig_cl_ord_id: b"C-0",
                    ord_status: OrdStatus::Rejected,
                    account: b"ACC1",
                    response_to,
                    refusal,
                    transact_time_ns: NOW_NS,
                    text: b"text",
                };
                judge.allows(b"9", |writer| body.write(writer));
            }
        }
    }
}

#[test]
fn refusals_are_what_each_versions_dictionary_allows() {
    for version in Version::ALL {
        let mut judge = Judge::new(version);
        for reason in SessionRejectReason::ALL {
            let body = reject::Body {
                ref_seq_num: 3,
                ref_msg_type: b"D",
                error: FieldError::new(11, reason),
                text: b"",
            };
            let text = judge.allows(b"3", |writer| body.write(writer));
            assert!(text.contains(reason.text()), "{text}");
        }
        for reason in BusinessRejectReason::ALL {
            let body = business_message_reject::Body {
                ref_seq_num: 3,
                ref_msg_type: b"D",
                business_reject_ref_id: b"C-1",
                reason,
                refusal: None,
                text: b"text",
            };
            judge.allows(b"j", |writer| body.write(writer));
        }
    }
}

/// FIX 4.2 tells a fill by the state that it led to, and a correction by ExecTransType(20).
#[test]
fn a_fill_is_told_in_the_words_of_the_version() {
    let text = |version, exec_type, ord_status| {
        let body = report(exec_type, ord_status);
        Judge::new(version).allows(b"8", |writer| body.write(writer))
    };
    let part = OrdStatus::PartiallyFilled;
    assert!(text(Version::Fix42, ExecType::Trade, part).contains("|20=0|150=1|39=1|"));
    let whole = OrdStatus::Filled;
    assert!(text(Version::Fix42, ExecType::Trade, whole).contains("|20=0|150=2|39=2|"));
    assert!(text(Version::Fix42, ExecType::TradeCancel, part).contains("|20=1|150=1|39=1|"));
    assert!(text(Version::Fix42, ExecType::TradeCorrect, part).contains("|20=2|150=1|39=1|"));
    for version in [Version::Fix44, Version::Fix50Sp2] {
        let text = text(version, ExecType::Trade, part);
        assert!(text.contains("|150=F|39=1|") && !text.contains("|20="));
    }
}
