//! Templates of CloudFormation and SAM as definitions: against AWS's own translator, word for word, and out of the real tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use stagegate::{Api, Endpoint, ExportFormat, Loaded, Severity, Sources, export, load, parse};

use crate::support;

const FUNCTIONS: &str =
    "functions: { \"*\": { invoke_api: \"http://127.0.0.1:3001\" } }\nservices: { \"*\": \"http://127.0.0.1:4566\" }\n";

/// A definition and settings beside it.
fn sources(definition: &Path, flags: &[(&str, &str)]) -> Sources {
    let mut all = vec![("api.definition".to_owned(), definition.display().to_string())];
    all.extend(flags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Sources { flags: all, ..inline(FUNCTIONS) }
}

/// A configuration that is no file.
fn inline(text: &str) -> Sources {
    let tree = parse(Path::new("stagegate.yaml"), text).expect("a configuration");
    Sources { embedded: Some(tree), ..Sources::default() }
}

/// The definitions of a folder, in their order.
fn definitions(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let is_definition = |path: &PathBuf| path.extension().is_some_and(|e| e == "yaml" || e == "json");
    let mut files: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).filter(is_definition).collect();
    files.sort();
    assert!(!files.is_empty(), "no definition in {}", folder.display());
    files
}

/// The OpenAPI document that `export` prints.
fn exported(sources: &Sources) -> Result<Value, String> {
    match export(sources, ExportFormat::OpenApi) {
        Ok((text, _)) => Ok(serde_json::from_str(&text).expect("JSON")),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

/// A policy's statements and their resources in one order: theirs depends on the hashes of names.
fn in_order(mut document: Value) -> Value {
    let policy = document.get_mut("x-amazon-apigateway-policy").and_then(|policy| policy.get_mut("Statement"));
    if let Some(Value::Array(statements)) = policy {
        for statement in statements.iter_mut() {
            if let Some(Value::Array(resources)) = statement.get_mut("Resource") {
                resources.sort_by_key(Value::to_string);
            }
        }
        statements.sort_by_key(|statement| {
            let mut entries: Vec<String> =
                statement.as_object().into_iter().flatten().map(|(key, value)| format!("{key} {value}")).collect();
            entries.sort();
            entries.join(" ")
        });
    }
    document
}

/// Where two documents differ.
fn differences(theirs: &Value, ours: &Value, path: &str, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let none = Value::Null;
                let (a, b) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                differences(a, b, &format!("{path}/{key}"), found);
            }
        }
        (a, b) if a != b => found.push(format!("{path}: theirs {a}, ours {b}")),
        _ => {}
    }
}

/// The interpreter that `tests/run` installs the tools for.
fn python(script: &Path, arguments: &[PathBuf]) -> String {
    let interpreter = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python");
    let output = Command::new(&interpreter)
        .arg(script)
        .args(arguments)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}; tests/run installs it", interpreter.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Paths, methods, integrations, authorizers, CORS headers, models, validators, gateway responses and policies.
