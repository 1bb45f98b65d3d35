//! A right file with one mistake at a time: its line, its element, and what would be right.

use super::*;

#[test]
fn each_mistake_has_its_line_and_says_what_is_right() {
    Dictionary::from_xml(SMALL).unwrap();
    for (from, to, line, element, expected) in [
        ("<fix type", "<fax type", 36, "", "not XML"),
        ("</fix>", "", 1, "", "never closed"),
        ("major='4'", "major='four'", 1, "fix", "must be digits"),
        ("major='4'", "", 1, "fix", "no attribute major"),
        ("type='FIX' ", "type='FAST' ", 1, "fix", "FIX or FIXT"),
        (
            "  <trailer>",
            "  <trailers/><trailer>",
            7,
            "trailers",
            "is none of header",
        ),
        (
            "  <components>",
            "  <components/><components>",
            19,
            "components",
            "second time",
        ),
        (
            "number='54'",
            "number='0'",
            28,
            "field Side",
            "1 to 999999999",
        ),
        (
            "number='54'",
            "number='054'",
            28,
            "field Side",
            "1 to 999999999",
        ),
        (
            "number='54'",
            "number='+54'",
            28,
            "field Side",
            "1 to 999999999",
        ),
        (
            "number='54'",
            "number='4294967350'",
            28,
            "field Side",
            "1 to 999999999",
        ),
        (
            "number='54'",
            "number='8'",
            28,
            "field Side",
            "taken by BeginString",
        ),
        ("number='54'", "", 28, "field Side", "no attribute number"),
        (
            "name='Side' type='CHAR'",
            "name='Side'",
            28,
            "field Side",
            "no attribute type",
        ),
        (
            "type='CHAR'",
            "type='CHARR'",
            28,
            "field Side",
            "is none of AMT, BOOLEAN",
        ),
        (
            "type='CHAR'",
            "type=''",
            28,
            "field Side",
            "1 to 128 characters",
        ),
        (
            "<value enum='1' ",
            "<value ",
            29,
            "value",
            "no attribute enum",
        ),
        (
            "<value enum='1' ",
            "<value enum='' ",
            29,
            "value ",
            "1 to 128",
        ),
        (
            "<value enum='2' description='SELL'/>",
            "<value enum='2'/>",
            30,
            "value 2",
            "no attribute description",
        ),
        (
            "<value enum='2' ",
            "<values enum='2' ",
            30,
            "values 2",
            "only value",
        ),
        (
            "<field name='Side' required='Y'/>",
            "<field name='side' required='Y'/>",
            13,
            "field side",
            "case counts",
        ),
        (
            "<field name='Side' required='Y'/>",
            "<field name='Side'/>",
            13,
            "field Side",
            "no attribute required",
        ),
        (
            "<field name='Side' required='Y'/>",
            "<field name='Side' required='yes'/>",
            13,
            "field Side",
            "Y or N",
        ),
        (
            "<field name='Side' required='Y'/>",
            "<feld name='Side' required='Y'/>",
            13,
            "feld Side",
            "none of field, group",
        ),
        (
            "<component name='Instrument' required='Y'/>",
            "<component name='Instruments' required='Y'/>",
            12,
            "component Instruments",
            "no component of this name",
        ),
        (
            "<component name='Instrument'>",
            "<component name='Instrument' required='N'>",
            20,
            "component Instrument",
            "where a component is used",
        ),
        (
            "<component name='Instrument'>",
            "<component name='StandardHeader'>",
            20,
            "component StandardHeader",
            "elements header and trailer",
        ),
        (
            "<group name='NoDesks' required='N'>",
            "<group name='NoDesk' required='N'>",
            14,
            "group NoDesk",
            "no field of this name",
        ),
        (
            "msgtype='U1'",
            "msgtype='U 1'",
            11,
            "message DeskNotice",
            "visible ASCII",
        ),
        (
            "msgtype='U1'",
            "",
            11,
            "message DeskNotice",
            "no attribute msgtype",
        ),
        ("name='DeskNotice'", "", 11, "message", "no attribute name"),
        (
            "</messages>",
            "<message name='DeskNotice' msgtype='U2'/></messages>",
            18,
            "message DeskNotice",
            "taken by a message before",
        ),
        (
            "</messages>",
            "<message name='Other' msgtype='U1'/></messages>",
            18,
            "message Other",
            "msgtype U1 is taken",
        ),
        (
            "<field name='Symbol' required='Y'/>",
            "<component name='Instrument' required='Y'/>",
            20,
            "component Instrument",
            "contains itself",
        ),
    ] {
        assert!(SMALL.contains(from), "{from}");
        let found = problem(&SMALL.replacen(from, to, 1));
        assert_eq!(
            (found.0, found.1.as_str()),
            (line, element),
            "{from} {to} {found:?}"
        );
        assert!(found.2.contains(expected), "{found:?} {expected}");
    }
    assert!(problem("").2.contains("not XML"));
    assert!(problem("<!DOCTYPE fix><fix/>").2.contains("not XML"));
    assert!(
        problem("<fix type='FIX' major='4' minor='4'/>")
            .2
            .contains("write <header/>")
    );
    let long = " ".repeat(FILE_BYTES_MAX + 1);
    assert!(problem(&long).2.contains("16 MiB"));
}
