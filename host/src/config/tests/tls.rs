//! The key `tls` of a session: its form, its files, and that an address has one of them.

use super::Folder;
use crate::config::GATEWAY_EXAMPLE;

/// What is told about `session.tls`, as message and remedy.
fn told(folder: &Folder, source: &str) -> Vec<(String, String)> {
    let Err(error) = folder.parse(source) else {
        return Vec::new();
    };
    let problems = error.problems().iter();
    problems
        .filter(|problem| problem.key == "session.tls")
        .map(|problem| (problem.message.clone(), problem.remedy.clone()))
        .collect()
}

fn with_tls(tls: &str) -> String {
    let line = format!("[[session]]\ntls = {tls}\n");
    GATEWAY_EXAMPLE.replacen("[[session]]", &line, 1)
}

#[test]
fn a_table_of_another_form_is_refused() {
    let folder = Folder::new("tls-form");
    for wrong in [
        "true",
        "\"gw.crt\"",
        "{}",
        "{ certificate = \"a\" }",
        "{ key = \"a\" }",
        "{ certificate = \"a\", key = \"\" }",
        "{ certificate = \"a\", key = 1 }",
        "{ certificate = \"a\", key = \"b\", client_ca = false }",
        "{ certificate = \"a\", key = \"b\", ca = \"c\" }",
    ] {
        let told = told(&folder, &with_tls(wrong));
        assert_eq!(told.len(), 1, "{wrong}: {told:?}");
        assert!(told[0].1.contains("client_ca"), "{told:?}");
    }
}

#[test]
#[cfg(not(feature = "tls"))]
fn a_program_without_tls_refuses_to_do_without_it() {
    let folder = Folder::new("tls-absent");
    let told = told(&folder, &with_tls("{ certificate = \"a\", key = \"b\" }"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0.contains("without TLS"));
    assert!(told[0].1.contains("--features tls"));
}

#[cfg(feature = "tls")]
mod built_in {
    use std::os::unix::fs::PermissionsExt as _;

    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    fn put_identity(folder: &Folder) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["gateway.test".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap().pem();
        std::fs::write(folder.0.join("gw.crt"), certificate).unwrap();
        let path = folder.0.join("gw.key");
        std::fs::write(&path, key.serialize_pem()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn files_count_from_the_folder_and_the_effective_form_loads_to_the_same() {
        let folder = Folder::new("tls-files");
        put_identity(&folder);
        for tls in [
            "{ certificate = \"gw.crt\", key = \"gw.key\" }",
            "{ certificate = \"gw.crt\", key = \"gw.key\", client_ca = \"gw.crt\" }",
        ] {
            let config = folder
                .parse(&with_tls(tls))
                .unwrap_or_else(|error| panic!("{error}"));
            let read = config.sessions[0].tls.as_ref().unwrap();
            assert_eq!(read.key, folder.0.join("gw.key"));
            assert_eq!(read.client_ca.is_some(), tls.contains("client_ca"));
            let again = folder
                .parse(&config.effective())
                .unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(again, config);
        }
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_what_to_do() {
        let folder = Folder::new("tls-missing");
        let source = with_tls("{ certificate = \"gw.crt\", key = \"gw.key\" }");
        let missing = told(&folder, &source);
        assert!(missing[0].0.contains("gw.crt"), "{missing:?}");
        put_identity(&folder);
        assert!(told(&folder, &source).is_empty());
        let path = folder.0.join("gw.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let open = told(&folder, &source);
        assert_eq!(open.len(), 1, "{open:?}");
        assert!(open[0].1.contains("chmod o= FILE"), "{open:?}");
    }

    #[test]
    fn sessions_at_one_address_share_its_tls() {
        let folder = Folder::new("tls-shared");
        put_identity(&folder);
        let source = with_tls("{ certificate = \"gw.crt\", key = \"gw.key\" }");
        let second = |more: &str| {
            let session = format!(
                "[[session]]\ntarget_comp_id = \"M2\"\naccounts = [\"ACC-1\"]\n{more}\n[tables]"
            );
            told(&folder, &source.replace("[tables]", &session))
        };
        assert!(second("tls = { key = \"gw.key\", certificate = \"gw.crt\" }").is_empty());
        assert!(second("socket_accept_port = 9877").is_empty());
        for other in [
            "",
            "tls = { certificate = \"gw.crt\", key = \"gw.key\", client_ca = \"gw.crt\" }",
        ] {
            let told = second(other);
            assert_eq!(told.len(), 1, "{other}: {told:?}");
            assert!(told[0].0.contains("127.0.0.1:9876"), "{told:?}");
        }
    }
}
