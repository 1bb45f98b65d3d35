//! `loan`, `return`, `transfer` and `recall` change what an account may sell of an instrument;
//! `balance` tells it, and `borrows` which loans are asked for (docs/how-to/borrow-desk.md).

use gwanmun_captures::command::{Action, LedgerChange};
use gwanmun_fix::time::{Precision, TIMESTAMP_BYTES_MAX, write_utc_timestamp};
use gwanmun_gateway::{Balance, Locate};
use gwanmun_market::{AccountId, HoldingSource, Symbol, Text};

use super::give;
use crate::desk::request::Words;
use crate::desk::thread::DeskThread;
use crate::desk::{Answer, Ask};

const NO_ANSWER: &str = "unknown the gateway did not answer in time\n";

/// A change of the ledger, and the balance that it leaves.
pub(super) fn answer(
    desk: &mut DeskThread,
    operator: &str,
    words: &mut Words<'_>,
) -> Result<String, String> {
    let change = change(words)?;
    let (account, symbol) = names(words)?;
    let quantity = words.number("quantity")?;
    let why = words.why()?;
    words.nothing_else()?;
    let action = Action::Ledger {
        change,
        account: account.as_bytes(),
        symbol: symbol.as_bytes(),
        quantity,
    };
    let told = give(desk, operator, &why, action)?;
    if !told.starts_with("done") {
        return Ok(told);
    }
    // As it is by now: a fill may have come since.
    let facts = match desk.ask(Ask::Balance(account, symbol)) {
        Some(Answer::Balance(Some(balance))) => shown((account, symbol), &balance),
        _ => String::new(),
    };
    Ok(facts + &told)
}

/// What an account may sell of an instrument.
pub(super) fn balance(desk: &mut DeskThread, words: &mut Words<'_>) -> Result<String, String> {
    let (account, symbol) = names(words)?;
    words.nothing_else()?;
    match desk.ask(Ask::Balance(account, symbol)) {
        Some(Answer::Balance(Some(balance))) => Ok(shown((account, symbol), &balance) + "done\n"),
        Some(_) => Err("there is no such account or instrument, or it is sold from nothing".into()),
        None => Ok(NO_ANSWER.to_owned()),
    }
}

/// Every loan that is asked for.
pub(super) fn borrows(desk: &mut DeskThread, words: &mut Words<'_>) -> Result<String, String> {
    words.nothing_else()?;
    let mut lines = Vec::new();
    for index in 0.. {
        let request = match desk.ask(Ask::Borrow(index)) {
            Some(Answer::Borrow(Some(request))) => request,
            Some(_) => break,
            None => return Ok(NO_ANSWER.to_owned()),
        };
        lines.push(format!(
            "borrow account={} symbol={} missing={} times={} since={} order={} locate={}\n",
            request.account,
            request.symbol,
            request.missing,
            request.times,
            utc(request.since_ns),
            request.order_id,
            match request.locate {
                Locate::Required => "Y",
                Locate::NotRequired => "N",
                Locate::Unsaid => "-",
            }
        ));
    }
    lines.sort_unstable();
    Ok(lines.concat() + "done\n")
}

fn change(words: &mut Words<'_>) -> Result<LedgerChange, String> {
    let (inwards, outwards) = match words.verb() {
        "loan" => return Ok(LedgerChange::Loan),
        "return" => return Ok(LedgerChange::Return),
        "recall" => (LedgerChange::Recall, LedgerChange::RecallFailed),
        _ => (LedgerChange::TransferIn, LedgerChange::TransferOut),
    };
    match words.required("direction")?.as_str() {
        "in" => Ok(inwards),
        "out" => Ok(outwards),
        _ => Err("`direction` is in or out".to_owned()),
    }
}

fn names(words: &mut Words<'_>) -> Result<(AccountId, Symbol), String> {
    let account = words.required("account")?;
    let symbol = words.required("symbol")?;
    Text::new(account.as_bytes())
        .zip(Text::new(symbol.as_bytes()))
        .ok_or_else(|| "an account has at most 16 characters, a symbol 8".to_owned())
}

fn shown((account, symbol): (AccountId, Symbol), balance: &Balance) -> String {
    let mut text = format!("balance account={account} symbol={symbol}");
    for (word, source) in HoldingSource::WORDS {
        text += &format!(" {word}={}", balance.sources.of(source));
    }
    text += &format!(
        " bought={} sold={} sold_short={} working_sell={} working_short={}",
        balance.bought,
        balance.sold,
        balance.sold_short,
        balance.working_sell,
        balance.working_short
    );
    for (word, sellable) in [
        ("sellable_long", balance.sellable_long),
        ("sellable_short", balance.sellable_short),
    ] {
        let told = sellable.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
        text += &format!(" {word}={told}");
    }
    text + "\n"
}

