//! Why TLS lines end, and how many did.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why a TLS line was refused or given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The peer's address is in no network of a session that is awaited here.
    Address,
    /// As many lines as may be are there already.
    NoRoom,
    /// The first bytes are no TLS: FIX in the open, for instance.
    NotTls,
    /// No version or cipher that both have, or another TLS message than the protocol has next.
    Incompatible,
    /// The member's certificate is missing, expired, or of no authority that is known here.
    ClientCertificate,
    /// The peer said that it does not go on: as a rule it does not trust our certificate.
    PeerRefused,
    /// The handshake was not whole in time.
    TimedOut,
    /// The handshake took more bytes than any needs.
    TooLong,
    /// The peer was gone before the handshake was whole.
    Left,
    /// A record behind the handshake is not what the peer's key makes: it was cut or changed.
    Broken,
    /// The stream ended without the word that it would (close_notify). Many engines leave it out;
    /// FIX numbers its messages, so nothing can be lost by it unnoticed.
    Truncated,
}

impl TlsFault {
    /// Every one, in the order of the counters.
    pub const ALL: [TlsFault; 11] = [
        TlsFault::Address,
        TlsFault::NoRoom,
        TlsFault::NotTls,
        TlsFault::Incompatible,
        TlsFault::ClientCertificate,
        TlsFault::PeerRefused,
        TlsFault::TimedOut,
        TlsFault::TooLong,
        TlsFault::Left,
        TlsFault::Broken,
        TlsFault::Truncated,
    ];

    /// Why a handshake did not become whole.
    #[cfg(feature = "tls")]
    pub(super) const fn of_handshake(error: &rustls::Error) -> TlsFault {
        use rustls::Error;
        match error {
            Error::InvalidMessage(_) => TlsFault::NotTls,
            Error::NoCertificatesPresented
            | Error::InvalidCertificate(_)
            | Error::InvalidCertRevocationList(_) => TlsFault::ClientCertificate,
            Error::AlertReceived(_) => TlsFault::PeerRefused,
            Error::DecryptError => TlsFault::Broken,
            _ => TlsFault::Incompatible,
        }
    }

    /// For the operator.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            TlsFault::Address => "may not come from this address",
            TlsFault::NoRoom => "no room for another TLS line",
            TlsFault::NotTls => "first bytes are not TLS",
            TlsFault::Incompatible => "no TLS version or cipher that both sides have",
            TlsFault::ClientCertificate => "member's certificate missing, expired or not trusted",
            TlsFault::PeerRefused => "peer broke the handshake off: does it trust our certificate?",
            TlsFault::TimedOut => "no TLS handshake in time",
            TlsFault::TooLong => "too many bytes without a whole TLS handshake",
            TlsFault::Left => "left before the TLS handshake was whole",
            TlsFault::Broken => "a TLS record was cut or changed on its way",
            TlsFault::Truncated => "stream ended without close_notify",
        }
    }
}

/// How many lines ended for each fault, and how many handshakes were whole. Written by the TLS
/// thread, read when all is over.
#[derive(Debug, Default)]
pub(crate) struct TlsCounts {
    faults: [AtomicU64; TlsFault::ALL.len()],
    handshakes: AtomicU64,
}

impl TlsCounts {
    /// One more line ended for this.
    #[cfg_attr(
        not(feature = "tls"),
        expect(dead_code, reason = "only the thread counts")
    )]
    pub(crate) fn count(&self, fault: TlsFault) {
        if let Some(count) = self.faults.get(fault as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One more handshake was whole.
    #[cfg_attr(
        not(feature = "tls"),
        expect(dead_code, reason = "only the thread counts")
    )]
    pub(crate) fn count_handshake(&self) {
        self.handshakes.fetch_add(1, Ordering::Relaxed);
    }

    /// As a JSON object.
    pub(crate) fn to_json(&self) -> String {
        let refused: Vec<String> = TlsFault::ALL
            .iter()
            .zip(&self.faults)
            .map(|(fault, count)| format!("\"{fault:?}\":{}", count.load(Ordering::Relaxed)))
            .collect();
        format!(
            "{{\"handshakes\":{},\"ended\":{{{}}}}}",
            self.handshakes.load(Ordering::Relaxed),
            refused.join(",")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_counter() {
        for (place, fault) in TlsFault::ALL.into_iter().enumerate() {
            assert_eq!(fault as usize, place);
        }
        #[cfg(feature = "tls")]
        {
            let counts = TlsCounts::default();
            counts.count(TlsFault::Truncated);
            counts.count_handshake();
            let json = counts.to_json();
            assert!(json.starts_with("{\"handshakes\":1,\"ended\":{\"Address\":0,"));
            assert!(json.ends_with(",\"Broken\":0,\"Truncated\":1}}"), "{json}");
        }
    }
}
