//! "Did you mean": the known word nearest to an unknown one.

/// The candidate with the fewest edits to `word`, when they are few enough to be a slip.
pub(super) fn nearest<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> Option<&'c str> {
    candidates
        .into_iter()
        .map(|candidate| (edits(word, candidate), candidate))
        .min_by_key(|(count, _)| *count)
        .filter(|(count, candidate)| *count <= candidate.chars().count().max(3) / 3)
        .map(|(_, candidate)| candidate)
}

/// Insertions, removals, exchanges and swaps of neighbours (optimal string alignment), letter case
/// and `-` / `_` aside.
fn edits(left: &str, right: &str) -> usize {
    let plain = |text: &str| -> Vec<char> {
        text.chars()
            .map(|c| {
                if c == '-' {
                    '_'
                } else {
                    c.to_ascii_lowercase()
                }
            })
            .collect()
    };
    let (left, right) = (plain(left), plain(right));
    let mut rows = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=left.len() {
        for j in 1..=right.len() {
            let exchange = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut best = exchange.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            let is_swap =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if is_swap {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word_and_other_words_do_not() {
        let known = [
            "heart_bt_int",
            "sender_comp_id",
            "target_comp_id",
            "socket_accept_port",
        ];
        for (word, expected) in [
            ("heartbtint", Some("heart_bt_int")),
            ("HeartBtInt", Some("heart_bt_int")),
            ("heart-bt-int", Some("heart_bt_int")),
            ("sneder_comp_id", Some("sender_comp_id")),
            ("socket_accept_prot", Some("socket_accept_port")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("", "abc"), 3);
    }
}
