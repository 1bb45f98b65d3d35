//! What the tests share, and a file of one's own that is right.
//!
//! `standard_files` has the files that are built in, `extension` what may be added to a dictionary,
//! `mistakes` every mistake with its line, `bounds` files that stand for more than their bytes.

mod bounds;
mod extension;
mod mistakes;
mod standard_files;

use super::*;

/// A file that is right, to break in one place each.
const SMALL: &str = include_str!("small.xml");

fn problem(text: &str) -> (u32, String, String) {
    let error = Dictionary::from_xml(text).expect_err("a mistake");
    (error.line, error.element, error.problem)
}

#[test]
fn a_file_of_ones_own() {
    let dictionary = Dictionary::from_xml(SMALL).unwrap();
    assert_eq!(dictionary.version(), "FIX.4.4");
    let message = dictionary.message("U1").unwrap();
    assert_eq!(message.name, "DeskNotice");
    assert_eq!(dictionary.tag("DeskName"), Some(20500));
    let session = dictionary.field(20501).unwrap();
    assert_eq!(session.data_type, DataType::LocalMktTime);
    let side = dictionary.field(54).unwrap();
    assert_eq!(side.values.get("1").unwrap(), "BUY & HOLD 'em <all>");
    assert_eq!(dictionary.component("Instrument").unwrap().len(), 1);
    assert!(matches!(
        message.items.last(),
        Some(Item::Group { tag: 20510, required: false, items }) if items.len() == 2
    ));
}
