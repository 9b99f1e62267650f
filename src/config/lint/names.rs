//! Names in templates that stand for nothing: of `$util`, `$input`, `$context`, stage variables, parameters, and of tools that
//! should have filled them in.

use indexmap::IndexMap;

use super::quiet::Quiet;
use super::reference::{Reference, Step, code, literal, references, set_names};
use crate::api::{ParameterLocation, RequestParameter};
use crate::config::definition::written::{Route, Text};
use crate::config::document::{Report, hint, nearest};

const UTIL: &[&str] = &["escapeJavaScript", "parseJson", "urlEncode", "urlDecode", "base64Encode", "base64Decode"];
const INPUT: &[&str] = &["body", "json", "path", "params"];

/// What Velocity sets by itself, and what templates use without setting it to reach Java's functions.
const OWN: &[&str] = &[
    "input",
    "util",
    "context",
    "stageVariables",
    "foreach",
    "velocityCount",
    "velocityHasNext",
    "bodyContent",
    "macro",
    "template",
    "method",
];

/// The variables of `$context`: those of templates and, as nobody is helped by telling them apart, of access logs.
const CONTEXT: &[&str] = &[
    "accountId",
    "apiId",
    "authenticate",
    "authorize",
    "authorizer",
    "awsEndpointRequestId",
    "customDomain",
    "deploymentId",
    "domainName",
    "domainPrefix",
    "endpointType",
    "error",
    "extendedRequestId",
    "httpMethod",
    "identity",
    "integration",
    "integrationErrorMessage",
    "integrationLatency",
    "integrationStatus",
    "isCanaryRequest",
    "operationName",
    "path",
    "protocol",
    "requestId",
    "requestOverride",
    "requestTime",
    "requestTimeEpoch",
    "resourceId",
    "resourcePath",
    "responseLatency",
    "responseLength",
    "responseOverride",
    "stage",
    "stagegate",
    "status",
    "waf",
    "wafResponseCode",
    "webaclArn",
    "xrayTraceId",
];

/// The variables of `$context.identity`.
const IDENTITY: &[&str] = &[
    "accessKey",
    "accountId",
    "apiKey",
    "apiKeyId",
    "caller",
    "clientCert",
    "cognitoAuthenticationProvider",
    "cognitoAuthenticationType",
    "cognitoIdentityId",
    "cognitoIdentityPoolId",
    "principalOrgId",
    "sourceIp",
    "user",
    "userAgent",
    "userArn",
    "vpcId",
    "vpceId",
];

/// The variables of `$context.error`.
const ERROR: &[&str] = &["message", "messageString", "responseType", "validationErrorString"];

/// What a template can name: the method's parameters and the stage's variables.
pub(super) struct Known<'a> {
    /// The method.
    pub route: &'a Route,
    /// The stage variables.
    pub variables: &'a IndexMap<String, String>,
    /// What is known of texts.
    pub quiet: &'a Quiet,
}

/// A mapping template.
pub(super) fn template(text: &Text, known: &Known<'_>, report: &Report) {
    let code = code(&text.value);
    let references = references(&code);
    let set = set_names(&code, &references);
    let mut told: Vec<&str> = Vec::new();
    for reference in &references {
        let is_set = set.contains(&reference.root);
        if told.contains(&reference.text) || (is_set && !matches!(reference.root, "input" | "util")) {
            continue;
        }
        told.push(reference.text);
        match (reference.root, reference.steps.first()) {
            ("util", Some(step)) => member(reference, "util", step_name(step), UTIL, text, report),
            ("input", Some(step)) => {
                member(reference, "input", step_name(step), INPUT, text, report);
                parameter(reference, known.route, text, report);
            }
            ("context", Some(_)) => context(reference, text, report),
            ("stageVariables", Some(Step::Property(name))) => stage_variable(reference, name, known, text, report),
            (root, _) if (reference.formal || is_environment(reference)) && !OWN.contains(&root) => {
                unfilled(reference, text, report);
            }
            _ => {}
        }
    }
}

/// A template of a gateway response, in which references are all there is.
pub(super) fn gateway_template(text: &Text, report: &Report) {
    for reference in references(&text.value).iter().filter(|reference| reference.root == "context") {
        context(reference, text, report);
    }
}

fn step_name<'a>(step: &Step<'a>) -> &'a str {
    match step {
        Step::Property(name) | Step::Call(name, _) => name,
    }
}

/// `$util.toJson` and its like are AppSync's: here they print nothing.
fn member(reference: &Reference<'_>, object: &str, name: &str, known: &[&str], text: &Text, report: &Report) {
    if !known.contains(&name) {
        let hint = nearest(name, known).map(|n| format!("; the nearest is `${object}.{n}`")).unwrap_or_default();
        let message = format!("API Gateway has no `${object}.{name}`: it prints nothing{hint}");
        report.warning(&text.line(reference.line), "unknown-member", message);
    }
}

/// Whether there is such a variable: `identity.sourceIp`.
pub(super) fn is_context_variable(name: &str) -> bool {
    match name.split_once('.') {
        Some(("identity", name)) => IDENTITY.iter().any(|known| name.split('.').next() == Some(known)),
        Some((first, _)) => CONTEXT.contains(&first),
        None => CONTEXT.contains(&name),
    }
}

