use std::fs;
use std::sync::LazyLock;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::x509::{X509, X509Builder};

use super::*;

static KEY: LazyLock<MerchantKey> = LazyLock::new(|| MerchantKey::generate().expect("a key"));
static NEXT_KEY: LazyLock<MerchantKey> = LazyLock::new(|| MerchantKey::generate().expect("a key"));

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

fn certificate(key: &MerchantKey, serial: u32, from: &str, until: &str) -> X509 {
    let mut builder = X509Builder::new().expect("a builder");
    let time = |text: &str| Asn1Time::from_unix(at(text).timestamp()).expect("a time");
    let number = BigNum::from_u32(serial).and_then(|number| number.to_asn1_integer()).expect("a number");
    builder.set_serial_number(&number).expect("a serial number");
    builder.set_not_before(&time(from)).expect("first day");
    builder.set_not_after(&time(until)).expect("last day");
    builder.set_pubkey(&key.key).expect("a key");
    builder.sign(&key.key, MessageDigest::sha256()).expect("signed");
    builder.build()
}

/// Current until the end of June 2026, next from June on.
fn pair() -> FpxCertificates {
    let current = certificate(&KEY, 0x1A, "2024-07-01T00:00:00Z", "2026-06-30T00:00:00Z");
    let next = certificate(&NEXT_KEY, 0x2B, "2026-06-01T00:00:00Z", "2028-06-30T00:00:00Z");
    let files = [current.to_pem().expect("PEM"), next.to_der().expect("DER")];
    FpxCertificates::from_bytes(&files).expect("certificates")
}

fn verify(certificates: &FpxCertificates, key: &MerchantKey, now: &str) -> Result<String, SignatureError> {
    let checksum = key.sign(b"a|b").expect("signed");
    certificates.verify(&[b"a|b".to_vec()], &checksum, at(now))
}

#[test]
fn the_certificate_is_chosen_by_its_days() {
    let pair = pair();
    assert_eq!(verify(&pair, &KEY, "2026-05-15T00:00:00Z").as_deref(), Ok("1A"));
    let early = verify(&pair, &NEXT_KEY, "2026-05-31T23:59:59Z");
    assert_eq!(early, Err(SignatureError::OutOfDays("2B, not valid before 2026-06-01".to_owned())));
    // Both prove, a day before the end, on it, and for a day after.
    for now in ["2026-06-01T00:00:00Z", "2026-06-29T00:00:00Z", "2026-06-30T00:00:00Z", "2026-07-01T00:00:00Z"] {
        assert_eq!(verify(&pair, &KEY, now).as_deref(), Ok("1A"), "{now}");
        assert_eq!(verify(&pair, &NEXT_KEY, now).as_deref(), Ok("2B"), "{now}");
    }
    let late = verify(&pair, &KEY, "2026-07-01T00:00:01Z");
    assert_eq!(late, Err(SignatureError::OutOfDays("1A, expired on 2026-06-30".to_owned())));
    assert_eq!(verify(&pair, &NEXT_KEY, "2026-07-01T00:00:01Z").as_deref(), Ok("2B"));
}

#[test]
fn what_nobody_known_signed_is_refused() {
    let pair = pair();
    let stranger = MerchantKey::generate().expect("a key");
    assert_eq!(verify(&pair, &stranger, "2026-05-15T00:00:00Z"), Err(SignatureError::Refused));
    let over = "1A, expired on 2026-06-30";
    let expected = SignatureError::NoneInForce(format!("2B, expired on 2028-06-30; {over}"));
    assert_eq!(verify(&pair, &stranger, "2030-01-01T00:00:00Z"), Err(expected));
    let none = FpxCertificates::from_bytes(&[]).expect("no certificates");
    let refusal = verify(&none, &KEY, "2026-05-15T00:00:00Z").expect_err("nothing proves");
    assert_eq!(refusal.to_string(), "no FPX certificate is in force: none is known");
    let now = at("2026-05-15T00:00:00Z");
    for checksum in ["", "A", "0G", "zz", "é0", " 00"] {
        let refusal = pair.verify(&[b"a".to_vec()], checksum, now);
        assert_eq!(refusal, Err(SignatureError::NotHexadecimal), "{checksum:?}");
    }
    for checksum in ["00".to_owned(), "0".repeat(512), "F".repeat(512), "0".repeat(514)] {
        assert_eq!(pair.verify(&[b"a".to_vec()], &checksum, now), Err(SignatureError::Refused));
    }
}

#[test]
fn the_end_of_the_last_certificate_is_told_thirty_days_ahead() {
    let pair = pair();
    assert_eq!(pair.all().iter().map(FpxCertificate::serial).collect::<Vec<_>>(), ["2B", "1A"]);
    assert_eq!(pair.ends_soon(at("2028-05-31T00:00:00Z")), None);
    assert_eq!(pair.ends_soon(at("2028-05-31T00:00:01Z")), Some(pair.all()[0].until()));
    assert!(FpxCertificates::from_bytes(&[]).expect("none").ends_soon(at("2026-01-01T00:00:00Z")).is_some());
}

