//! The process's settings, read out of the merged document.

use std::net::SocketAddr;
use std::time::Duration;

use indexmap::IndexMap;

use super::faults;
use super::limits::Limits;
use super::settings::{Admin, Backend, Function, Log, LogFormat, Settings, Sign};
use super::telemetry;
use crate::authorization::policy::Network;
use crate::config::document::url::Url;
use crate::config::document::{Fields, Report, Severity, Spot};
use crate::log::Level;
use crate::metrics::Histograms;

/// Reads the top level; the caller has asked for `api` already.
pub(crate) fn read(root: &mut Fields<'_>, environment: &[(String, String)]) -> Settings {
    let listen = root.get("listen").and_then(|s| s.address()).unwrap_or(SocketAddr::from(([0, 0, 0, 0], 8080)));
    let threads = root.get("threads").and_then(|s| s.integer(1, 1024)).map_or_else(cores, |v| v as usize);
    let admin = admin(root.get("admin"));
    let functions = root.get("functions").map(|s| functions(&s)).unwrap_or_default();
    let services = root.get("services").map(|s| services(&s)).unwrap_or_default();
    let limits = root.get("limits").map(|s| limits(&s)).unwrap_or_default();
    let drain = root.get("drain").and_then(|s| s.duration()).unwrap_or(Duration::from_secs(30));
    let drain_delay = root.get("drain_delay").and_then(|s| s.duration()).unwrap_or_default();
    let histograms = root.get("metrics").and_then(|s| histograms(&s)).unwrap_or_default();
    let log = root.get("log").map(|s| log(&s)).unwrap_or_default();
    let faults = root.get("faults").map(|s| faults::read(&s)).unwrap_or_default();
    let otlp = root.get("telemetry").and_then(|s| telemetry::read(&s, environment));
    Settings { listen, threads, admin, functions, services, limits, drain, drain_delay, histograms, log, faults, otlp }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The `admin` section.
pub(crate) fn admin(spot: Option<Spot<'_>>) -> Admin {
    let mut admin = Admin { listen: SocketAddr::from(([127, 0, 0, 1], 9180)), inspector: true, allow_remote: false };
    let Some(spot) = spot else { return admin };
    let mut fields = spot.fields();
    if let Some(address) = fields.get("listen").and_then(|s| s.address()) {
        admin.listen = address;
    }
    // Requests and answers are nobody's business who can reach the port from elsewhere, unless the operator says so.
    admin.inspector = fields.get("inspector").and_then(|s| s.bool()).unwrap_or(admin.listen.ip().is_loopback());
    admin.allow_remote = fields.get("allow_remote").and_then(|s| s.bool()).unwrap_or(false);
    fields.done(Severity::Error);
    admin
}

fn functions(spot: &Spot<'_>) -> Vec<Function> {
    let mut functions: Vec<Function> = Vec::new();
    let mut addresses: Vec<(SocketAddr, &str)> = Vec::new();
    for (name, spot) in spot.entries() {
        // A wrong entry is reported; its name still stands for a function that is known.
        let nowhere = || Function::at(name, Backend::InvokeApi(Url::local()));
        let function = function(name, &spot).unwrap_or_else(nowhere);
        if let Backend::RuntimeApi(address) = function.backend {
            if let Some((_, other)) = addresses.iter().find(|(a, _)| *a == address && address.port() != 0) {
                let message = format!("`{address}` is the address of `{other}` already; each function needs its own");
                spot.error("address-in-use", message);
            }
            addresses.push((address, name));
        }
        functions.push(function);
    }
    functions
}

fn function(name: &str, spot: &Spot<'_>) -> Option<Function> {
    let mut fields = spot.fields();
    let invoke_api = fields.get("invoke_api");
    let emulator = fields.get("emulator");
    let http = fields.get("http");
    let runtime_api = fields.get("runtime_api");
    let sign = fields.get("sign");
    let timeout = fields.get("timeout").and_then(|s| s.duration());
    let concurrency = fields.get("concurrency").and_then(|s| s.size(1));
    let found = [&invoke_api, &emulator, &http, &runtime_api].iter().filter(|s| s.is_some()).count();
    let is_map = spot.node.is_map();
    fields.done(Severity::Error);
    if is_map && found != 1 {
        let message = "expected exactly one of `invoke_api`, `emulator`, `http`, `runtime_api`".to_owned();
        spot.error("backend", message);
        return None;
    }
    let backend = None
        .or_else(|| Some(Backend::InvokeApi(invoke_api?.url()?)))
        .or_else(|| Some(Backend::Emulator(emulator?.url()?)))
        .or_else(|| Some(Backend::Http(http?.url()?)))
        .or_else(|| Some(Backend::RuntimeApi(runtime_api?.address()?)))?;
    if let Some(spot) = &sign
        && !matches!(backend, Backend::InvokeApi(_) | Backend::Http(_))
    {
        spot.error("sign", "only calls to `invoke_api` and `http` can be signed".to_owned());
    }
    let sign = sign.and_then(|spot| self::sign(&spot));
    Some(Function { sign, timeout, concurrency, ..Function::at(name, backend) })
}

fn sign(spot: &Spot<'_>) -> Option<Sign> {
    let mut fields = spot.fields();
    let region = fields.need("region").and_then(|s| s.text());
    let service = fields.need("service").and_then(|s| s.text());
    fields.done(Severity::Error);
    Some(Sign { region: region?, service: service? })
}

fn services(spot: &Spot<'_>) -> IndexMap<String, String> {
    let entries = spot.entries();
    let address = |spot: &Spot<'_>| spot.url().and_then(|_| spot.node.scalar());
    entries.iter().filter_map(|(name, spot)| Some(((*name).to_owned(), address(spot)?))).collect()
}

fn limits(spot: &Spot<'_>) -> Limits {
    let mut limits = Limits::default();
    let mut f = spot.fields();
    let set = |target: &mut usize, value: Option<usize>| *target = value.unwrap_or(*target);
    let wait = |target: &mut Duration, value| *target = Option::unwrap_or(value, *target);
    wait(&mut limits.integration_timeout, f.get("integration_timeout").and_then(|s| s.duration()));
    set(&mut limits.request_body, f.get("request_body").and_then(|s| s.bytes(0)));
    set(&mut limits.event, f.get("event").and_then(|s| s.bytes(1)));
    set(&mut limits.response_body, f.get("response_body").and_then(|s| s.bytes(1)));
    set(&mut limits.in_flight, f.get("in_flight").and_then(|s| s.size(1)));
    set(&mut limits.memory, f.get("memory").and_then(|s| s.bytes(1024 * 1024)));
    set(&mut limits.connections, f.get("connections").and_then(|s| s.size(1)));
    set(&mut limits.header_bytes, f.get("header_bytes").and_then(|s| s.bytes(256)));
    set(&mut limits.uri_bytes, f.get("uri_bytes").and_then(|s| s.bytes(64)));
    wait(&mut limits.header_timeout, f.get("header_timeout").and_then(|s| s.duration()));
    wait(&mut limits.body_timeout, f.get("body_timeout").and_then(|s| s.duration()));
    wait(&mut limits.idle_timeout, f.get("idle_timeout").and_then(|s| s.duration()));
    wait(&mut limits.stream_idle, f.get("stream_idle").and_then(|s| s.duration()));
    limits.stream_rate = f.get("stream_rate").and_then(|s| s.bytes(0)).filter(|rate| *rate > 0).map(|rate| rate as u64);
    set(&mut limits.runtime_queue, f.get("runtime_queue").and_then(|s| s.size(0)));
    set(&mut limits.emulator_queue, f.get("emulator_queue").and_then(|s| s.size(0)));
    set(&mut limits.upstream_idle, f.get("upstream_idle").and_then(|s| s.size(0)));
    limits.trusted_proxies = f.get("trusted_proxies").map(|s| networks(&s)).unwrap_or_default();
    set(&mut limits.validation_steps, f.get("validation_steps").and_then(|s| s.size(1)));
    wait(&mut limits.validation_time, f.get("validation_time").and_then(|s| s.duration()));
    set(&mut limits.validation_errors, f.get("validation_errors").and_then(|s| s.size(1)));
    set(&mut limits.inspector_exchanges, f.get("inspector_exchanges").and_then(|s| s.size(0)));
    f.done(Severity::Error);
    limits
}

/// One address each, or a range of them.
fn networks(spot: &Spot<'_>) -> Vec<Network> {
    let network = |spot: &Spot<'_>| {
        let text = spot.text()?;
        let network = Network::parse(&text);
        if network.is_none() {
            spot.error("address", format!("`{text}` is no range of addresses, such as `10.0.0.0/8`"));
        }
        network
    };
    spot.items().iter().filter_map(network).collect()
}

