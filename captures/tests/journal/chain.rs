//! Segments in a chain: one gapless run over borders and epochs, and every break named.

use gwanmun_captures::journal::{
    ChainPoint, ChainReader, ChainRecord, Fault, JournalDamage, RECORD_HEAD_BYTES, RecordKind,
    SEGMENT_HEAD_BYTES, SegmentHead, SegmentWriter,
};

use crate::segments::{new, small, start};

/// A chain of three segments and two epochs; the first epoch ends torn in the second segment.
fn chain() -> Vec<Vec<u8>> {
    let first = small();
    let mut second = vec![0; 1024];
    let mut writer = start(&mut second, 1, 1, 6);
    writer
        .append(&mut second, new(RecordKind::Received, 7), &[b"more"])
        .unwrap();
    let torn = usize::try_from(writer.position()).unwrap();
    second[torn + RECORD_HEAD_BYTES..torn + RECORD_HEAD_BYTES + 5].fill(1);
    let mut third = vec![0; 1024];
    let mut writer = start(&mut third, 2, 2, 7);
    writer
        .append(&mut third, new(RecordKind::Start, 0), &[])
        .unwrap();
    // A third start goes on in the same segment.
    let mut writer = SegmentWriter::resume(&mut third).unwrap();
    writer.begin_epoch(3);
    writer
        .append(&mut third, new(RecordKind::Start, 0), &[])
        .unwrap();
    writer
        .append(&mut third, new(RecordKind::Received, 1), &[b"end"])
        .unwrap();
    vec![first, second, third]
}

fn follow(segments: &[Vec<u8>]) -> Result<(Vec<u64>, usize), JournalDamage> {
    let mut reader = ChainReader::new(segments.iter().map(Vec::as_slice));
    let mut numbers = Vec::new();
    for record in reader.by_ref() {
        numbers.push(record?.record.head.number);
    }
    Ok((numbers, reader.torn_tails().len()))
}

#[test]
fn a_chain_is_one_gapless_run() {
    let (numbers, torn) = follow(&chain()).unwrap();
    assert_eq!(numbers, (1..=9).collect::<Vec<u64>>());
    assert_eq!(torn, 1);
}

fn numbers<'a>(chain: impl Iterator<Item = Result<ChainRecord<'a>, JournalDamage>>) -> Vec<u64> {
    chain
        .map(|record| record.unwrap().record.head.number)
        .collect()
}

/// Whoever stopped at a border goes on behind it as if he had never stopped.
#[test]
fn reading_goes_on_at_every_border() {
    let segments = chain();
    let lent = |from: usize, to: usize| segments[from..to].iter().map(Vec::as_slice);
    let mut whole = ChainReader::new(lent(0, segments.len()));
    assert_eq!(whole.point(), None);
    let all = numbers(whole.by_ref());
    for border in 1..=segments.len() {
        let mut front = ChainReader::new(lent(0, border));
        let before = numbers(front.by_ref());
        let point = front.point().unwrap();
        assert_eq!(point.segment_index as usize, border);
        assert_eq!(point.next_number, before.len() as u64 + 1);
        let mut rest = ChainReader::going_on(point, lent(border, segments.len()));
        assert_eq!([before, numbers(rest.by_ref())].concat(), all);
        assert_eq!(rest.point(), whole.point());
    }
}

#[test]
fn a_chain_that_does_not_fit_its_border_is_named() {
    let segments = chain();
    let lent = |from: usize| segments[from..].iter().map(Vec::as_slice);
    let mut front = ChainReader::new(segments[..1].iter().map(Vec::as_slice));
    numbers(front.by_ref());
    let point = front.point().unwrap();
    assert!(point.is_sealed);
    let fault = |point: ChainPoint, from: usize| {
        let first = ChainReader::going_on(point, lent(from)).next();
        first.unwrap().unwrap_err().fault
    };
    let (expected, found) = (1, 2);
    assert_eq!(fault(point, 2), Fault::SegmentIndex { expected, found });
    let other = ChainPoint {
        trading_day: 20_261_123,
        ..point
    };
    assert!(matches!(fault(other, 1), Fault::TradingDay { .. }));
    let other = ChainPoint {
        next_number: point.next_number + 1,
        ..point
    };
    let (expected, found) = (point.next_number + 1, point.next_number);
    assert_eq!(fault(other, 1), Fault::Number { expected, found });
    let other = ChainPoint { epoch: 9, ..point };
    assert!(matches!(fault(other, 1), Fault::Epoch { expected: 9, .. }));
    let other = ChainPoint {
        is_sealed: false,
        ..point
    };
    assert_eq!(fault(other, 1), Fault::NotSealed { epoch: 1 });
    // An epoch that begins here must say so.
    let other = ChainPoint { epoch: 0, ..point };
    assert_eq!(fault(other, 1), Fault::NoStart { epoch: 1 });
}

#[test]
fn breaks_between_segments_are_named() {
    let whole = chain();
    let fault = |segments: &[Vec<u8>]| follow(segments).unwrap_err();
    let missing = [whole[0].clone(), whole[2].clone()];
    assert_eq!(
        fault(&missing).fault,
        Fault::SegmentIndex {
            expected: 1,
            found: 2
        }
    );
    let twice = [whole[0].clone(), whole[0].clone()];
    assert_eq!(
        fault(&twice).fault,
        Fault::SegmentIndex {
            expected: 1,
            found: 0
        }
    );

    let with_head = |index: usize, change: &dyn Fn(&mut SegmentHead)| {
        let mut segments = chain();
        let mut head = SegmentHead::parse(&segments[index]).unwrap();
        change(&mut head);
        segments[index][..SEGMENT_HEAD_BYTES].copy_from_slice(&head.to_bytes());
        fault(&segments)
    };
    let day = with_head(1, &|head| head.trading_day = 20_261_123);
    assert_eq!(
        day.fault,
        Fault::TradingDay {
            expected: 20_261_122,
            found: 20_261_123
        }
    );
    let gap = with_head(1, &|head| head.first_number = 8);
    assert_eq!(
        gap.fault,
        Fault::Number {
            expected: 6,
            found: 8
        }
    );
    let same_epoch = with_head(2, &|head| head.epoch = 1);
    assert_eq!(
        (same_epoch.segment_index, same_epoch.fault),
        (1, Fault::NotSealed { epoch: 1 })
    );
    let no_start = with_head(1, &|head| head.epoch = 2);
    assert_eq!(
        no_start.fault,
        Fault::Epoch {
            expected: 2,
            found: 1
        }
    );

    let mut unstarted = vec![0; 1024];
    let mut writer = start(&mut unstarted, 0, 1, 1);
    writer
        .append(&mut unstarted, new(RecordKind::Received, 0), &[])
        .unwrap();
    assert_eq!(fault(&[unstarted]).fault, Fault::NoStart { epoch: 1 });
    let mut changed = vec![0; 1024];
    let mut writer = start(&mut changed, 0, 1, 1);
    writer
        .append(&mut changed, new(RecordKind::Start, 0), &[])
        .unwrap();
    writer.begin_epoch(2);
    writer
        .append(&mut changed, new(RecordKind::Received, 0), &[])
        .unwrap();
    assert_eq!(
        fault(&[changed]).fault,
        Fault::Epoch {
            expected: 1,
            found: 2
        }
    );
}
