//! What goes wrong on purpose, and when: cut lines and sessions that do not read.

/// Faults of a run; `None` means never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultTerms {
    /// Distance of two cuts in nanoseconds.
    pub cut_every_ns: Option<u64>,
    /// Distance of two stalls in nanoseconds.
    pub stall_every_ns: Option<u64>,
    /// How long a stalled session does not read.
    pub stall_ns: u64,
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Drop some session's line.
    Cut,
    /// Let some session not read until then.
    Stall {
        /// When it reads again.
        until_ns: u64,
    },
}

/// The faults as they come.
#[derive(Clone, Debug)]
pub struct Faults {
    terms: FaultTerms,
    next_cut_ns: Option<u64>,
    next_stall_ns: Option<u64>,
    /// Lines cut so far.
    pub cuts: u64,
    /// Sessions stalled so far.
    pub stalls: u64,
}

impl Faults {
    /// Faults of a run that begins at `start_ns`.
    #[must_use]
    pub fn new(terms: FaultTerms, start_ns: u64) -> Faults {
        let first = |every: Option<u64>| every.map(|every| start_ns.saturating_add(every));
        Faults {
            terms,
            next_cut_ns: first(terms.cut_every_ns),
            next_stall_ns: first(terms.stall_every_ns),
            cuts: 0,
            stalls: 0,
        }
    }

    /// A fault that is due, once.
    pub fn due(&mut self, now_ns: u64) -> Option<Fault> {
        let is_due = |next: Option<u64>| next.is_some_and(|next| next <= now_ns);
        if is_due(self.next_cut_ns) {
            let every = self.terms.cut_every_ns?;
            self.next_cut_ns = self.next_cut_ns.map(|next| next.saturating_add(every));
            return Some(Fault::Cut);
        }
        if is_due(self.next_stall_ns) {
            let every = self.terms.stall_every_ns?;
            self.next_stall_ns = self.next_stall_ns.map(|next| next.saturating_add(every));
            let until_ns = now_ns.saturating_add(self.terms.stall_ns);
            return Some(Fault::Stall { until_ns });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_comes_as_often_as_it_was_asked_for() {
        let terms = FaultTerms {
            cut_every_ns: Some(10),
            stall_every_ns: Some(15),
            stall_ns: 4,
        };
        let mut faults = Faults::new(terms, 100);
        let mut seen = Vec::new();
        for now_ns in 100..=130 {
            while let Some(fault) = faults.due(now_ns) {
                seen.push((now_ns, fault));
            }
        }
        let stall = |until_ns| Fault::Stall { until_ns };
        assert_eq!(
            seen,
            [
                (110, Fault::Cut),
                (115, stall(119)),
                (120, Fault::Cut),
                (130, Fault::Cut),
                (130, stall(134)),
            ]
        );
        assert_eq!(Faults::new(FaultTerms::default(), 0).due(u64::MAX), None);
    }
}
