//! Networks from which a session's member may come: an address, or one with the length of its
//! prefix (RFC 4632, RFC 4291).

use std::net::IpAddr;

use core::fmt;

use toml::de::DeValue;

use super::read;

/// Most networks of one session: a firm's data centres and their spares.
const NETWORKS_MAX: usize = 64;

/// One network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Invariant: no bit is set behind the prefix.
    address: IpAddr,
    /// Bits of the prefix, at most those of the address.
    prefix_bits: u8,
}

impl Network {
    /// Reads `10.1.0.0/16`, `10.1.2.3`, `2001:db8::/32` or the like; bits set behind the prefix are
    /// refused, since then one of both is not what was meant.
    #[must_use]
    pub fn parse(text: &str) -> Option<Network> {
        let (address, prefix_bits) = match text.split_once('/') {
            Some((address, bits)) => (address.parse().ok()?, Some(bits.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let width = width_of(address);
        let prefix_bits = prefix_bits.unwrap_or(width);
        let behind = bits_of(address) & !mask(width, prefix_bits);
        (prefix_bits <= width && behind == 0).then_some(Network {
            address,
            prefix_bits,
        })
    }

    /// Whether an address belongs to it. An IPv4 address that came over an IPv6 socket counts as
    /// what it is.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        let width = width_of(address);
        width == width_of(self.address)
            && bits_of(address) & mask(width, self.prefix_bits) == bits_of(self.address)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

const fn width_of(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The prefix's bits among the lowest `width`.
fn mask(width: u8, prefix_bits: u8) -> u128 {
    let behind = u32::from(width.saturating_sub(prefix_bits));
    u128::MAX.checked_shl(behind).unwrap_or(0)
}

/// An array of networks.
pub(super) fn networks(value: &DeValue<'_>) -> Result<Vec<Network>, read::Expected> {
    let expected = || {
        "an array of 1 to 64 networks, each a string like \"10.1.2.3\" or \"10.1.0.0/16\", no bit \
         set behind the prefix"
            .to_owned()
    };
    let DeValue::Array(array) = value else {
        return Err(expected());
    };
    let network = |value: &toml::Spanned<DeValue<'_>>| match value.get_ref() {
        DeValue::String(text) => Network::parse(text),
        _ => None,
    };
    let networks: Option<Vec<Network>> = array.iter().map(network).collect();
    networks
        .filter(|networks| (1..=NETWORKS_MAX).contains(&networks.len()))
        .ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, inside: &[&str], outside: &[&str]) {
        let network = Network::parse(network).unwrap();
        for address in inside {
            assert!(network.contains(address.parse().unwrap()), "{address}");
        }
        for address in outside {
            assert!(!network.contains(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        check(
            "10.1.0.0/16",
            &["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3"],
            &["10.2.0.0", "10.0.255.255", "::10.1.2.3"],
        );
        check("10.1.2.3", &["10.1.2.3"], &["10.1.2.2", "10.1.2.4"]);
        check("10.1.2.2/31", &["10.1.2.3"], &["10.1.2.4"]);
        check("0.0.0.0/0", &["1.2.3.4", "255.255.255.255"], &["::1"]);
        check(
            "2001:db8::/32",
            &["2001:db8::1"],
            &["2001:db9::1", "10.1.2.3"],
        );
        check("::/0", &["::1", "ffff::"], &["1.2.3.4"]);
        check("::1", &["::1"], &["::2"]);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.1.2.3/16",
            "10.1.0.0/33",
            "10.1.0.0/",
            "/8",
            "10.1/16",
            "10.1.0.0/-1",
            "host",
            "2001:db8::1/32",
            "::/129",
            "10.1.0.0/16/2",
            " 10.1.2.3",
        ] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
    }
}
