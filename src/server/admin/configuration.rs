//! The configuration as it counts, each value with its source, secrets masked; read again when somebody asks.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::config::{Effective, effective, values};
use crate::server::process::Process;

/// On a thread of its own, one at a time: probes and requests do not wait for it.
pub(super) async fn configuration(process: Arc<Process>) -> Value {
    let turn = process.plays.clone().acquire_owned().await;
    let read = tokio::task::spawn_blocking(move || {
        let shown = read(&process);
        drop(turn);
        shown
    });
    read.await.unwrap_or(Value::Null)
}

/// What the files hold now may be other than what was loaded: a reload may be refused.
fn read(process: &Process) -> Value {
    let Effective { tree, loaded, secrets } = effective(&process.sources);
    let is_loaded = loaded.is_ok_and(|loaded| loaded.contents == process.current().contents);
    json!({
        "is_loaded": is_loaded,
        "values": tree.map(|tree| values(&tree, &secrets)).unwrap_or_default(),
    })
}