#[test]
fn a_checksum_is_512_capital_digits_and_small_ones_are_read() {
    let checksum = KEY.sign("é|b".as_bytes()).expect("signed");
    assert!(checksum.len() == 512 && checksum.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b)));
    let public = KEY.public().expect("a public key");
    let source = ["é|b".as_bytes().to_vec()];
    assert_eq!(public.verify(&source, &checksum), Ok(()));
    assert_eq!(public.verify(&source, &checksum.to_lowercase()), Ok(()));
    assert_eq!(public.verify(&["e|b".as_bytes().to_vec()], &checksum), Err(SignatureError::Refused));
    assert_eq!(KEY.sign("é|b".as_bytes()).expect("signed"), checksum, "the same every time");
    assert!(KEY.check().is_ok());
}

#[test]
fn the_next_key_takes_over_at_its_moment() {
    let moment = at("2026-07-01T00:00:00+08:00");
    let keys = MerchantKeys { active: KEY.clone(), next: Some((moment, NEXT_KEY.clone())) };
    let signed = |now: &str| keys.at(at(now)).sign(b"a").expect("signed");
    assert_eq!(signed("2026-06-30T23:59:59+08:00"), KEY.sign(b"a").expect("signed"));
    assert_eq!(signed("2026-07-01T00:00:00+08:00"), NEXT_KEY.sign(b"a").expect("signed"));
    let alone = MerchantKeys { active: KEY.clone(), next: None };
    assert_eq!(alone.at(moment).sign(b"a").expect("signed"), KEY.sign(b"a").expect("signed"));
}

#[cfg(unix)]
#[test]
fn a_key_file_belongs_to_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("EX00099001.key");
    fs::write(&path, KEY.key.private_key_to_pem_pkcs8().expect("PEM")).expect("written");
    for mode in [0o644, 0o640, 0o604, 0o440, 0o404, 0o620, 0o610, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        let fault = MerchantKey::load(&path).expect_err("open to others");
        assert!(matches!(fault, KeyFault::OpenToOthers { .. }), "{mode:o}: {fault}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
        let key = MerchantKey::load(&path).expect("a key");
        assert_eq!(key.sign(b"a").expect("signed"), KEY.sign(b"a").expect("signed"));
        assert_eq!(format!("{key:?}"), "MerchantKey(hidden)");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_key_is_named_and_never_shown() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let fault_of = |bytes: &[u8]| {
        let path = folder.path().join("some.key");
        let _ = fs::remove_file(&path);
        fs::write(&path, bytes).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("permissions");
        MerchantKey::load(&path).expect_err("no key")
    };
    let secret = KEY.key.private_key_to_pem_pkcs8().expect("PEM");
    assert!(matches!(fault_of(b""), KeyFault::NoPrivateKey(_)));
    let half = fault_of(&secret[..secret.len() / 2]);
    let shown = format!("{half} {half:?}");
    assert!(matches!(half, KeyFault::NoPrivateKey(_)) && !shown.contains("MII") && shown.contains("some.key"));
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let locked = KEY.key.private_key_to_pem_pkcs8_passphrase(cipher, b"secret").expect("PEM");
    assert!(matches!(fault_of(&locked), KeyFault::NoPrivateKey(_)), "a pass phrase is not asked for");
    let small = openssl::rsa::Rsa::generate(1024).and_then(PKey::from_rsa).expect("a key");
    let small = small.private_key_to_pem_pkcs8().expect("PEM");
    assert!(matches!(fault_of(&small), KeyFault::Size(1024)));
    let missing = MerchantKey::load(&folder.path().join("none")).expect_err("no file");
    assert!(matches!(missing, KeyFault::Io { .. }));
    assert!(matches!(PublicKey::from_pem(b"x"), Err(KeyFault::NoPublicKey)));
}

#[test]
fn certificates_come_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (both, wrong) = (folder.path().join("fpx.cer"), folder.path().join("wrong.cer"));
    let one = certificate(&KEY, 1, "2024-07-01T00:00:00Z", "2026-06-30T00:00:00Z").to_pem().expect("PEM");
    let two = certificate(&NEXT_KEY, 2, "2026-06-01T00:00:00Z", "2028-06-30T00:00:00Z").to_pem().expect("PEM");
    fs::write(&both, [one, two].concat()).expect("written");
    fs::write(&wrong, "no certificate").expect("written");
    assert_eq!(FpxCertificates::load(std::slice::from_ref(&both)).expect("two certificates").all().len(), 2);
    let fault = FpxCertificates::load(&[both, wrong.clone()]).expect_err("one of them is none");
    assert!(matches!(&fault, KeyFault::NoCertificate(path) if *path == wrong), "{fault}");
}
