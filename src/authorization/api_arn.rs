//! `ApiArn`: an API's ARN for its callers, and the ARN of a method as it is called.

use std::fmt::{self, Display};

/// Longest ARN of a called method; a longer one is answered 414 (documented).
pub const METHOD_ARN_LIMIT: usize = 1600;

/// `arn:aws:execute-api:{region}:{account}:{api}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiArn(String);

impl ApiArn {
    /// The partition follows from the region.
    pub fn new(region: &str, account: &str, api_id: &str) -> ApiArn {
        let partition = match region {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        ApiArn(["arn:", partition, ":execute-api:", region, ":", account, ":", api_id].concat())
    }

    /// The ARN of a method as it is called: with the request's own path, not with the resource's template.
    pub fn method(&self, stage: &str, method: &str, path: &str) -> Result<String, TooLong> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let arn = [&self.0, "/", stage, "/", method, "/", path].concat();
        if arn.len() > METHOD_ARN_LIMIT { Err(TooLong(arn.len())) } else { Ok(arn) }
    }

    /// What `execute-api:/…` stands for in a resource policy.
    pub(super) fn expand(&self, short: &str) -> Option<String> {
        let rest = short.strip_prefix("execute-api:")?;
        Some(format!("{}{rest}", self.0))
    }
}

impl Display for ApiArn {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A method ARN of so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong(pub usize);

impl Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the method ARN has {} bytes, more than {METHOD_ARN_LIMIT}", self.0)
    }
}

/// The ARN as refusals show it: only the last four digits of the account.
pub fn masked(arn: &str) -> String {
    let mut parts: Vec<&str> = arn.splitn(6, ':').collect();
    let mut account = String::new();
    if let Some(part) = parts.get_mut(4) {
        let cut = part.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        account = format!("********{}", &part[cut..]);
        *part = "";
    }
    let head = parts.get(..4).map(|head| head.join(":"));
    match (head, parts.get(5)) {
        (Some(head), Some(rest)) => format!("{head}:{account}:{rest}"),
        _ => arn.to_owned(),
    }
}