/// What an authorizer gives and what overrides hold is not known here.
fn context(reference: &Reference<'_>, text: &Text, report: &Report) {
    let path = reference.path();
    let (known, name, before) = match path.as_slice() {
        ["identity", name, ..] => (IDENTITY, *name, "identity."),
        ["error", name, ..] => (ERROR, *name, "error."),
        [name, ..] => (CONTEXT, *name, ""),
        [] => return,
    };
    if known.contains(&name) {
        return;
    }
    let hint = nearest(name, known).map(|n| format!("; the nearest is `$context.{before}{n}`")).unwrap_or_default();
    let message = format!("API Gateway has no `$context.{before}{name}`: it prints nothing{hint}");
    report.warning(&text.line(reference.line), "unknown-context", message);
}

fn stage_variable(reference: &Reference<'_>, name: &str, known: &Known<'_>, text: &Text, report: &Report) {
    if !known.variables.contains_key(name) {
        let names: Vec<&str> = known.variables.keys().map(String::as_str).collect();
        let message = format!("stage variable `{name}` is not set: it prints nothing{}", hint(name, &names));
        report.warning(&text.line(reference.line), "unset-stage-variable", message);
    }
}

/// `$input.params('ID')` where the path has `{id}`. A query parameter or a header need not be declared to be read.
fn parameter(reference: &Reference<'_>, route: &Route, text: &Text, report: &Report) {
    let Some(name) = parameter_name(reference) else { return };
    let of_path: Vec<&str> = path_parameters(&route.path).collect();
    let declared = || route.parameters.iter().map(|p: &RequestParameter| p.name.as_str());
    if of_path.contains(&name) || declared().any(|known| known == name) {
        return;
    }
    let place = text.line(reference.line);
    let shown = reference.text;
    if let Some(other) = of_path.iter().copied().chain(declared()).find(|known| known.eq_ignore_ascii_case(name)) {
        let message = format!("`{shown}`: names are compared by case, and the method's is `{other}`: it is empty");
        report.warning(&place, "parameter-case", message);
    } else if route.imported && !route.parameters.is_empty() {
        let names: Vec<&str> = of_path.iter().copied().chain(declared()).collect();
        let message = format!("`{shown}`: the method declares no parameter `{name}`{}", hint(name, &names));
        report.note(&place, "unknown-parameter", message);
    }
}

/// The name in `$input.params('x')`, `$input.params().path.x`.
fn parameter_name<'a>(reference: &Reference<'a>) -> Option<&'a str> {
    match reference.steps.as_slice() {
        [Step::Call("params", argument), ..] if !argument.trim().is_empty() => literal(argument),
        [Step::Call("params", _), Step::Property("path"), Step::Property(name), ..] => Some(name),
        _ => None,
    }
}

/// The names in a path's braces.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|s| Some(s.strip_prefix('{')?.strip_suffix('}')?.trim_end_matches('+')))
}

/// `$TABLE_NAME`, as shells and `envsubst` have it.
fn is_environment(reference: &Reference<'_>) -> bool {
    let is_part = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    reference.steps.is_empty() && reference.root.len() > 2 && reference.root.bytes().all(is_part)
}

/// `{{ name }}` of Jinja and its kin, and `"<your-name>"`, in a template that prints JSON.
pub(super) fn placeholder(text: &Text, report: &Report) {
    for (n, line) in code(&text.value).lines().enumerate() {
        let found =
            between(line, "{{", "}}").or_else(|| between(line, "\"<", ">\"").map(|found| found.trim_matches('"')));
        if let Some(found) = found {
            let message = format!("`{found}` is not filled in: it is printed as it stands");
            report.warning(&text.line(n + 1), "unfilled-name", message);
        }
    }
}

/// The first name between two marks, with them.
fn between<'a>(line: &'a str, open: &str, close: &str) -> Option<&'a str> {
    line.match_indices(open).find_map(|(start, _)| {
        let inside = &line[start + open.len()..];
        let end = inside.find(close)?;
        let name = inside[..end].trim();
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '));
        is_name.then(|| &line[start..start + open.len() + end + close.len()])
    })
}

/// `${Name}`, as CloudFormation's `Fn::Sub` has it: to Velocity a variable that nobody sets.
fn unfilled(reference: &Reference<'_>, text: &Text, report: &Report) {
    // A function of CloudFormation's that could not be filled in has said so.
    if report.is_told("template-parameter", &text.place) {
        return;
    }
    let name = reference.text.trim_start_matches(['$', '!', '{']).trim_end_matches('}');
    let message = format!(
        "`{}`: the template sets no such variable, and nothing has put a value in: it prints nothing; `api.parameters.{name}` gives one",
        reference.text
    );
    report.warning(&text.line(reference.line), "unfilled-name", message);
}

/// Path parameters that are declared and not in the path, or the other way round.
pub(super) fn declared_parameters(route: &Route, maps_nothing: bool, report: &Report) {
    // A proxy passes them on, declared or not; a mock has no use for them.
    let need_not = !route.imported || maps_nothing;
    if need_not && route.parameters.is_empty() {
        return;
    }
    let of_path: Vec<&str> = path_parameters(&route.path).collect();
    let declared: Vec<&str> = route
        .parameters
        .iter()
        .filter(|p| p.location == ParameterLocation::Path)
        .map(|p| p.name.trim_end_matches('+'))
        .collect();
    for name in declared.iter().filter(|name| !of_path.contains(name)) {
        let message =
            format!("path parameter `{name}` is not in `{}`: it is never there{}", route.path, hint(name, &of_path));
        report.warning(&route.place, "path-parameter", message);
    }
    if need_not {
        return;
    }
    for name in of_path.iter().filter(|name| !declared.contains(name)) {
        let message = format!("`{{{name}}}` is not declared: API Gateway refuses to map `method.request.path.{name}`");
        report.note(&route.place, "path-parameter", message);
    }
}
