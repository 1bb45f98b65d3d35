//! Rust text without what the compiler does not run: comments, literals, test items.
//!
//! A full parser would know more, but the rules here only ask where a word stands and where a brace
//! closes. [`code_only`] keeps every line and column, so that findings point at the real place.

/// The source with comments, string and character literals blanked, length and lines unchanged.
#[must_use]
pub fn code_only(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut code = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let skipped = literal_or_comment(bytes, at);
        if skipped == 0 {
            code.push(if bytes[at].is_ascii() {
                bytes[at]
            } else {
                b' '
            });
            at += 1;
        } else {
            let blanked = bytes[at..at + skipped].iter();
            code.extend(blanked.map(|&byte| if byte == b'\n' { b'\n' } else { b' ' }));
            at += skipped;
        }
    }
    code.into_iter().map(char::from).collect()
}

/// How many bytes of comment or literal start at `at`; 0 when code stands there.
fn literal_or_comment(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    if rest.starts_with(b"//") {
        return rest
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(rest.len());
    }
    if rest.starts_with(b"/*") {
        return block_comment(rest);
    }
    if rest[0] == b'"' {
        return 1 + quoted(&rest[1..], b'"');
    }
    if rest[0] == b'\'' {
        return character(rest);
    }
    let starts_word = at == 0 || !is_word(bytes[at - 1]);
    if starts_word { raw_string(rest) } else { 0 }
}

fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Bytes up to and with the closing quote.
fn quoted(inside: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while at < inside.len() {
        match inside[at] {
            b'\\' => at += 2,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    inside.len()
}

/// A character literal's length, or 0 for a lifetime or a loop label.
fn character(rest: &[u8]) -> usize {
    let Some(&first) = rest.get(1) else { return 0 };
    if first == b'\\' {
        return 1 + quoted(&rest[1..], b'\'');
    }
    let width = match first {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    if rest.get(1 + width) == Some(&b'\'') {
        width + 2
    } else {
        0
    }
}

/// A raw string's length from its `r`, `br` or `cr`, or 0.
fn raw_string(rest: &[u8]) -> usize {
    let prefix = if rest[0] == b'r' {
        1
    } else if rest.starts_with(b"br") || rest.starts_with(b"cr") {
        2
    } else {
        return 0;
    };
    let hashes = rest[prefix..]
        .iter()
        .take_while(|&&byte| byte == b'#')
        .count();
    let open = prefix + hashes;
    if rest.get(open) != Some(&b'"') {
        return 0;
    }
    let mut close = vec![b'"'];
    close.resize(1 + hashes, b'#');
    let inside = &rest[open + 1..];
    let end = inside
        .windows(close.len())
        .position(|window| window == close);
    end.map_or(rest.len(), |end| open + 1 + end + close.len())
}

/// Whether a byte can stand in an identifier.
#[must_use]
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Places where `word` stands in the code and is not part of a longer identifier.
pub fn word_positions<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |&at| {
            let before = at == 0 || !is_word(bytes[at - 1]);
            let after = bytes
                .get(at + word.len())
                .is_none_or(|&byte| !is_word(byte));
            before && after
        })
}

/// Line of a byte position, counted from 1.
#[must_use]
pub fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes()[..at]
        .iter()
        .filter(|&&byte| byte == b'\n')
        .count()
}

/// Position behind the bracket that closes the one at `open`.
#[must_use]
pub fn closing(code: &str, open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, &byte) in code.as_bytes().iter().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// First `;` or `{` from `from` on that stands in no round or square bracket.
#[must_use]
pub fn body_or_end(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, &byte) in code.as_bytes().iter().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            b'{' | b';' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Attribute in front of what is compiled for tests alone.
const TEST_ATTRIBUTE: &str = "#[cfg(test)]";

/// Ranges of the items that stand under `#[cfg(test)]`.
#[must_use]
pub fn test_items(code: &str) -> Vec<(usize, usize)> {
    let mut items = Vec::new();
    let mut from = 0;
    while let Some(found) = code[from..].find(TEST_ATTRIBUTE) {
        let start = from + found;
        let mut at = start + TEST_ATTRIBUTE.len();
        while code[at..].trim_start().starts_with("#[") {
            at = closing(code, code.len() - code[at..].trim_start().len() + 1);
        }
        let end = match body_or_end(code, at) {
            Some(open) if code.as_bytes()[open] == b'{' => closing(code, open),
            Some(semicolon) => semicolon + 1,
            None => code.len(),
        };
        items.push((start, end));
        from = end;
    }
    items
}

/// The code with every item under `#[cfg(test)]` blanked as well.
#[must_use]
pub fn without_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (start, end) in test_items(code) {
        for byte in &mut bytes[start..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    bytes.into_iter().map(char::from).collect()
}

/// Modules that the code declares under `#[cfg(test)]` and leaves to a file of their own: the path
/// of that file or folder, without an ending.
#[must_use]
pub fn test_modules(path: &str, code: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let folder = if matches!(name, "lib" | "main" | "mod") {
        folder
    } else {
        stem
    };
    let module = |&(start, end): &(usize, usize)| {
        let item = &code[start..end];
        let at = word_positions(item, "mod").next()?;
        let name = item[at + "mod".len()..].trim().strip_suffix(';')?;
        Some(format!("{folder}/{}", name.trim()))
    };
    test_items(code).iter().filter_map(module).collect()
}

/// Whether a file is compiled for tests, benches or fuzzing alone, by where it stands.
#[must_use]
pub fn is_test_path(path: &str) -> bool {
    let in_test_folder = path
        .split('/')
        .rev()
        .skip(1)
        .any(|folder| matches!(folder, "tests" | "fuzz" | "benches"));
    let name = path.rsplit('/').next().unwrap_or(path);
    in_test_folder && !path.starts_with("benches/src/") || name == "tests.rs"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_what_is_not_code_and_keeps_every_place() {
        for (source, code) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x \" y") g"#, "f(        ) g"),
            (r##"r#"x " y"# z"##, "           z"),
            ("b'x' 'a 'static '\\'' '{'", "b    'a 'static         "),
            ("br\"{\" bar\"{\"", "      bar   "),
        ] {
            assert_eq!(code_only(source).trim_end(), code.trim_end(), "{source}");
            assert_eq!(code_only(source).len(), source.len(), "{source}");
        }
        assert_eq!(code_only("'관' x").trim(), "x");
    }

    #[test]
    fn test_items_are_cut_whole() {
        let code = "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod t { fn b() { {} } }\nfn c() {}";
        let rest = without_tests(&code_only(code));
        assert!(rest.contains("fn a") && rest.contains("fn c") && !rest.contains("fn b"));
        assert!(!without_tests("#[cfg(test)]\nmod t;").contains("mod"));
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(
            word_positions("fs offs fs_x fs", "fs").collect::<Vec<_>>(),
            [0, 13]
        );
    }
}