fn utc(ns: u64) -> String {
    let mut bytes = [0; TIMESTAMP_BYTES_MAX];
    let length = write_utc_timestamp(ns, Precision::Seconds, &mut bytes);
    String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use gwanmun_captures::command::Command;
    use gwanmun_gateway::{Answered, Borrow, Sources};
    use gwanmun_market::OrderId;

    use super::super::answer;
    use crate::desk::thread::tests::desk;
    use crate::desk::{Answer, Ask};

    use super::*;

    fn a_balance() -> Balance {
        Balance {
            sources: Sources::default(),
            bought: 1,
            sold: 2,
            sold_short: 3,
            working_sell: 4,
            working_short: 5,
            sellable_long: None,
            sellable_short: Some(-6),
        }
    }

    #[test]
    fn each_verb_is_its_change_and_tells_the_balance() {
        for (line, change) in [
            ("loan ", LedgerChange::Loan),
            ("return ", LedgerChange::Return),
            ("transfer direction=in ", LedgerChange::TransferIn),
            ("transfer direction=out ", LedgerChange::TransferOut),
            ("recall direction=in ", LedgerChange::Recall),
            ("recall direction=out ", LedgerChange::RecallFailed),
        ] {
            let (_folder, core, mut thread) = desk("desk-ledger");
            let peer = std::thread::spawn(move || {
                let Ok(Ask::Command(bytes, length)) = core.asks.recv() else {
                    panic!("a command was to come");
                };
                let done = Answered {
                    number: 9,
                    done: Ok(()),
                };
                let answered = Answer::Command {
                    answered: Some(done),
                    position: 0,
                };
                assert!(core.answers.send(answered).is_ok());
                let asked = core.asks.recv();
                assert!(matches!(asked, Ok(Ask::Balance(..))));
                let told = Answer::Balance(Some(a_balance()));
                assert!(core.answers.send(told).is_ok());
                bytes[..length].to_vec()
            });
            let line = format!(
                "{line}account=ACC-1 symbol=005930 quantity=50 requester=lee reason=loan%20L7"
            );
            let told = answer(&mut thread, "root", line.as_bytes()).unwrap();
            let expected = "balance account=ACC-1 symbol=005930 settled=0 unsettled=0 rights=0 \
                            recalled=0 borrowed=0 bought=1 sold=2 sold_short=3 working_sell=4 \
                            working_short=5 sellable_long=unknown sellable_short=-6\n\
                            done record=9\n";
            assert_eq!(told, expected);
            let payload = peer.join().unwrap();
            let command = Command::parse(&payload).unwrap();
            assert_eq!(command.requester, b"lee");
            let expected = Action::Ledger {
                change,
                account: b"ACC-1",
                symbol: b"005930",
                quantity: 50,
            };
            assert_eq!(command.action, expected);
        }
    }

    #[test]
    fn what_is_wrong_is_refused_by_name_and_asked_of_nobody() {
        let (_folder, core, mut thread) = desk("desk-ledger-wrong");
        for (line, expected) in [
            ("loan", "`account` is missing"),
            ("loan account=A", "`symbol` is missing"),
            ("loan account=A symbol=B", "`quantity` is missing"),
            (
                "loan account=A symbol=B quantity=-1",
                "`quantity` is no number",
            ),
            (
                "loan account=A symbol=B quantity=1.5",
                "`quantity` is no number",
            ),
            (
                "loan account=A symbol=B quantity=1 direction=in",
                "`loan` has no `direction`",
            ),
            (
                "loan account=A symbol=123456789 quantity=1",
                "an account has at most 16 characters, a symbol 8",
            ),
            ("transfer account=A", "`direction` is missing"),
            ("recall direction=up", "`direction` is in or out"),
            ("borrows account=A", "`borrows` has no `account`"),
            ("balance account=A", "`symbol` is missing"),
        ] {
            let refused = answer(&mut thread, "root", line.as_bytes());
            assert_eq!(refused, Err(expected.to_owned()), "{line}");
        }
        assert!(core.asks.try_recv().is_err());
    }

    #[test]
    fn open_requests_are_listed_by_account_and_symbol() {
        let (_folder, core, mut thread) = desk("desk-borrows");
        let peer = std::thread::spawn(move || {
            for (index, symbol) in ["005930", "000660", ""].into_iter().enumerate() {
                assert!(matches!(core.asks.recv(), Ok(Ask::Borrow(at)) if at == index));
                let request = Borrow {
                    account: AccountId::new(b"ACC-1").unwrap(),
                    symbol: Symbol::new(symbol.as_bytes()).unwrap(),
                    missing: 50,
                    times: 2,
                    since_ns: 1_795_392_753_000_000_000,
                    locate: Locate::Required,
                    order_id: OrderId::new(b"GW100000000042").unwrap(),
                };
                let told = Some(request).filter(|_| !symbol.is_empty());
                assert!(core.answers.send(Answer::Borrow(told)).is_ok());
            }
        });
        let told = answer(&mut thread, "root", b"borrows").unwrap();
        peer.join().unwrap();
        let line = |symbol: &str| {
            format!(
                "borrow account=ACC-1 symbol={symbol} missing=50 times=2 \
                 since=20261123-00:12:33 order=GW100000000042 locate=Y\n"
            )
        };
        assert_eq!(told, line("000660") + &line("005930") + "done\n");
    }
}
