//! The image: its final stage built around a static binary, and run without anything of this machine but its kernel.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::confined;
use super::tool::{deploy, free_port, read, run, scratch, tool, write};
use crate::support::lambda::{Backend, Reply};
use crate::support::sidecar::Sidecar;

/// Bytes that the image may have, when it is built as the Dockerfile does.
const IMAGE: u64 = 19_000_000;
/// Bytes of memory that it may need when idle.
const IDLE: u64 = 12 * 1024 * 1024;

#[test]
fn image_runs_and_needs_nothing_else() {
    let folder = scratch("image");
    // IMAGE_BINARY: a release build to measure, as deploy/README.md tells.
    let released = std::env::var_os("IMAGE_BINARY").map(PathBuf::from);
    let binary = released.clone().unwrap_or_else(|| static_build(&folder));
    let build = folder.join("build");
    std::fs::create_dir_all(build.join("out")).expect("a folder");
    std::fs::copy(&binary, build.join("out/stagegate")).expect("the binary");
    let buildah = Buildah(folder.join("storage"));

    // The build stage's place is taken by a folder, so that only the final stage is built; nothing is pulled.
    let context = format!("build={}", build.display());
    let image = ["build", "--isolation=chroot", "--format=docker", "--pull-never", "--build-context", &context];
    run(buildah.command(&image).arg("-f").arg(deploy("Dockerfile")).args(["-t", "stagegate-test"]).arg(deploy("..")));
    let inspected = run(&mut buildah.command(&["inspect", "--type=image", "localhost/stagegate-test"]));
    let inspected: Value = serde_json::from_str(&inspected).expect("JSON");
    describes_itself(&inspected["Docker"]["config"]);
    let size = std::fs::metadata(&binary).expect("the binary").len();
    println!("image: {size} bytes{}", if released.is_some() { "" } else { " (debug build)" });
    let container = buildah.container();
    let root = run(&mut buildah.command(&["mount", &container]));
    let files = std::fs::read_dir(root.trim()).expect("the image's files").flatten().map(|f| f.file_name());
    assert_eq!(files.collect::<Vec<_>>(), ["stagegate"], "nothing but the binary");

    let idle = serves(&buildah, &container, &folder);
    assert_eq!(
        written(Path::new(root.trim())),
        Vec::<PathBuf>::new(),
        "nothing is written: a read-only root is enough"
    );
    println!("idle memory: {idle} bytes resident{}", if released.is_some() { "" } else { " (debug build)" });
    if released.is_some() {
        assert!(size <= IMAGE && idle <= IDLE, "{size} bytes, {idle} bytes resident");
    }
    confined::serves(&binary, &folder);
    confined::needs_no_device(&binary, &folder, released.is_some());
    let _ = std::fs::remove_dir_all(&folder);
}

/// Files with something in them, but for the binary; what buildah mounts leaves empty ones.
fn written(root: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(|entry| entry.expect("a readable folder"));
    let files = entries.filter(|entry| entry.file_type().is_file() && entry.metadata().is_ok_and(|of| of.len() > 0));
    files.map(|entry| entry.into_path()).filter(|path| *path != root.join("stagegate")).collect()
}

