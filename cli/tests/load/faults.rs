//! A gateway and a venue of its own, with lines cut and stalled: nothing is lost, and the answer,
//! the histogram log, the plot and the ledgers say the same.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use serde_json::Value;

use crate::{folder, gwanmun};

/// Bytes of standard base64.
fn base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} in base64"),
    };
    let digits: Vec<u8> = text.trim_end_matches('=').bytes().collect();
    let mut bytes = Vec::new();
    for group in digits.chunks(4) {
        let bits = (0..4).fold(0, |bits, at| {
            bits << 6 | group.get(at).map_or(0, |b| value(*b))
        });
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}

/// Every histogram of a log, with its tag.
fn histograms(log: &[u8]) -> Vec<(String, Histogram<u64>)> {
    let mut deserializer = Deserializer::new();
    IntervalLogIterator::new(log)
        .filter_map(|entry| match entry.unwrap() {
            LogEntry::Interval(interval) => {
                let tag = interval.tag().unwrap().as_str().to_owned();
                let bytes = base64(interval.encoded_histogram());
                Some((
                    tag,
                    deserializer.deserialize(&mut bytes.as_slice()).unwrap(),
                ))
            }
            _ => None,
        })
        .collect()
}

#[test]
fn cuts_and_stalls_lose_nothing_and_the_files_say_the_same() {
    let out = folder("faults");
    let (log, svg) = (out.with_extension("hlog"), out.with_extension("svg"));
    let output = gwanmun(&[
        "load",
        "--self",
        "--sessions",
        "8",
        "--rate",
        "400",
        "--duration",
        "4s",
        "--burst",
        "50",
        "--burst-every",
        "1s",
        "--hot-symbol",
        "50%",
        "--cut-every",
        "700ms",
        "--stall-every",
        "900ms",
        "--stall-for",
        "400ms",
        "--seed",
        "3",
        "--json",
        "--out",
        out.to_str().unwrap(),
        "--histogram",
        log.to_str().unwrap(),
        "--svg",
        svg.to_str().unwrap(),
    ]);
    let error = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{error}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("{answer}"));
    // 4 seconds of 400, and three bursts of 50.
    assert_eq!(answer["orders"], 1_750, "{answer}");
    assert_eq!(answer["answered"], 1_750, "{answer}");
    for zero in [
        "unanswered",
        "unsent",
        "rules_broken",
        "lost",
        "duplicated",
        "different",
    ] {
        assert_eq!(answer[zero], 0, "{zero}: {answer}");
    }
    assert!(
        number(&answer["cuts"]) >= 3 && number(&answer["stalls"]) >= 2,
        "{answer}"
    );
    assert!(
        number(&answer["reconnects"]) >= number(&answer["cuts"]),
        "{answer}"
    );
    assert!(
        number(&answer["fills"]) > 0 && number(&answer["compared"]) > 1_500,
        "{answer}"
    );
    assert!(
        number(&answer["gateway"]["private_bytes"]["max"]) > 0,
        "{answer}"
    );
    for code in [
        "TICK",
        "PRICE_COLLAR",
        "ACCOUNT_UNKNOWN",
        "ACCOUNT_DISABLED",
    ] {
        assert!(number(&answer["refused"][code]) > 0, "{code}: {answer}");
    }

    // The log's seconds are the whole, and the whole is what the answer says.
    let log_text = std::fs::read(&log).unwrap();
    let logged = histograms(&log_text);
    let count = |tag: &str| -> u64 {
        logged
            .iter()
            .filter(|(name, _)| name == tag)
            .map(|(_, histogram)| histogram.len())
            .sum()
    };
    let measured = number(&answer["latency_ns"]["count"]);
    assert_eq!((count("orders"), count("all-orders")), (measured, measured));
    assert_eq!(measured + count("all-under-fault"), 1_750);
    assert!(logged.iter().filter(|(name, _)| name == "orders").count() >= 4);
    let whole = &logged
        .iter()
        .find(|(name, _)| name == "all-orders")
        .unwrap()
        .1;
    assert_eq!(answer["latency_ns"]["p99"], whole.value_at_percentile(99.0));

    let plot = std::fs::read_to_string(&svg).unwrap();
    let document = roxmltree::Document::parse(&plot).unwrap();
    assert_eq!(document.root_element().tag_name().name(), "svg");

    // The hot symbol has its half.
    let lines: Vec<String> = std::fs::read_dir(out.join("ledgers"))
        .unwrap()
        .flat_map(|entry| {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            text.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let hot = lines
        .iter()
        .filter(|line| line.contains(",D,L") && line.contains(",005930,"))
        .count();
    assert!(
        (700..1_100).contains(&hot),
        "{hot} of 1,750 and those sent again"
    );
    assert!(
        !lines.iter().any(|line| line.contains("load-member")),
        "a password in a ledger"
    );
    for file in [log, svg] {
        std::fs::remove_file(file).unwrap();
    }
    std::fs::remove_dir_all(&out).unwrap();
}
