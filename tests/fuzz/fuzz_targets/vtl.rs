//! Any template, read and rendered over a body: no panic, no hang, nothing beyond the limits.
//!
//! The first byte says how the rest is meant: as the template's text, or byte by byte as pieces of VTL, which gets deeper.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagegate::add_overrides;
use stagegate::Variables;
use stagegate::fill;
use stagegate::engine::value::{Entries, Map, MapKind, Value};
use stagegate::engine::vtl::{Limits, Scope, Template};

const PIECES: &[&str] = &[
    "$", "$!", "${", "}", "{", "\\", "#", "##", "#*", "*#", "#[[", "]]#", "(", ")", "[", "]", ".", "..", ",", ":", "\"", "'", " ",
    "\n", "\t", "a", "x", "$x", "$l", "$m", "$s", "$n", "${x}", "$!x", "$x.", "$l[0]", "$m.k", "1", "-1", "2147483647", "1.5",
    "9223372036854775807", "12345678901234567890", "true", "false", "==", "<", "+", "-", "*", "/", "%", "&&", "||", "!", "=", "#set(",
    "#set($x=", "#set($l=[", "#set($m={'k':", "#if(", "#if(true)", "#else", "#elseif(", "#end", "#foreach($x in ", "#foreach($i in $l)",
    "#macro(m $x)", "#m(", "#@m(", "#define($d)", "$d", "#evaluate(", "#stop", "#break", "#literal()", "$foreach.count", "in", "é", "😀",
    ".get(", ".put(", ".add(", ".addAll(", ".remove(", ".size()", ".keySet()", ".values()", ".entrySet()", ".iterator()", ".next()",
    ".subList(0,1)", ".clear()", ".substring(", ".replace(", ".replaceAll(", ".split(", ".matches(", ".indexOf(", ".charAt(", ".format(",
    ".formatted(", ".repeat(", ".join(", ".toString()", ".hashCode()", ".equals(", ".contains(", ".pow(", ".multiply(", ".setScale(",
    ".shiftLeft(", ".valueOf(", ".parseInt(", ".compareTo(", ".toPlainString()", ".divide(", ".of(", ".length()", ".set(0,", ".key",
    "$input.path('$')", "$input.path('$.a')", "$input.json('$')", "$input.params()", "$util.parseJson(", "$util.base64Decode(",
    "$util.urlDecode(", "$util.escapeJavaScript(", "$context.responseOverride", "$context", "'%s'", "'%5.2f'", "'(a+)+'", "'$.a[*]'", "'k'",
    "'0'", "'YQ'", "'%4'", "'{\"a\":[1]}'", "[1..3]", "[$n..9]", "\"$x\"", "\"#if($x)$x#end\"",
];

fuzz_target!(|input: &[u8]| {
    let Some((how, rest)) = input.split_first() else { return };
    let template = if how % 4 == 0 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        let pieces: String = rest.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
        format!("#set($x='abc')#set($l=[1,'b',2.5])#set($m={{'k':'v','a':$l}})#set($s='a,b')#set($n=7){pieces}")
    };
    let Ok(template) = Template::parse(&template) else { return };
    let limits = Limits { steps: 20_000, output_size: 200_000, built_size: 4 << 20, ..Limits::default() };
    let context = Map::new(MapKind::Context, Entries::default());
    add_overrides(&context);
    let mut scope = if how % 8 < 4 { Scope::new() } else { Scope::plain() };
    let body = r#"{"a":[1,{"b":null},"c"],"d":{"e":1.5},"n":12345678901234567890,"x":1.00000000000000000001e99999}"#;
    let (parameters, stage_variables) = (Map::default(), Map::default());
    fill(&mut scope, Variables { body: body.into(), parameters: parameters.into(), context: Value::Map(context), stage_variables });
    if let Ok(out) = template.render(&mut scope, &limits) {
        assert!(out.len() <= limits.output_size + 200_000);
    }
});
