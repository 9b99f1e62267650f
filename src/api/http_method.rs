//! `HttpMethod`: the methods that API Gateway knows.

/// An HTTP method that API Gateway knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum HttpMethod {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
    /// All of them, on the method side; the client's own, on the integration side.
    Any,
}

impl HttpMethod {
    /// The method of that name, in upper case.
    pub fn parse(name: &str) -> Option<HttpMethod> {
        Some(match name {
            "DELETE" => HttpMethod::Delete,
            "GET" => HttpMethod::Get,
            "HEAD" => HttpMethod::Head,
            "OPTIONS" => HttpMethod::Options,
            "PATCH" => HttpMethod::Patch,
            "POST" => HttpMethod::Post,
            "PUT" => HttpMethod::Put,
            "ANY" => HttpMethod::Any,
            _ => return None,
        })
    }

    /// The name in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            HttpMethod::Delete => "DELETE",
            HttpMethod::Get => "GET",
            HttpMethod::Head => "HEAD",
            HttpMethod::Options => "OPTIONS",
            HttpMethod::Patch => "PATCH",
            HttpMethod::Post => "POST",
            HttpMethod::Put => "PUT",
            HttpMethod::Any => "ANY",
        }
    }
}
