//! A proxy function on AWS's own Rust runtime client.

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(lambda_runtime::run(service_fn(answer)))
}

async fn answer(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let order = event.payload["pathParameters"]["id"].as_str().unwrap_or_default();
    if order == "0" {
        return Err("no order has the number 0".into());
    }
    if order == "never" {
        std::future::pending::<()>().await;
    }
    Ok(json!({
        "statusCode": 200,
        "headers": { "X-Function": event.context.env_config.function_name },
        "body": format!("order {order}, request {}", event.context.request_id.len()),
    }))
}
