//! Segments and file work on a real file system.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use gwanmun_runtime::disk::{DiskError, DiskFaults, DiskOperation, FileRing, Synced, WriteAt};
use gwanmun_runtime::errno::Errno;
use gwanmun_runtime::segment::{MappedSegment, free_bytes_at, room_at, take_space};

const EEXIST: Errno = Errno(17);
const EINVAL: Errno = Errno(22);
const ENOENT: Errno = Errno(2);
const ENOSPC: Errno = Errno(28);
const EIO: Errno = Errno(5);

/// A place of its own for each test, removed with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gwanmun-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_segment_survives_its_mapping() {
    let place = Place::new("survives");
    let path = place.file("one");
    let mut segment = MappedSegment::create(&path, 10_000).unwrap();
    assert_eq!(segment.capacity_bytes(), 10_000);
    assert!(segment.as_slice().iter().all(|&byte| byte == 0));
    assert_eq!(segment.path(), path);
    segment.as_mut_slice()[9_999] = 7;
    // Readers of other threads and processes see a store through the file at once.
    assert_eq!(std::fs::read(&path).unwrap()[9_999], 7);
    segment.sync().unwrap();
    let moved = std::thread::spawn(move || segment).join().unwrap();
    drop(moved);
    let mut again = MappedSegment::open(&path).unwrap();
    again.populate();
    assert_eq!(again.as_slice()[9_999], 7);
    assert_eq!(again.capacity_bytes(), 10_000);
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_segment_is_refused_with_a_reason() {
    let place = Place::new("refused");
    let path = place.file("one");
    assert_eq!(MappedSegment::open(&path).err(), Some(ENOENT));
    assert_eq!(MappedSegment::create(&path, 0).err(), Some(EINVAL));
    assert!(!path.exists(), "what could not be made is removed");
    drop(MappedSegment::create(&path, 1).unwrap());
    assert_eq!(MappedSegment::create(&path, 1).err(), Some(EEXIST));
    File::create(place.file("empty")).unwrap();
    assert_eq!(
        MappedSegment::open(&place.file("empty")).err(),
        Some(EINVAL)
    );
}

#[test]
fn more_than_there_is_cannot_be_taken() {
    let place = Place::new("space");
    let room = room_at(&place.0).unwrap();
    assert!(room.free_bytes <= room.total_bytes && room.free_percent() <= 100);
    assert!(free_bytes_at(&place.file("nothing")).is_err());
    let path = place.file("huge");
    let too_much = usize::try_from(room.total_bytes).unwrap() + (1 << 30);
    assert_eq!(MappedSegment::create(&path, too_much).err(), Some(ENOSPC));
    assert!(!path.exists());
}

fn check_disk(mut disk: FileRing, name: &str) {
    let place = Place::new(name);
    let (one, two) = (place.file("one"), place.file("two"));
    let first = File::create(&one).unwrap();
    let second = File::create(&two).unwrap();
    take_space(&first, 8).unwrap();
    disk.write_at(&first, b"abc", 2).unwrap();
    disk.write_at(&first, b"", 4).unwrap();
    assert_eq!(disk.sync(&first), Ok(Synced::Durable));
    assert_eq!(std::fs::read(&one).unwrap(), b"\0\0abc\0\0\0");
    let large = vec![b'x'; 300_000];
    // More than the ring holds at once.
    let batch: Vec<_> = (0..20_u64)
        .map(|number| WriteAt {
            file: &second,
            bytes: &large,
            offset: number * 300_000,
        })
        .collect();
    disk.write_all(&batch).unwrap();
    disk.write_all(&[]).unwrap();
    assert_eq!(disk.sync(&second), Ok(Synced::Durable));
    let written = std::fs::read(&two).unwrap();
    assert_eq!(written.len(), 6_000_000);
    assert!(written.iter().all(|&byte| byte == b'x'));
    // A file that cannot be written: the kernel's answer comes back, and the next call works.
    let read_only = File::open(&one).unwrap();
    let error = disk.write_at(&read_only, b"y", 0).unwrap_err();
    assert_eq!(
        error,
        DiskError {
            operation: DiskOperation::Write,
            errno: Errno(9)
        }
    );
    disk.write_at(&first, b"z", 0).unwrap();
}

#[test]
fn plain_calls_write_and_sync() {
    let disk = FileRing::plain();
    assert!(!disk.is_ring() && disk.finding().is_none());
    check_disk(disk, "plain");
}

#[test]
fn whatever_the_host_permits_writes_and_syncs() {
    let disk = FileRing::new();
    if let Some(finding) = disk.finding() {
        assert!(!finding.cause.is_empty() && !finding.remedy.is_empty());
    } else {
        assert!(disk.is_ring());
    }
    // Made here and used there: the thread that writes is the one the ring belongs to.
    std::thread::spawn(move || check_disk(disk, "ring"))
        .join()
        .unwrap();
}

#[test]
fn a_test_holds_the_disk_back_and_makes_it_fail() {
    let place = Place::new("faults");
    let file = File::create(place.file("one")).unwrap();
    let faults = DiskFaults::default();
    let mut disk = FileRing::new().with_faults(faults.clone());
    faults.hold_sync(true);
    disk.write_at(&file, b"a", 0).unwrap();
    assert_eq!(disk.sync(&file), Ok(Synced::Held));
    faults.hold_sync(false);
    assert_eq!(disk.sync(&file), Ok(Synced::Durable));
    faults.fail_sync(Some(EIO));
    let error = disk.sync(&file).unwrap_err();
    assert_eq!((error.operation, error.errno), (DiskOperation::Sync, EIO));
    assert_eq!(
        error.to_string(),
        "fdatasync: Input/output error (os error 5)"
    );
    faults.fail_sync(None);
    faults.fail_write(Some(ENOSPC));
    let error = disk.write_at(&file, b"b", 1).unwrap_err();
    assert_eq!(
        (error.operation, error.errno),
        (DiskOperation::Write, ENOSPC)
    );
}
