//! The standard dictionaries: how much they have, and what the first file of FIX 5.0SP2 lacks.

use super::*;

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
