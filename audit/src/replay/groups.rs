//! A day decided by one group of checks alone, and by none: what each of them stops by itself.
//!
//! Which checks a gateway asks is a constant of a type. The types here are the replay's own: no
//! process that carries orders can be given one.

use gwanmun_gateway::{Group, Policy, Stage, Stages};

use super::fix_numbers::SentMessages;
use super::run::{self, Mode, Run};
use super::verdict::{Decision, decisions, first_by_order};
use super::{Progress, ReplayError, Report, cut, report, starts};

macro_rules! only {
    ($name:ident, $policy:expr) => {
        #[derive(Default)]
        struct $name;

        impl Stages for $name {
            const POLICY: Policy = $policy;

            fn mark(&mut self, _stage: Stage) {}
        }
    };
}

only!(Reference, Policy::Only(Group::Reference));
only!(Price, Policy::Only(Group::Price));
only!(Size, Policy::Only(Group::Size));
only!(Exposure, Policy::Only(Group::Exposure));
only!(Rate, Policy::Only(Group::Rate));
only!(Conduct, Policy::Only(Group::Conduct));
only!(NoGroup, Policy::Nothing);

/// Runs so far, and one that the bar is for.
const RUNS: u64 = 2 + Group::ALL.len() as u64;

/// The day under one group of checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// Which; `None`: no check at all, only what admission and routing say.
    pub group: Option<Group>,
    /// The first verdict about each order, in the order of their OrderIDs.
    pub orders: Vec<Decision>,
}

/// What each group of checks alone would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByGroup {
    /// The replay of the day as it was. Unless it is identical, nothing else here means anything.
    pub replay: Report,
    /// One for none, and then one for each group.
    pub alone: Vec<Alone>,
}

/// Replays a trading day under each group of checks alone. What the venue said about orders that
/// are not sent then is left out, and what it would have said about others is not made up.
///
/// # Errors
/// [`ReplayError`].
pub fn by_group(segments: &[&[u8]], progress: Progress<'_>) -> Result<ByGroup, ReplayError> {
    let cut = cut::cut(segments)?;
    let starts = starts::starts(&cut.inputs)?;
    let mut round = 0;
    let mut step = |run: &mut dyn FnMut(Progress<'_>) -> Result<Run, ReplayError>| {
        let mut told = |done: u64, total: u64| progress(round * total + done, RUNS * total);
        let run = run(&mut told);
        round += 1;
        run
    };
    let inputs = &cut.inputs;
    let was = step(&mut |told| run::run::<()>(inputs, &starts, Mode::Same, told))?;
    let undecided = was.undecided.clone();
    let sent = SentMessages::of_run(inputs, &was.own);
    let replay = report(&cut, &starts, was);
    let mode = Mode::Changed {
        undecided: &undecided,
        sent: &sent,
    };
    let mut alone = Vec::new();
    for group in [None].into_iter().chain(Group::ALL.map(Some)) {
        let would = step(&mut |told| match group {
            None => run::run::<NoGroup>(inputs, &starts, mode, told),
            Some(Group::Reference) => run::run::<Reference>(inputs, &starts, mode, told),
            Some(Group::Price) => run::run::<Price>(inputs, &starts, mode, told),
            Some(Group::Size) => run::run::<Size>(inputs, &starts, mode, told),
            Some(Group::Exposure) => run::run::<Exposure>(inputs, &starts, mode, told),
            Some(Group::Rate) => run::run::<Rate>(inputs, &starts, mode, told),
            Some(Group::Conduct) => run::run::<Conduct>(inputs, &starts, mode, told),
        })?;
        let decided = decisions(inputs, &would);
        let orders = first_by_order(&decided).into_values().copied().collect();
        alone.push(Alone { group, orders });
    }
    Ok(ByGroup { replay, alone })
}
