//! A web application on AWS's own crate for HTTP, which tells what it was told of a request.

use lambda_http::{Body, Error, Request, RequestExt, RequestPayloadExt, Response, http::header, run, service_fn};
use serde_json::json;

fn main() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(service_fn(answer)))
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    if request.uri().path().ends_with("/bytes") {
        let body = [b"\x89PNG".as_slice(), request.body().as_ref()].concat();
        return Ok(Response::builder().header(header::CONTENT_TYPE, "image/png").body(Body::Binary(body))?);
    }
    let (queries, path_parameters) = (request.query_string_parameters(), request.path_parameters());
    let header = |name| {
        let lines = request.headers().get_all(name).into_iter();
        lines.map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned()).collect::<Vec<_>>()
    };
    let told = json!({
        "method": request.method().as_str(),
        "path": request.raw_http_path(),
        "url": request.uri().to_string(),
        "q": queries.all("q").unwrap_or_default(),
        "empty": queries.first("empty"),
        "id": path_parameters.first("id"),
        "cookie": header("cookie"),
        "x-custom": header("x-custom"),
        "json": request.payload::<serde_json::Value>()?,
    });
    Ok(Response::builder()
        .status(201)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::SET_COOKIE, "a=1; Path=/")
        .header(header::SET_COOKIE, "b=2")
        .body(told.to_string().into())?)
}
