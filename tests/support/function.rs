//! Functions under AWS's own runtime clients.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use super::data;

/// A function's process; killed when it is dropped.
pub struct Function(pub Child);

impl Function {
    fn start(mut command: Command, name: &str, runtime_api: SocketAddr) -> Function {
        let child = command
            .env("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", name)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/test")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "test")
            .env("AWS_REGION", "eu-west-1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}; `tests/run` installs what the tests need"));
        Function(child)
    }

    /// A Python handler in that folder, under `awslambdaric`.
    pub fn python(folder: &Path, handler: &str, runtime_api: SocketAddr) -> Function {
        let mut command = python();
        command.current_dir(folder).args(["-m", "awslambdaric", handler]);
        Function::start(command, handler, runtime_api)
    }

    /// A script for Node that takes its invocations by itself.
    pub fn node(script: &Path, runtime_api: SocketAddr) -> Function {
        let modules = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/serverless-http/node_modules");
        let mut command = Command::new("node");
        command.arg(script).env("NODE_PATH", modules);
        Function::start(command, "node", runtime_api)
    }

    /// The Rust function on `lambda_runtime`.
    pub fn rust(runtime_api: SocketAddr) -> Function {
        Function::rust_named("orders-function", &[], runtime_api)
    }

    /// The Rust function on `lambda_http`.
    pub fn lambda_http(runtime_api: SocketAddr) -> Function {
        Function::rust_named("pets", &[], runtime_api)
    }

    /// One of the functions in Rust, by its program's name.
    pub fn rust_named(name: &str, arguments: &[&str], runtime_api: SocketAddr) -> Function {
        static BUILT: OnceLock<()> = OnceLock::new();
        let target = root().join("target/functions");
        BUILT.get_or_init(|| {
            let status = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--locked", "--manifest-path"])
                .arg(data("functions").join("rust/Cargo.toml"))
                .arg("--target-dir")
                .arg(&target)
                .status();
            assert!(status.expect("cargo").success(), "the function does not build");
        });
        let mut command = Command::new(target.join("debug").join(name));
        command.args(arguments);
        Function::start(command, name.trim_end_matches("-function"), runtime_api)
    }

    /// A handler in Node.js, under `aws-lambda-ric`.
    pub fn node_ric(handler: &str, runtime_api: SocketAddr) -> Function {
        let mut command = Command::new(root().join("target/ric/node_modules/.bin/aws-lambda-ric"));
        command.current_dir(data("functions").join("node")).arg(handler);
        Function::start(command, handler, runtime_api)
    }

    /// A web app that knows nothing of Lambda.
    pub fn web_app(port: u16) -> Function {
        let mut command = python();
        command.arg(data("functions").join("web_app.py")).env("PORT", port.to_string());
        Function::start(command, "app", SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// Lambda Web Adapter in front of the app at that port; below `base` it serves.
    pub fn web_adapter(port: u16, mode: &str, base: &str, runtime_api: SocketAddr) -> Function {
        let mut command = Command::new(root().join("target/adapter/bin/lambda-adapter"));
        command
            .env("AWS_LWA_PORT", port.to_string())
            .env("AWS_LWA_INVOKE_MODE", mode)
            .env("AWS_LWA_REMOVE_BASE_PATH", base);
        Function::start(command, "web", runtime_api)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The interpreter that `tests/run` sets up.
pub fn python() -> Command {
    Command::new(root().join("target/venv/bin/python"))
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
