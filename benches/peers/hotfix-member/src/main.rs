//! The FIX engine `hotfix` as a member of a running gateway: orders, cancels, replaces, a line that
//! breaks in the middle of them, and one settling answer for every request.
//!
//!     hotfix-member PORT [SENDER_COMP_ID [TARGET_COMP_ID]]
//!
//! It prints `CUT` on a line of its own when whoever started it should break the connection, and
//! goes on sending at once; then it waits until hotfix has logged on again with the numbers it had.
//! At the end it prints one JSON object. Exit code 0: nothing to object to; 1: a violation, named
//! on the standard error; 2: usage. `interop/hotfix_member.py` is who starts it.
//!
//! What hotfix 0.13.0 cannot do, and what is done instead:
//! - It is an initiator only, so it judges the gateway as a member and nothing else.
//! - It reads a UTCTimestamp with seconds or milliseconds, as FIX 4.4 itself has it, and answers
//!   our SendingTime(52) with nanoseconds by a Reject `sending time missing`. So the line in
//!   between shortens the gateway's times; without it hotfix does not log on.
//! - It takes no request while its line is down, so those are made again, under the same ClOrdID,
//!   after its next Logon.
//! - It puts no Username(553) and Password(554) into its Logon and gives no hook for that, so its
//!   session at the gateway is one without credentials.
//! - It refuses user-defined tags that its dictionary lacks, unless told otherwise; our reports
//!   carry 20110 to 20112, so it is told otherwise, and the codes are not looked at here (QuickFIX
//!   does).
//! - It needs tokio and rustls with aws-lc (C) even without TLS, hence this workspace of its own.
//!   Its licence is MIT.
#![forbid(unsafe_code)]

mod ledger;
mod member;
mod request;

use std::process::ExitCode;
use std::time::Duration;

use hotfix::config::{SessionConfig, ValidationConfig};
use hotfix::initiator::Initiator;
use hotfix::session::Status;
use hotfix::session::error::SendError;
use hotfix::store::InMemoryMessageStore;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use ledger::Ledger;
use member::{Member, Seen};
use request::Request;

const ORDERS: u32 = 100;
/// With this order a batch begins, of which the answers are lost with the line.
const CUT_AT: u32 = 50;
/// Orders of the batch; what the gateway has to send again is a few kilobytes.
const UNDER_WAY: u32 = 12;
/// How long any single step may take; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(40);

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = arguments.first().and_then(|port| port.parse().ok());
    let Some(port) = port.filter(|_| arguments.len() <= 3) else {
        eprintln!("usage: hotfix-member PORT [SENDER_COMP_ID [TARGET_COMP_ID]]");
        return ExitCode::from(2);
    };
    let name = |at: usize, or: &str| arguments.get(at).cloned().unwrap_or_else(|| or.to_owned());
    match run(port, name(1, "MEMBER1"), name(2, "GWANMUN")).await {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(violation) => {
            eprintln!("violation: {violation}");
            ExitCode::FAILURE
        }
    }
}

/// What is under way.
struct Run {
    initiator: Initiator<Request>,
    seen: UnboundedReceiver<Seen>,
    ledger: Ledger,
    logons: u32,
    losses: u32,
}

