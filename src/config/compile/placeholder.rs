//! What a tool should have filled in before: Jinja's `{{ name }}`, `<name>`, `$NAME`, and CloudFormation's functions that only a
//! whole template can answer.

/// The first of them in a uri.
pub(crate) fn find(uri: &str) -> Option<&str> {
    if !uri.bytes().any(|b| matches!(b, b'{' | b'<' | b'$')) {
        return None;
    }
    between(uri, "{{", "}}")
        .or_else(|| between(uri, "%{", "}"))
        .or_else(|| between(uri, "${Fn::", "}"))
        .or_else(|| angle(uri))
        .or_else(|| variable(uri))
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let start = text.find(open)?;
    let end = text[start..].find(close)? + close.len();
    text.get(start..start + end)
}

/// `<name>`: no part of a uri, whatever it is.
fn angle(uri: &str) -> Option<&str> {
    between(uri, "<", ">").filter(|found| found.len() > 2)
}

/// `$NAME`, but not `$LATEST`, which is a version.
fn variable(uri: &str) -> Option<&str> {
    uri.match_indices('$').find_map(|(start, _)| {
        let name = &uri[start + 1..];
        let end =
            name.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')).unwrap_or(name.len());
        let found = &uri[start..=start + end];
        let is_name = name.starts_with(|c: char| c.is_ascii_uppercase());
        let ends = !name[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
        (is_name && ends && found != "$LATEST").then_some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn finds_what_is_not_filled_in() {
        let table = [
            ("http://{{ host }}/a", Some("{{ host }}")),
            ("http://{host}/a", None),
            ("http://<your-host>/a", Some("<your-host>")),
            ("http://a/$STAGE/b", Some("$STAGE")),
            ("http://$HOST", Some("$HOST")),
            ("http://a/$metadata", None),
            ("arn:aws:lambda:us-east-1:1:function:f:$LATEST", None),
            ("${stageVariables.host}", None),
            ("arn:x:${Fn::If}/y", Some("${Fn::If}")),
            ("http://a/<>", None),
        ];
        for (uri, expected) in table {
            assert_eq!(find(uri), expected, "{uri}");
        }
    }
}
