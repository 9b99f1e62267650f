//! Outlines of documents, and templates that look into bodies by them, against the documents that are built: of any text, strict or
//! not, what is found and printed is the same.

use std::sync::Arc;

use stagegate::engine::json_text::{Kind, Outline, Place, Step};
use stagegate::engine::value::json::{parse, parse_document, print};
use stagegate::engine::value::{Map, Value};
use stagegate::engine::vtl::{Limits, Template};
use stagegate::{Variables, render};

use super::{BROKEN, ESCAPES, Numbers, inside};

const NAMES: &[&str] =
    &["a", "b", "text", "", "a b", "n\\u0061me", "q\\\"uote", "s\\/lash", "é", "“”", "\\n", "\\ud834", "\u{7f}"];
const NUMBERS: &[&str] = &[
    "0",
    "7",
    "-1",
    "-0",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "123456789012345678901234567890",
    "1.5",
    "-0.001",
    "0.00011",
    "1.50",
    "1e5",
    "1E+400",
    "-2.5e-7",
    "12345678.25",
    "0.1234567890123456789",
    "100000000000000000000000000000000000001.5e3",
];
/// What only json-smart takes, or nobody.
const ODD: &[&str] = &[
    "01",
    "1.",
    ".5",
    "+1",
    "-",
    "1e",
    "12 apples",
    "word",
    "nul",
    "'x'",
    "NaN",
    "{a:1}",
    "[1 2]",
    "[,]",
    "{,}",
    "[1,]",
    "\"\\x41\"",
    "\"a\tb\"",
    "\"no end",
    "{\"a\"}",
    "}",
    "]",
    "\u{1a}",
    "truex",
    "\u{b}1",
    "{\"a\":}",
    "1.0000000000000000000e99999999999",
];

fn space<'a>(numbers: &mut Numbers) -> &'a str {
    if numbers.below(20) > 0 { "" } else { [" ", "\n  ", "\t", "\r\n"][numbers.below(4)] }
}

/// A document of any kind of values, now and then odd.
fn document(numbers: &mut Numbers, depth: usize, odd: bool) -> String {
    let value = match numbers.below(if depth == 0 { 5 } else { 9 }) {
        0 => numbers.pick(&["null", "true", "false"]).to_owned(),
        1 => numbers.pick(NUMBERS).to_owned(),
        _ if odd && numbers.below(30) == 0 => numbers.pick(ODD).to_owned(),
        2 | 3 => format!("\"{}\"", strict_inside(numbers, 100)),
        4 => format!("\"{}\"", if odd { inside(numbers, 40) } else { strict_inside(numbers, 10) }),
        5 | 6 => list(numbers, depth, odd),
        _ => object(numbers, depth, odd),
    };
    [space(numbers), &value, space(numbers)].concat()
}

/// The inside of a string that every reader takes.
fn strict_inside(numbers: &mut Numbers, longest: usize) -> String {
    loop {
        let text = inside(numbers, longest);
        if serde_json::from_str::<serde::de::IgnoredAny>(&format!("\"{text}\"")).is_ok() && !BROKEN.contains(&&*text) {
            return text;
        }
    }
}

fn list(numbers: &mut Numbers, depth: usize, odd: bool) -> String {
    let items: Vec<String> = (0..numbers.below(4)).map(|_| document(numbers, depth - 1, odd)).collect();
    format!("[{}{}]", items.join(","), if items.is_empty() { space(numbers) } else { "" })
}

