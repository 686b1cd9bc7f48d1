//! `docs/findings.md` is what the program explains today.

use caruman::cli::explain::findings_page;

/// To write it anew: `CARUMAN_WRITE_PAGES=1 cargo test --test findings_page`.
#[test]
fn the_page_of_findings_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    let page = findings_page();
    if std::env::var("CARUMAN_WRITE_PAGES").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/findings.md is stale; run CARUMAN_WRITE_PAGES=1 cargo test --test findings_page");
}
