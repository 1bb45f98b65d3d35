//! Standard dictionaries, files of one's own, and every mistake with its line.

use super::*;

/// A file that is right, to break in one place each.
const SMALL: &str = include_str!("small.xml");

fn problem(text: &str) -> (u32, String, String) {
    let error = Dictionary::from_xml(text).expect_err("a mistake");
    (error.line, error.element, error.problem)
}

#[test]
fn standard_dictionaries_hold_what_they_promise() {
    let counts = Standard::ALL.map(|standard| {
        let dictionary = Dictionary::standard(standard);
        (
            dictionary.version().to_owned(),
            dictionary.messages().count(),
            dictionary.fields().count(),
        )
    });
    assert_eq!(counts[0].0, "FIX.4.2");
    assert_eq!(counts[1].0, "FIX.4.4");
    assert_eq!(counts[2].0, "FIXT.1.1");
    assert_eq!(counts[3].0, "FIX.5.0-SP2");
    assert_eq!(counts.map(|(_, messages, _)| messages), [46, 93, 7, 121]);
}

#[test]
fn fix_50sp2_has_what_its_first_edition_lacks() {
    let dictionary = Dictionary::standard(Standard::Fix50Sp2);
    for (msg_type, name) in [
        ("CS", "PartyRiskLimitsDefinitionRequest"),
        ("CT", "PartyRiskLimitsDefinitionRequestAck"),
        ("DF", "PartyRiskLimitCheckRequest"),
        ("DG", "PartyRiskLimitCheckRequestAck"),
        ("DH", "PartyActionRequest"),
        ("DI", "PartyActionReport"),
        ("A", "Logon"),
        ("D", "NewOrderSingle"),
    ] {
        assert_eq!(dictionary.message(msg_type).unwrap().name, name);
    }
    for (tag, name) in [
        (1688, "ShortSaleExemptionReason"),
        (1724, "OrderOrigination"),
        (2362, "SelfMatchPreventionID"),
        (2594, "OrderAttributeType"),
    ] {
        assert_eq!(dictionary.field(tag).unwrap().name, name);
    }
    assert_eq!(
        dictionary.field(1079).unwrap().data_type,
        DataType::TzTimeOnly
    );
    assert_eq!(
        dictionary.field(1132).unwrap().data_type,
        DataType::TzTimestamp
    );
    assert!(!dictionary.header().is_empty() && !dictionary.trailer().is_empty());
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

#[test]
fn an_extension_adds_and_keeps() {
    let mut dictionary = Dictionary::standard(Standard::Fix44);
    let before = dictionary.message("D").unwrap().items.len();
    let sides = dictionary.field(54).unwrap().values.len();
    dictionary
        .extend(
            "<fix type='FIX' major='4' minor='4'><header/><trailer/>
             <components>
               <component name='Desk'><field name='DeskName' required='Y'/></component>
             </components>
             <messages>
               <message name='NewOrderSingle' msgtype='D'>
                 <component name='Desk' required='N'/><component name='Parties' required='N'/>
                 <field name='Symbol' required='N'/>
               </message>
               <message name='DeskNotice' msgtype='U1'>
                 <component name='Instrument' required='Y'/>
                 <group name='NoLegs' required='N'><field name='LegSymbol' required='Y'/></group>
               </message>
             </messages>
             <fields>
               <field number='20500' name='DeskName' type='XIDREF'/>
               <field number='54' name='Side' type='CHAR'><value enum='Z' description='OURS'/></field>
             </fields></fix>",
        )
        .unwrap();
    assert_eq!(dictionary.message("D").unwrap().items.len(), before + 3);
    assert_eq!(dictionary.messages().count(), 94);
    assert_eq!(dictionary.field(54).unwrap().values.len(), sides + 1);
    // The empty component that stood for the base's has not taken its place.
    assert!(dictionary.component("Instrument").unwrap().len() > 10);
    assert_eq!(dictionary.field(55).unwrap().data_type, DataType::Text);
}

#[test]
fn an_extension_that_contradicts_is_refused_and_changes_nothing() {
    let mut dictionary = Dictionary::from_xml(SMALL).unwrap();
    for (messages, fields, expected) in [
        (
            "",
            "<field number='54' name='Seite' type='CHAR'/>",
            "tag 54 is Side",
        ),
        (
            "",
            "<field number='56' name='Side' type='CHAR'/>",
            "Side is tag 54",
        ),
        (
            "",
            "<field number='55' name='Side' type='CHAR'/>",
            "tag 55 is Symbol",
        ),
        (
            "<message name='Other' msgtype='U1'/>",
            "",
            "msgtype U1 is DeskNotice",
        ),
        (
            "<message name='DeskNotice' msgtype='U2'/>",
            "",
            "msgtype U1 is DeskNotice",
        ),
    ] {
        let text = format!(
            "<fix type='FIX' major='4' minor='4'><header/><trailer/><components/>
             <messages>{messages}</messages><fields>{fields}</fields></fix>"
        );
        let error = dictionary.extend(&text).expect_err(expected);
        assert!(error.problem.contains(expected), "{error}");
        assert_eq!(error.line, 2);
    }
    assert_eq!(dictionary.messages().count(), 1);
}

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

/// Files whose size lies in what they stand for, not in their bytes.
#[test]
fn bounds_hold() {
    let file = |components: &str, body: &str| {
        format!(
            "<fix type='FIX' major='4' minor='4'><header/><trailer/><messages>
             <message name='M' msgtype='M'>{body}</message></messages>
             <components>{components}</components><fields>
             <field number='1' name='A' type='INT'/><field number='2' name='N' type='INT'/>
             </fields></fix>"
        )
    };
    let chain = |links: usize, uses: usize| -> String {
        let link = |at: usize| {
            let inner = format!("<component name='C{}' required='Y'/>", at + 1).repeat(uses);
            format!("<component name='C{at}'>{inner}</component>")
        };
        let last = format!("<component name='C{links}'><field name='A' required='Y'/></component>");
        (0..links).map(link).chain([last]).collect()
    };
    let deep = |depth: usize| {
        let open = "<group name='N' required='N'>".repeat(depth);
        format!(
            "{open}<field name='A' required='N'/>{}",
            "</group>".repeat(depth)
        )
    };
    let used = "<component name='C0' required='Y'/>";
    assert!(Dictionary::from_xml(&file(&chain(31, 1), used)).is_ok());
    let too_deep = [file(&chain(32, 1), used), file(&chain(3_000, 1), used)];
    assert!(
        too_deep
            .iter()
            .all(|text| problem(text).2.contains("32 deep"))
    );
    assert!(problem(&file(&chain(30, 2), used)).2.contains("20,000"));
    assert!(Dictionary::from_xml(&file("", &deep(8))).is_ok());
    assert!(problem(&file("", &deep(9))).2.contains("8 deep"));
    assert!(problem(&file("", &deep(50_000))).2.contains("8 deep"));
    let empty_inside = "<component name='E'/>";
    let group = "<group name='N' required='N'><component name='E' required='N'/></group>";
    let found = problem(&file(empty_inside, group));
    assert_eq!((found.0, found.1.as_str()), (2, "message M"));
    assert!(found.2.contains("no member"));
    // Empty components, each naming the one before four times.
    let link = |from: usize| {
        let inner = format!("<component name='E{from}' required='N'/>").repeat(4);
        format!("<component name='E{}'>{inner}</component>", from + 1)
    };
    let empty: String = ["<component name='E0'/>".to_owned()]
        .into_iter()
        .chain((0..14).map(link))
        .collect();
    let used = "<component name='E14' required='N'/>";
    assert!(problem(&file(&empty, used)).2.contains("names more than"));
    // Nothing stands inside the line of a field or a component, however deep.
    for line in [
        "<field name='A' required='N'>",
        "<component name='E' required='N'>",
    ] {
        let end = &line[1..line.find(' ').unwrap()];
        let junk = format!(
            "{line}{}{}</{end}>",
            "<a>".repeat(100_000),
            "</a>".repeat(100_000)
        );
        assert!(
            problem(&file(empty_inside, &junk))
                .2
                .contains("nothing in it")
        );
    }
    let cycle = "<component name='X'><component name='Y' required='N'/></component>
                 <component name='Y'><component name='X' required='N'/></component>";
    assert!(problem(&file(cycle, "")).2.contains("contains itself"));
}
