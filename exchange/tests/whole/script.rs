//! Scripts against the venue as a machine: lines in, lines expected.
//!
//! `> enter 1 B 100 005930 71500 ioc` is a message of account 0 and `>1 ...` one of account 1;
//! `< ...` is a report. `at 2 005930 halted=true` stands in front and changes the market behind the
//! second message. Reports are written without timestamps and order references.

use gwanmun_binary::ouch::appendage::{AppendageWriter, TagValue};
use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, TimeInForce};
use gwanmun_binary::ouch::{
    AccountQuery, CancelOrder, EnterOrder, Inbound, MARKET_PRICE, Outbound, ReplaceOrder,
};
use gwanmun_exchange::config::{PhaseText, ScriptEntry, SeedProfile, SymbolText};
use gwanmun_exchange::instruments::{self, DEFAULT_INSTRUMENTS};
use gwanmun_exchange::script::{AreaText, HaltKindText, SidesText, StageNumber};
use gwanmun_exchange::venue::{Report, Venue, VenueSetup};
use gwanmun_market::{OrderId, Phase, Price, Side, Symbol};

pub(crate) fn setup(phase: Phase) -> VenueSetup {
    VenueSetup {
        instruments: instruments::parse(DEFAULT_INSTRUMENTS).unwrap(),
        accounts: 2,
        phase,
        seed: SeedProfile::default(),
        script: Vec::new(),
        reject_every: 0,
    }
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text.as_bytes()).unwrap()
}

pub(crate) fn price(text: &str) -> Price {
    if text == "market" {
        MARKET_PRICE
    } else {
        Price::parse(text.as_bytes()).unwrap()
    }
}

/// The ClOrdID that an order of this number has in every test.
pub(crate) fn cl_ord_id(user_ref_num: u32) -> OrderId {
    OrderId::new(format!("G{user_ref_num}").as_bytes()).unwrap()
}

/// The bytes of a request written as in a script.
pub(crate) fn request(text: &str) -> Vec<u8> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| words[at].parse::<u32>().unwrap();
    let has = |word: &str| words.contains(&word);
    let mut room = [0; 64];
    let mut options = AppendageWriter::new(&mut room);
    for word in &words {
        match word.split_once('=') {
            Some(("min", value)) => options
                .put(TagValue::MinQty(value.parse().unwrap()))
                .unwrap(),
            Some(("floor", value)) => {
                options
                    .put(TagValue::MaxFloor(value.parse().unwrap()))
                    .unwrap();
            }
            Some(("peg", value)) => {
                options
                    .put(TagValue::PegOffset(value.parse().unwrap()))
                    .unwrap();
            }
            _ => {}
        }
    }
    let appendage = options.finish();
    let time_in_force = match () {
        () if has("ioc") => TimeInForce::IOC,
        () if has("gtx") => TimeInForce::GTX,
        () => TimeInForce::DAY,
    };
    let display = if has("hidden") {
        Display::HIDDEN
    } else {
        Display::VISIBLE
    };
    let inter_market_sweep = has("sweep");
    let message = match words[0] {
        "enter" => Inbound::EnterOrder(EnterOrder {
            user_ref_num: number(1),
            side: Side::from_ouch(words[2].as_bytes()[0]).unwrap(),
            quantity: number(3),
            symbol: symbol(words[4]),
            price: price(words[5]),
            time_in_force,
            display,
            capacity: Capacity::AGENCY,
            inter_market_sweep,
            cross_type: if has("opening") {
                CrossType::OPENING
            } else {
                CrossType::CONTINUOUS
            },
            cl_ord_id: cl_ord_id(number(1)),
            appendage,
        }),
        "replace" => Inbound::ReplaceOrder(ReplaceOrder {
            orig_user_ref_num: number(1),
            user_ref_num: number(2),
            quantity: number(3),
            price: price(words[4]),
            time_in_force,
            display,
            inter_market_sweep,
            cl_ord_id: cl_ord_id(number(2)),
            appendage,
        }),
        "cancel" => Inbound::CancelOrder(CancelOrder {
            user_ref_num: number(1),
            quantity: number(2),
            appendage,
        }),
        "query" => Inbound::AccountQuery(AccountQuery { appendage }),
        other => panic!("no request {other}"),
    };
    let mut bytes = [0; 128];
    let length = message.encode(&mut bytes).unwrap();
    bytes[..length].to_vec()
}

