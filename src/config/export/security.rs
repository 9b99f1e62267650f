//! What guards a method, as security requirements and schemes of an OpenAPI document.

use serde_json::{Map, Value, json};

use crate::api::Authorization;
use crate::config::definition::written::authorizer::Authorizer;
use crate::config::definition::written::{AuthorizerKind, Route, WrittenApi};

const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const AUTHTYPE: &str = "x-amazon-apigateway-authtype";

/// The schemes that the methods ask for, and the authorizers that none does.
pub(crate) struct Schemes {
    schemes: Map<String, Value>,
    signed: String,
    key: String,
}

impl Schemes {
    /// The authorizers of the API.
    pub(crate) fn new(api: &WrittenApi) -> Schemes {
        let mut schemes = Schemes { schemes: Map::new(), signed: free("sigv4", api), key: free("api_key", api) };
        for (name, authorizer) in &api.authorizers {
            let authtype = match authorizer.kind {
                AuthorizerKind::CognitoUserPools => "cognito_user_pools",
                AuthorizerKind::Jwt => "jwt",
                _ => "custom",
            };
            let header = header(authorizer).unwrap_or("Authorization");
            let mut scheme = scheme(authtype, Some(header));
            scheme[AUTHORIZER] = Value::Object(body(authorizer));
            schemes.schemes.insert(name.clone(), scheme);
        }
        schemes
    }

    /// The requirements of a method; their schemes are remembered.
    pub(crate) fn requirements(&mut self, route: &Route) -> Vec<Value> {
        let mut requirements = Vec::new();
        let mut ask = |name: &str, scopes: &[String]| requirements.push(json!({ name: scopes }));
        match &route.authorization {
            Authorization::None => {}
            Authorization::AwsIam => {
                ask(&self.signed, &[]);
                self.schemes.entry(self.signed.clone()).or_insert_with(|| scheme("awsSigv4", Some("Authorization")));
            }
            Authorization::CognitoUserPools(name) => {
                ask(name, &route.scopes);
                let new = || scheme("cognito_user_pools", Some("Authorization"));
                self.schemes.entry(name.clone()).or_insert_with(new);
            }
            Authorization::Jwt(name) => {
                ask(name, &route.scopes);
                self.schemes.entry(name.clone()).or_insert_with(|| scheme("jwt", Some("Authorization")));
            }
            Authorization::Custom { name, token_header } => {
                ask(name, &route.scopes);
                self.schemes.entry(name.clone()).or_insert_with(|| scheme("custom", token_header.as_deref()));
            }
        }
        if route.api_key_required {
            ask(&self.key, &[]);
            let new = || json!({ "type": "apiKey", "name": "x-api-key", "in": "header" });
            self.schemes.entry(self.key.clone()).or_insert_with(new);
        }
        requirements
    }

    /// All of them.
    pub(crate) fn into_map(self) -> Map<String, Value> {
        self.schemes
    }
}

/// A name that no authorizer has.
fn free(name: &str, api: &WrittenApi) -> String {
    let mut name = name.to_owned();
    while api.authorizers.contains_key(&name) {
        name.push('_');
    }
    name
}

fn scheme(authtype: &str, header: Option<&str>) -> Value {
    let mut scheme = json!({ "type": "apiKey", "in": "header", AUTHTYPE: authtype });
    if let Some(header) = header {
        scheme["name"] = json!(header);
    }
    scheme
}

fn header(authorizer: &Authorizer) -> Option<&str> {
    authorizer.identity_sources.first().and_then(|source| source.strip_prefix("method.request.header."))
}

/// An authorizer in API Gateway's own property names.
pub(crate) fn body(authorizer: &Authorizer) -> Map<String, Value> {
    let mut map = Map::from_iter([("type".to_owned(), json!(authorizer.kind.as_str()))]);
    let mut put = |key: &str, value: Option<Value>| map.extend(value.map(|value| (key.to_owned(), value)));
    let sources = &authorizer.identity_sources;
    put("authorizerUri", authorizer.uri.as_ref().map(|text| json!(text.value)));
    put("authorizerCredentials", authorizer.credentials.as_ref().map(|text| json!(text.value)));
    put("identitySource", (!sources.is_empty()).then(|| json!(sources.join(", "))));
    put("identityValidationExpression", authorizer.validation_expression.as_ref().map(|text| json!(text.value)));
    put("authorizerResultTtlInSeconds", authorizer.ttl.map(|ttl| json!(ttl)));
    let arns: Vec<&str> = authorizer.provider_arns.iter().map(|text| text.value.as_str()).collect();
    put("providerARNs", (!arns.is_empty()).then(|| json!(arns)));
    put("jwtConfiguration", authorizer.jwt.clone());
    put("authorizerPayloadFormatVersion", authorizer.payload_format.as_ref().map(|version| json!(version)));
    put("enableSimpleResponses", authorizer.simple_responses.then(|| json!(true)));
    map
}
