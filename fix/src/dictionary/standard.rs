//! The standard dictionaries, as the crate ships them, and what ours adds to the newest.

use super::{Dictionary, load};

/// A FIX version whose dictionary needs no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// FIX.4.2.
    Fix42,
    /// FIX.4.4.
    Fix44,
    /// FIXT.1.1: the session's messages, header and trailer alone.
    Fixt11,
    /// FIX.5.0SP2 over FIXT.1.1: the 108 messages of its first edition, the risk-limit and
    /// party-action messages CS, CT, DF, DG, DH and DI, and on order messages
    /// ShortSaleExemptionReason(1688), OrderOrigination(1724), SelfMatchPreventionID(2362) and
    /// NoOrderAttributes(2593).
    Fix50Sp2,
}

impl Standard {
    /// All of them.
    pub const ALL: [Standard; 4] = [
        Standard::Fix42,
        Standard::Fix44,
        Standard::Fixt11,
        Standard::Fix50Sp2,
    ];
}

/// What the first edition of FIX.5.0SP2 lacks and we use; types of time that the crate has not.
const EXTENSION_50SP2: &str = include_str!("extension_50sp2.xml");

impl Dictionary {
    /// A standard dictionary. It is read anew each time, in some tens of milliseconds: keep it.
    ///
    /// # Panics
    /// Never: what is read is part of the program, and the tests read all of it.
    #[must_use]
    pub fn standard(standard: Standard) -> Dictionary {
        use hotfix_dictionary::Dictionary as Shipped;
        match standard {
            Standard::Fix42 => load::from_crate(&Shipped::fix42()),
            Standard::Fix44 => load::from_crate(&Shipped::fix44()),
            Standard::Fixt11 => load::from_crate(&Shipped::fixt11()),
            Standard::Fix50Sp2 => {
                let mut application = load::from_crate(&Shipped::fix50sp2());
                let session = load::from_crate(&Shipped::fixt11());
                let extended = application.extend(EXTENSION_50SP2);
                extended
                    .and_then(|()| application.over(&session))
                    .expect("the extension is a constant that fits the constant below it")
            }
        }
    }
}