async fn run(port: u16, sender_comp_id: String, target_comp_id: String) -> Result<String, String> {
    let (member, seen) = Member::new();
    let config = config(port, sender_comp_id, target_comp_id);
    let initiator = Initiator::start(config, member, InMemoryMessageStore::default())
        .await
        .map_err(|error| format!("no session: {error}"))?;
    let mut run = Run {
        initiator,
        seen,
        ledger: Ledger::default(),
        logons: 0,
        losses: 0,
    };
    run.until("the first logon", |run| run.logons == 1).await?;
    // The line breaks with some orders under way, and the rest is sent while it may be down.
    for number in 1..=ORDERS {
        if number == CUT_AT {
            run.until("an answer to every order", |run| {
                run.ledger.unsettled() == 0
            })
            .await?;
        }
        run.send(Request::order(number)).await?;
        if number == CUT_AT + UNDER_WAY {
            println!("CUT");
            run.until("the end of the line", |run| run.losses == 1)
                .await?;
        }
    }
    run.until("the logon after the cut", |run| run.logons == 2)
        .await?;
    run.until("an answer to every order", |run| {
        run.ledger.unsettled() == 0
    })
    .await?;
    let is_accepted = |number: &u32| run.ledger.is_accepted(*number);
    let accepted: Vec<u32> = (1..=ORDERS).filter(is_accepted).collect();
    for number in accepted {
        if number % 5 == 0 {
            run.send(Request::cancel(number)).await?;
        } else if number % 7 == 0 {
            run.send(Request::replace(number)).await?;
        }
    }
    run.until("an answer to every request", |run| {
        run.ledger.unsettled() == 0
    })
    .await?;
    run.finish().await
}

impl Run {
    /// Sends; a request that hotfix does not take because its line is down is made again, under the
    /// same name, once it is back.
    async fn send(&mut self, request: Request) -> Result<(), String> {
        self.ledger.sent(&request);
        loop {
            let logons = self.logons;
            let sent = timeout(PATIENCE, self.initiator.send(request)).await;
            match sent.map_err(|_| "hotfix does not take a request".to_owned())? {
                Ok(_) => return Ok(()),
                Err(SendError::Disconnected) => {
                    self.until("the logon after the cut", |run| run.logons > logons)
                        .await?;
                }
                Err(error) => return Err(format!("hotfix refuses a request: {error}")),
            }
        }
    }

    /// Takes what hotfix delivers until `is_there`.
    async fn until(&mut self, what: &str, is_there: impl Fn(&Run) -> bool) -> Result<(), String> {
        while !is_there(self) {
            let seen = timeout(PATIENCE, self.seen.recv()).await;
            let Ok(Some(seen)) = seen else {
                return Err(format!("{what} does not come; {}", self.ledger.open_text()));
            };
            match seen {
                Seen::Active if self.logons == self.losses => self.logons += 1,
                // Nothing was lost in between: it was a gap within the session.
                Seen::Active => {}
                Seen::Lost => self.losses += 1,
                Seen::Answer(answer) => self.ledger.answered(&answer)?,
            }
        }
        Ok(())
    }

    /// The numbers must be those of one unbroken session; then it ends in good order.
    async fn finish(self) -> Result<String, String> {
        let handle = self.initiator.session_handle();
        let info = handle
            .get_session_info()
            .await
            .map_err(|error| error.to_string())?;
        if info.status != Status::Active {
            return Err(format!("the session is {:?} in the end", info.status));
        }
        let sent = u64::from(self.ledger.requests());
        // Logon twice, and whatever else the session needed for itself.
        if info.next_sender_seq_number < sent + 3 || info.next_target_seq_number < sent + 3 {
            return Err(format!("numbers began anew: {info:?}"));
        }
        self.initiator
            .shutdown(false)
            .await
            .map_err(|error| format!("no good end: {error}"))?;
        Ok(self.ledger.to_json(
            self.logons,
            info.next_sender_seq_number,
            info.next_target_seq_number,
        ))
    }
}

fn config(port: u16, sender_comp_id: String, target_comp_id: String) -> SessionConfig {
    SessionConfig {
        begin_string: "FIX.4.4".to_owned(),
        sender_comp_id,
        target_comp_id,
        data_dictionary_path: None,
        connection_host: "127.0.0.1".to_owned(),
        connection_port: port,
        tls_config: None,
        heartbeat_interval: 10,
        logon_timeout: 10,
        logout_timeout: 5,
        reconnect_interval: 1,
        reset_on_logon: false,
        schedule: None,
        validation: ValidationConfig::builder()
            .validate_user_defined_fields(false)
            .build(),
    }
}
