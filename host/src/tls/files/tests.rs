//! Files that fit, and each that does not.

use std::fs;

use rcgen::{CertificateParams, KeyPair};

use super::*;

/// A folder of a test's own, gone at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let name = format!("gwanmun-tls-files-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn identity() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["gateway.test".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Whether the files are taken; the words of what is wrong otherwise.
fn told(certificate: &Path, key: &Path, client_ca: Option<&Path>) -> Result<(), String> {
    let config = TlsConfig {
        certificate: certificate.to_path_buf(),
        key: key.to_path_buf(),
        client_ca: client_ca.map(Path::to_path_buf),
    };
    server_config(&config).map(drop).map_err(|fault| {
        assert!(!fault.remedy().is_empty());
        let text = fault.to_string();
        let is_named = [certificate, key]
            .into_iter()
            .chain(client_ca)
            .any(|path| text.contains(path.to_str().unwrap()));
        assert!(is_named, "{text}");
        text
    })
}

#[test]
fn a_certificate_with_its_key_is_taken_and_no_other() {
    let folder = Folder::new("fit");
    let (certificate, key) = identity();
    let (other, other_key) = identity();
    let crt = folder.write("gw.crt", &certificate, 0o644);
    let chain = folder.write("chain.crt", format!("{certificate}{other}"), 0o644);
    let good = folder.write("gw.key", &key, 0o600);
    assert_eq!(told(&crt, &good, None), Ok(()));
    assert_eq!(told(&chain, &good, None), Ok(()));
    assert_eq!(told(&crt, &good, Some(&chain)), Ok(()));
    let swapped = folder.write("other.key", other_key, 0o600);
    let text = told(&crt, &swapped, None).unwrap_err();
    assert!(text.contains("does not belong"), "{text}");
    let reversed = folder.write("reversed.crt", format!("{other}{certificate}"), 0o644);
    let text = told(&reversed, &good, None).unwrap_err();
    assert!(text.contains("does not belong"), "{text}");
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let folder = Folder::new("mode");
    let (certificate, key) = identity();
    let crt = folder.write("gw.crt", certificate, 0o644);
    for mode in [0o400, 0o600, 0o640] {
        assert_eq!(
            told(&crt, &folder.write("gw.key", &key, mode), None),
            Ok(())
        );
        fs::remove_file(folder.0.join("gw.key")).unwrap();
    }
    for mode in [0o604, 0o644, 0o602] {
        let text = told(&crt, &folder.write("gw.key", &key, mode), None).unwrap_err();
        assert!(text.contains("other users"), "{mode:o}: {text}");
    }
}

#[test]
fn what_is_no_certificate_and_no_key_is_told_by_its_file() {
    let folder = Folder::new("broken");
    let (certificate, key) = identity();
    let crt = folder.write("gw.crt", &certificate, 0o644);
    let good = folder.write("gw.key", &key, 0o600);
    let missing = folder.0.join("missing");
    let empty = folder.write("empty", "", 0o600);
    let noise = folder.write("noise", [0xff, 0, 10, 45, 45], 0o600);
    let cut = folder.write("cut.crt", &certificate[..certificate.len() / 2], 0o644);
    let cut_key = folder.write("cut.key", &key[..key.len() / 2], 0o600);
    // The frame is there, the content is not what it says.
    let false_key = key.replace("PRIVATE KEY", "CERTIFICATE");
    let false_crt = folder.write("false.crt", false_key, 0o600);
    for certificate in [&missing, &empty, &noise, &cut, &good, &false_crt] {
        told(certificate, &good, None).unwrap_err();
    }
    for key in [&missing, &empty, &noise, &cut_key, &crt] {
        told(&crt, key, None).unwrap_err();
    }
    for authority in [&missing, &empty, &noise, &cut, &good, &false_crt] {
        told(&crt, &good, Some(authority)).unwrap_err();
    }
}
