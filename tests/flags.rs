//! Every flag has a variable, told beside it; the configuration knows the same ones; and no variable disturbs a command that is not meant.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, Command, CommandFactory};
use stagegate::Cli;
use stagegate::{FLAGS, NAMED_FLAGS, PREFIX};

use crate::support::sidecar::{command, folder};

/// Every flag of every command, with the command's name.
fn flags() -> Vec<(String, Arg)> {
    let cli = Cli::command();
    let of = |command: &Command| {
        let name = command.get_name().to_owned();
        let flags = command.get_arguments().filter(|arg| !arg.is_positional() || arg.get_env().is_some()).cloned();
        flags.map(|arg| (name.clone(), arg)).collect::<Vec<_>>()
    };
    std::iter::once(&cli).chain(cli.get_subcommands()).flat_map(of).collect()
}

fn variable(arg: &Arg) -> Option<String> {
    Some(arg.get_env()?.to_str().expect("text").strip_prefix(PREFIX).expect("our prefix").to_owned())
}

/// `STAGEGATE_ADMIN__LISTEN`, of `admin.listen`.
fn variable_of_setting(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase().replace('.', "__"))
}

#[test]
fn every_flag_has_a_variable_and_each_variable_one_meaning() {
    let mut meanings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (command, arg) in flags() {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        match variable(&arg) {
            Some(variable) => {
                meanings.entry(variable).or_default().insert(format!("{} {help}", arg.get_id()));
            }
            None => assert!(help.contains("[env: STAGEGATE_"), "`{command} --{}` has no variable", arg.get_id()),
        }
    }
    let ambiguous: Vec<_> = meanings.iter().filter(|(_, meanings)| meanings.len() > 1).collect();
    assert!(ambiguous.is_empty(), "{ambiguous:#?}");
    // The revision is read when stagegate is built.
    let known: BTreeSet<&str> = FLAGS.iter().copied().filter(|name| *name != "REVISION").collect();
    assert_eq!(known, meanings.keys().map(String::as_str).collect(), "the configuration takes the others for settings");
}

#[test]
fn the_settings_with_a_flag_are_the_ones_that_reports_name() {
    let mut found = BTreeMap::new();
    for (_, arg) in flags().iter().filter(|(_, arg)| arg.get_help_heading() == Some("Settings")) {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let told = help.split("[env: ").nth(1).expect("a variable").trim_end_matches(']').to_owned();
        found.insert(format!("--{}", arg.get_long().expect("a long flag")), told);
    }
    found.remove("--set");
    let named = NAMED_FLAGS.iter().map(|(key, flag)| ((*flag).to_owned(), variable_of_setting(key)));
    assert_eq!(found, named.collect());
}

/// `check` on a configuration that loads with a warning, with that variable.
fn check(name: &str, value: &str) -> (Option<i32>, String) {
    let folder = folder();
    let config = "api:\n  routes:\n    - path: /\n      method: GET\n      methodResponses: [200, 500]\n      integration:\n        \
                  type: AWS\n        function: f\n        responses: [{ statusCode: 200 }, { statusCode: 500, selectionPattern: 'Internal*' }]\n\
                  functions: { f: { invoke_api: 'http://127.0.0.1:1' } }\n";
    std::fs::write(folder.join("stagegate.yaml"), config).expect("a file");
    let output = command().current_dir(&folder).arg("check").env(name, value).output().expect("the binary");
    std::fs::remove_dir_all(folder).expect("removed");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn a_variable_of_another_command_changes_nothing() {
    let own = [
        "CHECK_ALL",
        "CHECK_ERRORS",
        "CHECK_EXPLAIN",
        "CHECK_FORMAT",
        "CHECK_SCHEMA",
        "CHECK_SHOW",
        "CONFIG",
        "STRICT",
    ];
    let injected =
        ["PORT", "SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_8080_TCP", "PORT_8080_TCP_PROTO"];
    let plain = check("HOME", "/");
    assert_eq!(plain.0, Some(0), "{}", plain.1);
    for name in FLAGS.iter().filter(|name| !own.contains(name)).chain(&injected) {
        assert_eq!(check(&format!("{PREFIX}{name}"), "junit"), plain, "{name}");
    }
}

#[test]
fn a_switch_is_turned_on_and_off_by_words_and_digits() {
    for (value, code) in [("1", 78), ("true", 78), ("yes", 78), ("0", 0), ("false", 0), ("no", 0), ("maybe", 2)] {
        let (found, said) = check("STAGEGATE_STRICT", value);
        assert_eq!(found, Some(code), "{value}: {said}");
    }
}

#[test]
fn flags_of_check_that_do_nothing_together_are_refused() {
    let of_the_map = |flag: &str| format!("error: `{flag}` is about the error map: it needs `--errors`");
    let of_findings =
        |flag: &str| format!("error: `{flag}` means nothing to the error map: it cannot be used with `--errors`");
    let format =
        "error: `--errors` prints the error map, which is no list of findings: its `--format` is `text` or `json`";
    let rows = [
        ("--origin https://app.example", of_the_map("--origin")),
        ("--from http://127.0.0.1:9180", of_the_map("--from")),
        ("--cases cases", of_the_map("--cases")),
        ("--errors --show", of_findings("--show")),
        ("--errors --strict", of_findings("--strict")),
        ("--errors --format sarif", format.to_owned()),
        ("--errors --format github", format.to_owned()),
        ("--errors --format json", String::new()),
    ];
    let folder = folder();
    std::fs::write(
        folder.join("stagegate.yaml"),
        "api: { routes: [{ path: /, method: GET, integration: { type: MOCK } }] }\n",
    )
    .expect("a file");
    let run = |arguments: &str, variable: &str| {
        let mut check = command();
        check.current_dir(&folder).arg("check").args(arguments.split(' ')).env(variable, "github");
        let output = check.output().expect("the binary");
        let told = String::from_utf8(output.stderr).expect("text");
        (told.lines().next().unwrap_or_default().to_owned(), output.status.code())
    };
    for (arguments, expected) in rows {
        let code = if expected.is_empty() { 0 } else { 2 };
        assert_eq!(run(arguments, "UNUSED"), (expected, Some(code)), "{arguments}");
    }
    // Variables may be there for other runs.
    assert_eq!(run("--errors", "STAGEGATE_CHECK_FORMAT"), (String::new(), Some(0)));
    std::fs::remove_dir_all(folder).expect("removed");
}