/// A report as a line of a script.
pub(crate) fn shown(report: &Report) -> String {
    let at = |price: Price| {
        if price == MARKET_PRICE {
            "market".to_owned()
        } else {
            price.to_string()
        }
    };
    let letter = |byte: u8| char::from(byte);
    match report.message {
        Outbound::Accepted(m) => {
            assert_eq!(m.cl_ord_id, cl_ord_id(m.user_ref_num));
            let side = letter(m.side.to_ouch());
            format!(
                "accepted {} {side} {} {} {}",
                m.user_ref_num,
                m.quantity,
                m.symbol,
                at(m.price)
            )
        }
        Outbound::Replaced(m) => {
            assert_eq!(m.cl_ord_id, cl_ord_id(m.user_ref_num));
            let side = letter(m.side.to_ouch());
            let (old, new) = (m.orig_user_ref_num, m.user_ref_num);
            format!("replaced {old} {new} {side} {} {}", m.quantity, at(m.price))
        }
        Outbound::Canceled(m) => {
            format!(
                "canceled {} {} {}",
                m.user_ref_num,
                m.quantity,
                letter(m.reason.0)
            )
        }
        Outbound::Executed(m) => {
            let flag = letter(m.liquidity_flag.0);
            format!(
                "executed {} {} {} {flag}",
                m.user_ref_num,
                m.quantity,
                at(m.price)
            )
        }
        Outbound::Rejected(m) => {
            assert_eq!(m.cl_ord_id, cl_ord_id(m.user_ref_num));
            format!("rejected {} {}", m.user_ref_num, m.reason.0)
        }
        Outbound::SystemEvent(m) => format!("event {}", letter(m.event_code.0)),
        Outbound::AccountQueryResponse(m) => format!("next {}", m.next_user_ref_num),
        Outbound::CancelReject(m) => format!("cancel-rejected {}", m.user_ref_num),
        other => panic!("this venue does not send {other:?}"),
    }
}

/// Plays a script against a venue that starts in `phase`.
pub(crate) fn check(name: &str, phase: Phase, script: &str) {
    let mut setup = setup(phase);
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("at "))
    {
        setup.script.push(change(line));
    }
    let mut venue = Venue::new(setup, 0);
    let mut got: Vec<String> = venue.take_reports().iter().map(line).collect();
    assert_eq!(got, ["< event S", "<1 event S"], "{name}");
    got.clear();
    let mut expected: Vec<String> = Vec::new();
    for text in script.lines().map(str::trim) {
        if text.starts_with('<') {
            expected.push(text.to_owned());
        } else if let Some(behind) = text.strip_prefix('>') {
            assert_eq!(got, expected, "{name}, before {text}");
            let (account, words) = behind.split_once(' ').unwrap();
            let account = if account.is_empty() {
                0
            } else {
                account.parse().unwrap()
            };
            venue.on_message(account, &request(words), 7);
            got = venue.take_reports().iter().map(line).collect();
            expected.clear();
        }
    }
    assert_eq!(got, expected, "{name}, at its end");
}

fn line(report: &Report) -> String {
    let account = if report.account == 0 {
        String::new()
    } else {
        report.account.to_string()
    };
    format!("<{account} {}", shown(report))
}

fn change(line: &str) -> ScriptEntry {
    let mut words = line.split_whitespace().skip(1);
    let after_messages = words.next().unwrap().parse().unwrap();
    let mut entry = ScriptEntry {
        after_messages,
        ..ScriptEntry::default()
    };
    for word in words {
        let (key, text) = word.split_once('=').unwrap_or(("symbol", word));
        let text = text.to_owned();
        match key {
            "symbol" => entry.symbol = Some(SymbolText::try_from(text).unwrap()),
            "phase" => entry.phase = Some(PhaseText::try_from(text).unwrap()),
            "halted" => entry.halted = Some(text.parse().unwrap()),
            "halt" => entry.halt = Some(HaltKindText::try_from(text).unwrap()),
            "level" => entry.level = Some(text.parse().unwrap()),
            "sides" => entry.sides = Some(SidesText::try_from(text).unwrap()),
            "group" => entry.group = Some(AreaText::try_from(text).unwrap()),
            "market" => entry.market = Some(AreaText::try_from(text).unwrap()),
            "high" => {
                let stage = StageNumber::try_from(text.parse::<u8>().unwrap());
                entry.limit_stage_high = Some(stage.unwrap());
            }
            other => panic!("nothing called {other}"),
        }
    }
    entry
}
