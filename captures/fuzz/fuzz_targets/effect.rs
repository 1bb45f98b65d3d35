//! Any bytes as an effect payload: no panic; and entries that can be read can be written again to
//! the same bytes.
#![no_main]

use gwanmun_captures::effect::{EffectReader, EffectWriter, Entry};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let mut space = vec![0xEE; payload.len()];
    let mut writer = EffectWriter::new(&mut space);
    let mut whole = true;
    for entry in EffectReader::new(payload) {
        match entry {
            Ok(Entry::Output {
                connection,
                msg_seq_num,
                flags,
                bytes,
                offset,
            }) => {
                assert_eq!(&payload[offset..offset + bytes.len()], bytes);
                writer.room()[..bytes.len()].copy_from_slice(bytes);
                writer
                    .commit_output(connection, msg_seq_num, flags, bytes.len())
                    .unwrap();
            }
            Ok(Entry::State { tag, bytes }) => writer.put(tag, bytes).unwrap(),
            Err(error) => {
                assert!(error.offset < payload.len());
                whole = false;
            }
        }
    }
    let used = writer.used();
    assert_eq!(space[..used], payload[..used]);
    assert!(!whole || used == payload.len());
});
