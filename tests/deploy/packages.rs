//! The packages of a release, built of the binary that is here, installed and taken apart by the script that each release runs.

use std::path::Path;
use std::process::Command;

use super::tool::{deploy, run, scratch};

#[test]
fn deb_and_rpm_install_and_the_sbom_is_whole() {
    let folder = scratch("packages");
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/packagers/bin");
    for name in ["cargo-deb", "cargo-generate-rpm", "cargo-cyclonedx"] {
        assert!(tools.join(name).is_file(), "`{name}` is missing: `cargo install` it (tests/run does)");
    }
    // In a release it is a binary without symbols.
    std::fs::create_dir_all(folder.join("release")).expect("a folder");
    let binary = folder.join("release/stagegate");
    run(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_stagegate")));
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let mut script = Command::new(deploy("../.ci/packages"));
    script.arg(folder.join("out")).arg("stagegate-test").env("PATH", path).env("CARGO_TARGET_DIR", &folder);
    let told = run(&mut script);
    assert!(told.contains("SBOM: CycloneDX") && told.contains("packages are fine"), "{told}");
    let version = concat!("stagegate ", env!("CARGO_PKG_VERSION"));
    assert_eq!(told.matches(version).count(), 2, "each package's binary ran: {told}");
    let mut made: Vec<_> =
        std::fs::read_dir(folder.join("out")).expect("a folder").flatten().map(|file| file.file_name()).collect();
    made.sort();
    assert_eq!(made, ["stagegate-test.cdx.json", "stagegate-test.deb", "stagegate-test.rpm", "stagegate-test.tar.gz"]);
    let _ = std::fs::remove_dir_all(&folder);
}
