//! Functions by name: the literal name, else the logical id; and every other name that the configuration may know them by.

use super::template::{Resource, Template};

impl Template<'_> {
    /// The name in ARNs: `FunctionName` when it is wholly known, else the logical id.
    pub(super) fn function_name(&self, id: &str) -> String {
        let Some(resource) = self.resources.get(id) else { return id.to_owned() };
        let literal = self.literal(id, resource, "FunctionName");
        // A name may be given as an ARN.
        let literal = literal.and_then(|name| name.rsplit(':').next().map(str::to_owned));
        let name = literal.unwrap_or_else(|| id.to_owned());
        self.register(&name, id, resource);
        name
    }

    /// The whole ARN, without a version.
    pub(super) fn function_arn(&self, id: &str) -> String {
        let (region, account) = (&self.stage.region, &self.stage.account_id);
        let name = self.function_name(id);
        format!("arn:{}:lambda:{region}:{account}:function:{name}", self.partition())
    }

    /// The ARN of an alias or a version. The number of a version is not known before it is published: it is the latest here.
    pub(super) fn qualified(&self, id: &str, resource: &Resource) -> Option<String> {
        let function = self.property_text(id, resource, "FunctionName")?;
        let function = match function.starts_with("arn:") {
            true => function,
            false => {
                let (region, account) = (&self.stage.region, &self.stage.account_id);
                format!("arn:{}:lambda:{region}:{account}:function:{function}", self.partition())
            }
        };
        let qualifier = match resource.kind.as_str() {
            "AWS::Lambda::Alias" => self.property_text(id, resource, "Name")?,
            _ => "$LATEST".to_owned(),
        };
        Some(format!("{function}:{qualifier}"))
    }

    fn register(&self, name: &str, id: &str, resource: &Resource) {
        if self.functions.borrow().contains_key(name) {
            return;
        }
        let mut others: Vec<String> = vec![id.to_owned()];
        others.extend(resource.cdk_path.as_deref().and_then(construct_id).map(str::to_owned));
        others.extend(without_hash(id).map(str::to_owned));
        others.extend(serverless_names(id));
        let mut known: Vec<String> = Vec::new();
        for other in others {
            if other != name && !known.contains(&other) {
                known.push(other);
            }
        }
        self.functions.borrow_mut().insert(name.to_owned(), known);
    }
}

/// CDK puts the resource of a construct under `Stack/…/Construct/Resource`.
fn construct_id(path: &str) -> Option<&str> {
    let mut parts = path.rsplit('/');
    match parts.next()? {
        "Resource" => parts.next(),
        last => Some(last),
    }
}

/// CDK ends a logical id with eight digits that tell constructs apart.
fn without_hash(id: &str) -> Option<&str> {
    let (name, hash) = id.split_at_checked(id.len().checked_sub(8)?)?;
    let is_hash = hash.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        && hash.bytes().any(|b| b.is_ascii_digit());
    (is_hash && !name.is_empty()).then_some(name)
}

/// The Serverless Framework makes `HelloDashWorldLambdaFunction` out of `hello-world`: what it can have been made of.
fn serverless_names(id: &str) -> Vec<String> {
    let Some(stem) = id.strip_suffix("LambdaFunction").filter(|stem| !stem.is_empty()) else { return Vec::new() };
    let plain = stem.replace("Dash", "-").replace("Underscore", "_");
    let mut letters = plain.chars();
    let lower = letters.next().map(|first| first.to_lowercase().chain(letters).collect::<String>());
    lower.into_iter().chain([plain.clone()]).collect()
}
