//! The packages and the bill of materials of a release, made of the binary that is here by the script that each release runs, with its
//! tools at its versions.

use std::path::Path;
use std::process::Command;

use super::tool::{deploy, read, run, scratch, write};
use crate::support::golden;

#[test]
fn deb_and_rpm_install() {
    let folder = scratch("packages");
    // In a release it is a binary without symbols.
    let binary = write(&folder, "target/release/stagegate", "");
    run(Command::new("strip").arg("-o").arg(&binary).arg(env!("CARGO_BIN_EXE_stagegate")));
    let out = folder.join("out");
    let tools = deploy("../target/tools/bin").canonicalize().expect("the packers, which tests/run installs");
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap_or_default());
    let mut sh = Command::new("sh");
    sh.arg(deploy("../.ci/packages")).arg(&out).arg("stagegate-test").env("PATH", path);
    let told = run(sh.env("CARGO_TARGET_DIR", folder.join("target")).env("FAST", "yes"));
    assert!(told.contains("packages are fine"), "{told}");
    let version = concat!("stagegate ", env!("CARGO_PKG_VERSION"));
    assert_eq!(told.matches(version).count(), 2, "each package's binary ran: {told}");
    assert!(told.contains("SBOM: CycloneDX"), "{told}");
    for name in ["stagegate-test.tar.gz", "stagegate-test.cdx.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let lists = [deb(&out.join("stagegate-test.deb")), rpm(&out.join("stagegate-test.rpm"))].concat();
    if let Some(difference) = golden(&deploy("../tests/deploy/packages.txt"), &lists) {
        panic!("{difference}");
    }
    let _ = std::fs::remove_dir_all(&folder);
}

/// What a deb holds: mode, owner and path of each file.
fn deb(package: &Path) -> String {
    let listed = run(Command::new("dpkg-deb").arg("--contents").arg(package));
    let line = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [mode, owner, _size, _date, _time, path] = columns[..] else { panic!("not a line of dpkg-deb: {line}") };
        format!("{mode} {} {}\n", owner.replace('/', ":"), path.trim_start_matches('.'))
    };
    list("deb", listed.lines().map(line).filter(|line| !line.ends_with("/\n")).collect())
}

/// The same of an rpm, with what it says of each: `c` a configuration, `d` documentation.
fn rpm(package: &Path) -> String {
    let format = "[%{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILENAMES} %{FILEFLAGS:fflags}\n]";
    let listed = run(Command::new("rpm").args(["--query", "--package", "--queryformat", format]).arg(package));
    list("rpm", listed.lines().map(|line| format!("{}\n", line.trim_end())).collect())
}

/// Lines in the order of their paths, under a name.
fn list(name: &str, mut lines: Vec<String>) -> String {
    lines.sort_by(|a, b| a.split(' ').nth(2).cmp(&b.split(' ').nth(2)));
    format!("{name}\n{}", lines.concat())
}

/// The release's tools are those that tests/run installs, and that the script and SECURITY.md name.
#[test]
fn tools_have_one_version() {
    let of = |file: &str| {
        let text = read(file);
        let words = text.split(|c: char| c.is_whitespace() || c == '`');
        let mut tools: Vec<String> =
            words.filter(|word| word.starts_with("cargo-") && word.contains('@')).map(str::to_owned).collect();
        tools.sort();
        tools
    };
    let installed = of("../tests/run");
    let packers = ["cargo-cyclonedx@", "cargo-deb@", "cargo-generate-rpm@"];
    assert!(installed.iter().zip(packers).all(|(tool, name)| tool.starts_with(name)), "{installed:?}");
    assert_eq!(installed.len(), packers.len());
    assert_eq!(of("../.ci/packages"), installed);
    assert_eq!(of("../.github/workflows/release.yml"), installed);
    assert_eq!(of("../.github/SECURITY.md"), installed[..1]);
}
