//! Body models: the jsonschema crate says what fits, and hostile bodies and models end soon.

use std::time::Duration;

use serde_json::{Value, json};
use stagegate::engine::value::json::parse as parse_json;
use stagegate::{Failure, Loaded, Sources, check_body, load, parse};

/// A configuration with that model.
fn loaded(model: &Value) -> Loaded {
    let text = json!({ "api": {
        "request_validators": { "b": { "validateRequestBody": true } },
        "models": { "M": model },
        "routes": [{ "path": "/", "method": "POST", "requestValidator": "b", "requestModels": { "application/json": "M" },
                     "integration": { "type": "MOCK" } }],
    } });
    let tree = parse("stagegate.yaml".as_ref(), &text.to_string()).expect("YAML");
    load(&Sources { embedded: Some(tree), ..Sources::default() }).expect("a configuration that loads")
}

fn check(loaded: &Loaded, body: &[u8]) -> Result<(), Failure> {
    let (_, model) = &loaded.api.resources()[0].methods[0].request.models[0];
    check_body(&model.schema, body, &loaded.settings.limits)
}

fn schemas() -> Vec<Value> {
    let leaves = [
        json!({}),
        json!({ "type": "integer", "minimum": 1 }),
        json!({ "type": ["number", "null"], "multipleOf": 0.5 }),
        json!({ "maximum": 2, "exclusiveMaximum": true }),
        json!({ "type": "string", "minLength": 2, "pattern": "^a" }),
        json!({ "format": "email" }),
        json!({ "enum": [1, "a", null, [1, { "a": 2.0 }], { "a": 1, "b": [] }] }),
    ];
    let mut all = leaves.to_vec();
    for (n, leaf) in leaves.iter().enumerate() {
        let other = &leaves[(n + 2) % leaves.len()];
        all.extend([
            json!({ "type": "array", "items": leaf, "minItems": 1, "maxItems": 2, "uniqueItems": true }),
            json!({ "items": [leaf, other], "additionalItems": false }),
            json!({ "items": [leaf], "additionalItems": other }),
            json!({ "properties": { "a": leaf, "b": other }, "required": ["a"], "additionalProperties": false }),
            json!({ "properties": { "a": leaf }, "patternProperties": { "^[ab]": other }, "additionalProperties": leaf }),
            json!({ "minProperties": 1, "maxProperties": 1, "dependencies": { "a": ["b"], "b": { "required": ["c"] } } }),
            json!({ "allOf": [leaf, other] }),
            json!({ "anyOf": [leaf, { "items": other }] }),
            json!({ "oneOf": [leaf, other, { "type": "object" }] }),
            json!({ "not": leaf, "properties": { "a": { "not": other } } }),
        ]);
    }
    all
}

