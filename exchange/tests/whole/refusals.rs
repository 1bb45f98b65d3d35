//! What the venue does not take, as scripts: numbers used before, each reason to reject, damaged
//! messages. The language is in `script.rs`.

use gwanmun_exchange::venue::{Disposition, Venue};
use gwanmun_market::Phase;

use crate::script::{check, request, setup, shown};

#[test]
fn a_number_is_used_once_and_only_upwards() {
    check(
        "used and lower numbers are ignored",
        Phase::Continuous,
        "> enter 5 S 100 005930 71500
         < accepted 5 S 100 005930 71500
         > enter 5 S 100 005930 71500
         > enter 4 S 100 005930 71500
         > enter 0 S 100 005930 71500
         > replace 5 5 10 71600
         > replace 5 3 10 71600
         > query
         < next 6
         >1 query
         <1 next 1",
    );
    check(
        "a rejected number is spent, and so is a late replace's",
        Phase::Continuous,
        "> enter 1 S 100 NONE 71500
         < rejected 1 23
         > enter 1 S 100 005930 71500
         > replace 1 7 100 71500
         > query
         < next 8",
    );
}

#[test]
fn each_reject_reason() {
    for (words, reason) in [
        ("enter 1 B 100 NONE 71500", 23),
        ("enter 1 T 1 101W6000 352.55", 9),
        ("enter 1 B 0 005930 71500", 19),
        ("enter 1 B 1000000 005930 71500", 19),
        ("enter 1 B 2001 101W6000 352.55", 19),
        ("enter 1 B 100 005930 71550", 29),
        ("enter 1 B 100 005930 93000", 29),
        ("enter 1 B 100 005930 50000", 29),
        ("enter 1 B 100 005930 -71500", 29),
        ("enter 1 B 100 005930 0", 29),
        ("enter 1 B 100 005930 71500 hidden", 3),
        ("enter 1 B 100 005930 71500 sweep", 8),
        ("enter 1 B 100 005930 71500 gtx", 15),
        ("enter 1 B 100 005930 71500 opening", 20),
        ("enter 1 B 100 005930 71500 min=50", 13),
        ("enter 1 B 100 005930 71500 ioc min=101", 13),
        ("enter 1 B 100 005930 71500 floor=10", 4),
        ("enter 1 B 100 005930 71500 peg=-5", 17),
    ] {
        check(
            words,
            Phase::Continuous,
            &format!("> {words}\n< rejected 1 {reason}"),
        );
    }
    check(
        "closed",
        Phase::Closed,
        "> enter 1 B 100 005930 71500\n< rejected 1 2",
    );
    check(
        "IOC in an auction",
        Phase::OpeningAuction,
        "> enter 1 B 1 005930 71500 ioc\n< rejected 1 20",
    );
    check(
        "sell short of a share",
        Phase::Continuous,
        "> enter 1 T 1 005930 71500\n< accepted 1 T 1 005930 71500",
    );
}

#[test]
fn damaged_messages_are_refused_when_they_name_their_order() {
    let whole = request("enter 1 B 100 005930 71500");
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] = byte;
        bytes
    };
    let replace = request("replace 1 2 100 71500");
    let mut replace_damaged = replace.clone();
    replace_damaged[23] = b'?';
    for (bytes, disposition, report) in [
        (with(5, b'Z'), Disposition::Answered, Some("rejected 1 9")),
        (with(29, b'?'), Disposition::Answered, Some("rejected 1 8")),
        (with(46, 9), Disposition::Answered, Some("rejected 1 15")),
        (with(0, b'z'), Disposition::Unreadable, None),
        (whole[..46].to_vec(), Disposition::Unreadable, None),
        (Vec::new(), Disposition::Unreadable, None),
        (replace_damaged, Disposition::Answered, Some("rejected 2 8")),
        (
            b"C\0\0\0\x01FIRM005930  \0\0".to_vec(),
            Disposition::NotServed,
            None,
        ),
    ] {
        let mut venue = Venue::new(setup(Phase::Continuous), 0);
        venue.take_reports();
        assert_eq!(venue.on_message(0, &bytes, 1), disposition, "{bytes:?}");
        let reports: Vec<String> = venue.take_reports().iter().map(shown).collect();
        assert_eq!(reports, report.into_iter().collect::<Vec<_>>(), "{bytes:?}");
    }
}
