//! `/events`: exchanges as they come, as server-sent events. A browser that lost the connection goes on where it was.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use hyper::body::Incoming;
use tokio::sync::watch;

use super::answer::{AdminResponse, respond_with};
use crate::server::process::Process;

/// How often exchanges are sent at most: a page cannot show more, and each costs the browser a layout.
const PACE: Duration = Duration::from_millis(200);
/// A line is sent so often when nothing happens, so that a connection that broke is seen.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The answer, which ends when the browser leaves.
pub(super) fn stream(request: &Request<Incoming>, process: &Arc<Process>) -> AdminResponse {
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let (sender, body) = Channel::new(1);
    tokio::spawn(tell(process.clone(), sender, last.unwrap_or(0)));
    respond_with("text/event-stream", body.boxed())
}

async fn tell(process: Arc<Process>, mut sender: Sender<Bytes>, mut last: u64) {
    let mut latest: watch::Receiver<u64> = process.inspector.watch();
    // The process began anew: its numbers, too.
    if last > *latest.borrow() {
        last = 0;
    }
    loop {
        latest.mark_unchanged();
        let (number, mut exchanges) = process.inspector.after(last);
        let mut text = String::new();
        if number > last {
            exchanges.reverse();
            text = format!("id: {number}\nevent: exchanges\ndata: {}\n\n", serde_json::Value::Array(exchanges));
        } else if last == 0 {
            text.push_str(": nothing yet\n\n");
        }
        last = number;
        if !text.is_empty() && sender.send_data(text.into()).await.is_err() {
            return;
        }
        tokio::time::sleep(PACE).await;
        if tokio::time::timeout(HEARTBEAT, latest.changed()).await.is_err()
            && sender.send_data(Bytes::from_static(b": still here\n\n")).await.is_err()
        {
            return;
        }
    }
}
