//! `stagegate eval` as people and programs call it: the real binary, its output word for word.

use std::io::Write;
use std::process::{Output, Stdio};

use crate::support::sidecar::command;
use crate::support::{data, golden};

/// The command, with that on standard input.
pub fn eval(arguments: &[&str], input: &str) -> Output {
    let mut child = command()
        .arg("eval")
        .args(arguments)
        .current_dir(data("eval"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("the binary");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        // It answers while it reads, and may end without reading at all.
        scope.spawn(move || _ = stdin.write_all(input.as_bytes()));
        child.wait_with_output().expect("it ends")
    })
}

/// What the command prints for these arguments, with that on standard input.
fn run(arguments: &[&str], input: &str) -> String {
    let output = eval(arguments, input);
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
    let err: String = err.lines().map(|line| format!("! {line}\n")).collect();
    format!("$ eval {}\n{out}{err}exit {}\n\n", arguments.join(" "), output.status.code().expect("an exit code"))
}

#[test]
fn one_question_is_answered_and_shown() {
    let calls: &[(&[&str], &str)] = &[
        (&["--template", "template.vm", "--body", "body.json"], ""),
        (&["--template", "template.vm"], r#"{"name": "from standard input"}"#),
        (&["--template", "-", "--body", "body.json"], "$input.body"),
        (&["--template", "-"], "x"),
        (&["--template", "broken.vm", "--body", "body.json"], ""),
        (&["--template", "missing.vm", "--body", "body.json"], ""),
        (&["--json-path", "$.name", "--body", "body.json"], ""),
        (&["--json-path", "$.age", "--body", "body.json"], ""),
        (&["--json-path", "$.[", "--body", "body.json"], ""),
        (&["--json-path", "$"], "{"),
        (&["--pattern", ".*Error.*", "--text", "an Error"], ""),
        (&["--pattern", ".*Error", "--text", "an Error!"], ""),
        (&["--pattern", "(a", "--text", "a"], ""),
    ];
    let shown: String = calls.iter().map(|(arguments, input)| run(arguments, input)).collect();
    let difference = golden(&data("eval").join("calls.txt"), &shown);
    assert!(difference.is_none(), "{}", difference.unwrap_or_default());
}

/// A question for each kind of answer, and questions that are none: each line is answered by a line, a blank one by none. What has
/// no answer says which line asked.
#[test]
fn lines_are_answered_by_lines() {
    let questions = std::fs::read_to_string(data("eval").join("questions.jsonl")).expect("the questions are there");
    let difference = golden(&data("eval").join("answers.txt"), &run(&[], &questions));
    assert!(difference.is_none(), "{}", difference.unwrap_or_default());
}