fn histograms(spot: &Spot<'_>) -> Option<Histograms> {
    let mut fields = spot.fields();
    let kinds = [("method", Histograms::Method), ("api", Histograms::Api), ("none", Histograms::None)];
    let histograms = fields.get("histograms").and_then(|s| s.choice(&kinds));
    fields.done(Severity::Error);
    histograms
}

fn log(spot: &Spot<'_>) -> Log {
    let mut fields = spot.fields();
    let format = fields
        .get("format")
        .and_then(|s| s.choice(&[("text", Some(LogFormat::Text)), ("json", Some(LogFormat::Json)), ("auto", None)]));
    let levels = [("error", Level::Error), ("warn", Level::Warn), ("info", Level::Info), ("debug", Level::Debug)];
    let level = fields.get("level").and_then(|s| s.choice(&levels)).unwrap_or_default();
    let access = fields.get("access").and_then(|s| s.text()).filter(|text| !text.is_empty());
    let redact = fields.get("redact").map(|s| s.texts()).unwrap_or_default();
    fields.done(Severity::Error);
    Log { format: format.flatten(), level, access, redact }
}

/// Two of the process's own ports at one address.
pub(crate) fn check_addresses(settings: &Settings, root: &Spot<'_>, report: &Report) {
    let clash = |a: SocketAddr, b: SocketAddr| {
        let same = a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
        a.port() == b.port() && a.port() != 0 && same
    };
    if clash(settings.listen, settings.admin.listen) {
        let message = format!("`{}` is the data port's address already", settings.admin.listen);
        let spot = root.get("admin").and_then(|admin| admin.get("listen")).unwrap_or_else(|| root.clone());
        report.error(&spot.place(), "address-in-use", message);
    }
    for function in &settings.functions {
        let Backend::RuntimeApi(address) = function.backend else { continue };
        if clash(address, settings.listen) || clash(address, settings.admin.listen) {
            let spot = root.get("functions").and_then(|f| f.get(&function.name)).unwrap_or_else(|| root.clone());
            report.error(
                &spot.place(),
                "address-in-use",
                format!("`{address}` is one of stagegate's own ports already"),
            );
        }
    }
}
