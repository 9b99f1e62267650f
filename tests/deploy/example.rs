//! The example's function under AWS's own runtime client, behind the pod's own configuration.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use super::tool::{Neighbour, deploy, poll, read, run, scratch, tool, write};
use super::yaml::document;
use crate::support::sidecar::Sidecar;

/// What deploy/README.md promises of each path.
const PROMISED: [(&str, u16, &str); 8] = [
    ("/orders/7", 200, r#"{"id": "7", "item": "lamp", "quantity": 2}"#),
    ("/orders/seven", 400, r#"{"message": "`seven` is not a number"}"#),
    ("/orders/0", 500, r#"{"message": "the order desk is closed"}"#),
    ("/shop/lamp", 200, r#"{"method": "GET", "path": "/shop/lamp"}"#),
    ("/shop/raise", 502, r#"{"message": "Internal server error"}"#),
    ("/shop/malformed", 502, r#"{"message": "Internal server error"}"#),
    ("/ping", 200, r#"{"message": "pong"}"#),
    ("/shop/slow", 504, r#"{"message": "Endpoint request timed out"}"#),
];

/// The same of the HTTP API.
const PROMISED_OF_HTTP: [(&str, u16, &str); 6] = [
    ("/shop/lamp", 200, r#"{"method": "GET", "path": "/shop/lamp"}"#),
    ("/shop/malformed", 200, r#"{"status": 200}"#),
    ("/shop/hidden", 200, r#"{"errorMessage": "no such order", "errorType": "KeyError"}"#),
    ("/shop/raise", 500, r#"{"message":"Internal Server Error"}"#),
    ("/nowhere", 404, r#"{"message":"Not Found"}"#),
    ("/shop/slow", 503, r#"{"message":"Service Unavailable"}"#),
];

const HTTP_HEADING: &str = "### The same function behind an HTTP API";

#[test]
fn example_answers_as_promised() {
    let mut stagegate = example("example", "openapi.yaml", &[]);
    let _function = function(&mut stagegate);
    let hidden = stagegate.get("/orders/8");
    assert_eq!((hidden.status, &hidden.json()["errorType"]), (200, &"KeyError".into()), "the error that hides");
    assert_promised(&stagegate, &PROMISED);
    let readme = read("README.md");
    let (rest, _) = readme.split_once(HTTP_HEADING).expect("the HTTP API's part");
    assert_told(rest, &PROMISED);
}

#[test]
fn example_behind_an_http_api_answers_as_promised() {
    let compose = document(&read("compose/http-api.yaml"));
    let stage = compose["services"]["stagegate"]["environment"]["STAGEGATE_API__STAGE"].as_str().expect("a stage");
    let stage = stage.replace("$$", "$");
    let mut stagegate = example("example-http", "http-api.yaml", &[("STAGEGATE_API__STAGE", &stage)]);
    let _function = function(&mut stagegate);
    assert_promised(&stagegate, &PROMISED_OF_HTTP);
    let masked = r#"masked_errors_total{kind="function_error",method="GET",resource="/shop/{proxy+}"}"#;
    assert_eq!(stagegate.metric(masked), 1.0);
    let readme = read("README.md");
    let (_, http) = readme.split_once(HTTP_HEADING).expect("the HTTP API's part");
    assert_told(http.split("\n#").next().expect("a part"), &PROMISED_OF_HTTP);
}

/// The sidecar with one of the example's definitions.
fn example(name: &str, definition: &str, variables: &[(&str, &str)]) -> Sidecar {
    let folder = scratch(name);
    write(&folder, "stagegate.yaml", &sidecar_config());
    write(&folder, "api/openapi.yaml", &read(&format!("example/{definition}")));
    Sidecar::start_in_with(folder, &[], variables)
}

fn assert_promised(stagegate: &Sidecar, promised: &[(&str, u16, &str)]) {
    for (path, status, body) in promised {
        let answer = stagegate.get(path);
        assert_eq!((answer.status, answer.text()), (*status, *body), "{path}");
    }
}

/// The curl lines of that text say what is promised.
fn assert_told(text: &str, promised: &[(&str, u16, &str)]) {
    let lines: Vec<&str> = text.lines().filter(|l| l.starts_with("curl -i localhost:8080/")).collect();
    assert!(lines.len() >= 5, "{lines:?}");
    for line in lines {
        let (command, comment) = line.split_once('#').expect("a comment");
        let path = command.trim().trim_start_matches("curl -i localhost:8080");
        let status = promised.iter().find(|(p, ..)| *p == path).map_or(200, |(_, status, _)| *status);
        assert!(comment.trim().starts_with(&status.to_string()), "{line}");
    }
}

#[test]
fn configurations_are_flawless() {
    for (component, definition) in [("sidecar", "openapi"), ("emulator", "openapi"), ("sidecar", "http-api")] {
        let folder = scratch(&format!("check-{component}-{definition}"));
        let text = read(&format!("kubernetes/components/{component}/stagegate.yaml"));
        let config = write(&folder, "stagegate.yaml", &text);
        write(&folder, "api/openapi.yaml", &read(&format!("example/{definition}.yaml")));
        let mut check = Command::new(env!("CARGO_BIN_EXE_stagegate"));
        let report = run(check.args(["check", "--strict", "--config"]).arg(config));
        assert!(report.contains("0 errors, 0 warnings, 0 notes"), "{report}");
    }
}

/// Every `functions:` that the README shows is one that stagegate takes.
#[test]
fn backends_in_the_readme_load() {
    let readme = read("README.md");
    let blocks: Vec<&str> = readme.split("```yaml\n").skip(1).filter(|b| b.starts_with("functions:")).collect();
    assert!(blocks.len() >= 2, "{blocks:?}");
    for block in blocks {
        let functions = block.split("```").next().expect("an end");
        let api = "api: { routes: [{ path: /a, method: GET, integration: { type: MOCK } }] }";
        let config = write(&scratch("readme"), "stagegate.yaml", &format!("{api}\n{functions}"));
        run(Command::new(env!("CARGO_BIN_EXE_stagegate")).args(["check", "--config"]).arg(config));
    }
}

/// The kubelet changes a ConfigMap by swapping one symbolic link, under which all the files lie.
#[test]
fn configmap_swap_is_loaded() {
    let folder = scratch("configmap");
    let version = |name: &str, definition: &str| {
        write(&folder, &format!("{name}/stagegate.yaml"), &sidecar_config());
        write(&folder, &format!("{name}/api/openapi.yaml"), definition);
    };
    let swap = |name: &str| {
        let _ = std::fs::remove_file(folder.join("..data_tmp"));
        symlink(name, folder.join("..data_tmp")).expect("a link");
        std::fs::rename(folder.join("..data_tmp"), folder.join("..data")).expect("a swap");
    };
    let definition = read("example/openapi.yaml");
    version("..2026_01", &definition);
    swap("..2026_01");
    for name in ["stagegate.yaml", "api"] {
        symlink(Path::new("..data").join(name), folder.join(name)).expect("a link");
    }
    let stagegate = Sidecar::start_in(folder.clone(), &[]);
    assert_eq!(stagegate.get("/pong").status, 403);
    version("..2026_02", &definition.replace("/ping", "/pong"));
    swap("..2026_02");
    std::fs::remove_dir_all(folder.join("..2026_01")).expect("the old version goes");
    let until = |what: &str, holds: &dyn Fn() -> bool| poll(|| if holds() { Ok(()) } else { Err(what.to_owned()) });
    until("the new definition is not loaded", &|| stagegate.get("/pong").status == 200);
    assert_eq!(stagegate.get("/ping").status, 403);
    version("..2026_03", "paths: [");
    swap("..2026_03");
    until("the bad definition is not noticed", &|| stagegate.metric("config_last_reload_successful") == 0.0);
    assert_eq!(stagegate.get("/pong").status, 200, "a bad definition leaves the old one in place");
}

/// The sidecar's configuration, on ports of the system's choice.
fn sidecar_config() -> String {
    let mut text = read("kubernetes/components/sidecar/stagegate.yaml");
    for address in ["0.0.0.0:8080", "0.0.0.0:9180", "127.0.0.1:9001"] {
        assert!(text.contains(address));
        text = text.replace(address, "127.0.0.1:0");
    }
    text
}

/// The example's function, connected to that stagegate.
fn function(stagegate: &mut Sidecar) -> Neighbour {
    let runtime = stagegate.runtime_api("*");
    let mut python = tool("python3", "Python 3 with awslambdaric from PyPI");
    python.current_dir(deploy("example")).env("AWS_LAMBDA_RUNTIME_API", runtime.to_string());
    python.env("PYTHONDONTWRITEBYTECODE", "1").args(["-m", "awslambdaric", "app.handler"]);
    Neighbour(python.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("python"))
}
