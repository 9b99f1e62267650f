//! Which exchanges a command is about: words that all must fit.

use std::str::FromStr;

use serde_json::Value;

/// Words such as `5xx`, `404`, `masked`, `POST`, `cause=timeout`, `route=/orders/{id}`, `fault=timeout`, or any text of path, id and reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter(Vec<Word>);

#[derive(Debug, Clone)]
enum Word {
    Class(char),
    Status(u64),
    Masked,
    Field(&'static str, String),
    Text(String),
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Filter, String> {
        text.split_whitespace().map(word).collect::<Result<_, _>>().map(Filter)
    }
}

fn word(text: &str) -> Result<Word, String> {
    if let Some((name, value)) = text.split_once('=') {
        let known =
            [("cause", "cause"), ("route", "resource"), ("method", "method"), ("masked", "masked"), ("fault", "fault")];
        let field = known.iter().find(|(word, _)| *word == name);
        let (_, field) =
            field.ok_or_else(|| format!("`{name}`: expected `cause`, `route`, `method`, `masked` or `fault`"))?;
        return Ok(Word::Field(field, value.to_owned()));
    }
    Ok(match text.as_bytes() {
        [class @ b'1'..=b'5', b'x', b'x'] => Word::Class(char::from(*class)),
        [b'1'..=b'5', _, _] if text.parse::<u64>().is_ok() => Word::Status(text.parse().unwrap_or_default()),
        b"masked" => Word::Masked,
        _ if text.bytes().all(|c| c.is_ascii_uppercase()) => Word::Field("method", text.to_owned()),
        _ => Word::Text(text.to_lowercase()),
    })
}

impl Filter {
    /// Whether an exchange, as the list shows it, fits.
    pub(super) fn fits(&self, exchange: &Value) -> bool {
        self.0.iter().all(|word| match word {
            Word::Class(class) => exchange["status"].to_string().starts_with(*class),
            Word::Status(status) => exchange["status"] == *status,
            Word::Masked => !exchange["masked"].is_null(),
            Word::Field(name, value) => exchange[*name].as_str().is_some_and(|field| field.eq_ignore_ascii_case(value)),
            Word::Text(text) => ["id", "path", "query", "resource", "why"]
                .iter()
                .filter_map(|name| exchange[*name].as_str())
                .any(|field| field.to_lowercase().contains(text)),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Filter;

    #[test]
    fn every_word_must_fit() {
        let exchange = json!({
            "id": "a1", "method": "GET", "path": "/Orders/7", "query": "x=1", "resource": "/orders/{id}", "status": 502,
            "cause": "function_error", "masked": null, "why": "the function failed",
        });
        let table = [
            ("", true),
            ("5xx", true),
            ("4xx", false),
            ("502 GET orders", true),
            ("502 POST", false),
            ("masked", false),
            ("cause=function_error route=/orders/{id}", true),
            ("cause=timeout", false),
            ("failed", true),
        ];
        for (words, fits) in table {
            assert_eq!(words.parse::<Filter>().expect("a filter").fits(&exchange), fits, "{words}");
        }
        assert_eq!(
            "statsu=5".parse::<Filter>().map(drop),
            Err("`statsu`: expected `cause`, `route`, `method`, `masked` or `fault`".to_owned())
        );
    }
}
