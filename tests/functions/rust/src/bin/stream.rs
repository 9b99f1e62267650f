//! A function that streams, on AWS's own Rust runtime client: a word a second, or a word and then an error.

use std::time::Duration;

use lambda_runtime::streaming::{Body, channel};
use lambda_runtime::{Error, LambdaEvent, MetadataPrelude, StreamResponse, service_fn};
use serde_json::Value;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(answer)))
}

async fn answer(event: LambdaEvent<Value>) -> Result<StreamResponse<Body>, Error> {
    let fails = event.payload["path"].as_str().is_some_and(|path| path.ends_with("/fails"));
    let (mut sender, stream) = channel();
    tokio::spawn(async move {
        for word in ["one ", "two ", "three"] {
            // Nobody listens any more when the client has left.
            let _ = sender.send_data(word.into()).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            if fails {
                return sender.abort();
            }
        }
    });
    let mut metadata_prelude = MetadataPrelude { cookies: vec!["a=1".to_owned()], ..MetadataPrelude::default() };
    metadata_prelude.headers.insert("content-type", "text/plain".parse()?);
    Ok(StreamResponse { metadata_prelude, stream })
}
