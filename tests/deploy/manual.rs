//! Completions and manual pages, made by the command line and read by the shell.

use std::process::Command;

use super::tool::{run, scratch, write};

fn stagegate(arguments: &[&str]) -> String {
    run(Command::new(env!("CARGO_BIN_EXE_stagegate")).args(arguments))
}

#[test]
fn bash_completes_commands_and_flags() {
    let file = write(&scratch("completions"), "stagegate.bash", &stagegate(&["completions", "bash"]));
    let complete = |words: &[&str]| {
        let count = words.len() - 1;
        let script = format!(
            "source {}; COMP_WORDS=({}); COMP_CWORD={count}; _stagegate stagegate '{}' '{}'; echo ${{COMPREPLY[@]}}",
            file.display(),
            words.join(" "),
            words[count],
            words[count - 1],
        );
        run(Command::new("bash").args(["--norc", "-c", &script])).trim().to_owned()
    };
    assert_eq!(complete(&["stagegate", "heal"]), "healthcheck");
    assert_eq!(complete(&["stagegate", "check", "--for"]), "--format");
    assert_eq!(complete(&["stagegate", "check", "--format", "sa"]), "sarif");
}

#[test]
fn every_shell_has_completions() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let text = stagegate(&["completions", shell]);
        assert!(text.contains("healthcheck") && text.contains("admin-listen"), "{shell}: {text}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = scratch("man");
    stagegate(&["man", &folder.display().to_string()]);
    let help = stagegate(&["--help"]);
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let commands: Vec<&str> = commands.filter_map(|l| l.split_whitespace().next()).filter(|c| *c != "help").collect();
    assert!(commands.len() > 6, "{help}");
    for command in commands {
        let page = std::fs::read_to_string(folder.join(format!("stagegate-{command}.1"))).expect("a page");
        let page = page.replace("\\-", "-");
        let help = stagegate(&[command, "--help"]);
        let flags = help.split_whitespace().filter(|w| w.starts_with("--"));
        for flag in
            flags.map(|w| w.split(['[', '=']).next().unwrap_or(w).trim_end_matches(|c: char| !c.is_alphanumeric()))
        {
            assert!(page.contains(flag), "{flag} is not in the page of {command}");
        }
    }
    let page = std::fs::read_to_string(folder.join("stagegate.1")).expect("the page of the command itself");
    assert!(page.contains("stagegate\\-check(1)"), "{page}");
}
