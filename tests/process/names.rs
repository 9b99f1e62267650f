//! A backend's name whose address changes, goes and comes back while the sidecar runs: new connections find it without a restart.

use std::net::SocketAddr;
use std::process::{Command, Stdio};

use super::proxy;
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::{Sidecar, command, folder, until, with_ports};

/// In a file system of its own, where names are looked up in these two files.
const IN_OWN_FILES: [&str; 5] = [
    "unshare",
    "-rm",
    "sh",
    "-c",
    "mount --bind hosts /etc/hosts && mount --bind resolv.conf /etc/resolv.conf && exec \"$@\"",
];

/// Whether the machine lets us have one.
fn is_allowed() -> bool {
    let [unshare, arguments @ ..] = IN_OWN_FILES;
    let folder = folder();
    std::fs::write(folder.join("hosts"), "")
        .and_then(|()| std::fs::write(folder.join("resolv.conf"), ""))
        .expect("files");
    let mut command = Command::new(unshare);
    command.args(arguments).args(["sh", "true"]).current_dir(&folder).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A backend that closes each connection behind its answer, so that every call is a new one.
fn backend(address: SocketAddr, body: &'static str) -> Backend {
    Backend::at(address, move |_| {
        Reply::ThenClose(Box::new(Reply::payload(format!("{{\"statusCode\":200,\"body\":\"{body}\"}}"))))
    })
}

#[test]
fn a_backend_whose_name_gets_another_address_is_found_there() {
    if !is_allowed() {
        eprintln!("left out: no file system of our own (unshare -rm) on this machine");
        return;
    }
    let first = backend(SocketAddr::from(([127, 0, 0, 1], 0)), "first");
    let port = first.address.port();
    let second = backend(SocketAddr::from(([127, 0, 0, 2], port)), "second");
    let folder = folder();
    // Truncated and written again, not replaced: it is the file itself that is mounted.
    let hosts = |text: &str| std::fs::write(folder.join("hosts"), text).expect("a file");
    hosts("127.0.0.1 backend.test\n");
    std::fs::write(folder.join("resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n").expect("a file");
    let config = with_ports(&proxy(first.address, "").replace("127.0.0.1:", "backend.test:"));
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let binary = command();
    let [unshare, arguments @ ..] = IN_OWN_FILES;
    let mut started = Command::new(unshare);
    started.args(arguments).arg("sh").arg(binary.get_program()).args(["run", "--log-format", "json"]);
    started.current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let sidecar = Sidecar::spawn(started, folder.clone());

    let mut answers = Vec::new();
    let mut ask = || {
        let answer = sidecar.get("/x");
        answers.push((answer.status, answer.text().to_owned()));
        answers[answers.len() - 1].clone()
    };
    let says = |body: &str| (200, body.to_owned());
    assert_eq!(ask(), says("first"));

    // It moves: nobody notices but by whom the answers come from.
    hosts("127.0.0.2 backend.test\n");
    until("found at its new address", || ask() == says("second"));
    // Each thread asks by itself.
    until("found there by all", || (0..20).all(|_| ask() == says("second")));
    assert!(answers.iter().all(|answer| *answer == says("first") || *answer == says("second")), "{answers:?}");
    let asked = answers.len();
    let invoked =
        |outcome: &str| sidecar.metric(&format!("invocations_total{{function=\"f\",outcome=\"{outcome}\"}}")) as usize;
    until("each counted", || invoked("success") == asked);
    assert_eq!(first.seen().len() + second.seen().len(), asked);

    // It goes: that is a failure of the network, and no call.
    hosts("");
    until("gone", || sidecar.get("/x").status == 504);
    until("told", || sidecar.log().contains("\"cause\":\"network_error\"") && invoked("network_error") > 0);
    hosts("127.0.0.2 backend.test\n");
    until("back again", || (0..20).all(|_| sidecar.get("/x").text() == "second"));
    assert_eq!(first.seen().len() + second.seen().len(), invoked("success"));
}
