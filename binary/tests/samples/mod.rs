//! Messages and packets made from a seed, for the tests that hold one codec against another.
//!
//! A test that fails names its seed; `GWANMUN_SEED=<number> cargo test -p gwanmun-binary` runs that
//! one again.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
#![allow(clippy::print_stdout, reason = "the seed of a failed test")]
#![allow(dead_code, reason = "each test binary takes what it needs")]
#![allow(
    unreachable_pub,
    reason = "a module of test binaries, seen by nobody else"
)]

pub mod messages;

use gwanmun_binary::ouch::appendage::{Appendage, AppendageWriter, Entry, TagValue};
use gwanmun_binary::soup::packet::{LoginRequest, Packet};
use gwanmun_market::{Price, Side, Text};

/// Numbers from a seed (xorshift64*).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The seed given in the environment, or the one that the test names.
    pub fn new(seed: u64) -> Self {
        let given = std::env::var("GWANMUN_SEED").ok();
        let seed = given.map_or(seed, |text| text.parse().expect("GWANMUN_SEED is a number"));
        println!("GWANMUN_SEED={seed}");
        Random::fixed(seed)
    }

    /// The same numbers every time.
    pub fn fixed(seed: u64) -> Self {
        Random { state: seed.max(1) }
    }

    pub fn u64(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Any value, but the ends of the range more often than chance would have them.
    pub fn edgy_u64(&mut self) -> u64 {
        match self.below(8) {
            0 => self.below(3),
            1 => u64::MAX - self.below(3),
            2 => u64::try_from(i64::MAX).unwrap() - self.below(3),
            _ => self.u64() >> self.below(64),
        }
    }

    pub fn u32(&mut self) -> u32 {
        u32::try_from(self.edgy_u64() & 0xFFFF_FFFF).unwrap()
    }

    pub fn u16(&mut self) -> u16 {
        u16::try_from(self.u64() >> 48).unwrap()
    }

    pub fn u8(&mut self) -> u8 {
        u8::try_from(self.u64() >> 56).unwrap()
    }

    /// From 0 to `end`, `end` left out.
    pub fn below(&mut self, end: u64) -> u64 {
        self.u64() % end
    }

    pub fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u64::try_from(end).unwrap())).unwrap()
    }

    pub fn flag(&mut self) -> bool {
        self.below(2) == 0
    }

    pub fn price(&mut self) -> Price {
        Price(self.edgy_u64().cast_signed())
    }

    pub fn side(&mut self) -> Side {
        [
            Side::Buy,
            Side::Sell,
            Side::SellShort,
            Side::SellShortExempt,
        ][self.index(4)]
    }

    /// Letters and digits, as many as fit or fewer.
    pub fn text<const N: usize>(&mut self) -> Text<N> {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let length = self.index(N + 1);
        let text: Vec<u8> = (0..length)
            .map(|_| LETTERS[self.index(LETTERS.len())])
            .collect();
        Text::new(&text).unwrap()
    }

    pub fn bytes(&mut self, length_end: usize) -> Vec<u8> {
        let length = self.index(length_end);
        (0..length).map(|_| self.u8()).collect()
    }

    pub fn tag_value(&mut self) -> TagValue {
        match self.below(24) {
            0 => TagValue::SecondaryOrdRefNum(self.edgy_u64()),
            1 => TagValue::Firm(self.text()),
            2 => TagValue::MinQty(self.u32()),
            3 => TagValue::CustomerType(self.u8()),
            4 => TagValue::MaxFloor(self.u32()),
            5 => TagValue::PriceType(self.u8()),
            6 => TagValue::PegOffset(self.u32().cast_signed()),
            7 => TagValue::DiscretionPrice(self.price()),
            8 => TagValue::DiscretionPriceType(self.u8()),
            9 => TagValue::DiscretionPegOffset(self.u32().cast_signed()),
            10 => TagValue::PostOnly(self.u8()),
            11 => TagValue::RandomReserves(self.u32()),
            12 => TagValue::Route(self.text()),
            13 => TagValue::ExpireTime(self.u32()),
            14 => TagValue::TradeNow(self.u8()),
            15 => TagValue::HandleInst(self.u8()),
            16 => TagValue::BboWeightIndicator(self.u8()),
            17 => TagValue::DisplayQuantity(self.u32()),
            18 => TagValue::DisplayPrice(self.price()),
            19 => TagValue::GroupId(self.u16()),
            20 => TagValue::SharesLocated(self.u8()),
            21 => TagValue::LocateBroker(self.text()),
            22 => TagValue::Side(self.side()),
            _ => TagValue::UserRefIdx(self.u8()),
        }
    }

    /// Up to four options, known and unknown, as far as there is room in the buffer that is lent.
    pub fn appendage<'a>(&mut self, into: &'a mut [u8]) -> Appendage<'a> {
        let mut writer = AppendageWriter::new(into);
        for _ in 0..self.below(5) {
            if self.below(4) == 0 {
                let tag = [0, 8, 19, 21, 29, 64, 95, 255][self.index(8)];
                let value = self.bytes(9);
                let _no_room = writer.put_entry(Entry { tag, value: &value });
            } else {
                let _no_room = writer.put(self.tag_value());
            }
        }
        writer.finish()
    }

    pub fn packet<'a>(&mut self, payload: &'a [u8]) -> Packet<'a> {
        match self.below(10) {
            0 => Packet::LoginRequest(LoginRequest {
                username: self.text(),
                password: self.text(),
                requested_session: self.text().padded(),
                requested_sequence_number: self.edgy_u64(),
            }),
            1 => Packet::UnsequencedData(payload),
            2 => Packet::ClientHeartbeat,
            3 => Packet::LogoutRequest,
            4 => Packet::LoginAccepted {
                session: self.text().padded(),
                sequence_number: self.edgy_u64(),
            },
            5 => Packet::LoginRejected(self.u8()),
            6 => Packet::SequencedData(payload),
            7 => Packet::ServerHeartbeat,
            8 => Packet::EndOfSession,
            _ => Packet::Debug(payload),
        }
    }
}
