//! Random policies and requests, the same at every run.

use serde_json::{Map, Value, json};

/// Xorshift: enough to vary.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn list(&mut self, from: &[&str]) -> Value {
        match self.below(3) {
            0 => json!([self.pick(from), self.pick(from)]),
            _ => json!(self.pick(from)),
        }
    }

    pub fn policy(&mut self) -> Value {
        let version = self.pick(&["2012-10-17", "2012-10-17", "2008-10-17"]);
        let statements: Vec<Value> = (0..1 + self.below(4)).map(|_| self.statement()).collect();
        json!({"Version": version, "Statement": statements})
    }

    fn statement(&mut self) -> Value {
        let mut statement = Map::new();
        statement.insert("Effect".to_owned(), json!(self.pick(&["Allow", "Allow", "Deny"])));
        let actions =
            ["execute-api:Invoke", "*", "EXECUTE-api:inv*", "execute-api:?nvoke", "s3:*", "execute-api:Invok"];
        let name = if self.one_in(6) { "NotAction" } else { "Action" };
        statement.insert(name.to_owned(), self.list(&actions));
        let resources = [
            "*",
            "execute-api:/*",
            "execute-api:/prod/*",
            "execute-api:/prod/GET/pets",
            "execute-api:/*/GET/*",
            "execute-api:/prod/????/*",
            "arn:aws:execute-api:eu-west-1:123456789012:abc123/*/*/pets*",
            "arn:aws:execute-api:*:*:abc123/prod/GET/*",
            "execute-api:/prod/GET/*é*",
            "execute-api:/prod/GET/é${*}${?}",
            "execute-api:/${aws:PrincipalTag/stage}/*",
            "execute-api:/${aws:PrincipalTag/none, 'prod'}/*",
            "nothing",
        ];
        let name = if self.one_in(5) { "NotResource" } else { "Resource" };
        statement.insert(name.to_owned(), self.list(&resources));
        let principals = [
            json!("*"),
            json!({"AWS": "*"}),
            json!({"AWS": "123456789012"}),
            json!({"AWS": "arn:aws:iam::210987654321:root"}),
            json!({"AWS": ["arn:aws:iam::123456789012:role/x/ci", "arn:aws:iam::123456789012:user/ann"]}),
            json!({"Service": "a.example"}),
        ];
        let name = if self.one_in(6) { "NotPrincipal" } else { "Principal" };
        let principal = if self.one_in(2) { json!("*") } else { principals[self.below(principals.len())].clone() };
        statement.insert(name.to_owned(), principal);
        if !self.one_in(3) {
            let mut conditions = Map::new();
            for _ in 0..1 + self.below(2) {
                let (operator, key, values) = self.condition();
                conditions.insert(operator, json!({key: values}));
            }
            statement.insert("Condition".to_owned(), Value::Object(conditions));
        }
        Value::Object(statement)
    }

    fn condition(&mut self) -> (String, &'static str, Value) {
        let (operators, keys, values): (&[&str], &[&str], &[&str]) = match self.below(7) {
            0 => (
                &[
                    "StringEquals",
                    "StringNotEquals",
                    "StringEqualsIgnoreCase",
                    "StringNotEqualsIgnoreCase",
                    "StringLike",
                    "StringNotLike",
                ],
                &["aws:UserAgent", "AWS:useragent", "aws:Referer", "aws:PrincipalTag/stage", "tags", "absent"],
                &[
                    "curl/8",
                    "CURL/8",
                    "curl/*",
                    "c?rl/8",
                    "prod",
                    "*",
                    "",
                    "${aws:Referer}",
                    "${absent}",
                    "${absent, 'curl/8'}",
                ],
            ),
            1 => (
                &[
                    "NumericEquals",
                    "NumericNotEquals",
                    "NumericLessThan",
                    "NumericLessThanEquals",
                    "NumericGreaterThan",
                    "NumericGreaterThanEquals",
                ],
                &["aws:EpochTime", "age", "tags", "absent"],
                &["1769860800", "1769860799", "1769860801", "7", "-1"],
            ),
            2 => (
                &[
                    "DateEquals",
                    "DateNotEquals",
                    "DateLessThan",
                    "DateLessThanEquals",
                    "DateGreaterThan",
                    "DateGreaterThanEquals",
                ],
                &["aws:CurrentTime", "aws:Referer", "absent"],
                &["2026-01-31T12:00:00Z", "2026-01-31T11:59:59Z", "2026-01-31T12:00:01Z", "2025-12-31T23:00:00Z"],
            ),
            3 => (&["Bool"], &["aws:SecureTransport", "aws:Referer", "absent"], &["true", "false"]),
            4 => (
                &["IpAddress", "NotIpAddress"],
                &["aws:SourceIp", "aws:VpcSourceIp", "aws:UserAgent"],
                &["203.0.113.0/24", "203.0.113.7", "203.0.113.8/31", "0.0.0.0/0", "2001:db8::/32", "10.0.0.0/8"],
            ),
            5 => (
                &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
                &["aws:PrincipalArn", "aws:SourceArn", "aws:Referer"],
                &[
                    "arn:aws:iam::123456789012:user/*",
                    "arn:aws:iam::*:role/ci",
                    "arn:*:*:*:*:*",
                    "arn:aws:iam*",
                    "arn:aws:iam::${aws:PrincipalAccount}:user/ann",
                ],
            ),
            _ => (&["Null"], &["aws:UserAgent", "aws:PrincipalArn", "tags", "empty"], &["true", "false"]),
        };
        let operator = self.pick(operators);
        let values = self.list(values);
        if operator == "Null" {
            return (operator.to_owned(), self.pick(keys), values);
        }
        let prefix = self.pick(&["", "", "", "ForAllValues:", "ForAnyValue:"]);
        let suffix = self.pick(&["", "", "IfExists"]);
        (format!("{prefix}{operator}{suffix}"), self.pick(keys), values)
    }

    pub fn facts(&mut self) -> Value {
        let mut facts = Map::new();
        let mut maybe = |random: &mut Random, key: &str, from: &[&str]| {
            if !random.one_in(3) {
                facts.insert(key.to_owned(), json!(random.pick(from)));
            }
        };
        maybe(self, "userAgent", &["curl/8", "Curl/8", "wget", "", "curl/*"]);
        maybe(
            self,
            "referer",
            &["curl/8", "prod", "arn:aws:iam::123456789012:user/ann", "2026-01-31T12:00:00Z", "true"],
        );
        maybe(self, "sourceIp", &["203.0.113.7", "203.0.113.9", "10.1.2.3", "2001:db8::1", "::ffff:203.0.113.7"]);
        maybe(self, "vpcSourceIp", &["10.1.2.3"]);
        let callers = [
            "arn:aws:iam::123456789012:user/ann",
            "arn:aws:iam::123456789012:user/team/bob",
            "arn:aws:sts::123456789012:assumed-role/ci/run",
            "arn:aws:iam::210987654321:user/eve",
        ];
        maybe(self, "caller", &callers);
        let mut more = Map::new();
        let tags: &[&[&str]] = &[&["7"], &["curl/8", "CURL/8"], &["curl/8", "7"], &[]];
        more.insert("tags".to_owned(), json!(self.pick(tags)));
        more.insert("empty".to_owned(), json!([]));
        if self.one_in(2) {
            more.insert("aws:PrincipalTag/stage".to_owned(), json!([self.pick(&["prod", "test", "*"])]));
            more.insert("age".to_owned(), json!([self.pick(&["7", "-1", "seven"])]));
            more.insert(
                "aws:SourceArn".to_owned(),
                json!([self.pick(&["arn:aws:iam::1:role/ci", "arn:a:b:c:d:e:f", "x"])]),
            );
        }
        facts.insert("more".to_owned(), Value::Object(more));
        facts.insert("secure".to_owned(), json!(self.one_in(2)));
        Value::Object(facts)
    }
}
