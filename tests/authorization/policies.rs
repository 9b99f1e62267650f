//! Policies: what they say of a call, and why; operators one by one; and many random ones against a naive evaluator.

use serde_json::{Value, json};
use stagegate::authorization::policy::{Outcome, Policy, PolicyKind};

use super::naive;
use super::random::Random;
use super::request::{Facts, api, kind};
use crate::support::{data, json_lines};

/// A case: a policy, its kind, the call (`stage/METHOD/path`), facts of the request; then what the policy says, line by line,
/// or why it is none.
#[test]
fn policies_say_what_they_should() {
    let (mut wrong, api) = (Vec::new(), api());
    for (place, case) in json_lines(&data("authorization/policies")) {
        let arn = format!("{api}/{}", case["call"].as_str().unwrap_or("prod/GET/pets"));
        let (answer, says) = match Policy::read(&case["policy"], kind(&case["kind"], &api)) {
            Ok(policy) => {
                let facts = Facts::read(&case["facts"]);
                let explanation = policy.explain(&arn, &facts.facts());
                assert_eq!(explanation.decision, policy.decide(&arn, &facts.facts()), "{place}");
                (json!(explanation.to_string().lines().collect::<Vec<_>>()), "says")
            }
            Err(error) => (json!(error.to_string()), "error"),
        };
        if case[says] != answer {
            wrong.push(format!("{place} {}\n    {says}: {answer}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

/// A case: a `Condition`, facts of the request, whether it holds. An Allow and a Deny with it must agree, but where `deny`
/// says otherwise: that is so for variables without a value.
#[test]
fn operators_compare_as_documented() {
    let mut wrong = Vec::new();
    for (place, case) in json_lines(&data("authorization/operators")) {
        let outcome = |effect: &str| {
            let statement = json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": case["condition"]});
            let document = json!({"Version": "2012-10-17", "Statement": statement});
            Policy::read(&document, PolicyKind::Authorizer)
                .map(|policy| policy.decide("arn", &Facts::read(&case["facts"]).facts()).outcome)
        };
        let ours = match (outcome("Allow"), outcome("Deny")) {
            (Ok(allow), Ok(deny)) => {
                let (allow, deny) = (allow == Outcome::Allow, deny == Outcome::Deny);
                if allow == deny { json!({"holds": allow}) } else { json!({"holds": allow, "deny": deny}) }
            }
            (Err(error), _) | (_, Err(error)) => json!({"error": error.to_string()}),
        };
        let expected: serde_json::Map<String, Value> = ["holds", "deny", "error"]
            .into_iter()
            .filter_map(|key| Some((key.to_owned(), case.get(key)?.clone())))
            .collect();
        if json!(expected) != ours {
            wrong.push(format!("{place} {case}\n    ours: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn random_policies_decide_as_naively_as_can_be() {
    let (api, mut random, mut seen) = (api(), Random::new(20_260_131), [0; 3]);
    for round in 0..30_000 {
        let (document, facts) = (random.policy(), random.facts());
        let policy = Policy::read(&document, PolicyKind::Resource(&api)).unwrap_or_else(|e| panic!("{e}: {document}"));
        let arn = format!("{api}/{}", random.pick(&["prod/GET/pets", "prod/POST/pets/7", "test/GET/", "prod/GET/é*?"]));
        let read = Facts::read(&facts);
        let ours = policy.decide(&arn, &read.facts());
        let theirs = naive::decide(&document, &arn, &read);
        let outcome = match ours.outcome {
            Outcome::Allow => ("Allow", 0),
            Outcome::Deny => ("Deny", 1),
            Outcome::Neither => ("Neither", 2),
        };
        assert_eq!((outcome.0, ours.statement), (theirs.0, theirs.1), "round {round}\n{arn}\n{document}\n{facts}");
        let explanation = policy.explain(&arn, &read.facts());
        assert_eq!(explanation.decision, ours);
        seen[outcome.1] += 1;
    }
    assert!(seen.iter().all(|times| *times > 2_000), "one-sided: {seen:?}");
}
