//! The thread's turns one by one, over files that stand still.

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;

use gwanmun_captures::journal::{Durability, NewRecord, RecordKind, SegmentWriter};
use gwanmun_runtime::segment::MappedSegment;

use super::*;
use crate::journal_writer::segment_head;

const SEGMENT_BYTES: usize = 64 * 1024;
const TERMS: ChainTerms = ChainTerms {
    trading_day: 20_261_123,
    epoch: 2,
    segment_bytes: SEGMENT_BYTES as u64,
    durability: Durability::PowerByCopy,
    salt_seed: 7,
};

/// A segment with so many records, and where its last one ends.
fn segment(index: u32, records: usize, is_sealed: bool) -> (Vec<u8>, u64) {
    let mut bytes = vec![0; SEGMENT_BYTES];
    let first_number = 1 + u64::from(index) * 100;
    let head = segment_head(&TERMS, index, first_number);
    let mut writer = SegmentWriter::start(&mut bytes, head).unwrap();
    let record = NewRecord {
        kind: RecordKind::Received,
        clock_quality: 0,
        connection: 1,
        stamp_ns: 1,
        refers_to: 0,
    };
    for _ in 0..records {
        writer.append(&mut bytes, record, &[&[7; 500]]).unwrap();
    }
    if is_sealed {
        writer.seal(&mut bytes, 2);
    }
    let position = writer.position();
    (bytes, position)
}

/// A thread whose start began with segment 2: two are whole on disk, two are in memory.
fn thread(name: &str) -> (CaptureThread, PathBuf, u64) {
    let folder =
        std::env::temp_dir().join(format!("gwanmun-capture-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    let day = Day::create(&folder.join("disk"), &folder.join("memory"), 20_261_123).unwrap();
    for index in 0..2 {
        fs::write(day.on_disk(index), segment(index, 20, true).0).unwrap();
    }
    fs::write(day.in_memory(2), segment(2, 20, true).0).unwrap();
    let (last, position) = segment(3, 5, false);
    fs::write(day.in_memory(3), last).unwrap();
    let (_, notes) = sync_channel(1);
    let (ready, _) = sync_channel(1);
    let (_, retired) = sync_channel(1);
    let (_, wanted) = sync_channel(1);
    let (lent, _) = sync_channel(1);
    let (bell, _) = sync_channel(1);
    let thread = CaptureThread {
        strangers: StrangerStore::new(&day.disk, notes),
        day,
        terms: TERMS,
        mode: JournalMode::Durable,
        renders: true,
        free_percent_min: 0,
        reserve_bytes: 0,
        shared: Arc::default(),
        ready,
        retired,
        wanted,
        lent,
        bell,
        disk: FileRing::new(),
        first_live: 2,
        next_ready: 4,
        is_starved: Arc::default(),
        spares: Spares::default(),
        shadow: Vec::new(),
    };
    (thread, folder, 3 * TERMS.segment_bytes + position)
}

#[test]
fn what_is_persisted_moves_on_while_the_day_before_is_rendered() {
    let (mut thread, folder, published) = thread("moves-on");
    let mut capture = thread.open_capture().unwrap();
    let mut follower = thread.open(2).unwrap();
    // Nothing of the day before is rendered meanwhile.
    let mut turns = 0;
    while thread
        .drain(&mut follower, &mut capture, published, false)
        .unwrap()
    {
        turns += 1;
        assert!(turns < 100, "it never rests");
    }
    assert_eq!(follower.index, 3);
    let shared = Arc::clone(&thread.shared);
    assert_eq!(shared.persisted.load(Ordering::Acquire), published);
    assert_eq!(shared.whole_segments.load(Ordering::Acquire), 3);
    assert!(!thread.day.in_memory(2).exists());
    let copy = fs::read(thread.day.on_disk(2)).unwrap();
    let (whole, end) = segment(2, 20, true);
    assert!(copy == whole[..usize::try_from(end).unwrap()]);
    // It is rendered in its place behind the day before, and then what is live.
    let mut rendered = vec![0];
    let mut earlier = Some(thread.open_whole(0).unwrap());
    while let Some(behind) = earlier {
        earlier = thread
            .read_earlier(behind, capture.as_mut(), follower.index)
            .unwrap();
        rendered.extend(earlier.as_ref().map(|next| next.index));
    }
    rendered.dedup();
    assert_eq!(rendered, [0, 1, 2]);
    assert!(follower.cursor.is_none(), "nothing of it is rendered yet");
    assert!(read_on(&mut follower, capture.as_mut(), usize::MAX).unwrap());
    assert_eq!(
        3 * TERMS.segment_bytes + follower.whole as u64,
        published,
        "to its last record"
    );
    drop(thread);
    fs::remove_dir_all(folder).unwrap();
}

/// A segment of this start with something in it.
fn live(day: &Day, index: u32) -> ChainSegment {
    let mut mapped = MappedSegment::create(&day.in_memory(index), SEGMENT_BYTES).unwrap();
    mapped.as_mut_slice().fill(7);
    ChainSegment { index, mapped }
}

fn names(day: &Day) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(&day.memory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("segment-") || name.starts_with("spare-"))
        .collect();
    names.sort();
    names
}

#[test]
fn memory_of_old_segments_becomes_new_ones() {
    let (thread, folder, _) = thread("spares");
    let day = thread.day;
    let mut spares = Spares::default();
    for index in [2, 3] {
        let _ = fs::remove_file(day.in_memory(index));
    }
    let (first, second) = (live(&day, 2), live(&day, 3));
    // Whole on disk before the order core gives it back, as it nearly always is.
    spares.set_aside(&day, 2).unwrap();
    assert_eq!(names(&day), ["segment-000003.gwj", "spare-000002"]);
    assert!(spares.reuse(&day, 4).is_none());
    spares.take_back(&day, first);
    let reused = spares.reuse(&day, 4).unwrap().unwrap();
    assert_eq!(names(&day), ["segment-000003.gwj", "segment-000004.gwj"]);
    assert_eq!(reused.path(), day.in_memory(4));
    assert!(reused.as_slice().iter().all(|&byte| byte == 0));
    assert!(fs::read(day.in_memory(4)).unwrap() == vec![0; SEGMENT_BYTES]);
    // Given back while the copying is behind: it goes when it is copied.
    spares.take_back(&day, second);
    assert!(spares.reuse(&day, 5).is_none());
    assert_eq!(names(&day), ["segment-000003.gwj", "segment-000004.gwj"]);
    spares.set_aside(&day, 3).unwrap();
    assert_eq!(names(&day), ["segment-000004.gwj"]);
    // What was lent from the disk is no memory of ours.
    let mapped = MappedSegment::open(&day.on_disk(1)).unwrap();
    spares.take_back(&day, ChainSegment { index: 1, mapped });
    assert!(day.on_disk(1).exists() && spares.reuse(&day, 5).is_none());
    // What nobody took is removed, by this start or the next one.
    let last = ChainSegment {
        index: 4,
        mapped: reused,
    };
    spares.set_aside(&day, 4).unwrap();
    spares.take_back(&day, last);
    assert_eq!(names(&day), ["spare-000004"]);
    day.remove_spares().unwrap();
    assert!(names(&day).is_empty());
    drop(day);
    let _ = fs::remove_dir_all(folder);
}
