//! Who gets no line over TLS, and how he and the operator hear of it.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustls::version::{TLS12, TLS13};

use super::{
    SECRETS, WITH_CLIENT_CA, door, refused_for, rest_of, scene, scene_with, status_of, terms,
};
use crate::scene::{Scene, logon};
use crate::support::tls::{Authority, Pipe, client, connection, stream};
use crate::support::{Member, World};

#[test]
fn whoever_does_not_trust_the_gateway_is_told_apart() {
    let (mut scene, address, _) = scene("tls-untrusted");
    let other = Authority::new("of somebody else");
    for version in [&TLS13, &TLS12] {
        let mut line = stream(address, &client(&other, None, &[version]));
        let error = line.write_all(b"8=FIX.4.4\x01").unwrap_err();
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
        drop(line);
        refused_for(
            &mut scene,
            "peer broke the handshake off: does it trust our certificate?",
        );
    }
    let world = scene.end(None);
    let status = status_of(&world);
    assert_eq!(status["tls"]["ended"]["PeerRefused"], 2, "{status}");
    assert_eq!(status["tls"]["handshakes"], 0, "{status}");
}

#[test]
fn a_member_needs_a_certificate_where_the_session_asks_for_one() {
    let world = World::new("tls-mutual");
    let (gateway, members) = (
        Authority::new("of the gateway"),
        Authority::new("of members"),
    );
    gateway.issue(2100).write(&world, "gw");
    world.write_private("members.crt", &members.pem());
    let mut scene = Scene::in_world(world, &terms(WITH_CLIENT_CA), 30);
    let address = door(&mut scene.gateway);
    let (expired, foreign) = (members.issue(2021), gateway.issue(2100));
    for identity in [None, Some(&expired), Some(&foreign)] {
        for version in [&TLS13, &TLS12] {
            let mut line = stream(address, &client(&gateway, identity, &[version]));
            // With TLS 1.3 the member learns it from the first read, with 1.2 from the handshake.
            let told = line
                .write_all(&logon("MEMBER1", SECRETS))
                .and_then(|()| line.read(&mut [0; 16]));
            let told = told.unwrap_err();
            assert!(told.to_string().contains("received fatal alert"), "{told}");
        }
    }
    refused_for(
        &mut scene,
        "member's certificate missing, expired or not trusted",
    );
    let known = members.issue(2100);
    let pipe = Pipe::to(address, &client(&gateway, Some(&known), &[&TLS13]));
    let mut member = Member::new(&scene.world, "MEMBER1");
    member.log_on(pipe.address);
    member.ping();
    let world = scene.end(Some(member));
    let status = status_of(&world);
    assert_eq!(status["tls"]["ended"]["ClientCertificate"], 6, "{status}");
    assert_eq!(status["tls"]["handshakes"], 1, "{status}");
}

#[test]
fn what_is_no_handshake_is_cut_with_a_name() {
    let (mut scene, address, authority) = scene("tls-no-handshake");
    // FIX in the open: a fatal alert is all that comes back.
    let mut line = TcpStream::connect(address).unwrap();
    line.write_all(&logon("MEMBER1", SECRETS)).unwrap();
    let rest = rest_of(&mut line);
    assert_eq!((rest.first(), rest.len()), (Some(&21), 7), "{rest:?}");
    refused_for(&mut scene, "first bytes are not TLS");
    // A whole ClientHello but its last byte, and then silence.
    let mut hello = Vec::new();
    let config = client(&authority, None, &[&TLS13]);
    connection(&config).write_tls(&mut hello).unwrap();
    let mut line = TcpStream::connect(address).unwrap();
    line.write_all(&hello[..hello.len() - 1]).unwrap();
    assert!(rest_of(&mut line).is_empty());
    refused_for(&mut scene, "no TLS handshake in time");
    // Gone at once.
    drop(TcpStream::connect(address).unwrap());
    refused_for(&mut scene, "left before the TLS handshake was whole");
    // Handshake records without end, none of which is wrong by itself: a message of 64 KiB.
    let mut line = TcpStream::connect(address).unwrap();
    let mut piece = vec![22, 3, 1, 0x40, 0, 1, 0, 0xff, 0xff];
    piece.resize(5 + 0x4000, 0);
    let more = [[22, 3, 1, 0x40, 0].as_slice(), &[0; 0x4000]].concat();
    let _ = line.write_all(&piece);
    let _ = line.write_all(&more);
    let _ = line.write_all(&more);
    rest_of(&mut line);
    refused_for(&mut scene, "too many bytes without a whole TLS handshake");
    // TLS where FIX is spoken in the open is a stranger like any other.
    let plain = scene.address;
    let mut line = stream(plain, &config);
    assert!(line.write_all(b"8").is_err());
    scene.gateway.wait_for("a refusal", |event| {
        (event["event"] == "stranger_refused" && event["detail"] == "first bytes are not FIX")
            .then_some(())
    });
    scene.end(None);
}

#[test]
fn an_address_that_is_not_allowed_gets_no_handshake() {
    const ELSEWHERE: &str = "socket_accept_host = \"127.0.0.2\"\nallow_from = [\"10.0.0.0/8\"]\n\
                             tls = { certificate = \"gw.crt\", key = \"gw.key\" }";
    let (mut scene, address, _) = scene_with("tls-address", &terms(ELSEWHERE));
    let mut line = TcpStream::connect(address).unwrap();
    let _ = line.write_all(b"x");
    assert!(rest_of(&mut line).is_empty());
    refused_for(&mut scene, "may not come from this address");
    scene.end(None);
}
