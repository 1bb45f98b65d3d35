//! What the borrow desk is asked for: short sales that were refused because a loan is missing
//! . A confirmed loan releases nothing by itself: the member sends his order again.
//!
//! There is one request for an account and an instrument. Further refusals make it say what was
//! missing the last time, and how often; loans, and whatever else comes in, take off it, and with
//! nothing left it is closed.

use gwanmun_fix::message::Message;
use gwanmun_fix::tag;
use gwanmun_market::{GateCode, OrderId, Refusal};

use crate::effect::EffectBuilder;
use crate::image::{ImageReader, ImageWriter};
use crate::orders::Order;
use crate::refusal_text::missing_qty;
use crate::state::State;

/// Open requests at once: more pairs than a borrow desk works on. One that finds no room stands on
/// record as the verdict that it is, and on no list.
pub(crate) const BORROWS_MAX: usize = 1_024;

/// What the member said of the loan, LocateReqd(114). It decides nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Locate {
    /// Nothing.
    Unsaid = 0,
    /// 114=Y: the broker is to find the shares.
    Required = 1,
    /// 114=N: the member says that it has them.
    NotRequired = 2,
}

impl Locate {
    const fn from_byte(byte: u8) -> Option<Locate> {
        match byte {
            0 => Some(Locate::Unsaid),
            1 => Some(Locate::Required),
            2 => Some(Locate::NotRequired),
            _ => None,
        }
    }
}

/// One request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BorrowRequest {
    /// Account and instrument.
    pub(crate) key: (u16, u16),
    /// What was missing at the latest refusal, less what came in since; zero: closed.
    pub(crate) missing: i64,
    /// Refusals since it was opened.
    pub(crate) times: u32,
    /// When it was opened, nanoseconds since the epoch.
    pub(crate) since_ns: u64,
    /// What the latest order said.
    pub(crate) locate: Locate,
    /// The latest order that was refused.
    pub(crate) order_id: OrderId,
}

/// Asks the borrow desk for what a refused short sale lacks, where that is why it was refused.
pub(crate) fn note_shortfall(
    state: &mut State,
    (order, refusal): (&Order, Refusal),
    message: &Message<'_>,
    now_ns: u64,
    effect: &mut EffectBuilder<'_>,
) {
    let missing = missing_qty(&refusal).filter(|&missing| missing > 0);
    let Some(missing) = missing.filter(|_| refusal.code == GateCode::BorrowNeeded) else {
        return;
    };
    let key = (order.account, order.instrument);
    let open = state.borrows.of(key);
    let request = BorrowRequest {
        key,
        missing,
        times: open.map_or(0, |open| open.times).saturating_add(1),
        since_ns: open.map_or(now_ns, |open| open.since_ns),
        locate: match message.field(tag::LOCATE_REQD) {
            Some(b"Y") => Locate::Required,
            Some(b"N") => Locate::NotRequired,
            _ => Locate::Unsaid,
        },
        order_id: order.order_id,
    };
    state.put_borrow(request, effect);
}

/// Longest image in bytes.
pub(crate) const BORROW_IMAGE_BYTES: usize = 4 + 8 + 4 + 8 + 1 + 15;

impl BorrowRequest {
    /// Writes the image.
    pub(crate) fn write_image(&self, into: &mut ImageWriter<'_>) {
        into.u16(self.key.0);
        into.u16(self.key.1);
        into.i64(self.missing);
        into.u32(self.times);
        into.u64(self.since_ns);
        into.u8(self.locate as u8);
        into.text(&self.order_id);
    }

    /// Reads it back.
    pub(crate) fn read_image(from: &mut ImageReader<'_>) -> Option<BorrowRequest> {
        Some(BorrowRequest {
            key: (from.u16()?, from.u16()?),
            missing: from.i64()?,
            times: from.u32()?,
            since_ns: from.u64()?,
            locate: Locate::from_byte(from.u8()?)?,
            order_id: from.text()?,
        })
    }
}

/// Every open request.
pub(crate) struct Borrows {
    /// Invariant: at most [`BORROWS_MAX`], for which there is room; one for a key; none is closed.
    open: Vec<BorrowRequest>,
}

impl Borrows {
    /// None.
    pub(crate) fn new() -> Borrows {
        Borrows {
            open: Vec::with_capacity(BORROWS_MAX),
        }
    }

    /// The request for an account and an instrument. It is looked for from front to back, on the
    /// way of a refusal or a command alone.
    pub(crate) fn of(&self, key: (u16, u16)) -> Option<&BorrowRequest> {
        self.open.iter().find(|request| request.key == key)
    }

    /// Puts a request as its image tells it; tells whether it had room.
    pub(crate) fn put(&mut self, request: BorrowRequest) -> bool {
        let at = self.open.iter().position(|open| open.key == request.key);
        match at {
            Some(at) if request.missing <= 0 => {
                self.open.swap_remove(at);
            }
            Some(at) => {
                if let Some(place) = self.open.get_mut(at) {
                    *place = request;
                }
            }
            None if request.missing <= 0 => {}
            None if self.open.len() < BORROWS_MAX => self.open.push(request),
            None => return false,
        }
        true
    }

    /// The request at a place of the list, in no order that means anything.
    pub(crate) fn at(&self, index: usize) -> Option<&BorrowRequest> {
        self.open.get(index)
    }

    /// Every open request, by account and instrument.
    pub(crate) fn sorted(&self) -> Vec<BorrowRequest> {
        let mut sorted = self.open.clone();
        sorted.sort_unstable_by_key(|request| request.key);
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(instrument: usize, missing: i64) -> BorrowRequest {
        BorrowRequest {
            key: (1, u16::try_from(instrument).unwrap()),
            missing,
            times: 1,
            since_ns: 7,
            locate: Locate::Required,
            order_id: OrderId::new(b"GW100000000042").unwrap(),
        }
    }

    #[test]
    fn a_request_is_open_until_nothing_is_missing() {
        let mut borrows = Borrows::new();
        for instrument in 0..BORROWS_MAX {
            assert!(borrows.put(request(instrument, 50)));
        }
        assert!(!borrows.put(request(BORROWS_MAX, 50)), "one too many");
        // Those there are can still be changed and closed.
        assert!(borrows.put(request(3, 20)) && borrows.put(request(4, 0)));
        assert_eq!(borrows.of((1, 3)), Some(&request(3, 20)));
        assert_eq!(borrows.of((1, 4)), None);
        assert!(borrows.put(request(BORROWS_MAX, 50)), "room again");
        // Closing what is not open is nothing.
        assert!(borrows.put(request(4, 0)));
        assert_eq!(borrows.sorted().len(), BORROWS_MAX);
    }

    #[test]
    fn an_image_reads_back() {
        let mut bytes = [0; BORROW_IMAGE_BYTES];
        let mut writer = ImageWriter::new(&mut bytes);
        request(2, 50).write_image(&mut writer);
        assert_eq!(writer.finish(), Some(BORROW_IMAGE_BYTES));
        let mut reader = ImageReader::new(&bytes);
        assert_eq!(BorrowRequest::read_image(&mut reader), Some(request(2, 50)));
        bytes[24] = 3;
        let mut reader = ImageReader::new(&bytes);
        assert_eq!(BorrowRequest::read_image(&mut reader), None);
    }
}
