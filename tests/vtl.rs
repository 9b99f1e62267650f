//! Cases of `src/vtl` and of `$input`, `$util` and `$context`, recorded from Apache Velocity, and what must not happen
//! whatever the template.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stagegate::engine::value::{Entries, Map, MapKind};
use stagegate::engine::vtl::{ErrorKind, Limits, Scope, Template};
use stagegate::{Variables, render};

use crate::eval::eval;
use crate::support::{data, golden, json_lines};

/// `tests/differential/record_vtl.py` writes the expected answers.
#[test]
fn renders_as_velocity_does() {
    let mut wrong = Vec::new();
    let cases = json_lines(&data("vtl"));
    let questions = cases.iter().map(|(_, case)| {
        let mut question = case.clone();
        question["op"] = json!("vtl");
        question.to_string() + "\n"
    });
    let answers = String::from_utf8(eval(&[], &questions.collect::<String>()).stdout).expect("answers are text");
    assert_eq!(answers.lines().count(), cases.len(), "an answer for each question");
    for ((place, case), answer) in cases.iter().zip(answers.lines()) {
        let ours: Value = serde_json::from_str(answer).expect("an answer is JSON");
        if ["out", "error", "overrides"].iter().any(|key| case.get(key) != ours.get(key)) {
            wrong.push(format!("{place} {case}\n    ours: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What an author reads: each template with the error that it gives.
#[test]
fn errors_show_the_place_and_what_was_expected() {
    let folder = data("vtl").join("errors");
    let text = std::fs::read_to_string(folder.join("templates.vm")).expect("the templates are there");
    let mut shown = String::new();
    for template in text.split("\n---\n") {
        let template = template.strip_suffix('\n').unwrap_or(template);
        let error = match Template::parse(template) {
            Ok(template) => template.render(&mut Scope::new(), &Limits::default()).map(|_| ()),
            Err(error) => Err(error),
        };
        let error = error.map_or_else(|error| error.to_string(), |()| "no error".to_owned());
        shown.push_str(&format!("{template}\n=> {error}\n\n"));
    }
    let difference = golden(&folder.join("messages.txt"), &shown);
    assert!(difference.is_none(), "{}", difference.unwrap_or_default());
}

/// On a thread as the gateway has them: a stack of 2 MiB.
fn on_small_stack<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run);
    thread.expect("a thread").join().expect("the thread does not overflow its stack")
}

fn kind_of(template: &str) -> Option<ErrorKind> {
    let limits = Limits { steps: 300_000, output_size: 1 << 20, built_size: 8 << 20, ..Limits::default() };
    let body = r#"{"e":1.00000000000000000000e999999999,"list":[1]}"#;
    let variables = Variables {
        body: body.into(),
        parameters: Map::default().into(),
        context: map(),
        stage_variables: Map::default(),
    };
    let rendered = Template::parse(template).and_then(|template| render(&template, variables, &limits));
    rendered.err().map(|error| error.kind)
}

fn map() -> stagegate::engine::value::Value {
    stagegate::engine::value::Value::Map(Map::new(MapKind::Context, Entries::default()))
}

/// A template that nests too deep, however it does.
#[test]
fn nesting_ends_in_an_error() {
    let nest = |open: &str, inner: &str, close: &str| {
        [open.repeat(5_000).as_str(), inner, close.repeat(5_000).as_str()].concat()
    };
    let templates = [
        format!("#set($x={})", nest("(", "1", ")")),
        nest("#if(true)", "", "#end"),
        nest("#foreach($i in [1])", "", "#end"),
        nest("#define($d)", "", "#end"),
        nest("#@m()", "", "#end"),
        nest("$a.b(", "1", ")"),
        nest("$a[$a", "", "]"),
        format!("#set($x={})", nest("[", "", "]")),
        format!("#set($x={})", nest("{'a':", "1", "}")),
        format!("#set($x={}true)", "!".repeat(100_000)),
        format!("#set($x=1{})", "+1".repeat(20_000)),
        format!("#set($x={})", nest("[$a.b(", "1", ")..2]")),
        "#set($x='#evaluate($x)')#evaluate($x)".to_owned(),
        "#macro(a)#a()#end#a()".to_owned(),
        "#define($a)$b#end#define($b)$a#end$a#macro(m $x)#n(\"$x\")#end#macro(n $x)#m(\"$x\")#end#m('x')".to_owned(),
    ];
    for template in templates {
        let shown: String = template.chars().take(60).collect();
        let long_sum = template.contains("+1+1");
        let kind = on_small_stack(move || kind_of(&template));
        assert!(long_sum || kind.is_some(), "{shown} gives no error");
    }
}

/// What nests as deep as may be still runs.
#[test]
fn deep_templates_run() {
    let nest = |n: usize, open: &str, inner: &str, close: &str| {
        [open.repeat(n).as_str(), inner, close.repeat(n).as_str()].concat()
    };
    for n in [20, 60, 100, 120, 160, 200, 240] {
        let templates = [
            format!("#set($x={})$x", nest(n, "(", "1", ")")),
            nest(n, "#if(true)", "x", "#end"),
            nest(n, "#foreach($i in [1])", "x", "#end"),
            format!("#set($x={})$x", nest(n, "[", "", "]")),
            format!("#set($x={})$x", nest(n, "{'a':", "1", "}")),
            format!("#set($x=true)#set($x={}$x)$x", "!".repeat(n)),
            format!("#set($x=1{})$x", "+1".repeat(n)),
            format!("#set($l=[]){}", nest(n, "$l.contains(", "1", ")")),
            format!("#macro(m $x)$x#end{}", nest(n, "#@m('a')", "x$bodyContent", "#end")),
            format!("#set($m={{'a':'a'}}){}", nest(n, "$m[$m", "", "]")),
            format!("#set($e='x')#foreach($i in [1..{n}])#set($e=\"#evaluate('$e')\")#end$e"),
        ];
        for template in templates {
            on_small_stack(move || kind_of(&template));
        }
    }
}

/// Objects inside objects inside objects, however many: letting go of them takes no stack.
#[test]
fn long_chains_are_let_go() {
    let steps = [
        "#set($x=[$x])",
        "#set($x=[$x.iterator()])",
        "#set($x={'a':$x})",
        "#set($x={$x:'a'})",
        "#set($m={'a':$x})#set($x=$m.entrySet().iterator())#set($x=$x.next())",
        "#set($m={$x:'a'})#set($x=$m.keySet().iterator())",
        "#set($m={})#set($x=$m.entry($x,'a'))",
        "#set($foreach=$x)#foreach($k in [1])#set($x=$foreach)#end",
    ];
    for step in steps {
        let template = format!("#set($x=[1])#foreach($i in [1..100])#foreach($j in [1..900]){step}#end#end");
        let kind = on_small_stack(move || kind_of(&template));
        assert!(kind.is_none_or(|kind| kind == ErrorKind::Limit), "{step}: {kind:?}");
    }
}

/// A template that asks for too much ends soon, in an error.
#[test]
fn hostile_templates_end_in_an_error() {
    let laughs: String = (0..12)
        .map(|n| format!("#define($d{n}){}#end", "$d".to_owned() + &(n + 1).to_string() + "xxxxxxxxxx"))
        .collect();
    let by_name: String = (0..19).map(|n| format!("#macro(m{n} $x)#m{}(\"$x$x$x\")#end", n + 1)).collect();
    let templates = [
        "#foreach($i in [1..1000000000])$i#end".to_owned(),
        format!("{}x{}", "#foreach($i in [1..1000])".repeat(5), "#end".repeat(5)),
        "#set($x='aaaaaaaa')#foreach($i in [1..1000])#set($x=\"$x$x\")#end".to_owned(),
        "#set($x='aaaaaaaa')#foreach($i in [1..1000])#set($x=$x+$x)#end".to_owned(),
        "#set($x='a')#foreach($i in [1..1000])#set($x=$x.replace('a','aaaaaaaaaa'))#end".to_owned(),
        "#set($x='a')#foreach($i in [1..1000])#set($x=$x.replaceAll('a','aaaaaaaaaa'))#end".to_owned(),
        "#set($x='a').$x.repeat(1000000000)".to_owned(),
        "#set($x='%1000000000d').$x.formatted(1)".to_owned(),
        "#set($x='%.1000000000f').$x.formatted(1.5)".to_owned(),
        "#set($l=[1,2])#foreach($i in [1..60])#set($d=$l.addAll($l))#end".to_owned(),
        "#set($l=['x'])#foreach($i in [1..60])#set($l=[$l,$l])#end$l".to_owned(),
        "#set($l=['x'])#foreach($i in [1..1000])#set($l=[$l])#end$l".to_owned(),
        "#set($l=['x'])#foreach($i in [1..1000])#set($l=$l.subList(0,1))#end$l".to_owned(),
        "#set($s='abababababababababababab')#foreach($i in [1..1000])$s.matches('(.*)*(.*)*(.*)*\\1\\2\\3!')#end".to_owned(),
        "#set($s='abababababababababababab')#foreach($i in [1..1000])$s.replaceAll('(.*)*(.*)*(.*)*\\1\\2\\3!', '')#end".to_owned(),
        "#set($l=[])#foreach($i in [1..99])#foreach($j in [1..99])#set($b=$l.add($i))#end#end$l.containsAll($l)".to_owned(),
        "#foreach($i in [1..1000])#foreach($j in [1..1000])$input.path('$..[?(@ == $i)]')#end#end".to_owned(),
        "#set($x=123456789012)#foreach($i in [1..100])#set($x=$x*$x)#end".to_owned(),
        "#set($x=12345678901234567890)$x.pow(100000000)".to_owned(),
        "#set($x=12345678901234567890)$x.shiftLeft(2000000000)".to_owned(),
        "#set($x=$input.path('$.e'))#set($y=$x+1)".to_owned(),
        "$input.path('$.e').toPlainString()".to_owned(),
        "$input.path('$.e').toBigInteger()".to_owned(),
        "$input.path('$.e').setScale(0, 4)".to_owned(),
        "#set($d=$input.path('$'))#set($d.x=$d)$input.json('$')".to_owned(),
        "#set($l=[1])#set($k=[$l])#set($d=$l.add($k))$l".to_owned(),
        "#set($m={})#set($n={'m':$m})#set($m.n=$n)$m".to_owned(),
        format!("{laughs}#define($d12)y#end{}", "#foreach($i in [1..1000])$d0$d0$d0#end".repeat(100)),
        format!("{by_name}#macro(m19 $x)$x#end#m0('aaaaaaaaaa')"),
        "x".repeat(310 * 1024),
    ];
    for template in templates {
        let shown: String = template.chars().take(60).collect();
        let began = Instant::now();
        let kind = on_small_stack(move || kind_of(&template));
        assert!(kind.is_some(), "{shown} gives no error");
        assert!(began.elapsed() < Duration::from_secs(20), "{shown} takes {:?}", began.elapsed());
    }
}

/// Templates that look into a value while they change it, or that let go of very deep ones.
#[test]
fn odd_templates_do_no_harm() {
    let templates = [
        "#set($m={'a':1})$m.put($m.keySet(),1)$m.put($m.keySet(),2)$m.put($m,$m)$m.put($m.values(),1)$m.size()",
        "#set($l=[1,2,3])#define($d)$l.clear()#set($l2=$l)#end$l.add($d)$l$l.add($d)$l",
        "#set($d=$input.path('$.list'))#define($b)$d.clear()x#end$d.add($b)$d$input.json('$.list')",
        "#set($l=[])#foreach($i in [1..300])#foreach($j in [1..300])#set($l=[$l])#end#end#set($l=1)done",
        "#set($l=[1,2,3])#foreach($i in [1..1000])#set($l=$l.subList(0,3))#end#set($l=1)done",
        "#set($l=['x'])#set($k=['x'])#foreach($i in [1..60])#set($l=[$l,$l])#set($k=[$k,$k])#end#if($l==$k)y#end$l.hashCode()",
        "#set($l=[1])#set($d=$l.add($l))#if($l==[$l])#end$l.hashCode()$l.contains($l)$l.indexOf($l)$l",
    ];
    for template in templates {
        on_small_stack(|| kind_of(template));
    }
    for hard in
        ["\\".repeat(200_000), "$".repeat(200_000), "#".repeat(200_000), "\"".repeat(200_000), " #set".repeat(50_000)]
    {
        let began = Instant::now();
        on_small_stack(move || kind_of(&hard));
        assert!(began.elapsed() < Duration::from_secs(20), "reading takes {:?}", began.elapsed());
    }
}
