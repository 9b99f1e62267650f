//! The systemd unit, verified by systemd, and its sandbox, judged by systemd.

use super::tool::{read, run, scratch, tool};

#[test]
fn unit_is_valid_and_sandboxed() {
    let unit = scratch("systemd").join("stagegate.service");
    // Verifying wants the binary to be there.
    std::fs::write(&unit, read("systemd/stagegate.service").replace("/usr/bin/stagegate", "/bin/true"))
        .expect("a file");
    let analyze = || tool("systemd-analyze", "the Debian package systemd");
    run(analyze().args(["verify", "--man=no"]).arg(&unit));
    // The exposure level in tenths, from 0 to 100: below 20 is what systemd calls OK.
    run(analyze().args(["security", "--offline=true", "--no-pager", "--threshold=15"]).arg(&unit));
}
