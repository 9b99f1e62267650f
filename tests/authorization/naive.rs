//! A second evaluator, as naive as can be: it reads the JSON anew for every question, walks wildcards by recursion, compares
//! dates as texts, addresses bit by bit, and knows an operator by the words in its name. It knows just what `random` writes.

use serde_json::Value;

use super::request::{Facts, NOON};

/// The outcome, and the statement that decided it.
pub fn decide(document: &Value, arn: &str, facts: &Facts) -> (&'static str, Option<usize>) {
    let statements = document["Statement"].as_array().expect("a list");
    let variables = document["Version"] == "2012-10-17";
    for (effect, says) in [("Deny", "Deny"), ("Allow", "Allow")] {
        for (n, statement) in statements.iter().enumerate() {
            if statement["Effect"] == effect && about(statement, arn, facts, variables) {
                return (says, Some(n));
            }
        }
    }
    ("Neither", None)
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().map(|one| one.as_str().expect("a text").to_owned()).collect(),
        one => vec![one.as_str().expect("a text").to_owned()],
    }
}

fn about(statement: &Value, arn: &str, facts: &Facts, variables: bool) -> bool {
    let denies = statement["Effect"] == "Deny";
    let action =
        |value: &Value| list(value).iter().any(|a| glob(&chars(&a.to_lowercase()), &letters("execute-api:invoke")));
    let acts =
        if statement["Action"].is_null() { !action(&statement["NotAction"]) } else { action(&statement["Action"]) };
    let who = if statement["Principal"].is_null() {
        !principal(&statement["NotPrincipal"], facts)
    } else {
        principal(&statement["Principal"], facts)
    };
    let written_out = |value: &Value| -> Vec<String> {
        let prefix = "arn:aws:execute-api:eu-west-1:123456789012:abc123";
        list(value)
            .iter()
            .map(|one| {
                one.replacen("execute-api:/", &format!("{prefix}/"), usize::from(one.starts_with("execute-api:")))
            })
            .collect()
    };
    let what = if statement["Resource"].is_null() {
        not(any(&written_out(&statement["NotResource"]), facts, variables, |p| glob(p, &letters(arn))), denies)
    } else {
        any(&written_out(&statement["Resource"]), facts, variables, |p| glob(p, &letters(arn))) == Some(true)
    };
    let conditions = statement["Condition"].as_object();
    let when = conditions.is_none_or(|operators| {
        operators.iter().all(|(operator, keys)| {
            keys.as_object()
                .expect("keys")
                .iter()
                .all(|(key, values)| holds(operator, key, &list(values), facts, variables, denies))
        })
    });
    acts && who && what && when
}

fn principal(value: &Value, facts: &Facts) -> bool {
    let Some(kinds) = value.as_object() else { return true };
    let Some(names) = kinds.get("AWS").map(list) else { return false };
    names.iter().any(|name| {
        if name == "*" {
            return true;
        }
        let Some(arn) = facts.caller.as_ref().map(|caller| caller.arn()) else { return false };
        let account = arn.split(':').nth(4).expect("an account");
        match name.strip_prefix("arn:") {
            None => name == account,
            Some(_) if name.ends_with(":root") => name.split(':').nth(4) == Some(account),
            Some(_) if name.contains(":role/") => {
                let role = name.rsplit('/').next().expect("a role");
                name.split(':').nth(4) == Some(account) && arn.contains(&format!(":assumed-role/{role}/"))
            }
            Some(_) => name == arn,
        }
    })
}

/// A pattern's character: a letter, or a wildcard.
#[derive(Clone, Copy, PartialEq)]
enum Mark {
    Letter(char),
    Any,
    One,
}

