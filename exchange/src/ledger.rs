//! The venue's own ledger: every frame received and every message sent, as CSV.
//!
//! In it: [`Ledger`]. A frame is written as it is cut from the line, before anything looks at its
//! UserRefNum, so that an order that came twice stands here twice. Fields are read by their offsets
//! in the public tables and not by the codec that both sides of the wire share; a field that is not
//! there stays empty, and the raw bytes stand behind. A password is written as asterisks. Text of a
//! peer is escaped, so that a line is a line. Not in it: joining it with another ledger.

use core::fmt::Write as _;
use std::io::{self, Write};

use gwanmun_market::{Price, Side};

use crate::venue::About;

/// The first line of a ledger.
pub const COLUMNS: &str = "time_ns,direction,line,user,sequence_number,soup_type,ouch_type,\
user_ref_num,orig_user_ref_num,side,quantity,symbol,price,cl_ord_id,reason,match_number,raw";

/// The price field of an order without a limit.
const MARKET: [u8; 8] = i64::MAX.to_be_bytes();

/// Where the password stands in a login request packet.
const PASSWORD: core::ops::Range<usize> = 9..19;

/// Writes the ledger.
pub struct Ledger {
    into: Box<dyn Write + Send>,
    line: String,
    has_unflushed: bool,
}

/// The fields of one line, as text.
#[derive(Default)]
struct Fields {
    user_ref_num: String,
    orig_user_ref_num: String,
    side: String,
    quantity: String,
    symbol: String,
    price: String,
    cl_ord_id: String,
    reason: String,
    match_number: String,
}

/// Where a message has its fields; zero, which is the type's place, stands for "has none".
#[derive(Clone, Copy, Default)]
struct Layout {
    user_ref_num: usize,
    orig_user_ref_num: usize,
    side: usize,
    quantity: usize,
    symbol: usize,
    price: usize,
    cl_ord_id: usize,
    reason: usize,
    match_number: usize,
}

const NONE: Layout = Layout {
    user_ref_num: 0,
    orig_user_ref_num: 0,
    side: 0,
    quantity: 0,
    symbol: 0,
    price: 0,
    cl_ord_id: 0,
    reason: 0,
    match_number: 0,
};

const fn received_layout(ouch_type: u8) -> Layout {
    match ouch_type {
        b'O' => Layout {
            user_ref_num: 1,
            side: 5,
            quantity: 6,
            symbol: 10,
            price: 18,
            cl_ord_id: 31,
            ..NONE
        },
        b'U' => Layout {
            orig_user_ref_num: 1,
            user_ref_num: 5,
            quantity: 9,
            price: 13,
            cl_ord_id: 24,
            ..NONE
        },
        b'X' => Layout {
            user_ref_num: 1,
            quantity: 5,
            ..NONE
        },
        b'M' => Layout {
            user_ref_num: 1,
            side: 5,
            quantity: 6,
            ..NONE
        },
        b'C' => Layout {
            user_ref_num: 1,
            symbol: 9,
            ..NONE
        },
        b'D' | b'E' => Layout {
            user_ref_num: 1,
            ..NONE
        },
        _ => NONE,
    }
}

const fn sent_layout(ouch_type: u8) -> Layout {
    match ouch_type {
        b'A' => Layout {
            user_ref_num: 9,
            side: 13,
            quantity: 14,
            symbol: 18,
            price: 26,
            cl_ord_id: 48,
            ..NONE
        },
        b'U' => Layout {
            orig_user_ref_num: 9,
            user_ref_num: 13,
            side: 17,
            quantity: 18,
            symbol: 22,
            price: 30,
            cl_ord_id: 52,
            ..NONE
        },
        b'C' => Layout {
            user_ref_num: 9,
            quantity: 13,
            reason: 17,
            ..NONE
        },
        b'E' => Layout {
            user_ref_num: 9,
            quantity: 13,
            price: 17,
            match_number: 26,
            ..NONE
        },
        b'J' => Layout {
            user_ref_num: 9,
            reason: 13,
            cl_ord_id: 15,
            ..NONE
        },
        b'Q' => Layout {
            user_ref_num: 9,
            ..NONE
        },
        b'S' => Layout { reason: 9, ..NONE },
        _ => NONE,
    }
}

/// A packet as it may be kept: the password of a login as asterisks.
pub(crate) fn masked(packet: &[u8]) -> Vec<u8> {
    let mut kept = packet.to_vec();
    if packet.get(2) == Some(&b'L') {
        kept.iter_mut()
            .skip(PASSWORD.start)
            .take(PASSWORD.len())
            .for_each(|byte| *byte = b'*');
    }
    kept
}

