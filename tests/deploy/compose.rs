//! The Compose file: valid, complete, and in agreement with the files that it mounts.

use std::path::Path;

use super::tool::{deploy, read, run, tool};
use super::yaml::document;

#[test]
fn compose_file_is_valid_and_all_it_mounts_is_there() {
    let mut compose = tool("docker-compose", "the Debian package docker-compose");
    let resolved = document(&run(compose.arg("-f").arg(deploy("compose/compose.yaml")).arg("config")));
    let mut mounts = 0;
    for (name, service) in resolved["services"].as_object().expect("services") {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let source = volume.as_str().expect("the short form").split(':').next().expect("a source");
            if source.starts_with('/') {
                assert!(Path::new(source).exists(), "{name} mounts {source}, which is not there");
                mounts += 1;
            }
        }
    }
    assert!(mounts >= 7, "only {mounts} mounts found");
    let build = &resolved["services"]["stagegate"]["build"];
    let context = Path::new(build["context"].as_str().expect("a context"));
    assert!(context.join(build["dockerfile"].as_str().expect("a file")).is_file());
}

/// The HTTP API's file puts its definition where the REST API's was.
#[test]
fn http_api_takes_the_rest_apis_place() {
    let mut compose = tool("docker-compose", "the Debian package docker-compose");
    let files = ["compose/compose.yaml", "compose/http-api.yaml"].map(deploy);
    let resolved = document(&run(compose.arg("-f").arg(&files[0]).arg("-f").arg(&files[1]).arg("config")));
    let volumes = resolved["services"]["stagegate"]["volumes"].to_string();
    let definition = format!("{}:/etc/stagegate/api/openapi.yaml:ro", deploy("example/http-api.yaml").display());
    assert!(volumes.contains(&definition) && !volumes.contains("example/openapi.yaml"), "{volumes}");
    assert!(deploy("example/http-api.yaml").is_file());
}

#[test]
fn ports_and_names_fit_together() {
    let compose = document(&read("compose/compose.yaml"));
    let services = &compose["services"];
    let config = document(&read("kubernetes/components/sidecar/stagegate.yaml"));
    let port = |address: &serde_json::Value| {
        address.as_str().expect("an address").rsplit_once(':').expect("a port").1.to_string()
    };
    let (listen, admin) = (port(&config["listen"]), port(&config["admin"]["listen"]));
    let published = services["stagegate"]["ports"].to_string();
    assert!(published.contains(&format!(":{listen}\"")) && published.contains(&format!(":{admin}\"")), "{published}");
    let scrape = document(&read("prometheus/prometheus.yaml"));
    assert_eq!(scrape["scrape_configs"][0]["static_configs"][0]["targets"][0], format!("stagegate:{admin}").as_str());
    assert_eq!(services["function"]["network_mode"], "service:stagegate");
    assert_eq!(services["function"]["environment"]["AWS_LAMBDA_RUNTIME_API"], config["functions"]["*"]["runtime_api"]);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(services["stagegate"]["image"], format!("stagegate:{version}").as_str());
    let source = document(&read("grafana/provisioning/datasources/prometheus.yaml"));
    assert_eq!(source["datasources"][0]["url"], "http://prometheus:9090");
    let provider = document(&read("grafana/provisioning/dashboards/stagegate.yaml"));
    let folder = provider["providers"][0]["options"]["path"].as_str().expect("a path");
    let grafana = services["grafana"].to_string();
    assert!(grafana.contains(&format!("../grafana/dashboards:{folder}:ro")), "{grafana}");
    assert!(grafana.contains(&format!("{folder}/stagegate.json")), "{grafana}");
}
