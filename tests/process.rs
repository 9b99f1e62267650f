//! The running process: connections, backends, the admin port, reload and shutdown, all through the real binary.

mod admin;
mod backends;
mod browser;
mod callers;
mod connections;
mod cors;
mod disorder;
mod drains;
mod emulator;
mod extensions;
mod faults;
mod floods;
mod guards;
mod hostile;
mod http2_heads;
mod http_api;
mod keys;
mod life;
mod logs;
mod memory;
mod metrics;
mod names;
mod nginx;
mod outages;
mod page;
mod page_use;
mod runtime_api;
mod streaming;
mod streaming_functions;
mod telemetry;
mod templates;

/// One proxy route to the function `f`, served by the Invoke API at that address, and more settings.
fn proxy(address: std::net::SocketAddr, more: &str) -> String {
    format!(
        "api:\n  routes:\n    - {{ path: '/{{proxy+}}', method: ANY, integration: {{ type: AWS_PROXY, function: f }} }}\n\
         functions:\n  f: {{ invoke_api: 'http://{address}' }}\n{more}"
    )
}
