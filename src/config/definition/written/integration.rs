//! An integration object as written: in a native route, or as `x-amazon-apigateway-integration` in any letter case.

use smol_str::SmolStr;

use super::api::{Integration, IntegrationResponse};
use super::dialect::Dialect;
use super::intrinsic;
use super::text::Text;
use crate::api::{ContentHandling, IntegrationType, PassthroughBehavior};
use crate::config::document::{Asked, Data, Fields, Place, Spot};

const CONTENT_HANDLING: &[(&str, Option<ContentHandling>)] = &[
    ("CONVERT_TO_TEXT", Some(ContentHandling::ConvertToText)),
    ("CONVERT_TO_BINARY", Some(ContentHandling::ConvertToBinary)),
    ("PASSTHROUGH", None),
];

/// Reads the object.
pub(crate) fn read(spot: &Spot<'_>, dialect: Dialect) -> Integration {
    let mut f = dialect.fields(spot);
    let kinds = [
        ("AWS", IntegrationType::Aws),
        ("AWS_PROXY", IntegrationType::AwsProxy),
        ("HTTP", IntegrationType::Http),
        ("HTTP_PROXY", IntegrationType::HttpProxy),
        ("MOCK", IntegrationType::Mock),
    ];
    let passthrough = [
        ("WHEN_NO_MATCH", PassthroughBehavior::WhenNoMatch),
        ("WHEN_NO_TEMPLATES", PassthroughBehavior::WhenNoTemplates),
        ("NEVER", PassthroughBehavior::Never),
    ];
    let unsupported = http_api_only(&mut f);
    let subtype = spot.node.get_any_case("integrationSubtype").and_then(|(_, node)| node.scalar());
    let (method_key, responses_key) = match dialect {
        Dialect::CloudFormation => ("integrationHttpMethod", "integrationResponses"),
        _ => ("httpMethod", "responses"),
    };
    let kind = if unsupported.is_some() { f.get("type") } else { f.need("type") };
    let integration = Integration {
        place: spot.place(),
        kind: kind.and_then(|s| s.choice(&kinds)),
        uri: f.get("uri").and_then(|s| intrinsic::placed(&s)),
        function: if dialect == Dialect::Native { f.get("function").and_then(|s| intrinsic::placed(&s)) } else { None },
        http_method: f.get(method_key).and_then(|s| intrinsic::placed(&s)),
        passthrough_behavior: f.get("passthroughBehavior").and_then(|s| s.choice(&passthrough)).unwrap_or_default(),
        content_handling: content_handling(&mut f),
        timeout: f.get("timeoutInMillis").and_then(|s| Some((timeout(&s)?, s.place()))),
        streamed: streamed(&mut f),
        request_parameters: f.get("requestParameters").map(|s| texts(&s, dialect)).unwrap_or_default(),
        request_templates: f.get("requestTemplates").map(|s| texts(&s, dialect)).unwrap_or_default(),
        responses: f.get(responses_key).map(|s| responses(&s, dialect)).unwrap_or_default(),
        subtype,
        unsupported,
    };
    not_honoured(&mut f);
    f.allow(&["cacheNamespace", "description"]);
    f.done(dialect.severity());
    integration
}

fn content_handling(f: &mut Fields<'_>) -> Option<ContentHandling> {
    f.get("contentHandling").and_then(|s| s.choice(CONTENT_HANDLING)).flatten()
}

fn streamed(f: &mut Fields<'_>) -> Option<Place> {
    let mode = f.get("responseTransferMode")?;
    mode.choice(&[("BUFFERED", false), ("STREAM", true)]).filter(|streams| *streams).map(|_| mode.place())
}

/// Exports have numbers, templates made by tools also have them in quotes.
fn timeout(spot: &Spot<'_>) -> Option<u64> {
    spot.records(|| Asked::Text);
    match &spot.node.data {
        Data::Text(text) => text.trim().parse().ok().or_else(|| spot.integer(1, 900_000)),
        _ => spot.integer(1, 900_000),
    }
}

/// What only an HTTP API has. An integration of a service by subtype has no uri that could be called.
fn http_api_only(f: &mut Fields<'_>) -> Option<String> {
    if let Some(spot) = f.get("payloadFormatVersion").filter(|s| s.text().is_some_and(|t| t != "1.0")) {
        let version = spot.text().unwrap_or_default();
        spot.warning(
            "http-api-only",
            format!("payload format `{version}` is for HTTP APIs; a REST API sends format 1.0"),
        );
    }
    let spot = f.get("integrationSubtype")?;
    let subtype = spot.text().unwrap_or_default();
    let message = format!("`integrationSubtype` `{subtype}` is for HTTP APIs: the method cannot be served");
    spot.warning("http-api-only", message.clone());
    Some(message)
}