impl Ledger {
    /// Starts a ledger with its first line.
    ///
    /// # Errors
    /// Whatever the writer finds.
    pub fn start(mut into: Box<dyn Write + Send>) -> io::Result<Self> {
        writeln!(into, "{COLUMNS}")?;
        into.flush()?;
        Ok(Ledger {
            into,
            line: String::new(),
            has_unflushed: false,
        })
    }

    /// Writes a packet received on an order line, whole or not a packet at all.
    ///
    /// # Errors
    /// Whatever the writer finds.
    pub fn received(
        &mut self,
        time_ns: u64,
        line: u32,
        user: &[u8],
        packet: &[u8],
    ) -> io::Result<()> {
        let soup_type = packet.get(2).copied().unwrap_or(b'?');
        let message = if soup_type == b'U' {
            packet.get(3..).unwrap_or(&[])
        } else {
            &[]
        };
        let ouch_type = message.first().copied();
        let layout = received_layout(ouch_type.unwrap_or(0));
        let fields = Fields::read(message, layout, false);
        let raw = masked(packet);
        let head = format!("{time_ns},in,{line},{},,", escaped(user));
        self.write(&head, soup_type, ouch_type, &fields, &raw)
    }

    /// Writes a message that got a number in a user's stream.
    ///
    /// # Errors
    /// Whatever the writer finds.
    pub fn sent(
        &mut self,
        time_ns: u64,
        user: &[u8],
        sequence_number: u64,
        about: &About,
        message: &[u8],
    ) -> io::Result<()> {
        let ouch_type = message.first().copied();
        let layout = sent_layout(ouch_type.unwrap_or(0));
        let mut fields = Fields::read(message, layout, ouch_type == Some(b'J'));
        // Most reports name their order by UserRefNum alone; the ledger names it in full.
        fields.cl_ord_id = escaped(about.cl_ord_id.as_bytes());
        fields.symbol = escaped(about.symbol.as_bytes());
        fields.side = about
            .side
            .map_or_else(String::new, |side| escaped(&[Side::to_ouch(side)]));
        let head = format!("{time_ns},out,,{},{sequence_number},", escaped(user));
        self.write(&head, b'S', ouch_type, &fields, message)
    }