/// What the image says of itself.
fn describes_itself(config: &Value) {
    assert_eq!(config["User"], "65532:65532");
    assert_eq!(config["Entrypoint"], json!(["/stagegate"]));
    assert_eq!(config["Cmd"], json!(["run"]));
    assert_eq!(config["Healthcheck"]["Test"], json!(["CMD", "/stagegate", "healthcheck"]));
    assert_eq!(config["ExposedPorts"], json!({"8080/tcp": {}, "9180/tcp": {}}));
    let labels = &config["Labels"];
    for (label, value) in [
        ("title", "stagegate"),
        ("description", env!("CARGO_PKG_DESCRIPTION")),
        ("licenses", env!("CARGO_PKG_LICENSE")),
        ("version", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(labels[format!("org.opencontainers.image.{label}")], value);
    }
}

/// Runs the container, calls a function that only `/etc/hosts` knows, asks its health, and stops it; the idle memory.
fn serves(buildah: &Buildah, container: &str, folder: &Path) -> u64 {
    let function = Backend::start(|_| Reply::payload(r#"{"statusCode": 200, "body": "from the function"}"#));
    let port = function.address.port();
    let admin = free_port();
    let integration = json!({"type": "AWS_PROXY", "function": "f"});
    let config = json!({
        "listen": "127.0.0.1:0",
        "threads": 2,
        "admin": {"listen": format!("127.0.0.1:{admin}")},
        "api": {"routes": [{"path": "/a", "method": "GET", "integration": integration}]},
        "functions": {"f": {"invoke_api": format!("http://function.internal:{port}")}},
    });
    // JSON is YAML.
    let config = write(folder, "etc/stagegate.yaml", &config.to_string());
    let hosts = write(folder, "hosts", "127.0.0.1 localhost\n127.0.0.1 function.internal\n");
    let volumes = [
        format!("{}:/etc/stagegate:ro", config.parent().expect("a folder").display()),
        format!("{}:/etc/hosts:ro", hosts.display()),
    ];
    let inside = |container: &str, arguments: &[&str]| {
        let mut command = buildah.command(&["run", "--isolation=chroot", "--no-hosts", "--cap-drop=all"]);
        command.args(volumes.iter().flat_map(|volume| ["--volume", volume]));
        command.args([container, "--"]).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let health = format!("http://127.0.0.1:{admin}/readyz");
    // From a second container: under this isolation a command takes the mounts of its container with it when it ends.
    let other = buildah.container();
    let ask = ["/stagegate", "healthcheck", "--url", &health];
    let healthy = || inside(&other, &ask).output().expect("buildah").status.code();
    assert_eq!(healthy(), Some(1), "nobody runs yet");

    let stagegate = inside(container, &["/stagegate", "run", "--log-format", "json", "--log-level", "debug"]);
    let mut daemon = Sidecar::spawn(stagegate, folder.join("sidecar"));
    let pid = listener(daemon.data.port());
    let _stray = Stray(pid);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process's status");
    let line = |key: &str| {
        let line = status.lines().find(|l| l.starts_with(key)).unwrap_or_else(|| panic!("no {key} in {status}"));
        line.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(line("Uid:"), ["65532"; 4]);
    assert_eq!(line("Gid:"), ["65532"; 4]);
    // In the bounding set this isolation leaves what it takes to become the image's user.
    for set in ["CapEff:", "CapPrm:", "CapInh:", "CapAmb:"] {
        assert_eq!(line(set), ["0000000000000000"], "no capability: {set}");
    }
    assert_eq!(line("Seccomp:"), ["2"], "under buildah's default filter of system calls");
    let idle = line("VmRSS:")[0].parse::<u64>().expect("a number") * 1024;
    assert_eq!(healthy(), Some(0));
    let answer = daemon.get("/a");
    assert_eq!((answer.status, answer.text()), (200, "from the function"), "/etc/hosts is asked: {}", daemon.log());

    run(Command::new("kill").args(["-TERM", &pid.to_string()]));
    assert_eq!(daemon.wait().code(), Some(0), "a clean drain");
    assert_eq!(healthy(), Some(1), "it is gone");
    idle
}

/// A process that is not our child, and ends with the test all the same.
struct Stray(u32);

impl Drop for Stray {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.0.to_string()]).output();
    }
}

/// Links the binary of this build once more, statically: everything else is taken as it is built already.
fn static_build(folder: &Path) -> PathBuf {
    let profile = Path::new(env!("CARGO_BIN_EXE_stagegate")).parent().expect("the profile's folder");
    let (name, target) = (profile.file_name().expect("a name"), profile.parent().expect("the target folder"));
    let name = name.to_str().expect("a name");
    let mut cargo = Command::new(env!("CARGO"));
    // What cargo tells its tests would look to build scripts as if the world had changed.
    let of_cargo = std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_"));
    of_cargo.filter(|(name, _)| name != "CARGO_HOME").for_each(|(name, _)| _ = cargo.env_remove(name));
    cargo.current_dir(deploy("..")).args(["rustc", "--quiet", "--locked", "--bin", "stagegate"]);
    cargo.args(["--profile", if name == "debug" { "dev" } else { name }]);
    cargo.arg("--config").arg(format!("build.build-dir={:?}", target.display().to_string()));
    cargo.arg("--target-dir").arg(folder.join("static"));
    run(cargo.args(["--", "-C", "target-feature=+crt-static", "-C", "strip=symbols"]));
    let binary = folder.join("static").join(name).join("stagegate");
    let kind = run(Command::new("ldd").arg(&binary));
    assert!(kind.contains("statically linked"), "{kind}");
    binary
}

/// The process that listens on that port of loopback, found as `ss` finds it: by its socket's inode.
fn listener(port: u16) -> u32 {
    let sockets = std::fs::read_to_string("/proc/net/tcp").expect("the sockets");
    let local = format!("0100007F:{port:04X}");
    let of_port = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(1) == Some(&local.as_str()) && fields.get(3) == Some(&"0A")
    };
    let inode = sockets.lines().find(of_port).and_then(|l| l.split_whitespace().nth(9)).expect("the listening socket");
    let link = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").expect("the processes").flatten();
    let pids = processes.filter_map(|p| p.file_name().to_str()?.parse::<u32>().ok());
    let mut holders = pids.filter(|pid| {
        let open = std::fs::read_dir(format!("/proc/{pid}/fd"));
        open.is_ok_and(|fds| {
            fds.flatten().any(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.as_os_str() == &*link))
        })
    });
    holders.next().expect("the listening process")
}

