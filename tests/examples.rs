//! What the documents show works, and what they promise is tested: every configuration in `config/` and `deploy/`, every block of the README, the demo's curl lines,
//! every link.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use stagegate::{Sources, load};

use crate::support::sidecar::{command, folder};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files with that ending directly in a folder of the project.
fn files(inside: &str, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(root().join(inside))
        .unwrap_or_else(|e| panic!("{inside}: {e}"))
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no `{ending}` file in {inside}");
    found
}

/// Loads a configuration as `run` does; of the environment there is only what the reference refers to.
fn loads(file: &Path) -> Result<(), String> {
    let environment = vec![("HOME".to_owned(), "/home/tester".to_owned())];
    let sources = Sources { config: Some(file.to_owned()), environment, ..Sources::default() };
    load(&sources).map(drop).map_err(|problems| problems.iter().map(|p| format!("{p}\n")).collect())
}

/// The README's fenced blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let fence = format!("```{language}\n");
    let found: Vec<String> =
        text.split(&fence).skip(1).map(|rest| rest.split("```").next().expect("an end").to_owned()).collect();
    assert!(!found.is_empty(), "no {language} block in the README");
    found
}

/// What this very binary would run, by whole names. None is left out by an attribute.
fn tests() -> Vec<String> {
    let list = |more: &[&str]| {
        let own = std::env::current_exe().expect("this binary");
        let output = std::process::Command::new(own).arg("--list").args(more).output().expect("its tests");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().filter_map(|line| line.strip_suffix(": test").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(list(&["--ignored"]), Vec::<String>::new());
    list(&[])
}

/// The README names tests as `suite::name`, or `name` behind another of the same suite.
#[test]
fn every_promise_has_its_test() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let table = readme.split("### Each promise and its test\n").nth(1).expect("the table");
    let rows: Vec<&str> = table.lines().take_while(|line| !line.starts_with("## ")).collect();
    let rows: Vec<&str> =
        rows.iter().filter_map(|row| row.strip_prefix("| ")?.strip_suffix(" |")?.rsplit("| ").next()).skip(1).collect();
    assert!(rows.len() > 10, "{} promises only", rows.len());
    let tests = tests();
    for row in rows {
        let mut suite = None;
        let names: Vec<&str> = row.split('`').skip(1).step_by(2).filter(|name| !name.contains('/')).collect();
        assert!(!names.is_empty() || row.contains("]("), "nothing holds it: {row}");
        for name in names {
            let name = name.rsplit_once("::").map_or(name, |(of, name)| {
                suite = Some(of);
                name
            });
            let whole = format!("{}::{name}", suite.unwrap_or_else(|| panic!("no suite before {name}")));
            let found = tests.iter().filter(|test| **test == whole || test.ends_with(&format!("::{whole}")));
            assert_eq!(found.count(), 1, "tests called {whole}");
        }
    }
}

/// What holds against whom stands in files: of a list of them only the first has its folder.
#[test]
fn every_file_that_the_threat_model_names_is_there() {
    let text = std::fs::read_to_string(root().join(".github/SECURITY.md")).expect("the threat model");
    let mut folder = String::new();
    let mut count = 0;
    for name in text.split('`').skip(1).step_by(2).filter(|name| name.ends_with(".rs") || name.starts_with("tests/")) {
        let path = match name.rsplit_once('/') {
            Some((of, _)) => {
                folder = of.to_owned();
                name.to_owned()
            }
            None => format!("{folder}/{name}"),
        };
        assert!(root().join(&path).exists(), "{path}");
        count += 1;
    }
    assert!(count > 10, "{count} files only");
}

#[test]
fn every_configuration_in_config_loads() {
    for file in files("config", "yaml") {
        loads(&file).unwrap_or_else(|problems| panic!("{problems}"));
    }
}

/// The README names a definition, `openapi.yaml`: any will do.
#[test]
fn every_yaml_block_of_the_readme_loads() {
    let folder = folder();
    std::fs::copy(root().join("deploy/example/openapi.yaml"), folder.join("openapi.yaml")).expect("a definition");
    for block in blocks("yaml") {
        let file = folder.join("stagegate.yaml");
        std::fs::write(&file, &block).expect("a file");
        loads(&file).unwrap_or_else(|problems| panic!("{block}\n{problems}"));
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

/// The README shows the curl lines that the demo prints; that they answer what they say is tested with the process.
#[test]
fn the_readme_shows_the_demo_s_curl_lines() {
    let mut child = command()
        .args(["demo", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"])
        .spawn()
        .expect("the binary");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    let printed: Vec<String> = lines.take_while(|line| !line.contains("counted, by cause")).collect();
    child.kill().and_then(|()| child.wait()).expect("its end");
    let address = printed[0].split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("an address");
    let promised: Vec<String> = printed
        .iter()
        .filter(|line| line.starts_with("curl -i "))
        .map(|line| line.replace(address, "127.0.0.1:8080").split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let shown: Vec<String> = blocks("sh")
        .iter()
        .flat_map(|block| block.lines())
        .filter(|line| line.starts_with("curl -i "))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert!(!shown.is_empty());
    assert_eq!(shown, promised);
}

/// The first screen's `explain`, of the configuration that the README shows further below.
#[test]
fn the_readme_shows_what_explain_prints() {
    let folder = folder();
    let by_hand =
        blocks("yaml").into_iter().find(|block| block.contains("selectionPattern")).expect("its configuration");
    std::fs::write(folder.join("stagegate.yaml"), by_hand).expect("a file");
    let reply =
        r#"{"errorMessage": "{\n  \"statusCode\":400,\n  \"message\":\"Invalid id\"\n}", "errorType": "ValueError"}"#;
    std::fs::write(folder.join("reply.json"), reply).expect("a file");
    let shown = blocks("text").into_iter().next().expect("a block");
    let mut parts = shown.split("…\n");
    let typed = parts.next().and_then(|line| line.trim().strip_prefix("$ stagegate ")).expect("a command");
    let output = command().current_dir(&folder).args(typed.split(' ')).output().expect("the binary");
    let printed = String::from_utf8(output.stdout).expect("text");
    for part in parts {
        assert!(printed.contains(part), "{part}\nis not in\n{printed}");
    }
    std::fs::remove_dir_all(folder).expect("removed");
}

/// The lines outside of fenced blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let slug = |heading: &str| {
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || "_- ".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    prose(text).filter(|line| line.starts_with('#')).map(|line| slug(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut links = 0;
    let documents = [
        "README.md",
        ".github/CONTRIBUTING.md",
        "deploy/README.md",
        "tests/bench/README.md",
        "tests/cases/README.md",
        "tests/differential/README.md",
        "tests/fuzz/README.md",
    ];
    for name in documents {
        let text = std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        for link in prose(&text).flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            links += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(name);
            let target = match path {
                "" => folder,
                path => folder.parent().expect("a folder").join(path),
            };
            let is_there = match anchor {
                "" => target.exists(),
                anchor => std::fs::read_to_string(&target).is_ok_and(|text| anchors(&text).iter().any(|a| a == anchor)),
            };
            if !is_there {
                wrong.push(format!("{name}: {link}"));
            }
        }
    }
    assert!(links > 10, "{links} links only");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Comments point to facts by name: ``fact `no-retry` `` in the code, in parentheses at the head of a file of cases.
#[test]
fn every_fact_that_a_comment_names_is_known() {
    let text = std::fs::read_to_string(root().join("tests/cases/README.md")).expect("the facts");
    let known: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("- `")?.split_once("` ").map(|(name, _)| name)).collect();
    assert!(known.len() > 150, "{} facts only", known.len());
    let mut twice = known.clone();
    twice.sort_unstable();
    twice.dedup();
    assert_eq!(twice.len(), known.len(), "a name stands for two facts");
    let mut wrong = Vec::new();
    for entry in ["src", "tests/cases"].iter().flat_map(|folder| walkdir::WalkDir::new(root().join(folder))) {
        let path = entry.expect("a readable folder").into_path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let is_case = path.extension().is_some_and(|ending| ending == "yaml");
        let named: Vec<&str> = match is_case {
            true => text.lines().next().into_iter().flat_map(|line| line.split('`').skip(1).step_by(2)).collect(),
            false => text.split("fact `").skip(1).filter_map(|rest| rest.split('`').next()).collect(),
        };
        // The head of a file of cases also quotes keys and headers, which have other letters.
        let is_name = |name: &&str| name.contains('-') && name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        wrong.extend(named.into_iter().filter(is_name).filter(|name| !known.contains(name)).map(str::to_owned));
    }
    assert!(wrong.is_empty(), "no such fact: {wrong:?}");
}