    /// Hands everything written so far to the kernel.
    ///
    /// # Errors
    /// Whatever the writer finds.
    pub fn flush(&mut self) -> io::Result<()> {
        if core::mem::take(&mut self.has_unflushed) {
            self.into.flush()?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        head: &str,
        soup_type: u8,
        ouch_type: Option<u8>,
        fields: &Fields,
        raw: &[u8],
    ) -> io::Result<()> {
        self.line.clear();
        self.line.push_str(head);
        self.line.push_str(&escaped(&[soup_type]));
        self.line.push(',');
        self.line
            .push_str(&ouch_type.map_or_else(String::new, |byte| escaped(&[byte])));
        for field in [
            &fields.user_ref_num,
            &fields.orig_user_ref_num,
            &fields.side,
            &fields.quantity,
            &fields.symbol,
            &fields.price,
            &fields.cl_ord_id,
            &fields.reason,
            &fields.match_number,
        ] {
            self.line.push(',');
            self.line.push_str(field);
        }
        self.line.push(',');
        for byte in raw {
            write!(self.line, "{byte:02x}").map_err(io::Error::other)?;
        }
        self.line.push('\n');
        self.has_unflushed = true;
        self.into.write_all(self.line.as_bytes())
    }
}

impl Fields {
    fn read(message: &[u8], at: Layout, has_wide_reason: bool) -> Self {
        let reason = if has_wide_reason {
            bytes_at(message, at.reason).map(|raw| u16::from_be_bytes(raw).to_string())
        } else {
            bytes_at(message, at.reason).map(|raw: [u8; 1]| escaped(&raw))
        };
        Fields {
            user_ref_num: number(message, at.user_ref_num),
            orig_user_ref_num: number(message, at.orig_user_ref_num),
            side: bytes_at(message, at.side).map_or_else(String::new, |raw: [u8; 1]| escaped(&raw)),
            quantity: number(message, at.quantity),
            symbol: alpha::<8>(message, at.symbol),
            price: bytes_at(message, at.price).map_or_else(String::new, price),
            cl_ord_id: alpha::<14>(message, at.cl_ord_id),
            reason: reason.unwrap_or_default(),
            match_number: bytes_at(message, at.match_number)
                .map_or_else(String::new, |raw| u64::from_be_bytes(raw).to_string()),
        }
    }
}

fn bytes_at<const N: usize>(message: &[u8], offset: usize) -> Option<[u8; N]> {
    if offset == 0 {
        None
    } else {
        message.get(offset..)?.first_chunk().copied()
    }
}

fn number(message: &[u8], offset: usize) -> String {
    bytes_at(message, offset).map_or_else(String::new, |raw| u32::from_be_bytes(raw).to_string())
}

fn alpha<const N: usize>(message: &[u8], offset: usize) -> String {
    bytes_at::<N>(message, offset).map_or_else(String::new, |raw| escaped(raw.trim_ascii_end()))
}

fn price(raw: [u8; 8]) -> String {
    if raw == MARKET {
        "market".to_owned()
    } else {
        Price(i64::from_be_bytes(raw)).to_string()
    }
}

/// Text that can stand between two commas.
fn escaped(text: &[u8]) -> String {
    let mut shown = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_graphic() && !matches!(byte, b',' | b'"' | b'\\') {
            shown.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use gwanmun_binary::ouch::codes::{Capacity, CrossType, Display, RejectReason, TimeInForce};
    use gwanmun_binary::ouch::{EnterOrder, MARKET_PRICE, Rejected};
    use gwanmun_binary::soup::packet;
    use gwanmun_market::{OrderId, Symbol, Text};

    use super::*;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn lines(write: impl FnOnce(&mut Ledger)) -> Vec<String> {
        let page = Page::default();
        let mut ledger = Ledger::start(Box::new(page.clone())).unwrap();
        write(&mut ledger);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn an_order_is_read_by_its_offsets() {
        let order = EnterOrder {
            user_ref_num: 7,
            side: Side::Sell,
            quantity: 12,
            symbol: Symbol::new(b"401W6W9S").unwrap(),
            price: Price(-3_500),
            time_in_force: TimeInForce::DAY,
            display: Display::VISIBLE,
            capacity: Capacity::AGENCY,
            inter_market_sweep: false,
            cross_type: CrossType::CONTINUOUS,
            cl_ord_id: OrderId::new(b"A,b\"").unwrap(),
            appendage: Default::default(),
        };
        let mut bytes = [0; 128];
        let length = packet::unsequenced(&mut bytes, |room| order.encode(room)).unwrap();
        let market = EnterOrder {
            price: MARKET_PRICE,
            ..order
        };
        let mut second = [0; 128];
        let second_length = packet::unsequenced(&mut second, |room| market.encode(room)).unwrap();
        let got = lines(|ledger| {
            ledger.received(99, 3, b"GWAN01", &bytes[..length]).unwrap();
            ledger
                .received(99, 3, b"GWAN01", &second[..second_length])
                .unwrap();
        });
        let want = "99,in,3,GWAN01,,U,O,7,,S,12,401W6W9S,-0.35,A\\x2cb\\x22,,,";
        assert!(got[0].starts_with(want), "{}", got[0]);
        assert!(got[1].contains(",market,"), "{}", got[1]);
        assert_eq!(got[0].split(',').count(), COLUMNS.split(',').count());
    }

    #[test]
    fn a_report_names_its_order_in_full() {
        let rejected = Rejected {
            timestamp_ns: 1,
            user_ref_num: 9,
            reason: RejectReason::PRICE,
            cl_ord_id: OrderId::new(b"X9").unwrap(),
            appendage: Default::default(),
        };
        let mut bytes = [0; 64];
        let length = rejected.encode(&mut bytes).unwrap();
        let about = About {
            cl_ord_id: rejected.cl_ord_id,
            symbol: Symbol::new(b"005930").unwrap(),
            side: Some(Side::Buy),
        };
        let got = lines(|ledger| ledger.sent(5, b"U", 2, &about, &bytes[..length]).unwrap());
        assert!(
            got[0].starts_with("5,out,,U,2,S,J,9,,B,,005930,,X9,29,,4a"),
            "{}",
            got[0]
        );
    }

    #[test]
    fn no_password_and_no_line_break_gets_in() {
        let login = packet::LoginRequest {
            username: Text::new(b"U").unwrap(),
            password: Text::new(b"hunter2").unwrap(),
            requested_session: packet::SESSION_CURRENT,
            requested_sequence_number: 1,
        };
        let mut bytes = [0; 64];
        let length = packet::Packet::LoginRequest(login)
            .encode(&mut bytes)
            .unwrap();
        let got = lines(|ledger| {
            ledger.received(1, 1, b"", &bytes[..length]).unwrap();
            ledger.received(1, 1, b"", b"\x00").unwrap();
            ledger.received(1, 1, b"", b"\x00\x02U\n").unwrap();
        });
        assert_eq!(got.len(), 3);
        assert!(!got[0].contains("68756e74"), "{}", got[0]);
        assert!(got[0].contains(&"2a".repeat(10)), "{}", got[0]);
        assert!(got[2].contains(",U,\\x0a,"), "{}", got[2]);
    }
}
