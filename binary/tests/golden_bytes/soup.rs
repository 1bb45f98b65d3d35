//! Golden bytes of the SoupBinTCP packets around the messages.

use gwanmun_binary::soup::packet::{LoginRequest, Packet};
use gwanmun_market::Text;

use crate::check::check_packet;

#[test]
fn soup_logins() {
    check_packet(
        Packet::LoginRequest(LoginRequest {
            username: Text::new(b"GATE1").unwrap(),
            password: Text::new(b"secret").unwrap(),
            requested_session: *b"20261123A ",
            requested_sequence_number: 42,
        }),
        &[
            "002f",                                     // length 47
            "4c",                                       // L
            "474154453120",                             // Username "GATE1 "
            "73656372657420202020",                     // Password "secret    "
            "32303236313132334120",                     // RequestedSession "20261123A "
            "2020202020202020202020202020202020203432", // RequestedSequenceNumber 42
        ],
    );
    check_packet(
        Packet::LoginAccepted {
            session: *b" 20261123A",
            sequence_number: u64::MAX,
        },
        &[
            "001f",                                     // length 31
            "41",                                       // A
            "20323032363131323341",                     // Session " 20261123A"
            "3138343436373434303733373039353531363135", // SequenceNumber
        ],
    );
    check_packet(Packet::LoginRejected(b'S'), &["0002", "4a", "53"]);
}

#[test]
fn soup_data_and_the_rest() {
    check_packet(Packet::UnsequencedData(b"Q\0\0"), &["0004", "55", "510000"]);
    check_packet(Packet::SequencedData(b""), &["0001", "53"]);
    check_packet(Packet::Debug(b"hello"), &["0006", "2b", "68656c6c6f"]);
    check_packet(Packet::ClientHeartbeat, &["0001", "52"]);
    check_packet(Packet::LogoutRequest, &["0001", "4f"]);
    check_packet(Packet::ServerHeartbeat, &["0001", "48"]);
    check_packet(Packet::EndOfSession, &["0001", "5a"]);
}
