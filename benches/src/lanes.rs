//! Lanes that take turns in one run, so that their ratios hold where absolute times do not.
//!
//! A host that others share is faster at one moment than at the next. So no lane is timed at a
//! stretch: each round runs every lane once, forwards and then backwards, and a ratio compares
//! medians over many rounds. The first lane is the reference and also runs as a lane of its own
//! (`null`): when that is not close to 1.00, the run says nothing and is void.
//!
//! Time is the thread's own CPU time, on one core. Answers are held against each other by the
//! benches; here they must only be the same in every round.

use std::fs::OpenOptions;
use std::io::Write as _;

use rustix::time::{ClockId, clock_gettime};

/// Rounds of a run whose figures may be kept.
pub const ROUNDS: usize = 400;
/// How far the null lane may be from 1 before a run is void.
pub const NULL_LANE_SLACK: f64 = 0.02;

/// Times what matters of a round; the rest of a lane's closure is preparation.
#[derive(Debug, Default)]
pub struct Stopwatch {
    ns: u64,
}

impl Stopwatch {
    /// Nanoseconds so far.
    #[must_use]
    pub const fn ns(&self) -> u64 {
        self.ns
    }

    /// Runs `body` on the clock.
    pub fn time<T>(&mut self, body: impl FnOnce() -> T) -> T {
        let before = thread_ns();
        let answer = body();
        self.ns += thread_ns().saturating_sub(before);
        answer
    }
}

fn thread_ns() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// One candidate: goes over all messages once, and gives an answer that must never change.
pub struct Lane<'a> {
    name: &'static str,
    run: Box<dyn FnMut(&mut Stopwatch) -> u64 + 'a>,
}

impl<'a> Lane<'a> {
    /// A lane.
    pub fn new(name: &'static str, run: impl FnMut(&mut Stopwatch) -> u64 + 'a) -> Lane<'a> {
        Lane {
            name,
            run: Box::new(run),
        }
    }
}

/// What a race is about.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// Name of the bench and of the messages, as records have it.
    pub name: &'static str,
    /// Messages per round.
    pub messages: usize,
    /// Bytes of all messages of a round.
    pub bytes: usize,
}

/// How one lane did, per message.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The lane.
    pub lane: &'static str,
    /// Best round.
    pub ns_min: f64,
    /// Median round.
    pub ns_median: f64,
    /// Median over the median of the reference.
    pub ratio: f64,
}

impl Race {
    /// Runs the lanes, the first of them twice, and tells what they took.
    ///
    /// Under `--test` it looks at two rounds and tells nothing: answers count there, times do not.
    /// With `GWANMUN_RECORD=FILE` the figures are also added to that file.
    ///
    /// # Panics
    /// When a lane's answer differs from one round to another.
    pub fn run(self, mut lanes: Vec<Lane<'_>>) -> Vec<Figures> {
        let is_test = std::env::args().any(|argument| argument == "--test");
        let rounds = if is_test { 2 } else { ROUNDS };
        let names: Vec<&'static str> = lanes.iter().map(|lane| lane.name).collect();
        // The reference stands at the front and, as the null lane, at the end.
        let mut turns: Vec<usize> = (0..lanes.len()).collect();
        turns.push(0);
        let mut times = vec![Vec::with_capacity(rounds * 2); turns.len()];
        let mut answers: Vec<Option<u64>> = vec![None; lanes.len()];
        for round in 0..rounds * 2 {
            for step in 0..turns.len() {
                let turn = if round % 2 == 0 {
                    step
                } else {
                    turns.len() - 1 - step
                };
                let Some(lane) = turns.get(turn).and_then(|&lane| lanes.get_mut(lane)) else {
                    continue;
                };
                let mut watch = Stopwatch::default();
                let answer = (lane.run)(&mut watch);
                let known = turns.get(turn).and_then(|&lane| answers.get_mut(lane));
                if let Some(known) = known {
                    let first = *known.get_or_insert(answer);
                    assert_eq!(
                        first, answer,
                        "{}: another answer in round {round}",
                        lane.name
                    );
                }
                if let Some(times) = times.get_mut(turn) {
                    times.push(watch.ns);
                }
            }
        }
        let figures = self.figures(&names, times);
        if !is_test {
            self.tell(&figures);
        }
        figures
    }

    fn figures(self, names: &[&'static str], times: Vec<Vec<u64>>) -> Vec<Figures> {
        let per_message = |ns: u64| {
            // Far below 2^53, where the conversion would begin to round.
            ns as f64 / self.messages as f64
        };
        let mut reference = None;
        let labels = names.iter().copied().chain(["null"]);
        let mut figures = Vec::new();
        for (lane, mut times) in labels.zip(times) {
            times.sort_unstable();
            let ns_min = times.first().copied().map_or(0.0, per_message);
            let ns_median = times.get(times.len() / 2).copied().map_or(0.0, per_message);
            let reference = *reference.get_or_insert(ns_median);
            figures.push(Figures {
                lane,
                ns_min,
                ns_median,
                ratio: ns_median / reference,
            });
        }
        figures
    }

    #[expect(
        clippy::print_stdout,
        reason = "a bench is a program whose output is its purpose"
    )]
    fn tell(self, figures: &[Figures]) {
        let Race {
            name,
            messages,
            bytes,
        } = self;
        println!(
            "\n{name}: {messages} messages, {bytes} bytes, {} rounds",
            ROUNDS * 2
        );
        println!(
            "  {:<24} {:>10} {:>10} {:>8}",
            "lane", "ns min", "ns median", "ratio"
        );
        for row in figures {
            let Figures {
                lane,
                ns_min,
                ns_median,
                ratio,
            } = row;
            println!("  {lane:<24} {ns_min:>10.1} {ns_median:>10.1} {ratio:>8.3}");
        }
        let null = figures.last().map_or(0.0, |row| row.ratio);
        let is_void = (null - 1.0).abs() > NULL_LANE_SLACK;
        if is_void {
            println!("  VOID: the null lane is not within {NULL_LANE_SLACK} of 1");
        }
        if let Some(file) = std::env::var_os("GWANMUN_RECORD") {
            let mut text = String::new();
            for row in figures {
                text.push_str(&format!(
                    "{name},{},{messages},{bytes},{},{:.2},{:.2},{:.4},{}\n",
                    row.lane,
                    ROUNDS * 2,
                    row.ns_min,
                    row.ns_median,
                    row.ratio,
                    if is_void { "void" } else { "" },
                ));
            }
            let written = OpenOptions::new()
                .create(true)
                .append(true)
                .open(file)
                .and_then(|mut file| file.write_all(text.as_bytes()));
            assert!(
                written.is_ok(),
                "GWANMUN_RECORD cannot be written: {written:?}"
            );
        }
    }
}

/// Fixes this thread to the last core it may use: the first one is everybody's.
pub fn pin() {
    let last = gwanmun_runtime::cores::permitted().last();
    if let Some(core) = last {
        // A container may refuse; the ratios hold all the same, only less tightly.
        let _ = gwanmun_runtime::cores::pin_current_thread(core);
    }
}
