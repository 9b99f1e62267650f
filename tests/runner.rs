//! `stagegate test` as a runner: which cases run, how the outcome is told to machines, what is covered.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::sidecar::{command, folder};
use crate::support::{data, golden};

fn run(arguments: &[&str]) -> Output {
    command().current_dir(data("runner")).arg("test").args(arguments).output().expect("the binary")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_golden(name: &str, output: &Output, code: i32) {
    is_golden_text(name, &out(output));
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_golden_text(name: &str, text: &str) {
    if let Some(wrong) = golden(&data("runner").join(name), text) {
        panic!("{wrong}");
    }
}

/// Arguments, what is printed, the exit code.
const CHOSEN: &[(&[&str], &str, i32)] = &[
    (&["--list", "covered/cases.yaml"], "covered/cases.yaml:3: A gift\ncovered/cases.yaml:7: a bad order\n", 0),
    (&["--list", "--filter", "gift", "covered/cases.yaml"], "covered/cases.yaml:3: A gift\n", 0),
    (&["--list", "--filter", "none", "covered/cases.yaml"], "no case has `none` in its name\n", 1),
    (&["--filter", "a gIFT", "covered"], "1 case: 1 passed, 0 failed\n", 0),
    (&["--filter", "none", "covered"], "no case has `none` in its name\n", 1),
    (&["--filter", "right", "failing.yaml"], "1 case: 1 passed, 0 failed\n", 0),
];

#[test]
fn cases_are_chosen_by_name() {
    for (arguments, told, code) in CHOSEN {
        let output = run(arguments);
        assert_eq!((out(&output).as_str(), output.status.code()), (*told, Some(*code)), "{arguments:?}");
    }
}

#[test]
fn the_first_failure_may_end_the_run() {
    is_golden("fail-fast.txt", &run(&["--fail-fast", "failing.yaml"]), 1);
}

#[test]
fn the_slowest_cases_are_told() {
    let told = out(&run(&["--slowest", "1", "covered/cases.yaml"]));
    let form =
        regex::Regex::new(r"^ *\d+\.\d\d ms covered/cases\.yaml: (A gift|a bad order)\n2 cases: 2 passed, 0 failed\n$");
    assert!(form.expect("a pattern").is_match(&told), "{told}");
}

#[test]
fn failures_are_annotations_of_a_change() {
    is_golden("annotations.txt", &run(&["--format", "github", "failing.yaml"]), 1);
    let plain =
        command().current_dir(data("runner")).env("GITHUB_ACTIONS", "true").args(["test", "http.yaml"]).output();
    assert_eq!(out(&plain.expect("the binary")), "1 case: 1 passed, 0 failed\n", "only who asks gets annotations");
}

#[test]
fn what_no_case_reaches_is_told() {
    is_golden("coverage.txt", &run(&["--coverage", "covered/cases.yaml", "covered/more.yaml"]), 0);
    is_golden("coverage-http.txt", &run(&["--coverage", "http.yaml"]), 0);
    is_golden("coverage-http-all.txt", &run(&["--coverage", "http-covered.yaml"]), 0);
    let folder = folder();
    for ending in ["json", "info", "txt"] {
        let file: PathBuf = folder.join(format!("coverage.{ending}"));
        let output = run(&[&format!("--coverage={}", file.display()), "covered/cases.yaml", "covered/more.yaml"]);
        assert_eq!((out(&output).as_str(), output.status.code()), ("5 cases: 5 passed, 0 failed\n", Some(0)));
        is_golden_text(&format!("written.{ending}"), &std::fs::read_to_string(file).expect("a file"));
    }
}

/// With a throttle the definition is loaded for each of them anew; it is one definition all the same.
#[test]
fn coverage_of_files_with_one_definition_is_one() {
    let both = out(&run(&["--coverage", "covered/cases.yaml", "covered/more.yaml"]));
    let split = out(&run(&["--coverage", "covered/more.yaml", "covered/cases.yaml"]));
    assert_eq!(both, split);
    let folder = folder();
    for file in ["stagegate.yaml", "cases.yaml", "more.yaml"] {
        let text = std::fs::read_to_string(data("runner/covered").join(file)).expect("a file");
        let text = text.replace("api:\n", "api:\n  throttle: { rate: 1000, burst: 1000 }\n");
        std::fs::write(folder.join(file), text).expect("a file");
    }
    let mut throttled = command();
    throttled.current_dir(&folder).args(["test", "--coverage", "cases.yaml", "more.yaml"]);
    let throttled = out(&throttled.output().expect("the binary"));
    let total = |text: &str| text.lines().filter(|line| line.contains(" of ")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(total(&throttled), total(&both), "{throttled}");
}

/// Percentage that is asked for, exit code, last line of the output.
const ENOUGH: &[(&str, i32, &str)] = &[
    ("0", 0, "1 case: 1 passed, 0 failed"),
    ("20", 0, "1 case: 1 passed, 0 failed"),
    ("20.1", 1, "coverage of 20.0 % is below the 20.1 % that `--min` asks for"),
    ("100%", 1, "coverage of 20.0 % is below the 100 % that `--min` asks for"),
];

#[test]
fn too_little_coverage_fails() {
    for (percent, code, last) in ENOUGH {
        let output = run(&["--min", percent, "http.yaml"]);
        assert_eq!((out(&output).lines().last(), output.status.code()), (Some(*last), Some(*code)), "{percent}");
    }
    assert_eq!(run(&["--min", "101", "http.yaml"]).status.code(), Some(2));
    let mut by_variable = command();
    by_variable.current_dir(data("runner")).args(["test", "http.yaml"]).env("STAGEGATE_TEST_MIN", "51");
    assert_eq!(by_variable.output().expect("the binary").status.code(), Some(1));
    is_golden("coverage-github.txt", &run(&["--min", "51", "--format", "github", "http.yaml"]), 1);
    let junit = run(&["--min", "51", "--coverage", "--format", "junit", "http.yaml"]);
    assert!(out(&junit).ends_with("</testsuites>\n"), "{junit:?}");
    assert!(String::from_utf8_lossy(&junit.stderr).contains("GET /orders"), "{junit:?}");
}

/// Files that are blessed whole: a second run has nothing to say.
const BLESSED: &[(&str, &str)] = &[
    ("block.yaml", "7 cases: 0 passed, 7 blessed, 0 failed\n"),
    ("plain.json", "2 cases: 0 passed, 2 blessed, 0 failed\n"),
];

/// A folder with the files to bless.
fn to_bless() -> PathBuf {
    let folder = folder();
    std::fs::create_dir_all(folder.join("api")).expect("a folder");
    for file in ["api/stagegate.yaml", "block.yaml", "plain.json", "unsafe.yaml", "comment.yaml", "uncertain.yaml"] {
        std::fs::copy(data("runner/bless").join(file), folder.join(file)).expect("a copy");
    }
    folder
}

fn bless(folder: &Path, file: &str) -> Output {
    command().current_dir(folder).args(["test", "--bless", file]).output().expect("the binary")
}

#[test]
fn what_is_answered_becomes_what_is_expected() {
    let folder = to_bless();
    for (file, told) in BLESSED {
        let output = bless(&folder, file);
        assert_eq!((out(&output).as_str(), output.status.code()), (*told, Some(0)), "{output:?}");
        is_golden_text(&format!("blessed/{file}"), &std::fs::read_to_string(folder.join(file)).expect("a file"));
        let again = command().current_dir(&folder).args(["test", file]).output().expect("the binary");
        assert_eq!(again.status.code(), Some(0), "{}", out(&again));
    }
}

/// File, and what is said of it.
const LEFT: &[(&str, &str)] = &[
    (
        "unsafe.yaml",
        "not blessed: unsafe.yaml: `cases.0.response.status`: it stands elsewhere, or has a name that others use: the file stays as it is\n",
    ),
    (
        "comment.yaml",
        "not blessed: comment.yaml: `cases.0.response.json`: it has a comment, which would be lost: the file stays as it is\n",
    ),
];

#[test]
fn a_file_that_cannot_be_edited_safely_stays() {
    let folder = to_bless();
    for (file, told) in LEFT {
        let output = bless(&folder, file);
        assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), (*told, Some(1)));
        let (before, after) = (data("runner/bless").join(file), folder.join(file));
        assert_eq!(std::fs::read(before).expect("a file"), std::fs::read(after).expect("a file"), "{file}");
    }
    let output = bless(&folder, "uncertain.yaml");
    assert!(out(&output).ends_with("1 case: 0 passed, 0 blessed, 1 failed\n") && output.status.code() == Some(1));
    is_golden_text("blessed/uncertain-aside.txt", &String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(folder.join("uncertain.yaml")).expect("a file");
    is_golden_text("blessed/uncertain.yaml", &text);
}

/// A run of `test --watch`, read up to the line that says what it waits for.
struct Watching {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Watching {
    fn start(folder: &Path) -> Watching {
        let mut child = command().current_dir(folder).args(["test", "--watch", "cases"]).spawn().expect("the binary");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        Watching { child, lines }
    }

    fn next(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        for line in &mut self.lines {
            let line = line.expect("text");
            let is_last = line.starts_with("watching ");
            told.push(line);
            if is_last {
                return told;
            }
        }
        panic!("it ended: {told:?}");
    }

    /// Reads on until the run says that; a change may be seen in two steps.
    fn until(&mut self, summary: &str, files: &str) {
        loop {
            let told = self.next();
            let last: Vec<&str> = told.iter().rev().take(2).map(String::as_str).collect();
            if last == [files, summary] {
                return;
            }
        }
    }
}

#[test]
fn cases_run_again_when_a_file_changes() {
    let folder = folder();
    std::fs::create_dir_all(folder.join("cases")).expect("a folder");
    let api = |status: u16| {
        format!(
            "api:\n  routes:\n    - path: /orders\n      method: GET\n      methodResponses: [200, 201]\n      \
             integration: {{ type: MOCK, requestTemplates: {{ application/json: '{{\"statusCode\": 200}}' }}, responses: [{{ statusCode: {status} }}] }}\n"
        )
    };
    let case = |status: u16| {
        format!(
            "config: ../../api.yaml\ncases:\n  - name: one\n    request: {{ path: /orders }}\n    response: {{ status: {status} }}\n"
        )
    };
    let write = |file: &str, text: &str| std::fs::write(folder.join(file), text).expect("a file");
    let mut watching = Watching::start(&folder);
    let none = ["no case found", "watching for case files, Ctrl-C ends"];
    assert_eq!(watching.next(), none);
    std::fs::create_dir_all(folder.join("cases/below")).expect("a folder");
    assert_eq!(watching.next(), none);
    write("api.yaml", &api(200));
    write("cases/below/one.yaml", &case(200));
    let two = "watching 2 files, Ctrl-C ends";
    watching.until("1 case: 1 passed, 0 failed", two);
    // The definition, the case, a case that cannot be read, a new file.
    write("api.yaml", &api(201));
    watching.until("1 case: 0 passed, 1 failed", two);
    write("cases/below/one.yaml", &case(201));
    watching.until("1 case: 1 passed, 0 failed", two);
    write("cases/below/two.yaml", &case(201));
    watching.until("2 cases: 2 passed, 0 failed", "watching 3 files, Ctrl-C ends");
    write("cases/below/two.yaml", "cases: [");
    while watching.next().len() > 1 {}
    write("cases/below/two.yaml", &case(200));
    watching.until("2 cases: 1 passed, 1 failed", "watching 3 files, Ctrl-C ends");
    let id = watching.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
    assert_eq!(watching.child.wait().expect("an end").code(), Some(0));
}
