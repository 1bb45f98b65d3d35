//! What halts each instrument at each venue, as the venues' feeds told it.
//!
//! Told halts are kept as they came, by instrument or by area (a matching group or a market
//! segment), and what follows for each instrument at each venue is worked out when one changes, so
//! that an order looks at one number. A halt that is told to hold everywhere stops the instrument
//! at every venue, whatever those say themselves.
//!
//! They outlive a lost feed and a restart of the process: a halt ends when the venue says so, or
//! when its feed begins anew and does not tell it again. Between that login and the first market
//! state behind it they are *in doubt* and hold.

use gwanmun_market::{Halt, HaltKind, HaltScope, HaltSet};

use crate::image::{ImageReader, ImageWriter};
use crate::tables::Tables;

/// Matching groups and segments of one venue under a halt at the same time. Korean venues have a
/// dozen of them; beyond this the feed's line is given up, so that all its instruments are stale.
const AREAS_MAX: usize = 64;

/// Bytes of the image of what is told of one scope.
pub(crate) const HALT_IMAGE_BYTES: usize = 2 + 1 + 9 + 3 * 2;

/// All halts.
pub(crate) struct Halts {
    instruments: usize,
    venues: usize,
    /// What each venue told of each instrument by itself, venue by venue.
    told: Box<[Told]>,
    /// Invariant: never beyond its capacity, [`AREAS_MAX`] for each venue.
    areas: Vec<Area>,
    /// What follows for each instrument, venue by venue.
    in_force: Box<[HaltSet]>,
}

/// What a venue told of one scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// What stops it at the venue alone.
    here: HaltSet,
    /// What stops it everywhere.
    everywhere: HaltSet,
    /// Of these, what the feed has not told again since it began anew.
    in_doubt: HaltSet,
}

#[derive(Clone, Copy, Debug)]
struct Area {
    venue: u16,
    scope: HaltScope,
    told: Told,
}

/// What is told of one scope, as an effect and a snapshot have it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HaltImage {
    venue: u16,
    scope: HaltScope,
    told: Told,
}

/// More areas under a halt than there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HaltsFull;

impl Told {
    const fn all(self) -> HaltSet {
        self.here.with(self.everywhere)
    }

    fn tell(&mut self, halt: Halt) {
        self.here = self.here.without(halt.kind);
        self.everywhere = self.everywhere.without(halt.kind);
        self.in_doubt = self.in_doubt.without(halt.kind);
        let place = if halt.is_everywhere {
            &mut self.everywhere
        } else {
            &mut self.here
        };
        *place = place.with(halt.set());
    }

    /// What is in doubt is over.
    fn settle(&mut self) {
        for (kind, ..) in HaltKind::ALL {
            if self.in_doubt.without(kind) != self.in_doubt {
                self.here = self.here.without(kind);
                self.everywhere = self.everywhere.without(kind);
            }
        }
        self.in_doubt = HaltSet::NONE;
    }
}

impl Halts {
    /// None, of so many venues and instruments.
    pub(crate) fn new(venues: usize, instruments: usize) -> Halts {
        Halts {
            instruments,
            venues,
            told: vec![Told::default(); venues * instruments].into(),
            areas: Vec::with_capacity(venues * AREAS_MAX),
            in_force: vec![HaltSet::NONE; venues * instruments].into(),
        }
    }

    fn place(&self, venue: u16, instrument: u16) -> usize {
        usize::from(venue) * self.instruments + usize::from(instrument)
    }

    /// All that stops an instrument at a venue.
    #[inline]
    pub(crate) fn of(&self, venue: u16, instrument: u16) -> HaltSet {
        let place = self.place(venue, instrument);
        self.in_force.get(place).copied().unwrap_or_default()
    }

    /// A venue's feed tells a halt. Gives what is then told of its scope, for the record; `None`
    /// where nothing changed, or the instrument is none of ours.
    ///
    /// # Errors
    /// [`HaltsFull`].
    pub(crate) fn tell(
        &mut self,
        venue: u16,
        halt: Halt,
        tables: &Tables,
    ) -> Result<Option<HaltImage>, HaltsFull> {
        let before = self.told_of(venue, halt.scope, tables);
        let Some(before) = before else {
            return Ok(None);
        };
        let mut told = before;
        told.tell(halt);
        if told == before {
            return Ok(None);
        }
        let image = HaltImage {
            venue,
            scope: halt.scope,
            told,
        };
        self.put(image, tables)?;
        Ok(Some(image))
    }

    /// What is told of a scope; `None` where it is an instrument that the tables do not have.
    fn told_of(&self, venue: u16, scope: HaltScope, tables: &Tables) -> Option<Told> {
        if let HaltScope::Instrument(symbol) = scope {
            let place = self.place(venue, tables.instrument_index(&symbol)?);
            return self.told.get(place).copied();
        }
        let area = self.areas.iter().find(|area| area.is(venue, scope));
        Some(area.map_or(Told::default(), |area| area.told))
    }

    /// Puts what is told of a scope into its place.
    ///
    /// # Errors
    /// [`HaltsFull`].
    pub(crate) fn put(&mut self, image: HaltImage, tables: &Tables) -> Result<(), HaltsFull> {
        let HaltImage { venue, scope, told } = image;
        if usize::from(venue) >= self.venues {
            return Err(HaltsFull);
        }
        if let HaltScope::Instrument(symbol) = scope {
            let index = tables.instrument_index(&symbol).ok_or(HaltsFull)?;
            let place = self.place(venue, index);
            *self.told.get_mut(place).ok_or(HaltsFull)? = told;
            self.work_out(index, tables);
            return Ok(());
        }
        let at = self.areas.iter().position(|area| area.is(venue, scope));
        match at.and_then(|at| self.areas.get_mut(at)) {
            Some(area) => area.told = told,
            None => {
                let of_venue = self.areas.iter().filter(|area| area.venue == venue);
                if of_venue.count() >= AREAS_MAX {
                    return Err(HaltsFull);
                }
                self.areas.push(Area { venue, scope, told });
            }
        }
        self.areas.retain(|area| area.told != Told::default());
        self.work_out_covered(scope, tables);
        Ok(())
    }

