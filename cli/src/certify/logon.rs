//! Coming together: the fields of the Logon(A), and a session that stands after it.

use gwanmun_fix::{Version, tag};

use super::head::wrong;
use super::line::{Line, Stop};
use super::received::Received;
use super::stage::Stage;

const RULE: &str = "rules of engagement: The session; test case 1B";

pub(super) fn play(stage: &mut Stage<'_, '_>) -> Result<(), Stop> {
    stage.begin(
        "We wait for the member to connect and log on",
        "Logon(35=A) with MsgSeqNum(34)=1 and the CompIDs agreed",
        RULE,
    );
    let logon = stage.line.open()?;
    stage.pass(logon.shown());
    let version = stage.line.version;
    let heart_bt_int_s_max = stage.line.terms.heart_bt_int_s;
    let appl_ver_id = match version {
        Version::Fix50Sp2 => ", DefaultApplVerID(1137)=9",
        Version::Fix42 | Version::Fix44 => "",
    };
    let expected =
        format!("EncryptMethod(98)=0, HeartBtInt(108) from 0 to {heart_bt_int_s_max}{appl_ver_id}");
    stage.begin("We read its fields", &expected, RULE);
    if let Some(what) = fault(&stage.line, &logon) {
        return Err(wrong(&logon, &what));
    }
    stage.pass("as expected");
    stage.line.answer_logon(&logon, 0);
    stage.proves(
        "We answer with Logon(35=A) and send a TestRequest(35=1)",
        "test cases 1B and 4b",
    )
}

/// The first thing that is wrong with a Logon(A).
fn fault(line: &Line<'_>, logon: &Received) -> Option<String> {
    let resets = logon.has_flag(tag::RESET_SEQ_NUM_FLAG);
    if resets && !line.terms.resets_on_logon {
        return Some("ResetSeqNumFlag(141)=Y is not agreed".to_owned());
    }
    if logon.number(tag::ENCRYPT_METHOD) != Some(0) {
        return Some("EncryptMethod(98) is not 0".to_owned());
    }
    let Some(heart_bt_int_s) = logon.number(tag::HEART_BT_INT) else {
        return Some("HeartBtInt(108) is missing or no number of seconds".to_owned());
    };
    if heart_bt_int_s > line.terms.heart_bt_int_s {
        let max = line.terms.heart_bt_int_s;
        return Some(format!("HeartBtInt(108) is above {max}"));
    }
    if let Some(id) = line.version.appl_ver_id()
        && logon.field(tag::DEFAULT_APPL_VER_ID) != Some(id)
    {
        return Some("DefaultApplVerID(1137) is not 9".to_owned());
    }
    let max = logon.field(tag::MAX_MESSAGE_SIZE);
    if max.is_some()
        && logon
            .number(tag::MAX_MESSAGE_SIZE)
            .is_none_or(|max| max < 2_048)
    {
        return Some("MaxMessageSize(383) is below 2048".to_owned());
    }
    let expected = logon.field(tag::NEXT_EXPECTED_MSG_SEQ_NUM);
    if expected.is_some() && logon.number(tag::NEXT_EXPECTED_MSG_SEQ_NUM) != Some(1) {
        return Some("NextExpectedMsgSeqNum(789) is not 1".to_owned());
    }
    None
}
