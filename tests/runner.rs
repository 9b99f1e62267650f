//! `stagegate test` as a runner: which cases run, how the outcome is told to machines, what is covered.

use std::path::PathBuf;
use std::process::Output;

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
    ("50", 0, "1 case: 1 passed, 0 failed"),
    ("50.1", 1, "coverage of 50.0 % is below the 50.1 % that `--min` asks for"),
    ("100%", 1, "coverage of 50.0 % is below the 100 % that `--min` asks for"),
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
