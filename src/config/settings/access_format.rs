//! The access log's format, taken apart: text, and `$context` variables with how their values are escaped where they stand.

/// A format, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AccessFormat(pub(crate) Vec<Piece>);

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Stands for itself.
    Text(String),
    /// What stands behind `$context.`, and how its value is written.
    Variable(String, Escape),
}

/// How a value is written, so that what a client chooses ends nothing that the format began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escape {
    /// As it is.
    Nothing,
    /// In a JSON string.
    Json,
    /// In XML.
    Xml,
    /// A field of CSV: in quotes if need be (RFC 4180).
    Csv,
    /// Between quotes of a plain format: `\"`, as web servers write it.
    Quotes,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    Plain,
    Json,
    Xml,
    Csv,
}

impl AccessFormat {
    /// One of the presets `CLF`, `JSON`, `XML` and `CSV`, or a format of one's own.
    pub(crate) fn read(text: &str, is_http_api: bool) -> AccessFormat {
        let presets = if is_http_api { HTTP_API } else { REST_API };
        match presets.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim())) {
            Some(("CSV", format)) => parse(format, Syntax::Csv),
            Some((_, format)) => parse(format, syntax(format)),
            None => parse(text, syntax(text)),
        }
    }

    /// The variables that it names.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Variable(name, _) => Some(name.as_str()),
        })
    }
}

/// By how a line begins.
fn syntax(text: &str) -> Syntax {
    match text.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => Syntax::Json,
        Some(b'<') => Syntax::Xml,
        _ => Syntax::Plain,
    }
}

/// Everything but `$context.name` stands for itself.
fn parse(text: &str, syntax: Syntax) -> AccessFormat {
    let mut pieces = Vec::new();
    let mut in_quotes = false;
    let mut rest = text;
    while let Some(at) = rest.find("$context.") {
        let before = &rest[..at];
        if !before.is_empty() {
            in_quotes ^= has_odd_quotes(before);
            pieces.push(Piece::Text(before.to_owned()));
        }
        rest = &rest[at + "$context.".len()..];
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let end = rest.find(|c| !legal(c)).unwrap_or(rest.len());
        let name = rest[..end].trim_end_matches(['.', '-']);
        rest = &rest[name.len()..];
        pieces.push(Piece::Variable(name.to_owned(), escape(syntax, in_quotes)));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    AccessFormat(pieces)
}

fn has_odd_quotes(text: &str) -> bool {
    let mut is_escaped = false;
    let quotes = text.bytes().filter(|b| {
        let counts = *b == b'"' && !is_escaped;
        is_escaped = *b == b'\\' && !is_escaped;
        counts
    });
    quotes.count() % 2 == 1
}

fn escape(syntax: Syntax, in_quotes: bool) -> Escape {
    match syntax {
        Syntax::Xml => Escape::Xml,
        Syntax::Csv => Escape::Csv,
        Syntax::Json if in_quotes => Escape::Json,
        Syntax::Plain if in_quotes => Escape::Quotes,
        // A value that is JSON by itself: a number, `$context.error.messageString`.
        Syntax::Json | Syntax::Plain => Escape::Nothing,
    }
}

/// The console's own formats (fact `access-log-presets`).
const REST_API: &[(&str, &str)] = &[
    (
        "CLF",
        "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] \
         \"$context.httpMethod $context.resourcePath $context.protocol\" $context.status $context.responseLength \
         $context.requestId $context.extendedRequestId",
    ),
    (
        "JSON",
        "{ \"requestId\":\"$context.requestId\", \"extendedRequestId\":\"$context.extendedRequestId\", \
         \"ip\": \"$context.identity.sourceIp\", \"caller\":\"$context.identity.caller\", \
         \"user\":\"$context.identity.user\", \"requestTime\":\"$context.requestTime\", \
         \"httpMethod\":\"$context.httpMethod\", \"resourcePath\":\"$context.resourcePath\", \
         \"status\":\"$context.status\", \"protocol\":\"$context.protocol\", \
         \"responseLength\":\"$context.responseLength\" }",
    ),
    (
        "XML",
        "<request id=\"$context.requestId\"> <extendedRequestId>$context.extendedRequestId</extendedRequestId> \
         <ip>$context.identity.sourceIp</ip> <caller>$context.identity.caller</caller> \
         <user>$context.identity.user</user> <requestTime>$context.requestTime</requestTime> \
         <httpMethod>$context.httpMethod</httpMethod> <resourcePath>$context.resourcePath</resourcePath> \
         <status>$context.status</status> <protocol>$context.protocol</protocol> \
         <responseLength>$context.responseLength</responseLength> </request>",
    ),
    (
        "CSV",
        "$context.identity.sourceIp,$context.identity.caller,$context.identity.user,$context.requestTime,\
         $context.httpMethod,$context.resourcePath,$context.protocol,$context.status,$context.responseLength,\
         $context.requestId,$context.extendedRequestId",
    ),
];

const HTTP_API: &[(&str, &str)] = &[
    (
        "CLF",
        "$context.identity.sourceIp - - [$context.requestTime] \"$context.httpMethod $context.routeKey \
         $context.protocol\" $context.status $context.responseLength $context.requestId",
    ),
    (
        "JSON",
        "{ \"requestId\":\"$context.requestId\", \"ip\": \"$context.identity.sourceIp\", \
         \"requestTime\":\"$context.requestTime\", \"httpMethod\":\"$context.httpMethod\", \
         \"routeKey\":\"$context.routeKey\", \"status\":\"$context.status\", \"protocol\":\"$context.protocol\", \
         \"responseLength\":\"$context.responseLength\" }",
    ),
    (
        "XML",
        "<request id=\"$context.requestId\"> <ip>$context.identity.sourceIp</ip> \
         <requestTime>$context.requestTime</requestTime> <httpMethod>$context.httpMethod</httpMethod> \
         <routeKey>$context.routeKey</routeKey> <status>$context.status</status> \
         <protocol>$context.protocol</protocol> <responseLength>$context.responseLength</responseLength> </request>",
    ),
    (
        "CSV",
        "$context.identity.sourceIp,$context.requestTime,$context.httpMethod,$context.routeKey,$context.protocol,\
         $context.status,$context.responseLength,$context.requestId",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        let variable = |name: &str, escape| Piece::Variable(name.to_owned(), escape);
        let text = |text: &str| Piece::Text(text.to_owned());
        let (nothing, quotes, json) = (Escape::Nothing, Escape::Quotes, Escape::Json);
        let rows = [
            (
                "$context.identity.sourceIp - [$context.requestTime] \"$context.status\". $context.length$context.x-",
                vec![
                    variable("identity.sourceIp", nothing),
                    text(" - ["),
                    variable("requestTime", nothing),
                    text("] \""),
                    variable("status", quotes),
                    text("\". "),
                    variable("length", nothing),
                    variable("x", nothing),
                    text("-"),
                ],
            ),
            (
                r#"{"a\"":"$context.a","n":$context.n}"#,
                vec![text(r#"{"a\"":""#), variable("a", json), text(r#"","n":"#), variable("n", nothing), text("}")],
            ),
        ];
        for (format, expected) in rows {
            assert_eq!(AccessFormat::read(format, false), AccessFormat(expected), "{format}");
        }
        let csv = AccessFormat::read("csv", true);
        assert!(csv.0.contains(&variable("routeKey", Escape::Csv)) && csv.variables().count() == 8, "{csv:?}");
    }
}
