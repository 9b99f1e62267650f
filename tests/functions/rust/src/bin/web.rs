//! A web function on AWS's `lambda_http`: whole answers, or with the argument `streaming` such that stream.

use lambda_http::{Body, Error, Request, Response, run, run_with_streaming_response, service_fn};

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match std::env::args().nth(1).as_deref() {
        Some("streaming") => runtime.block_on(run_with_streaming_response(service_fn(answer))),
        _ => runtime.block_on(run(service_fn(answer))),
    }
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    let said = format!("{} {}", request.method(), request.uri().path());
    let response = Response::builder().status(201).header("content-type", "text/plain").header("x-function", "web");
    Ok(response.body(said.into())?)
}
