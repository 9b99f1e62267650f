//! What the real tools make of an app: CDK, the Serverless Framework and Chalice, each told word for word and served with a real
//! function behind it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use stagegate::{ExportFormat, Severity, Sources, export, parse};

use crate::support;
use crate::support::function::Function;
use crate::support::http::{get, send};
use crate::support::sidecar::Sidecar;

/// Where `tests/run` installs the tools, and where their output goes.
fn target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target").join(name)
}

fn apps() -> PathBuf {
    support::data("cloudformation/tools")
}

/// Runs a tool; its output is shown when it fails.
fn run(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; `tests/run` installs what the tests need"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
}

/// A fresh copy of an app, as tools write beside it.
fn copy(app: &str) -> PathBuf {
    let folder = target("templates").join(app);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("a folder of our own");
    }
    for entry in walkdir::WalkDir::new(apps().join(app)) {
        let entry = entry.expect("a readable folder");
        let to = folder.join(entry.path().strip_prefix(apps().join(app)).expect("below the app"));
        match entry.file_type().is_dir() {
            true => std::fs::create_dir_all(&to).expect("a writable folder"),
            false => drop(std::fs::copy(entry.path(), &to).expect("a writable folder")),
        }
    }
    folder
}

/// The three apps of CDK, synthesised once.
fn cdk(stack: &str) -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    let folder = MADE.get_or_init(|| {
        let folder = target("templates/cdk");
        let mut command = Command::new("node");
        run(command.arg(apps().join("cdk/apps.js")).arg(&folder).env("NODE_PATH", target("cdk/node_modules")));
        folder
    });
    folder.join(format!("{stack}.template.json"))
}

fn serverless() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(package_serverless).clone()
}

fn package_serverless() -> PathBuf {
    let folder = copy("serverless");
    let mut command = Command::new(target("serverless/node_modules/.bin/serverless"));
    command.arg("package").current_dir(&folder);
    command.env("SLS_TELEMETRY_DISABLED", "1").env("SLS_NOTIFICATIONS_MODE", "off");
    run(command.env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none"));
    folder.join(".serverless/cloudformation-template-update-stack.json")
}

fn chalice() -> PathBuf {
    static MADE: OnceLock<PathBuf> = OnceLock::new();
    MADE.get_or_init(package_chalice).clone()
}

fn package_chalice() -> PathBuf {
    let folder = copy("chalice");
    let mut command = Command::new(target("chalice/bin/chalice"));
    run(command.args(["package", "out"]).current_dir(&folder).env("AWS_DEFAULT_REGION", "us-east-1"));
    folder.join("out/sam.json")
}

/// The API, natively told, and what is found in the template, without the lines, which move with the tools' versions.
fn told(template: &Path) -> String {
    let flags = vec![("api.definition".to_owned(), template.display().to_string())];
    let nothing = parse(Path::new("nothing.yaml"), "{}").expect("a configuration");
    let sources = Sources { flags, embedded: Some(nothing), ..Sources::default() };
    let (text, problems) = export(&sources, ExportFormat::Native).expect("it loads");
    let findings = problems.iter().filter(|p| p.severity > Severity::Note);
    let findings: Vec<String> = findings.map(|p| format!("{} {}: {}", p.severity, p.rule, p.message)).collect();
    format!("{text}\n{}\n", findings.join("\n"))
}

#[test]
fn the_tools_templates_become_what_they_mean() {
    let templates = [
        ("cdk-proxy", cdk("Proxy")),
        ("cdk-custom", cdk("Custom")),
        ("cdk-guarded", cdk("Guarded")),
        ("serverless", serverless()),
        ("chalice", chalice()),
    ];
    let mut wrong = Vec::new();
    for (name, template) in templates {
        wrong.extend(support::golden(&apps().join(name).with_extension("txt"), &told(&template)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The template, served, with that function under the name that the tool's user knows.
fn serve(template: &Path, function: &str) -> (Sidecar, Function) {
    let definition = template.display().to_string();
    let mut sidecar = Sidecar::start(&format!(
        "api: {{ definition: {definition:?} }}\nfunctions: {{ {function:?}: {{ runtime_api: \"127.0.0.1:0\" }} }}\n"
    ));
    let function = Function::python(&apps(), "function.handler", sidecar.runtime_api(function));
    (sidecar, function)
}

#[test]
fn cdk_apps_are_served() {
    let (sidecar, _function) = serve(&cdk("Proxy"), "Everything");
    for path in ["/", "/orders/1"] {
        let answer = get(sidecar.data, path);
        assert_eq!((answer.status, answer.text()), (200, format!("GET {path}").as_str()));
    }

    let (sidecar, _function) = serve(&cdk("Custom"), "Handler");
    let put = |body: &str| {
        let length = body.len();
        send(
            sidecar.data,
            format!(
                "PUT /orders/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
            ),
        )
    };
    let fine = put(r#"{"id": "1"}"#);
    assert_eq!((fine.status, fine.text()), (200, r#"{"id":"1"}"#));
    let bad = put(r#"{"id": "bad"}"#);
    assert_eq!((bad.status, bad.text()), (400, r#"{"message": "bad"}"#));
    assert_eq!(put(r#"{"other": 1}"#).status, 400);
    let preflight = send(sidecar.data, "OPTIONS /orders/1 HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n\r\n");
    assert_eq!(
        (preflight.status, preflight.header("Access-Control-Allow-Origin")),
        (204, Some("https://shop.example"))
    );
    let missing = get(sidecar.data, "/none");
    assert_eq!((missing.status, missing.text()), (404, r#"{"message": "no such path"}"#));

    let (sidecar, _function) = serve(&cdk("Guarded"), "Handler:live");
    assert_eq!(get(sidecar.data, "/keyed").status, 403);
    let keyed = send(sidecar.data, "GET /keyed HTTP/1.1\r\nHost: a\r\nx-api-key: abcdefghijklmnopqrstuvwxyz\r\n\r\n");
    assert_eq!((keyed.status, keyed.text()), (200, "GET /keyed"));
    for guarded in ["/token", "/request", "/people", "/signed"] {
        let status = get(sidecar.data, guarded).status;
        assert!(matches!(status, 401 | 403 | 500), "{guarded} is open: {status}");
    }
}

#[test]
fn a_serverless_service_is_served() {
    let (sidecar, _function) = serve(&serverless(), "hello");
    let hello = get(sidecar.data, "/hello");
    assert_eq!((hello.status, hello.text()), (200, "GET /hello"));
    assert_eq!(get(sidecar.data, "/any/thing").status, 500);
}

#[test]
fn a_chalice_app_is_served() {
    let (sidecar, _function) = serve(&chalice(), "APIHandler");
    let root = get(sidecar.data, "/");
    assert_eq!((root.status, root.text()), (200, "GET /"));
    let preflight = send(sidecar.data, "OPTIONS /orders/1 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(preflight.header("Access-Control-Allow-Origin"), Some("https://shop.example"));
}