#[test]
fn what_fits_is_what_the_jsonschema_crate_says() {
    let mut bodies: Vec<String> =
        ["1", "1.0", "0", "2", "2.5", "-1", "1e2", "\"a\"", "\"ab\"", "\"a@b.example\"", "null", "true", "[]", "{}"]
            .map(str::to_owned)
            .to_vec();
    bodies.push(r#"[1,{"a":2}]"#.into());
    bodies.push(r#"{"b":[],"a":1}"#.into());
    for n in 0..bodies.len() {
        let (one, two) = (bodies[n].clone(), bodies[(n + 3) % 14].clone());
        bodies.extend([
            format!("[{one}]"),
            format!("[ {one} , {two} ]"),
            format!("[{one},{one}]"),
            format!(r#"{{"a":{one}}}"#),
            format!(r#"{{ "a" : {one}, "b" : {two} }}"#),
            format!(r#"{{"\u0061":{one},"c":[{two}],"a":{two}}}"#),
        ]);
    }
    let (mut fit, mut wrong) = (0, Vec::new());
    for schema in schemas() {
        let loaded = loaded(&schema);
        let oracle = jsonschema::draft4::new(&schema).expect("a schema");
        for body in &bodies {
            let expected = oracle.is_valid(&serde_json::from_str(body).expect("JSON"));
            let found = check(&loaded, body.as_bytes());
            fit += usize::from(expected);
            if found.is_ok() != expected {
                wrong.push(format!("{schema} {body}: {found:?}"));
            }
        }
    }
    assert!(fit > 1_000, "{fit} fit");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_json_that_templates_take_is_json_here_too() {
    let deep = format!("{}{}", "[".repeat(400), "]".repeat(400));
    for body in [deep.as_str(), r#"["\ud800"]"#, "[1e999999999]", "[-1e999999999]"] {
        assert_eq!(
            check(&loaded(&json!({ "type": "array", "items": { "maximum": 1e308 } })), body.as_bytes()).is_ok(),
            !body.starts_with("[1e"),
            "{body}"
        );
    }
    for body in ["", " ", "[1,]", "{a:1}", "[01]", "[1.]", "\"\\x\"", "\"\n\"", "1 2", "nul", "[", "\"a"] {
        let found = check(&loaded(&json!({ "type": "array" })), body.as_bytes());
        let not_json = matches!(&found, Err(Failure::InvalidBody(why)) if why == "[request body is not valid JSON]");
        assert_eq!(not_json, !body.is_empty(), "{body}: {found:?}");
    }
}

/// Ten levels, each of eight references to the next.
fn fan() -> Value {
    let mut levels = serde_json::Map::new();
    for level in 0..10 {
        let next = json!({ "$ref": format!("#/definitions/L{}", level + 1) });
        levels.insert(format!("L{level}"), json!({ "allOf": vec![next; 8] }));
    }
    levels.insert("L10".into(), json!({ "type": "string" }));
    json!({ "definitions": levels, "allOf": [{ "$ref": "#/definitions/L0" }] })
}

#[test]
fn a_model_that_fans_out_is_told() {
    let found = |model: &Value| -> usize {
        loaded(model).warnings().filter(|p| p.to_string().contains("[wide-model]")).count()
    };
    assert_eq!((found(&fan()), found(&json!({ "items": { "$ref": "#" } }))), (1, 0));
}

/// How long this thread has had a processor: what else runs beside it does not count.
fn worked() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("a thread");
    Duration::from_nanos(stat.split(' ').next().and_then(|time| time.parse().ok()).expect("nanoseconds"))
}

#[test]
fn hostile_bodies_and_models_end_soon() {
    const SIZE: usize = 10_000_000;
    let list = |item: &str| format!("[{}{item}]", format!("{item},").repeat(SIZE / (item.len() + 1)));
    let object = json!({ "type": "object", "required": ["a", "b", "c"] });
    let many: String = (0..SIZE / 12).map(|n| format!("\"{n:06}\":1,")).collect();
    let deep = format!("{}{}{}", "[".repeat(390), list("1"), "]".repeat(390));
    let rows = [
        ("objects that lack members", json!({ "items": object }), list("{}")),
        ("numbers for strings", json!({ "items": { "type": "string" } }), list("1")),
        ("numbers that fit", json!({ "items": { "type": "integer" } }), list("1")),
        ("one of two", json!({ "items": { "oneOf": [{ "type": "string" }, object] } }), list("1")),
        (
            "one of two, that fit",
            json!({ "items": { "oneOf": [{ "type": "string" }, { "type": "integer" }] } }),
            list("1"),
        ),
        ("a fan of references", fan(), "[1]".into()),
        ("a list that is no set", json!({ "uniqueItems": true }), list("1")),
        ("members that nobody wants", json!({ "additionalProperties": false }), format!("{{{many}\"a\":1}}")),
        (
            "members without number",
            json!({ "additionalProperties": { "type": "string" } }),
            format!("{{{many}\"a\":1}}"),
        ),
        ("escapes", json!({ "items": { "minLength": 1 } }), list(r#""\n""#)),
        ("depth", json!({ "items": { "$ref": "#" } }), deep),
        ("look-around", json!({ "items": { "pattern": "(?=(a+)+$)b" } }), list(&format!("\"{}!\"", "a".repeat(40)))),
    ];
    for (what, schema, body) in rows {
        let loaded = loaded(&schema);
        let started = worked();
        let found = check(&loaded, body.as_bytes());
        let took = worked() - started;
        if let Err(Failure::InvalidBody(why)) = &found {
            assert!(why.len() < 100_000, "{what}: {} bytes are told", why.len());
        }
        let shown = format!("{found:?}");
        println!("{what}: {took:?} {}", &shown[..shown.floor_char_boundary(80)]);
        // Ten times what it may take, as tests run unoptimised.
        assert!(took < Duration::from_secs(5), "{what}: {took:?}");
    }
}

/// The validator takes what is JSON by its grammar, as deep and with numbers as long as templates do, and they take all of that.
/// What json-smart takes beside (`[,1]`, `1.`) is no JSON for a validator: that is another program than the templates' reader.
#[test]
fn the_validator_takes_json_as_templates_do() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let mut texts: Vec<String> = [
        r#"{"a":[1,-0,0.5,1e5,2E-3,1.5e+7,1e999999999,-1e-999999999],"b":{"c":null,"d":true,"e":false}}"#,
        r#"["\ud83d","\udc00","\ud83d\ude00","\"\\\/\b\f\n\r\t\u0041","é😀"]"#,
        " \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n",
        "1e999999999",
        "-0.0e-0",
    ]
    .map(str::to_owned)
    .to_vec();
    texts.extend([127, 128, 399, 400, 401].map(nested));
    texts.extend([999, 1000, 1001].map(|length| "1".repeat(length)));
    // Every one of these texts, broken in one place.
    let broken = b"\0\x01\x1a\x1f\x7f\t \n\"'\\,:{}[]-+.0eEnux/";
    for text in texts.clone().iter().take(5) {
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let (before, after) = text.split_at(at);
            texts.push(before.to_owned());
            let rest = after.chars().next().map_or("", |c| &after[c.len_utf8()..]);
            texts.push(format!("{before}{rest}"));
            for c in broken.iter().map(|c| char::from(*c)) {
                texts.extend([format!("{before}{c}{after}"), format!("{before}{c}{rest}")]);
            }
        }
    }
    let any = loaded(&json!({}));
    let mut taken = 0;
    for text in texts.iter().filter(|text| !text.is_empty()) {
        // It skips values by the grammar alone.
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
        let is_too_much = text.starts_with(&"[".repeat(401)) || text.len() == 1001;
        let validator = check(&any, text.as_bytes()).is_ok();
        assert_eq!(validator, is_json && !is_too_much, "{text:?}");
        assert!(!validator || parse_json(text).is_ok(), "{text:?}");
        taken += usize::from(validator);
    }
    assert!((100..texts.len() - 100).contains(&taken), "{taken} of {}", texts.len());
}