fn letters(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn chars(text: &str) -> Vec<Mark> {
    text.chars()
        .map(|c| {
            if c == '*' {
                Mark::Any
            } else if c == '?' {
                Mark::One
            } else {
                Mark::Letter(c)
            }
        })
        .collect()
}

fn glob(pattern: &[Mark], text: &[char]) -> bool {
    match pattern.first() {
        None => text.is_empty(),
        Some(Mark::Any) => (0..=text.len()).any(|skip| glob(&pattern[1..], &text[skip..])),
        Some(Mark::One) => !text.is_empty() && glob(&pattern[1..], &text[1..]),
        Some(Mark::Letter(c)) => text.first() == Some(c) && glob(&pattern[1..], &text[1..]),
    }
}

/// A pattern with its variables in place; `None` when one has no value.
fn filled(pattern: &str, facts: &Facts, variables: bool) -> Option<Vec<Mark>> {
    if !variables || !pattern.contains("${") {
        return Some(chars(pattern));
    }
    let start = pattern.find("${").expect("a variable");
    let end = start + pattern[start..].find('}').expect("its end");
    let inside = &pattern[start + 2..end];
    let (key, default) = inside.split_once(", ").unwrap_or((inside, ""));
    let value = match key {
        "*" | "?" | "$" => Some(key.to_owned()),
        key => match &of(key, facts)[..] {
            [one] => Some(one.clone()),
            _ if default.is_empty() => None,
            _ => Some(default.trim_matches('\'').to_owned()),
        },
    };
    let mut marks = chars(&pattern[..start]);
    marks.extend(value?.chars().map(Mark::Letter));
    marks.extend(filled(&pattern[end + 1..], facts, variables)?);
    Some(marks)
}

/// Whether any pattern matches; `None` when none does and one has a variable without a value.
fn any(patterns: &[String], facts: &Facts, variables: bool, test: impl Fn(&[Mark]) -> bool) -> Option<bool> {
    let filled: Vec<Option<Vec<Mark>>> = patterns.iter().map(|p| filled(p, facts, variables)).collect();
    if filled.iter().flatten().any(|p| test(p)) {
        return Some(true);
    }
    if filled.iter().any(Option::is_none) { None } else { Some(false) }
}

fn not(matched: Option<bool>, denies: bool) -> bool {
    matched.map_or(denies, |matched| !matched)
}

/// A key's values.
fn of(key: &str, facts: &Facts) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().into_iter().collect::<Vec<_>>();
    let arn = facts.caller.as_ref().map(|caller| caller.arn().to_owned());
    match key.to_lowercase().as_str() {
        "aws:useragent" => text(&facts.texts[0]),
        "aws:referer" => text(&facts.texts[1]),
        "aws:sourceip" => text(&facts.addresses[0].as_ref().map(|ip| ip.replace("::ffff:", ""))),
        "aws:vpcsourceip" => text(&facts.addresses[1]),
        "aws:securetransport" => vec![facts.secure.to_string()],
        "aws:epochtime" => vec![NOON.to_string()],
        "aws:currenttime" => vec!["2026-01-31T12:00:00Z".to_owned()],
        "aws:principalaccount" => text(&arn.map(|arn| arn.split(':').nth(4).expect("an account").to_owned())),
        "aws:principalarn" => text(&arn.map(|arn| match arn.contains(":assumed-role/") {
            true => arn.replace(":sts:", ":iam:").replace(":assumed-role/ci/run", ":role/ci"),
            false => arn,
        })),
        key => facts
            .more
            .iter()
            .find(|(name, _)| name.to_lowercase() == key)
            .map(|(_, values)| values.clone())
            .unwrap_or_default(),
    }
}

fn holds(operator: &str, key: &str, values: &[String], facts: &Facts, variables: bool, denies: bool) -> bool {
    let found = of(key, facts);
    if operator == "Null" {
        return values.iter().any(|value| (value == "true") == found.is_empty());
    }
    let negated = operator.contains("Not");
    if found.is_empty() {
        return operator.ends_with("IfExists")
            || operator.starts_with("ForAll")
            || (negated && !operator.starts_with("ForAny"));
    }
    let one = |value: &String| {
        let matched = compare(operator, value, values, facts, variables);
        if negated { not(matched, denies) } else { matched == Some(true) }
    };
    if operator.starts_with("ForAll") || (negated && !operator.starts_with("ForAny")) {
        found.iter().all(one)
    } else {
        found.iter().any(one)
    }
}

fn compare(operator: &str, found: &str, values: &[String], facts: &Facts, variables: bool) -> Option<bool> {
    let plain = |marks: &[Mark]| -> String {
        marks
            .iter()
            .map(|m| match m {
                Mark::Letter(c) => *c,
                Mark::Any => '*',
                Mark::One => '?',
            })
            .collect()
    };
    if operator.contains("Arn") {
        return any(values, facts, variables, |marks| arns(marks, found));
    }
    if operator.contains("String") {
        return any(values, facts, variables, |marks| {
            if operator.contains("Like") {
                glob(marks, &letters(found))
            } else if operator.contains("IgnoreCase") {
                plain(marks).to_lowercase() == found.to_lowercase()
            } else {
                plain(marks) == found
            }
        });
    }
    Some(values.iter().any(|value| {
        if operator.contains("Numeric") {
            found.parse::<i64>().is_ok_and(|found| order(operator, found.cmp(&value.parse().expect("a number"))))
        } else if operator.contains("Date") {
            found.ends_with('Z') && order(operator, found.cmp(value.as_str()))
        } else if operator.contains("Bool") {
            found == value
        } else {
            in_network(found, value)
        }
    }))
}

fn arns(pattern: &[Mark], found: &str) -> bool {
    let patterns: Vec<&[Mark]> = pattern.splitn(6, |mark| *mark == Mark::Letter(':')).collect();
    let parts: Vec<&str> = found.splitn(6, ':').collect();
    patterns.len() == 6 && parts.len() == 6 && (0..6).all(|n| glob(patterns[n], &letters(parts[n])))
}

fn order(operator: &str, order: std::cmp::Ordering) -> bool {
    (operator.contains("Equals") && order.is_eq())
        || (operator.contains("LessThan") && order.is_lt())
        || (operator.contains("GreaterThan") && order.is_gt())
}

fn bits(address: &str) -> Option<String> {
    match address.parse().ok()? {
        std::net::IpAddr::V4(address) => Some(address.octets().iter().map(|byte| format!("{byte:08b}")).collect()),
        std::net::IpAddr::V6(address) => Some(address.octets().iter().map(|byte| format!("{byte:08b}")).collect()),
    }
}

fn in_network(found: &str, network: &str) -> bool {
    let (address, length) = network.split_once('/').unwrap_or((network, "999"));
    let (Some(found), Some(own)) = (bits(found), bits(address)) else { return false };
    let length = length.parse::<usize>().expect("a length").min(own.len());
    found.len() == own.len() && found[..length] == own[..length]
}
