//! The binary where nothing but itself is there and nothing is allowed: a read-only root, no capability, not even in the bounding set, the
//! default filter of system calls. There its backend's name fails, and changes.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use super::tool::{deploy, free_port, tool, write};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, until};

/// Serves from that static binary, in a root of its own.
pub fn serves(binary: &Path, folder: &Path) {
    let root = folder.join("root");
    let config = json!({
        "listen": "127.0.0.1:0",
        "threads": 2,
        "admin": {"listen": "127.0.0.1:0"},
        "api": {"routes": [{"path": "/{proxy+}", "method": "GET", "integration": {"type": "AWS_PROXY", "function": "f"}}]},
    });
    let port = free_port();
    let functions = format!(r#"{{"f":{{"invoke_api":"http://function.internal:{port}"}}}}"#);
    // JSON is YAML.
    let config = format!("{}\n", config.to_string().replacen('{', &format!("{{\"functions\":{functions},"), 1));
    write(&root, "etc/stagegate/stagegate.yaml", &config);
    let hosts = |line: &str| {
        let new = write(&root, "etc/hosts.new", &format!("127.0.0.1 localhost\n{line}\n"));
        std::fs::rename(new, root.join("etc/hosts")).expect("a rename");
    };
    hosts("");
    for device in ["dev/random", "dev/urandom"] {
        write(&root, device, "");
    }
    std::fs::copy(binary, root.join("stagegate")).expect("the binary");
    std::fs::set_permissions(root.join("stagegate"), std::fs::Permissions::from_mode(0o755)).expect("its mode");
    let mut command = tool("unshare", "the Debian package util-linux");
    command.args(["--mount", "--propagation", "private"]).arg(tool("python", "Python").get_program());
    command.arg(deploy("../tests/deploy/confine.py")).arg(&root).args(["/stagegate", "run", "--log-format", "json"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut daemon = Sidecar::spawn(command, folder.join("confined"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id())).expect("the process's status");
    for (key, value) in [
        ("Uid", "65532\t65532\t65532\t65532"),
        ("CapEff", "0000000000000000"),
        ("CapPrm", "0000000000000000"),
        ("CapInh", "0000000000000000"),
        ("CapAmb", "0000000000000000"),
        ("CapBnd", "0000000000000000"),
        ("NoNewPrivs", "1"),
        ("Seccomp", "2"),
    ] {
        assert!(status.contains(&format!("\n{key}:\t{value}\n")), "{key} should be {value}: {status}");
    }
    a_name_that_fails_and_changes(&daemon, hosts, port);
    // A changed file is seen there, too.
    write(&root, "etc/stagegate/stagegate.yaml", &format!("{config}# changed\n"));
    daemon.wait_for_log("configuration reloaded");
    daemon.signal("TERM");
    assert_eq!(daemon.wait().code(), Some(0), "a clean drain: {}", daemon.log());
}

/// Runs that static binary where there is nothing but it, not even `/dev`. One that `deploy/build` made serves there; another one says what
/// is missing, and does not panic.
pub fn needs_no_device(binary: &Path, folder: &Path, is_released: bool) {
    let root = folder.join("bare");
    let config = json!({
        "listen": "127.0.0.1:0",
        "threads": 2,
        "admin": {"listen": "127.0.0.1:0"},
        "functions": {"*": {"invoke_api": "http://127.0.0.1:1"}},
        "api": {"routes": [{"path": "/", "method": "GET", "integration": {"type": "AWS_PROXY", "function": "f"}}]},
    });
    write(&root, "stagegate.yaml", &config.to_string());
    std::fs::copy(binary, root.join("stagegate")).expect("the binary");
    let mut command = tool("chroot", "the Debian package coreutils");
    command.arg(&root).args(["/stagegate", "run", "--log-format", "json"]).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if !is_released {
        let output = command.output().expect("a process");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let expected = "no random numbers: No such file or directory (os error 2); a static binary takes them from /dev/random and \
                        /dev/urandom, unless `deploy/build` made it\n";
        assert_eq!((said.as_str(), output.status.code()), (expected, Some(1)));
        return;
    }
    let mut daemon = Sidecar::spawn(command, folder.join("bare"));
    assert_eq!(daemon.get("/").status, 504, "nobody listens there");
    daemon.signal("TERM");
    assert_eq!(daemon.wait().code(), Some(0), "a clean drain: {}", daemon.log());
}

/// The backend moves from one address to another, as a pod does; each call is answered, counted once, and goes to one of the two at most.
fn a_name_that_fails_and_changes(daemon: &Sidecar, hosts: impl Fn(&str), port: u16) {
    let mut told = BTreeMap::new();
    let mut ask = |path: &str| {
        let answer = daemon.get(path);
        *told.entry(answer.status).or_insert(0_usize) += 1;
        answer.text().to_owned()
    };
    let at = |host: u8, name: &'static str| {
        Backend::at(([127, 0, 0, host], port).into(), move |_| {
            Reply::payload(json!({"statusCode": 200, "body": name}).to_string())
        })
    };
    assert_eq!(ask("/unknown"), "{\"message\": \"Network error communicating with endpoint\"}");
    let one = at(2, "one");
    hosts("127.0.0.2 function.internal");
    until("the name is known", || ask("/first") == "one");
    let two = at(3, "two");
    // Where it was is still there, but nobody listens; what is remembered of a name is forgotten after seconds.
    hosts("127.0.0.3 function.internal");
    let mut seen = one.kill().len();
    until("the other address", || ask("/second") == "two");
    hosts("");
    seen += two.kill().len();
    until("the name is forgotten", || ask("/third").contains("Network error"));
    let count = |status| told.get(&status).copied().unwrap_or(0);
    assert_eq!((count(200), count(200) + count(504)), (seen, told.values().sum()), "{told:?}");
    for (outcome, status) in [("success", 200), ("network_error", 504)] {
        let series = format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}");
        assert_eq!(daemon.metric(&series) as usize, count(status), "{outcome}");
    }
}