    /// A venue's feed begins anew; tells whether anything is in doubt now.
    pub(crate) fn doubt(&mut self, venue: u16) -> bool {
        let mut is_any = false;
        for told in self.told_by(venue) {
            told.in_doubt = told.all();
            is_any |= !told.in_doubt.is_empty();
        }
        is_any
    }

    /// Whether a venue's feed has not yet told everything again.
    pub(crate) fn has_doubt(&self, venue: u16) -> bool {
        let by_itself = self.told.iter().skip(usize::from(venue) * self.instruments);
        let areas = self.areas.iter().filter(|area| area.venue == venue);
        by_itself
            .take(self.instruments)
            .chain(areas.map(|area| &area.told))
            .any(|told| !told.in_doubt.is_empty())
    }

    /// A venue's feed has told every halt there is: those still in doubt are over.
    pub(crate) fn settle(&mut self, venue: u16, tables: &Tables) {
        for told in self.told_by(venue) {
            told.settle();
        }
        self.areas.retain(|area| area.told != Told::default());
        self.work_out_all(tables);
    }

    fn told_by(&mut self, venue: u16) -> impl Iterator<Item = &mut Told> {
        let skipped = usize::from(venue) * self.instruments;
        let by_itself = self.told.iter_mut().skip(skipped).take(self.instruments);
        let areas = self
            .areas
            .iter_mut()
            .filter(move |area| area.venue == venue);
        by_itself.chain(areas.map(|area| &mut area.told))
    }

    fn work_out_covered(&mut self, scope: HaltScope, tables: &Tables) {
        for (index, row) in (0_u16..).zip(tables.instruments()) {
            let rules = tables.market_rules(index);
            if scope.covers(row.symbol, rules.matching_group, rules.segment) {
                self.work_out(index, tables);
            }
        }
    }

    /// Works everything out anew: behind a change of all, or of an instrument's group or segment.
    pub(crate) fn work_out_all(&mut self, tables: &Tables) {
        self.work_out_covered(HaltScope::Market(gwanmun_market::AreaName::EMPTY), tables);
    }

    fn work_out(&mut self, instrument: u16, tables: &Tables) {
        let Some(row) = tables.instrument(instrument) else {
            return;
        };
        let rules = tables.market_rules(instrument);
        let mut everywhere = HaltSet::NONE;
        for venue in 0..self.venues {
            let place = venue * self.instruments + usize::from(instrument);
            let told = self.told.get(place).copied().unwrap_or_default();
            let mut here = told.here;
            everywhere = everywhere.with(told.everywhere);
            for area in &self.areas {
                let covers = area
                    .scope
                    .covers(row.symbol, rules.matching_group, rules.segment);
                if usize::from(area.venue) == venue && covers {
                    here = here.with(area.told.here);
                    everywhere = everywhere.with(area.told.everywhere);
                }
            }
            if let Some(in_force) = self.in_force.get_mut(place) {
                *in_force = here;
            }
        }
        for venue in 0..self.venues {
            let place = venue * self.instruments + usize::from(instrument);
            if let Some(in_force) = self.in_force.get_mut(place) {
                *in_force = in_force.with(everywhere);
            }
        }
    }

    /// Every scope of which something is told, in an order that does not depend on how it came to
    /// be. Cold: it allocates.
    pub(crate) fn images(&self, tables: &Tables) -> Vec<HaltImage> {
        let mut images = Vec::new();
        for venue in (0_u16..).take(self.venues) {
            for (index, row) in (0_u16..).zip(tables.instruments()) {
                let told = self.told.get(self.place(venue, index));
                let told = told.copied().unwrap_or_default();
                let scope = HaltScope::Instrument(row.symbol);
                images.push(HaltImage { venue, scope, told });
            }
        }
        images.retain(|image| image.told != Told::default());
        let mut areas = self.areas.clone();
        areas.sort_by_key(|area| (area.venue, area.scope.to_parts()));
        let of_area = |area: &Area| HaltImage {
            venue: area.venue,
            scope: area.scope,
            told: area.told,
        };
        images.extend(areas.iter().map(of_area));
        images
    }
}

impl Area {
    fn is(&self, venue: u16, scope: HaltScope) -> bool {
        self.venue == venue && self.scope == scope
    }
}

impl HaltImage {
    pub(crate) fn write(&self, into: &mut ImageWriter<'_>) {
        let (scope, name) = self.scope.to_parts();
        into.u16(self.venue);
        into.u8(scope);
        into.text(&name);
        for set in [self.told.here, self.told.everywhere, self.told.in_doubt] {
            into.u16(set.to_bits());
        }
    }

    pub(crate) fn read(from: &mut ImageReader<'_>) -> Option<HaltImage> {
        let (venue, scope) = (from.u16()?, from.u8()?);
        let scope = HaltScope::from_parts(scope, from.text()?)?;
        let mut set = || HaltSet::from_bits(from.u16()?);
        let told = Told {
            here: set()?,
            everywhere: set()?,
            in_doubt: set()?,
        };
        Some(HaltImage { venue, scope, told })
    }
}