/// What API Gateway does and stagegate does not.
fn not_honoured(f: &mut Fields<'_>) {
    if let Some(spot) = f.get("credentials") {
        let message = "credentials are not assumed: the backend is called without a role".to_owned();
        spot.note("credentials", message);
    }
    if let Some(spot) = f.get("connectionType").filter(|s| s.text().is_some_and(|t| t.eq_ignore_ascii_case("VPC_LINK")))
    {
        spot.note("vpc-link", "there is no VPC link: the uri is called directly".to_owned());
    }
    f.allow(&["connectionId", "integrationTarget"]);
    if let Some(spot) = f.get("cacheKeyParameters").filter(|s| !s.node.items().is_empty()) {
        spot.note("cache", "answers are not cached: every request reaches the backend".to_owned());
    }
    if let Some(spot) = f.get("tlsConfig") {
        let skip = spot.node.get_any_case("insecureSkipVerification");
        if let Some((key, node)) = skip.filter(|(_, node)| node.data == Data::Bool(true)) {
            let message = "the backend's certificate is verified all the same".to_owned();
            spot.inside(key, node).warning("tls-config", message);
        }
        if let Some((key, node)) = spot.node.get_any_case("serverNameToVerify") {
            spot.inside(key, node).warning("http-api-only", "`serverNameToVerify` is for HTTP APIs".to_owned());
        }
    }
}

/// A map of texts, each with its place. `null` is the empty text: that is how an export spells an empty template. An import
/// leaves out what is no text, with a warning (recorded on AWS).
pub(crate) fn texts(spot: &Spot<'_>, dialect: Dialect) -> Vec<(SmolStr, Text)> {
    spot.collect(spot.each_entry().filter_map(|(key, spot)| Some((key.clone(), text(&spot, dialect)?))))
}

fn text(spot: &Spot<'_>, dialect: Dialect) -> Option<Text> {
    match &spot.node.data {
        Data::Null => Some(Text { value: SmolStr::default(), place: spot.place(), block: None }),
        Data::Text(_) => intrinsic::placed(spot),
        data if dialect == Dialect::OpenApi && !intrinsic::is_function(spot.node) => {
            let found = spot.node.scalar().map_or_else(|| data.kind().to_owned(), |text| format!("`{text}`"));
            spot.warning("wrong-type", format!("expected a text, found {found}: it is left out, as in an import"));
            None
        }
        _ => intrinsic::placed(spot),
    }
}

/// In OpenAPI the key is the pattern, also when it looks like a status: `"200"` is the expression `200`, which for a function is
/// matched against an error message. `default` alone means no pattern (both documented, and recorded in exports).
fn responses(spot: &Spot<'_>, dialect: Dialect) -> Vec<IntegrationResponse> {
    match dialect {
        Dialect::Native | Dialect::CloudFormation => {
            spot.collect(spot.each_item().filter_map(|s| response(&s, dialect, None)))
        }
        Dialect::OpenApi => {
            let entries = spot.entries();
            let read = |(key, spot): &(&str, Spot<'_>)| {
                let pattern = Text { value: (*key).into(), place: spot.place(), block: None };
                response(spot, dialect, Some(pattern).filter(|p| p.value != "default"))
            };
            spot.collect(entries.iter().filter_map(read))
        }
    }
}

fn response(spot: &Spot<'_>, dialect: Dialect, key: Option<Text>) -> Option<IntegrationResponse> {
    let mut f = dialect.fields(spot);
    let status = f.get("statusCode");
    if status.is_none() && spot.node.is_map() {
        let message = "`statusCode` is missing: the response is left out".to_owned();
        spot.report.add(dialect.severity(), &spot.place(), "missing-key", message);
    }
    let pattern = match dialect {
        Dialect::Native | Dialect::CloudFormation => {
            f.get("selectionPattern").and_then(|s| intrinsic::placed(&s)).filter(|t| !t.value.is_empty())
        }
        Dialect::OpenApi => key,
    };
    let parameters = f.get("responseParameters").map(|s| texts(&s, dialect)).unwrap_or_default();
    let templates = f.get("responseTemplates").map(|s| texts(&s, dialect)).unwrap_or_default();
    let content_handling = content_handling(&mut f);
    f.allow(&["description"]);
    f.done(dialect.severity());
    let status = self::status(&status?)?;
    Some(IntegrationResponse { place: spot.place(), pattern, status, parameters, templates, content_handling })
}

/// A status: a number, or a text that holds one. The import documents a text and takes a number as well (recorded on AWS).
pub(crate) fn status(spot: &Spot<'_>) -> Option<u16> {
    let status = spot.node.word().and_then(|text| text.trim().parse().ok()).filter(|s| (100..=599).contains(s));
    if status.is_none() {
        let found = spot.node.scalar().map_or_else(|| spot.node.data.kind().to_owned(), |text| format!("`{text}`"));
        spot.error("wrong-type", format!("expected a status from 100 to 599, found {found}"));
    }
    status
}
