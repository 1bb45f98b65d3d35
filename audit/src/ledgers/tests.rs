//! Small stories told by both ledgers, true ones and false ones.

use super::*;

const DRIVER_HEAD: &str = "ns,direction,msg_seq_num,msg_type,cl_ord_id,orig_cl_ord_id,\
order_id,exec_id,exec_type,ord_status,symbol,side,order_qty,price,\
last_qty,last_px,poss_dup,gate_code,raw";
const VENUE_HEAD: &str = "time_ns,direction,line,user,sequence_number,soup_type,ouch_type,\
user_ref_num,orig_user_ref_num,side,quantity,symbol,price,cl_ord_id,reason,match_number,raw";

/// Two orders, one replaced and partly filled and canceled, one filled by a market order; one
/// refused by a check.
const DRIVER: [&str; 12] = [
    "1,out,2,D,R1,,,,,,005930,1,100,71500.0,,,,,x",
    "2,in,2,8,R1,,G1,X1,0,0,005930,1,100,71500,,,,,x",
    "3,out,3,D,R2,,,,,,101W6000,2,5,,,,,,x",
    "4,in,3,8,R2,,G2,X2,0,0,101W6000,2,5,,,,,,x",
    "5,in,4,8,R2,,G2,X3,F,2,101W6000,2,5,,5,352.55,,,x",
    "6,out,4,D,R3,,,,,,005930,1,1,71550,,,,,x",
    "7,in,5,8,R3,,G3,X4,8,8,005930,1,1,71550,,,,110,x",
    "8,out,5,G,R4,R1,,,,,005930,1,80,71400,,,,,x",
    "9,in,6,8,R4,R1,G1,X5,5,0,005930,1,80,71400,,,,,x",
    "10,in,7,8,R4,,G1,X6,F,1,005930,1,80,71400,30,71400,,,x",
    "11,out,6,F,R5,R4,,,,,005930,1,80,,,,,,x",
    "12,in,8,8,R5,R4,G1,X7,4,4,005930,1,80,71400,,,,,x",
];
const VENUE: [&str; 6] = [
    "1,in,1,U,,U,O,1,,B,100,005930,71500,G1,,,00",
    "2,in,1,U,,U,O,2,,S,5,101W6000,market,G2,,,00",
    "3,out,,U,3,S,E,2,,S,5,101W6000,352.55,G2,,7,00",
    "4,in,1,U,,U,U,3,1,,80,,71400,G1,,,00",
    "5,out,,U,5,S,E,3,,B,30,005930,71400,G1,,8,00",
    "6,out,,U,6,S,C,3,,B,50,005930,,G1,U,,00",
];