/// buildah with a storage of its own, which ends with the test.
struct Buildah(PathBuf);

impl Buildah {
    fn container(&self) -> String {
        run(&mut self.command(&["from", "--pull-never", "localhost/stagegate-test"])).trim().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = tool("buildah", "the Debian package buildah");
        command.arg("--root").arg(self.0.join("root")).arg("--runroot").arg(self.0.join("run"));
        command.args(["--storage-driver=vfs"]).args(arguments);
        command
    }
}

/// The build stage gets the manifest, the lock file, `src`, the references and what gives it a profile; the sources must be content with
/// that.
#[test]
fn build_context_is_complete() {
    let ignore = std::fs::read_to_string(deploy("../.dockerignore")).expect("the list");
    let kept: Vec<&str> = ignore.lines().filter_map(|line| line.strip_prefix('!')).collect();
    let sources = ["Cargo.toml", "Cargo.lock", "src", "config/reference.yaml", "config/reference-http.yaml"];
    assert_eq!(kept, [&sources[..], &["deploy/build", "tests/bench"]].concat());
    let config = deploy("../config").canonicalize().expect("the references");
    let src = deploy("../src").canonicalize().expect("the sources");
    let mut included = 0;
    let files = walkdir::WalkDir::new(&src).into_iter().map(|entry| entry.expect("a readable folder").into_path());
    for file in files.filter(|file| file.extension().is_some_and(|ending| ending == "rs")) {
        let text = std::fs::read_to_string(&file).expect("a source");
        let of = |name: &str| text.split(&format!("{name}!(\"")).skip(1).map(str::to_owned).collect::<Vec<_>>();
        for rest in [of("include_str"), of("include_bytes")].concat() {
            let name = rest.split('"').next().expect("a name");
            let found = file.parent().expect("a folder").join(name).canonicalize();
            assert!(
                found.is_ok_and(|path| path.starts_with(&src) || path.starts_with(&config)),
                "{} includes {name}",
                file.display()
            );
            included += 1;
        }
    }
    assert!(included > 0, "no file is included");
}

#[test]
fn versions_are_this_one() {
    let version = env!("CARGO_PKG_VERSION");
    let dockerfile = read("Dockerfile");
    assert!(dockerfile.contains(&format!("ARG VERSION={version}\n")), "the image's label");
    let rust = env!("CARGO_PKG_RUST_VERSION");
    assert!(
        dockerfile.contains(&format!("FROM docker.io/library/rust:{rust}-")),
        "the image's compiler is the crate's"
    );
    let readme = read("README.md");
    let tags: Vec<&str> =
        readme.split("stagegate:").skip(1).filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert!(
        !tags.is_empty() && tags.iter().all(|tag| tag.starts_with(version)),
        "a tag of another version in the README"
    );
}
