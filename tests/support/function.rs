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
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/venv/bin/python"));
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
        static BUILT: OnceLock<()> = OnceLock::new();
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/functions");
        BUILT.get_or_init(|| {
            let status = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--locked", "--manifest-path"])
                .arg(data("functions").join("rust/Cargo.toml"))
                .arg("--target-dir")
                .arg(&target)
                .status();
            assert!(status.expect("cargo").success(), "the function does not build");
        });
        Function::start(Command::new(target.join("debug/orders-function")), "orders", runtime_api)
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
