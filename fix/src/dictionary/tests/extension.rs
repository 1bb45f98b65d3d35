//! What a file adds to a dictionary, and that one which contradicts it changes nothing.

use super::*;

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