fn object(numbers: &mut Numbers, depth: usize, odd: bool) -> String {
    let most = if numbers.below(20) == 0 { 24 } else { 5 };
    let members: Vec<String> = (0..numbers.below(most))
        .map(|n| {
            let name = match numbers.below(3) {
                0 => numbers.pick(NAMES).to_owned(),
                1 => format!("m{n}"),
                _ => numbers.pick(ESCAPES).to_owned(),
            };
            let (before, behind) = (space(numbers), space(numbers));
            format!("{before}\"{name}\"{behind}:{}", document(numbers, depth - 1, odd))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

fn printed(value: &Value) -> String {
    let mut text = String::new();
    assert!(print(value, &mut text));
    text
}

/// Compares what is found by each chain of steps, and chains that lead nowhere.
fn compare(place: Place<'_>, value: &Value, from: &str) {
    let read = parse(place.text()).expect("a value of a document");
    assert_eq!(printed(&read), printed(value), "{from}");
    if place.is_canonical() {
        assert_eq!(place.text(), printed(value), "{from}");
    }
    let below = |step: Step<'_>, value: Option<&Value>| match (place.find([step].into_iter()), value) {
        (Ok(Some(place)), Some(value)) => compare(place, value, from),
        (Ok(found), value) => assert!(found.is_none() && value.is_none(), "{step:?} {from}"),
        (Err(_), _) => assert!(place.text().contains('\\'), "{step:?} {from}"),
    };
    match value {
        Value::Map(map) => {
            assert_eq!(place.kind(), Kind::Object);
            for (name, value) in map.entries().borrow().iter() {
                let Value::Str(name) = name else { panic!("a name that is no text: {name:?}") };
                below(Step::Name(name), Some(value));
            }
            below(Step::Name("nothing of that name"), None);
            below(Step::Index(0), None);
        }
        Value::List(list) => {
            assert_eq!(place.kind(), Kind::Array);
            for (n, value) in list.items().borrow().iter().enumerate() {
                below(Step::Index(n), Some(value));
            }
            below(Step::Index(list.items().borrow().len()), None);
            below(Step::Name("a"), None);
        }
        _ => below(Step::Name("a"), None),
    }
}

#[test]
fn outlines_say_of_documents_what_reading_them_says() {
    let mut numbers = Numbers(11);
    let (mut outlined, mut canonical, mut others) = (0, 0, 0);
    for n in 0..6_000 {
        let document = document(&mut numbers, 4, n % 2 == 0);
        let read = parse_document(&document);
        if let Ok(read) = &read
            && read.canonical
        {
            assert_eq!(printed(&read.value), document);
        }
        let Some(outline) = Outline::of(&document) else {
            others += 1;
            continue;
        };
        outlined += 1;
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(&document).is_ok(), "{document}");
        let place = outline.root(&document);
        canonical += usize::from(place.is_canonical());
        compare(place, &read.expect("strict JSON is read").value, &document);
    }
    assert!(outlined > 1_500 && canonical > 300 && others > 500, "{outlined} {canonical} {others}");
}

#[test]
fn what_is_strict_has_an_outline() {
    let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    let rows: [(&str, bool); 24] = [
        ("{}", true),
        (" [ ] ", true),
        (r#"{"a":[1,-2.5,"x\n\u00e9",true,false,null,{}]}"#, true),
        (r#"{"a":1,"a":2}"#, true),
        ("[\"\u{e9}\u{20ac}\u{2028}\"]", true),
        (&deep(400), true),
        (&deep(401), false),
        ("", false),
        ("1", false),
        ("\"x\"", false),
        ("null", false),
        ("[1", false),
        ("[1]]", false),
        ("[1] x", false),
        ("[1,]", false),
        ("{\"a\":1,}", false),
        ("[01]", false),
        ("[1.]", false),
        ("[-]", false),
        ("[\"\u{7f}\"]", false),
        ("[\"\u{1}\"]", false),
        (r#"["\x41"]"#, false),
        (r#"["\u00g0"]"#, false),
        ("[tru]", false),
    ];
    for (text, has) in rows {
        assert_eq!(Outline::of(text).is_some(), has, "{text}");
    }
}

const PATHS: &[&str] = &[
    "$",
    "$.a",
    "$.b.a",
    "$.text",
    "$[0]",
    "$[1].a",
    "$['a b']",
    "$.m1",
    "$.m2[0]",
    "$..a",
    "$.a.nothing",
    "$.name",
    "a",
];

/// What a template prints over a body.
fn rendered(template: &str, body: &str) -> Result<String, String> {
    let template = Template::parse(template).expect("a template");
    let variables = Variables {
        body: Arc::from(body),
        parameters: Map::default().into(),
        context: Value::Null,
        stage_variables: Map::default(),
    };
    render(&template, variables, &Limits::default()).map_err(|error| error.message)
}

#[test]
fn templates_find_in_the_text_what_they_find_in_the_document() {
    let mut numbers = Numbers(12);
    let mut well = 0;
    for n in 0..1_500 {
        let body = document(&mut numbers, 3, n % 2 == 0);
        for path in PATHS {
            for asked in [
                format!("$input.json(\"{path}\")|"),
                format!("$input.path(\"{path}\")|$!input.path(\"{path}\").size()"),
            ] {
                // Once a template has hold of the document, all is found in that.
                let held = rendered(&format!("#set($all = $input.path('$'))#set($all = 1){asked}"), &body);
                let found = rendered(&asked, &body);
                well += usize::from(found.as_ref().is_ok_and(|text| text.len() > 3));
                assert_eq!(found, held, "{asked} of {body}");
            }
        }
    }
    assert!(well > 3_000, "{well}");
}

#[test]
fn what_a_template_changes_is_found_from_then_on() {
    let template =
        "$input.json('$.a') $input.path('$.a').put('b', 2) $input.json('$.a') $input.json('$') $input.path('$.a.b')";
    assert_eq!(
        rendered(template, r#"{"a":{"c":"x\/"}}"#),
        Ok(r#"{"c":"x/"}  {"c":"x/","b":2} {"a":{"c":"x/","b":2}} 2"#.to_owned())
    );
}

/// What of a document was put into another part of it holds no more of it than before: with the last of them the body goes.
#[test]
fn a_document_with_its_own_parts_in_it_is_let_go() {
    let templates = [
        "$d.a.put('x', $d.b)$d.a",
        "#set($h = $d.b)#set($d.a.x = $h)#set($d.list[0] = $h)$d",
        "$d.list.add($d.a)$d.list.addAll($d.b.values())$d.list.subList(0, 2)$d",
        "#set($d.x = [$d.b, {'k': $d.a}])$d",
        "#set($d.x = $d.a.keySet())$d.put('y', $d.list.iterator())$d.put('z', $d.b.entrySet())$d.size()",
        "#set($d.x = $input.path('$..c'))#set($d.y = $input.path('$.list[*]'))$d",
        "#foreach($k in $d.keySet())#set($foreach.z = $d.a)$foreach.z#end",
        "#set($all = [])#foreach($item in $d.list)$all.add($item)#end#set($d.x = $all)$d",
        "$d.a.c $d.b $input.json('$') $input.json('$.a')",
    ];
    for template in templates {
        let body: Arc<str> = Arc::from(r#"{"a": {"c": "x\ny"}, "b": {"c": [1]}, "list": [{"c": "z"}, "t"]}"#);
        let text = format!("#set($d = $input.path('$')){template}");
        let variables = Variables {
            body: body.clone(),
            parameters: Map::default().into(),
            context: Value::Null,
            stage_variables: Map::default(),
        };
        let template = Template::parse(&text).expect("a template");
        let printed = render(&template, variables, &Limits::default()).expect("it renders");
        assert!(!printed.is_empty(), "{text}");
        assert_eq!(Arc::strong_count(&body), 1, "{text}");
    }
}
