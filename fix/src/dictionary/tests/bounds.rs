//! Files whose size lies in what they stand for, not in their bytes.

use super::*;

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