#[test]
fn sam_templates_become_what_the_translator_makes_of_them() {
    let files = definitions(&support::data("cloudformation/sam"));
    assert!(files.len() >= 60, "{} templates only", files.len());
    let translated = python(&support::data("cloudformation").join("translate.py"), &files);
    let translated: Value = serde_json::from_str(&translated).expect("JSON");
    let theirs_file = std::env::temp_dir().join(format!("stagegate-translated-{}.json", std::process::id()));
    let (mut wrong, mut compared) = (Vec::new(), 0);
    for file in &files {
        let apis = translated[file.display().to_string()].as_object().expect("a translation");
        assert!(!apis.is_empty(), "{}: no API", file.display());
        for (id, document) in apis {
            let name = format!("{} {id}", file.file_name().expect("a name").display());
            assert!(id != "error", "{name}: {document}");
            std::fs::write(&theirs_file, document.to_string()).expect("a writable file");
            let theirs = exported(&sources(&theirs_file, &[]));
            let ours = exported(&sources(file, &[("api.resource", id.as_str())]));
            match (theirs, ours) {
                (Ok(theirs), Ok(ours)) => {
                    let mut found = Vec::new();
                    differences(&in_order(theirs), &in_order(ours), "", &mut found);
                    wrong.extend(found.iter().map(|difference| format!("{name}{difference}")));
                }
                (theirs, ours) => wrong.push(format!("{name}: theirs {:?}, ours {:?}", theirs.err(), ours.err())),
            }
            compared += 1;
        }
    }
    std::fs::remove_file(&theirs_file).expect("a file of our own");
    assert!(compared >= 60, "{compared} APIs only");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a template becomes, natively told, and what is found in it.
#[test]
fn templates_become_what_they_mean() {
    let folder = support::data("cloudformation/templates");
    let prefix = format!("{}/", folder.display());
    let mut wrong = Vec::new();
    for file in definitions(&folder) {
        let flags = std::fs::read_to_string(file.with_extension("flags")).unwrap_or_default();
        let flags: Vec<(&str, &str)> = flags.lines().filter_map(|line| line.split_once('=')).collect();
        let (text, problems) = match export(&sources(&file, &flags), ExportFormat::Native) {
            Ok(told) => told,
            Err(problems) => (String::new(), problems),
        };
        let findings: Vec<String> = problems.iter().map(|p| p.to_string().replace(&prefix, "")).collect();
        let actual = format!("{text}\n{}\n", findings.join("\n"));
        wrong.extend(support::golden(&file.with_extension("txt"), &actual));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The API but for keys and plans, which an export leaves where they are.
fn whole(loaded: &Loaded) -> String {
    let api = match &loaded.api {
        Api::Rest(api) => api,
        Api::Http(api) => {
            return format!("{} {} {:?} {:#?}", api.name, api.base_path, api.stage_variables, (&api.throttle, api));
        }
    };
    let (stage, types, key) = (&api.stage, &api.binary_media_types, api.api_key_source);
    let (size, policy, variables) = (api.minimum_compression_size, &api.resource_policy, &api.stage_variables);
    format!(
        "{} {stage} {types:?} {key:?} {size:?} {policy:?} {variables:?}\n{:?}\n{:#?}\n{:#?}",
        api.name, api.authorizers, api.gateway_responses, api.resources
    )
}

/// Everything in tests/ that is a definition, and settings that it needs.
fn every_definition() -> Vec<(PathBuf, Vec<(String, String)>)> {
    let folders = ["openapi", "definitions", "cloudformation/sam", "cloudformation/templates"];
    let mut found = Vec::new();
    for folder in folders {
        for file in definitions(&support::data(folder)) {
            let flags = std::fs::read_to_string(file.with_extension("flags")).unwrap_or_default();
            let flags = flags.lines().filter_map(|line| line.split_once('='));
            found.push((file, flags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()));
        }
    }
    found
}

#[test]
fn an_export_gives_the_same_api() {
    let folder = std::env::temp_dir().join(format!("stagegate-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let (mut compared, mut wrong) = (0, Vec::new());
    for (file, flags) in every_definition() {
        let flags: Vec<(&str, &str)> = flags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let original = sources(&file, &flags);
        let Ok(loaded) = load(&original) else { continue };
        for (format, name) in [(ExportFormat::OpenApi, "exported.json"), (ExportFormat::Native, "stagegate.yaml")] {
            // A native route cannot be without an integration.
            if format == ExportFormat::Native && loaded.problems.iter().any(|p| p.rule == "no-integration") {
                continue;
            }
            let (text, _) = export(&original, format).expect("what loads is exported");
            let told = folder.join(name);
            let again = match format {
                ExportFormat::OpenApi => {
                    std::fs::write(&told, &text).expect("a writable file");
                    let mut again = sources(&told, &without_resource(&flags));
                    again.flags.extend(stage_of(&loaded));
                    again
                }
                ExportFormat::Native => Sources {
                    flags: without_resource(&flags).iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
                    ..inline(&format!("{FUNCTIONS}{text}"))
                },
            };
            let (mut first, mut second) = match load(&again) {
                Ok(loaded_again) => (whole(&loaded), whole(&loaded_again)),
                Err(problems) => (String::new(), format!("{problems:#?}")),
            };
            if first != second {
                let at = first.lines().zip(second.lines()).position(|(a, b)| a != b).unwrap_or_default();
                for text in [&mut first, &mut second] {
                    *text = text.lines().skip(at.saturating_sub(8)).take(16).collect::<Vec<_>>().join("\n");
                }
                wrong.push(format!("{} as {name}:\n{first}\n--- again:\n{second}", file.display()));
            }
            compared += 1;
        }
    }
    std::fs::remove_dir_all(&folder).expect("a folder of our own");
    assert!(compared > 150, "{compared} exports only");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn an_export_of_an_http_api_is_told_again_word_for_word() {
    let folder = support::data("cloudformation");
    let mut told = 0;
    for file in definitions(&folder.join("sam")).into_iter().chain(definitions(&folder.join("templates"))) {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        let Some(first) = name.starts_with("http-").then(|| exported(&sources(&file, &[]))).and_then(Result::ok) else {
            continue;
        };
        let again = std::env::temp_dir().join(format!("stagegate-http-{}-{name}.json", std::process::id()));
        std::fs::write(&again, first.to_string()).expect("a writable file");
        assert_eq!(exported(&sources(&again, &[])).expect("it is read"), first, "{name}");
        std::fs::remove_file(&again).expect("a file of our own");
        told += 1;
    }
    assert!(told >= 5, "{told} HTTP APIs only");
}

/// Five thousand lines; the bound is for a build without optimisation on a busy machine. With it they take 40 ms.
#[test]
fn five_thousand_lines_load_at_once() {
    let mut text =
        String::from("Transform: AWS::Serverless-2016-10-31\nGlobals: { Api: { Cors: \"'*'\" } }\nResources:\n");
    for n in 0..500 {
        text.push_str(&format!(
            "  F{n}:\n    Type: AWS::Serverless::Function\n    Properties:\n      FunctionName: !Sub \"${{AWS::Region}}-{n}\"\n      \
             Events:\n        A:\n          Type: Api\n          Properties:\n            Path: /r{n}\n            Method: get\n"
        ));
    }
    assert!(text.lines().count() >= 5_000);
    let file = std::env::temp_dir().join(format!("stagegate-5000-{}.yaml", std::process::id()));
    std::fs::write(&file, text).expect("a writable file");
    let start = std::time::Instant::now();
    let loaded = load(&sources(&file, &[])).expect("it loads");
    let taken = start.elapsed();
    std::fs::remove_file(&file).expect("a file of our own");
    assert_eq!(loaded.api.resources().len(), 500);
    assert!(taken.as_secs() < 5, "{taken:?}");
}

/// What is the stage's is not in an OpenAPI document.
fn stage_of(loaded: &Loaded) -> Vec<(String, String)> {
    let api = &loaded.api;
    let variables: serde_json::Map<String, Value> =
        api.stage_variables.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let methods = api.resources().iter().flat_map(|r| r.methods.iter().map(move |m| (m, &r.path)));
    let throttles: serde_json::Map<String, Value> = methods
        .filter_map(|(method, path)| {
            let throttle = method.throttle?;
            let value = serde_json::json!({ "rate": throttle.rate, "burst": throttle.burst });
            Some((format!("{} {path}", method.http_method.as_str()), value))
        })
        .collect();
    vec![
        ("api.stage".to_owned(), api.stage.clone()),
        ("api.stage_variables".to_owned(), Value::Object(variables).to_string()),
        ("api.throttle.methods".to_owned(), Value::Object(throttles).to_string()),
    ]
}

fn without_resource<'a>(flags: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    flags.iter().copied().filter(|(key, _)| *key != "api.resource").collect()
}

/// A template, a method of it, and pairs of a name in the configuration and what is called then.
type Names = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// How the configuration may call the functions of a template.
const NAMES: &[Names] = &[
    (
        "serverless.json",
        "GET /hello",
        &[
            ("shop-dev-hello-world", "shop-dev-hello-world"),
            ("HelloDashworldLambdaFunction", "shop-dev-hello-world"),
            ("hello-world", "shop-dev-hello-world"),
        ],
    ),
    (
        "cdk.json",
        "GET /items",
        &[
            ("ShopHandler1A2B3C4D", "ShopHandler1A2B3C4D:live"),
            ("ShopHandler1A2B3C4D:live", "ShopHandler1A2B3C4D:live"),
            ("Handler", "ShopHandler1A2B3C4D:live"),
            ("Handler:live", "ShopHandler1A2B3C4D:live"),
        ],
    ),
    ("cdk.json", "POST /items", &[("Handler", "ShopHandler1A2B3C4D:$LATEST")]),
    ("rest-api.yaml", "GET /orders/{id}", &[("Handler", "Handler")]),
];

#[test]
fn functions_are_found_by_every_name_that_they_have() {
    let folder = support::data("cloudformation/templates");
    for (template, wanted, names) in NAMES {
        for (name, called) in *names {
            let text = format!("functions: {{ {name:?}: {{ http: \"http://127.0.0.1\" }} }}");
            let flags = sources(&folder.join(template), &[]).flags;
            let loaded = load(&Sources { flags, ..inline(&text) }).expect("it loads");
            let methods = loaded.api.resources().iter().flat_map(|r| r.methods.iter().map(move |m| (m, &r.path)));
            let found = methods
                .filter(|(method, path)| format!("{} {path}", method.http_method.as_str()) == *wanted)
                .find_map(|(method, _)| match &method.integration.endpoint {
                    Endpoint::Lambda(function) => Some(function),
                    _ => None,
                })
                .unwrap_or_else(|| panic!("{template}: `{name}` is not {wanted}"));
            assert!(found.arn.ends_with(&format!(":function:{called}")), "{template} {name}: {}", found.arn);
            assert_eq!(loaded.settings.functions[found.backend].name, *name);
        }
    }
}

/// A function without an address: the message names every name that was looked for, and the other methods are served.
#[test]
fn a_function_without_an_address_is_a_500_of_its_methods() {
    let file = support::data("cloudformation/templates/serverless.json");
    let flags = sources(&file, &[]).flags;
    let loaded = load(&Sources { flags: flags.clone(), ..inline("{}") }).expect("it loads");
    let broken = loaded.api.resources()[0].methods[0].integration.broken.as_deref();
    let expected = "nothing says where function `shop-dev-hello-world` is: add `functions.shop-dev-hello-world`, \
                    `functions.HelloDashworldLambdaFunction`, `functions.hello-world`, `functions.Hello-world` or \
                    `functions.\"*\"`";
    assert_eq!(broken, Some(expected));
    let errors: Vec<_> = loaded.problems.iter().filter(|p| p.severity == Severity::Error).collect();
    assert_eq!((errors.len(), errors[0].rule, errors[0].message.as_str()), (1, "unknown-function", expected));
    let strict = load(&Sources { flags, ..inline("api: { strict: true }") });
    assert!(strict.expect_err("it is strict").iter().any(|p| p.rule == "unknown-function"));
}

/// The binary in a folder: exit code, standard output, standard error.
fn stagegate(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_stagegate"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or_default(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn init_names_every_function_and_overwrites_nothing() {
    let goldens = support::data("cloudformation/init");
    let mut wrong = Vec::new();
    for name in ["serverless.json", "rest-api.yaml", "unknown-values.yaml", "several-apis.yaml", "keys.yaml"] {
        let folder = std::env::temp_dir().join(format!("stagegate-init-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a writable folder");
        let template = support::data("cloudformation/templates").join(name);
        std::fs::copy(&template, folder.join(name)).expect("a writable folder");
        let (code, said, complaint) = stagegate(&folder, &["init", name]);
        assert_eq!((code, complaint.as_str()), (0, ""), "{name}: {said}");
        let written = std::fs::read_to_string(folder.join("stagegate.yaml")).expect("a configuration");
        wrong.extend(support::golden(&goldens.join(name).with_extension("txt"), &format!("{said}\n{written}")));
        let (code, _, complaint) = stagegate(&folder, &["init", name]);
        let expected = "`stagegate.yaml` is there already and stays as it is; `--output` names another file\n";
        assert_eq!((code, complaint.as_str()), (1, expected));
        assert_eq!(std::fs::read_to_string(folder.join("stagegate.yaml")).expect("a configuration"), written);
        match load(&Sources { config: Some(folder.join("stagegate.yaml")), ..Sources::default() }) {
            Ok(loaded) => assert!(loaded.problems.iter().all(|p| p.severity < Severity::Error), "{name}"),
            Err(problems) => assert_eq!((name, problems[0].rule), ("several-apis.yaml", "several-apis")),
        }
        std::fs::remove_dir_all(&folder).expect("a folder of our own");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn init_finds_what_lies_under_a_usual_name() {
    let folder = std::env::temp_dir().join(format!("stagegate-init-usual-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let (code, _, complaint) = stagegate(&folder, &["init"]);
    assert_eq!(code, 1);
    assert!(complaint.starts_with("no definition is given"), "{complaint}");
    std::fs::copy(support::data("cloudformation/sam/implicit.yaml"), folder.join("template.yaml")).expect("a copy");
    let (code, said, _) = stagegate(&folder, &["init", "--output", "other.yaml"]);
    let expected =
        "`other.yaml` is written for `template.yaml`: say in it where the function is, then run `stagegate`\n";
    assert_eq!((code, said.as_str()), (0, expected));
    std::fs::remove_dir_all(&folder).expect("a folder of our own");
}

/// `export` on the command line: the document on standard output, what is wrong on standard error.
#[test]
fn export_prints_the_document_or_the_findings() {
    let folder = support::data("cloudformation/templates");
    let (code, document, complaint) = stagegate(&folder, &["export", "--definition", "serverless.json"]);
    assert_eq!((code, complaint.as_str()), (0, ""));
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(document["paths"].as_object().expect("paths").len(), 1);
    let native = ["export", "--definition", "serverless.json", "--format", "native"];
    let (code, native, _) = stagegate(&folder, &native);
    assert_eq!(code, 0);
    assert!(native.contains("\n    - path: /hello\n"), "{native}");
    let (code, document, complaint) = stagegate(&folder, &["export", "--definition", "several-apis.yaml"]);
    assert_eq!((code, document.as_str()), (78, ""));
    assert!(complaint.contains("[several-apis]"), "{complaint}");
    let (code, _, complaint) = stagegate(&folder, &["export", "--definition", "mistakes.yaml"]);
    assert_eq!(code, 0);
    assert_eq!(complaint.lines().filter(|line| line.starts_with("error: ")).count(), 5, "{complaint}");
}

/// Every template, cut off at many places and with single bytes changed: a report, never a panic.
#[test]
fn broken_templates_are_reported() {
    let folder = std::env::temp_dir().join(format!("stagegate-templates-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a writable folder");
    let mut seed: u64 = 11;
    let mut errors = 0;
    for (file, _) in every_definition().iter().filter(|(file, _)| file.to_string_lossy().contains("cloudformation")) {
        let text = std::fs::read_to_string(file).expect("a readable file");
        let broken = folder.join(file.file_name().expect("a name"));
        for round in 0..30 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut at = (seed >> 33) as usize % text.len();
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let with = [
                "",
                ":",
                "{",
                "!Sub ",
                "\"",
                "\n",
                "!If [a, b, c]",
                "!Ref ",
                "- ",
                "[]",
                "5",
                "${",
                "!GetAtt ",
                "null",
            ][(seed >> 20) as usize % 14];
            let mutated = match round % 3 {
                0 => text[..at].to_owned(),
                _ => format!("{}{with}{}", &text[..at], text[at..].chars().skip(round % 3 - 1).collect::<String>()),
            };
            std::fs::write(&broken, mutated).expect("a writable file");
            if let Err(problems) = load(&sources(&broken, &[])) {
                assert!(problems.iter().any(|p| p.severity == Severity::Error));
                errors += 1;
            }
        }
    }
    assert!(errors > 200, "{errors} broken templates only");
    std::fs::remove_dir_all(&folder).expect("a folder of our own");
}
