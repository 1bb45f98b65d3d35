//! The runtime's words about a line's ends, and about its end, as they go on record.

use std::net::SocketAddr;

use gwanmun_captures::input::Endpoint;
use gwanmun_gateway::Ends;
use gwanmun_runtime::transport::ClosedReason;

/// Who and where both ends are.
pub(crate) fn ends(peer: SocketAddr, local: SocketAddr) -> Ends {
    Ends {
        peer: endpoint(peer),
        local: endpoint(local),
    }
}

fn endpoint(address: SocketAddr) -> Endpoint {
    match address {
        SocketAddr::V4(v4) => Endpoint::v4(v4.ip().octets(), v4.port()),
        SocketAddr::V6(v6) => Endpoint::v6(v6.ip().octets(), v6.port()),
    }
}

/// Why a line ended: a code, and words for people.
pub(crate) fn reason_of(reason: ClosedReason) -> (u8, &'static [u8]) {
    match reason {
        ClosedReason::Peer => (1, b"peer closed"),
        ClosedReason::Reset => (2, b"connection reset"),
        ClosedReason::Error(_) => (3, b"connection failed"),
        ClosedReason::Local => (4, b"closed here"),
        ClosedReason::NotReading => (5, b"peer did not read"),
    }
}
