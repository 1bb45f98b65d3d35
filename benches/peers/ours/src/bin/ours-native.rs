//! Our lanes in a process of their own, compiled with `-C target-cpu=native`: `codec-race` builds
//! it so, starts it, and gives it its turns over a pipe.
//!
//! A line in is `LEVEL SET PASSES`; with no passes the answers are checked. A line out is
//! `NANOSECONDS ANSWER`, `ok`, or `error` with the reason. It ends with its input.

use std::collections::HashMap;
use std::io::{self, BufRead as _, Write as _};
use std::process::ExitCode;
use std::rc::Rc;

use race_ours::clock;
use race_ours::ground::Ground;
use race_ours::level::{Entrant, Lane};
use race_ours::ours;

#[derive(Default)]
struct Lanes {
    grounds: HashMap<String, Rc<Ground>>,
    lanes: HashMap<(String, String), Lane>,
}

impl Lanes {
    fn lane(&mut self, level: &str, set: &str) -> Result<&mut Lane, String> {
        let key = (level.to_owned(), set.to_owned());
        if !self.lanes.contains_key(&key) {
            let ground = self.grounds.entry(set.to_owned());
            let ground = ground.or_insert_with(|| Rc::new(Ground::new(set)));
            let mut lane = Err("there is no such lane".to_owned());
            for entrant in ours::entrants(level, set, ground) {
                match entrant {
                    Entrant::Lane(one) if one.candidate == "ours" => lane = Ok(one),
                    Entrant::LeftOut { candidate, reason } if candidate == "ours" => {
                        lane = Err(reason);
                    }
                    _ => {}
                }
            }
            self.lanes.insert(key.clone(), lane?);
        }
        self.lanes.get_mut(&key).ok_or_else(|| "no lane".to_owned())
    }

    fn answer(&mut self, line: &str) -> Result<String, String> {
        let mut words = line.split_whitespace();
        let (Some(level), Some(set), Some(passes)) = (words.next(), words.next(), words.next())
        else {
            return Err("LEVEL SET PASSES".to_owned());
        };
        let passes: u32 = passes
            .parse()
            .map_err(|_| "passes are a number".to_owned())?;
        let lane = self.lane(level, set)?;
        if passes == 0 {
            return lane.check().map(|()| "ok".to_owned());
        }
        let (ns, answer) = lane.time(passes)?;
        Ok(format!("{ns} {answer}"))
    }
}

fn main() -> ExitCode {
    clock::pin();
    let mut lanes = Lanes::default();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let answer = match lanes.answer(&line) {
            Ok(answer) => answer,
            Err(reason) => format!("error {reason}"),
        };
        if writeln!(out, "{answer}")
            .and_then(|()| out.flush())
            .is_err()
        {
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