fn text(head: &str, lines: &[String]) -> String {
    let mut text = format!("{head}\n");
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// The story with each ledger's lines changed by a function.
fn told(driver: impl Fn(&mut Vec<String>), venue: impl Fn(&mut Vec<String>)) -> Joined {
    let mut driver_lines = DRIVER.map(str::to_owned).to_vec();
    let mut venue_lines = VENUE.map(str::to_owned).to_vec();
    driver(&mut driver_lines);
    venue(&mut venue_lines);
    join(
        &text(DRIVER_HEAD, &driver_lines),
        &[&text(VENUE_HEAD, &venue_lines)],
    )
    .unwrap()
}

/// What a changed story must be found to be: lost, duplicated, different, and the kind of its first
/// finding.
fn check(joined: &Joined, counts: (u64, u64, u64), kind: FindingKind) {
    let found = (joined.lost, joined.duplicated, joined.different);
    assert_eq!(found, counts, "{:?}", joined.findings);
    assert!(
        joined.findings.iter().any(|finding| finding.kind == kind),
        "{:?}",
        joined.findings
    );
    assert!(!joined.is_clean());
}

#[test]
fn a_true_story_is_clean() {
    let joined = told(|_| {}, |_| {});
    assert!(joined.is_clean(), "{:?}", joined.findings);
    assert_eq!((joined.orders, joined.requests, joined.accepted), (3, 2, 2));
    assert_eq!(
        (joined.reports, joined.fills, joined.venue_fills),
        (7, 2, 2)
    );
    assert_eq!((joined.compared, joined.venue_orders), (2, 3));
    assert_eq!(
        joined.refused.into_iter().collect::<Vec<_>>(),
        [("110".to_owned(), 1)]
    );
}

#[test]
fn nothing_told_is_not_clean() {
    let joined = join(&text(DRIVER_HEAD, &[]), &[&text(VENUE_HEAD, &[])]).unwrap();
    assert!(!joined.is_clean());
}

#[test]
fn an_order_dropped_after_its_acknowledgement_is_lost() {
    let joined = told(|_| {}, |venue| drop(venue.remove(0)));
    check(&joined, (1, 0, 0), FindingKind::MissingAtVenue);
}

#[test]
fn an_order_sent_twice_is_found_with_any_number() {
    for number in ["1", "9"] {
        let twice = format!("1,in,1,U,,U,O,{number},,B,100,005930,71500,G1,,,00");
        let joined = told(|_| {}, |venue| venue.insert(1, twice.clone()));
        check(&joined, (0, 1, 0), FindingKind::OrderTwice);
    }
    let replace = VENUE[3].replace(",U,3,", ",U,4,");
    let joined = told(|_| {}, |venue| venue.insert(4, replace.clone()));
    check(&joined, (0, 1, 0), FindingKind::OrderTwice);
}

#[test]
fn swapped_quantities_differ() {
    let joined = told(
        |_| {},
        |venue| {
            venue[0] = venue[0].replace(",100,", ",5,");
            venue[1] = venue[1].replace(",5,101", ",100,101");
        },
    );
    check(&joined, (0, 0, 2), FindingKind::Different);
}

#[test]
fn every_other_difference_counts() {
    for (from, to) in [(",B,", ",S,"), ("005930", "000660"), ("71500", "71400")] {
        let joined = told(|_| {}, |venue| venue[0] = venue[0].replacen(from, to, 1));
        check(&joined, (0, 0, 1), FindingKind::Different);
    }
    let stranger = "9,in,1,U,,U,O,9,,B,1,005930,71500,G9,,,00".to_owned();
    let joined = told(|_| {}, |venue| venue.push(stranger.clone()));
    check(&joined, (0, 0, 1), FindingKind::Different);
    let refused = "9,in,1,U,,U,O,9,,B,1,005930,71550,G3,,,00".to_owned();
    let joined = told(|_| {}, |venue| venue.push(refused.clone()));
    check(&joined, (0, 0, 1), FindingKind::Different);
}

#[test]
fn silence_is_lost() {
    let joined = told(|driver| drop(driver.remove(6)), |_| {});
    check(&joined, (1, 0, 0), FindingKind::Unanswered);
    let joined = told(|driver| drop(driver.remove(4)), |_| {});
    check(&joined, (1, 0, 0), FindingKind::FillNotReported);
    let joined = told(|_| {}, |venue| drop(venue.remove(4)));
    check(&joined, (0, 0, 1), FindingKind::FillUnknownToVenue);
    let joined = told(|_| {}, |venue| drop(venue.remove(5)));
    check(&joined, (1, 0, 0), FindingKind::MissingAtVenue);
    let joined = told(|_| {}, |venue| venue[3] = venue[3].replace(",80,", ",81,"));
    check(&joined, (1, 0, 0), FindingKind::MissingAtVenue);
}

#[test]
fn a_copy_counts_only_without_poss_dup_flag() {
    let copy = DRIVER[4].replace("352.55,,", "352.55,Y,");
    let joined = told(|driver| driver.insert(5, copy.clone()), |_| {});
    assert!(joined.is_clean(), "{:?}", joined.findings);
    let joined = told(|driver| driver.insert(5, DRIVER[4].to_owned()), |_| {});
    check(&joined, (0, 1, 0), FindingKind::FillTwice);
    let again = DRIVER[1].replace("X1", "X9");
    let joined = told(|driver| driver.insert(2, again.clone()), |_| {});
    check(&joined, (0, 1, 0), FindingKind::ReportTwice);
}

#[test]
fn requests_sent_again_and_pieces_are_no_requests_of_their_own() {
    let copy = DRIVER[0].replace("71500.0,,,,", "71500.0,,,Y,");
    let piece = "1,out-cut,,,,,,,,,,,,,,,,,8=FIX".to_owned();
    let joined = told(
        |driver| {
            driver.insert(1, copy.clone());
            driver.insert(0, piece.clone());
        },
        |_| {},
    );
    assert!(joined.is_clean(), "{:?}", joined.findings);
    assert_eq!(joined.orders, 3);
}

#[test]
fn rejects_answer_requests_too() {
    for reject in [
        "7,in,5,j,,,,,,,,,,,,,,,|379=R3|",
        "7,in,5,3,,,,,,,,,,,,,,,|45=4|",
    ] {
        let joined = told(|driver| driver[6] = reject.to_owned(), |_| {});
        assert_eq!(joined.lost, 0, "{reject}: {:?}", joined.findings);
    }
}

/// The same number at two venues is two orders; the same order at two venues came twice.
#[test]
fn each_venue_counts_for_itself_and_an_order_is_at_one_of_them() {
    let driver = text(DRIVER_HEAD, &DRIVER.map(str::to_owned));
    let of = |order_id: &str| {
        let column = format!(",{order_id},");
        let lines = VENUE.iter().filter(|line| line.contains(&column));
        lines.map(|line| (*line).to_owned()).collect::<Vec<_>>()
    };
    let krx = of("G1");
    // At the other venue the second order is its first.
    let nxt = of("G2");
    let nxt: Vec<String> = nxt
        .iter()
        .map(|line| line.replace(",2,,S,", ",1,,S,"))
        .collect();
    let joined = |krx: &[String], nxt: &[String]| {
        let venues = [text(VENUE_HEAD, krx), text(VENUE_HEAD, nxt)];
        join(&driver, &[&venues[0], &venues[1]]).unwrap()
    };
    let both = joined(&krx, &nxt);
    assert!(both.is_clean(), "{both:#?}");
    assert_eq!(
        (both.compared, both.venue_orders, both.venue_fills),
        (2, 3, 2)
    );
    check(&joined(&krx, &[]), (1, 0, 1), FindingKind::MissingAtVenue);
    let twice = [nxt.as_slice(), &krx[..1]].concat();
    let twice = joined(&krx, &twice);
    assert!(twice.duplicated > 0, "{twice:#?}");
}
