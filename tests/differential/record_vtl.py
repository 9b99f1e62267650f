#!/usr/bin/env python3
"""Writes tests/vtl/*.jsonl: templates by feature, with what Apache Velocity 1.7 and the gateway's rules make of them.

    python3 tests/differential/record_vtl.py --oracle 'sh tests/differential/oracle/run.sh' [--out tests/vtl]

The templates are written here; only the answers are recorded. The oracle is the one of vtl.py.
"""
import argparse
import itertools
import json
import pathlib
import random
import re

import vtl

BODY = ('{"a":1,"s":"str","n":null,"t":true,"f":1.5,"l":[1,2,3],"o":{"k":"v","list":[{"x":1},{"x":2}]},"e":"","el":[],"em":{},'
        '"u":"Zoë \\"q\\" it\'s a/b","big":12345678901234567890,"long":12345678901,"items":[{"id":1,"name":"one"},{"id":2,"name":null}]}')
PARAMS = {"path": {"id": "7"}, "querystring": {"q": "a b", "z": "1"}, "header": {"Accept": "*/*", "X-Hdr": "h'1\""}}
CONTEXT = {"requestId": "c6af9ac6", "stage": "test", "httpMethod": "POST", "identity": {"sourceIp": "1.2.3.4", "user": None, "userAgent": "curl/8"},
           "requestTimeEpoch": 1700000000000, "list": [1, {"a": "b"}], "resourcePath": "/a/{id}", "accountId": "123456789012"}
STAGE = {"env": "dev", "url": "https://example.com/?a=b"}

SETUP = "#set($s='Hello World')#set($n=42)#set($l=[1,'two',3.0,[4]])#set($m={'a':1,'b':'x','k':[1,2],'n':{'d':'e'}})#set($t=true)#set($e='')"


def product(pattern, *choices):
    """The pattern with every combination in the places of {0}, {1}, …"""
    return [re.sub(r"\{(\d)\}", lambda place: values[int(place.group(1))], pattern) for values in itertools.product(*choices)]


def references():
    names = ["s", "n", "l", "m", "t", "e", "none", "a-b", "a_b", "A1"]
    forms = ["${}", "${{{}}}", "$!{}", "$!{{{}}}", "${}.", "${}-x", "${} x", "${}x", "x${}", "${}${}".replace("{}${}", "{0}${0}"), "${{{}}}y", "$${}",
             "\"${}\"", "${}!", "${{{}", "${}}}", "$!!{}", "${}[", "${}(", "${}.5", "${}..a", "$ {}", "#${}", "${}#", "${}##c"]
    cases = [SETUP + form.format(name) for form in forms for name in names]
    steps = [".a", ".b", ".k", ".n.d", ".zz", ".a.b.c", "['a']", "[\"b\"]", "['k'][0]", ".k[1]", "[0]", "[1]", "[-1]", "[3][0]", "[9]", "[-9]", ".size()", ".size",
             ".get(0)", ".get('a')", ".empty", ".length()", ".bytes.size()", ".isEmpty()", "[$n]", "['$n']", "[true]", ".k.size().foo", "[ 0 ]", "['a' ]", ".toString().length()",
             ".nosuch()", ".nosuch().more", ".a()", ".put('z', 9)", ".get( 'a' )", ".get('a').get(0)", "[1.5]", "[x]", "[]", ".x-y", "._x", ".1", ".a.", ".true"]
    for name in ["l", "m", "s", "n", "none"]:
        cases += [f"{SETUP}[${name}{step}]" for step in steps] + [f"{SETUP}[${{{name}{step}}}]" for step in steps[:24]] + [f"{SETUP}[$!{name}{step}]" for step in steps[:16]]
    return cases


def whitespace():
    before = ["", " ", "  \t", "\n", "x ", "$e ", "#end "[:0] or "$n  "]
    directives = ["#set($x=1)", "#if(true)y#end", "#if(false)y#else z#end", "#foreach($i in [1..2])$i#end", "## c", "#* c *#", "#** c *#", "#macro(w)W#end", "#define($d)D#end",
                  "#evaluate('v')", "#[[ raw ]]#", "#break", "#stop", "#literal()L#end", "#nosuch()", "$n", "#{set}($x=1)", "#{if}(true)y#{end}", "#include()"]
    after = ["", " ", "\n", " \n", "\t\n", "\r\n", "  \r\nz", "\n\nz", " z", "\r", "z"]
    cases = ["#set($n=1)" + b + d + a for b in before for d in directives for a in after]
    cases += product("#if({0}{1}{0}){2}y{2}#end", ["", " ", "\n", "\t"], ["true", "$n == 1"], ["", "\n", " \n", "\r\n"])
    cases += product("#set{0}($x{1}={1}1{1})$x", ["", " ", "  ", "\t", "\n"], ["", " ", "\n"])
    cases += product("#foreach{0}($i{1}in{1}[1..2]{2})$i#end", ["", " "], [" ", "\n", "  "], ["", " ", "\n"])
    cases += product("#if(true){0}a{0}#elseif(true){0}b{0}#else{0}c{0}#end{0}d", ["", " ", "\n", " \n ", "\r\n"])
    cases += product("#if(false){0}a{0}#elseif({1}){0}b{0}#else{0}c{0}#end{0}d", ["", " ", "\n", " \n "], ["true", "false"])
    cases += product("#set($a={0}[{0}1{0},{0}2{0}]{0})$a#set($b={0}{{0}'k'{0}:{0}1{0}}{0})$b", ["", " ", "\n"])
    cases += product("#set($x='abc')$x.substring({0}1{0},{0}2{0})$x.length({0})", ["", " "])
    return cases


def escapes():
    slashes = ["\\" * n for n in range(6)]
    things = ["$s", "$none", "${s}", "$!s", "$!{none}", "#if(true)y#end", "#set($q=1)", "#foreach($i in [1])$i#end", "#end", "#else", "#elseif(true)", "#nosuch", "#nosuch()", "#mac()", "#mac",
              "##c", "#*c*#", "x", "$", "#", "#{if}(true)y#end", "#@mac()z#end", "$s.length()", "$!\\s", "\"", "n", "$\\!s", "#[[r]]#", "#macro(z)#end", "#stop"]
    cases = [SETUP + s + thing + tail for s in slashes for thing in things for tail in ["", " z"]]
    cases += ["#macro(mac)M#end" + SETUP + s + thing for s in slashes for thing in ["#mac()", "#mac", "#{mac}()", "#macro(x)y#end"]]
    cases += [SETUP + f'#set($x = "{s}{thing} ")[$x]' for s in slashes[:4] for thing in ["$s", "$none", "#if(true)y#end", "n", "u0041", "u00e9", "'", "##"]]
    return cases


LITERALS = ["1", "0", "-1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "1.5", "0.0", "1e5", "1.5E10", ".5", "3.", "'1'", "'a'", "''", "true", "false",
            "[]", "[1]", "{}", "{'a':1}", "$none", "$s", "$n", "[1..3]", "\"$n\"", "$m", "$l", "1e400", "-0.0"]


def arithmetic():
    return product(SETUP + "#set($x='keep')#set($x = {0} {1} {2})$x", LITERALS[:20] + ["$none", "$s", "$n", "$l"], ["+", "-", "*", "/", "%"], LITERALS[:20] + ["$none", "$n", "$m"]) + [
        SETUP + f"#set($x = {e})$x" for e in ["1+2*3", "(1+2)*3", "10-3-2", "100/7/2", "2*3%4", "1 + 'a' + 2", "'a' + 1 + 2", "1 + 2 + 'a'", "$n+1", "$n +1", "$n -1", "$n - 1", "$n-1", "-1 + 1",
                                              "1-1", "1 -1", "-$n", "5 / 0 + 'a'", "'a' + 5/0", "'a' + (5/0)", "7/2", "7/2.0", "-7/2", "-7%3", "7.5%2", "1.0", "100.0*3", "0.1+0.2", "1/3.0"]]


def comparisons():
    ops = ["==", "!=", "<", "<=", ">", ">="]
    cases = product(SETUP + "#if({0} {1} {2})T#{else}F#end", LITERALS, ["==", "<"], LITERALS)
    cases += product(SETUP + "#if({0} {1} {2})T#{else}F#end", ["1", "'a'", "$none", "1.0", "$n"], ops + ["eq", "ne", "lt", "le", "gt", "ge"], ["1", "'1'", "42", "$none", "''", "true"])
    return cases


def truth():
    values = LITERALS + ["$none.a", "$none.b()", "$m.a", "$m.zz", "$l[0]", "$l.size()", "1 + 1", "(1)", "('a')", "(true)", "!true", "!$none", "!''", "! !$s", "$s.isEmpty()", "$m.get('zz')"]
    cases = product(SETUP + "#if({0})T#{else}F#end#if(!{0})T#{else}F#end#set($b = !{0})$b", values)
    cases += product(SETUP + "#if({0} {1} {2})T#{else}F#end", ["true", "false", "$none", "$s", "1", "(1 == 1)"], ["&&", "||", "and", "or"], ["true", "false", "$none", "$e", "$l.isEmpty()"])
    cases += [SETUP + f"#if({e})T#{{else}}F#end" for e in ["true && false || true", "true || false && false", "!true || true", "!(true || true)", "not true", "not false and true", "1 < 2 && 2 < 3",
                                                           "1 == 1 == true", "$n > 40 and $n < 50", "$s == 'Hello World' && $n == 42", "$none == $alsoNone", "$none == ''", "$none != ''", "'' == $none"]]
    return cases


def sets():
    targets = ["$x", "$!x", "${x}", "$!{x}", "$m.z", "$m.n.d", "$m['z']", "$m[$n]", "$l[0]", "$l[-1]", "$l[9]", "$l[-9]", "$l.x", "$none.x", "$none[0]", "$s.x", "$s[0]", "$n.x", "$m.n['q']", "$m.k[0]", "$m.zz.y",
               "$l[3][0]", "$m.put", "$m.get('n').d", "$l['a']", "$m.a.b", "$x-y", "$x_y", "$m.a-b"]
    values = ["1", "'v'", "$none", "$none.a", "[1,2]", "{'q':1}", "$s", "5/0", "$m.zz", "\"$n!\"", "!$t", "$l[0]"]
    cases = [f"{SETUP}#set($x='old'){'#set(' + t + ' = ' + v + ')'}[$x|$m|$l]" for t in targets for v in values]
    cases += [SETUP + t for t in ["#set($x=)", "#set($x)", "#set()", "#set(x=1)", "#set('x'=1)", "#set($x=1", "#set($x 1)", "#set($x==1)", "#set $x = 1", "#set($x=1)$x #set($x=$x+1)$x", "#set($a=$b=1)",
                                  "#set($x=y)", "#set($x=null)", "#set($x=$null)[$x]", "#set( $x = 1 )$x", "#set($x = (1))$x", "#set($x = 1;)", "#set($x = 1)#set($y = $x)$y"]]
    return cases


def loops():
    sources = ["$l", "$m", "$m.keySet()", "$m.values()", "$m.entrySet()", "[1..3]", "[3..1]", "[1..1]", "[]", "{}", "['a','b']", "$none", "$s", "$n", "$t", "[$none]", "[1, $none, 3]", "$s.split(' ')", "$l.iterator()", "$l.subList(1,3)",
               "{'a':1,'b':2}", "[1..$n]", "[$n..40]", "[1..'a']", "[1..$none]", "[-1..1]", "$s.toCharArray()", "\"$l\"", "'ab'"]
    bodies = ["$i,", "$i$foreach.count$foreach.index,", "$velocityCount#if($foreach.hasNext),#end", "$!i.key=$!i.value;", "#if($foreach.first)F#end#if($foreach.last)L#end$i", "#if($foreach.count==2)#break#end$i", "#set($i='x')$i", "$velocityHasNext ", "$foreach.parent.count"]
    cases = [f"{SETUP}#foreach($i in {s}){b}#end|$i|$foreach|$velocityCount" for s in sources for b in bodies]
    cases += [SETUP + t for t in [
        "#set($i='old')#foreach($i in [1])$i#end$i", "#foreach($i in [1,2])#foreach($j in [1,2])$foreach.parent.index$foreach.index$foreach.topmost.count #end#end", "#foreach($i in [1..1500])$i #end",
        "#foreach($i in [1,2,3])#if($i==2)#stop#end$i#end after", "#foreach($i in $l)#set($dummy=$l.add(9))#end", "#foreach($i in [1..3])#break$i#end", "#foreach($i in [1,2])#foreach($j in [1,2])#if($j==2)#break($foreach.parent)#end$i$j #end#end",
        "#foreach($i in [1,2])#set($foreach.x = $i)$foreach.x$foreach.get('x')#end", "#foreach($i in [1,2])$foreach.isFirst()$foreach.isLast()$foreach.getCount()$foreach.hasNext()#end", "#foreach($i in [1,2])$foreach.hasNext #end",
        "#foreach($foreach in [1,2])$foreach#end", "#foreach($velocityCount in [7,8])$velocityCount#end", "#foreach($i in [1,2]) #end", "#foreach($i in)x#end", "#foreach($i)x#end", "#foreach()x#end", "#foreach", "#foreach($i in [1]", "#foreach($i [1])x#end",
        "#foreach($i from [1])$i#end", "#foreach(i in [1])x#end", "#foreach('i' in [1])x#end", "#foreach($i.x in [1])$i#end", "#foreach($i in [1] [2])$i#end", "#foreach($k in $m.keySet())$k#if($foreach.hasNext), #end#end", "#foreach($x in $m)#set($m.b='y')$x#end",
        "#foreach($x in $m.keySet())#set($m.new='y')$x#end", "#foreach($x in $l)#if($x==3.0)#set($d=$l.remove(0))#end$x #end", "#foreach($i in [1,2])$i#{end}z", "#foreach ($i in [1,2])$i#end", "#foreach($i in[1,2])$i#end", "#foreach($iin[1,2])$i#end",
        "#foreach($i in [1,2])#set($l2 = $l.subList(0, $i))$l2.size()#end", "#foreach($i in [1..3])#foreach($i in ['a','b'])$i#end$i#end$i", "#foreach($e in $m.entrySet())#set($e.value = 0)#end$m", "#set($it = $l.iterator())#foreach($i in $it)$i#break#end#foreach($i in $it)$i#end",
        "#foreach($i in [1..3])#end$i", "#foreach($i in $l)$foreach.stop()#end", "#break", "a#break b", "#break($x)", "#foreach($i in [1])#break($i)#end", "#foreach($i in [1,2])#break($foreach)#end.", "#stop('x')y", "#stop()", "#stop('a' 'b')"]]
    return cases


def macros():
    definitions = ["#macro(m)M#end", "#macro(m $a)[$a]#end", "#macro(m $a $b)[$a|$b]#end", "#macro(m, $a, $b)[$a|$b]#end", "#macro(m $a)#set($a='z')[$a]#end", "#macro(m $a)$a$a#end", "#macro(m $a)#if($a)T#{else}F#end#end",
                   "#macro(m $a)\\$a ${a} $!a $!{a}#end", "#macro(m $a)#set($g='set')#end", "#macro(m $a)$bodyContent.#end", "#macro(m $a)#foreach($i in $a)$i,#end#end", "#macro(m $a)$a.size() $a[0]#end"]
    calls = ["#m()", "#m", "#m('x')", "#m(\"$s\")", "#m($s)", "#m($none)", "#m($none.x)", "#m($n 2)", "#m($n, 2)", "#m([1,2])", "#m({'k':'v'})", "#m([1..3])", "#m(1.5)", "#m(true)", "#m(word)", "#m('x' 'y' 'z')", "#m($l.size())", "#m(\"#set($q=1)q$q\")",
             "#@m()body $s#end", "#@m('x')b#end", "#{m}('x')", "#m ('x')", "#m('x'", "#m(-1)", "#m($s.length() $m.a)"]
    cases = [SETUP + d + c + "|$a|$!g" for d in definitions for c in calls]
    cases += [SETUP + t for t in [
        "#m('early')#macro(m $a)<$a>#end", "#macro(m)1#end#macro(m)2#end#m()", "#macro(m $a)$a#set($x=1)$a#end#set($x=0)#m($x)", "#macro(a)#b()#end#macro(b)B#end#a()", "#macro(r $i)$i#if($i<5)#set($j=$i+1)#r($j)#end#end#r(1)", "#macro(r)#r()#end#r()",
        "#macro()x#end", "#macro", "#macro($x)y#end", "#macro('x')y#end", "#macro(if)y#end#if()", "#macro(foreach)y#end#foreach()", "#macro(m $a $a)[$a]#end#m(1 2)", "#macro(m a)x#end", "#macro(m 'a')[$a]#end#m(1)", "#macro(m $a.b)[$a]#end#m(1)",
        "#macro(m)#end#m()x", "#macro(m)\nx\n#end\n#m()\ny", "#macro(m) x #end #m() y", "#macro(m $x)#set($x.k=1)#end#m($m)$m.k", "#macro(m $x)$x.y.z#end#m($none)", "#macro(outer $x)#inner($x)#end#macro(inner $y)[$y]#end#outer('q')", "#macro(outer $x)#inner(\"$x$x\")#end#macro(inner $y)[$y]#end#outer('q')",
        "#macro(m)$s#set($s='changed')$s#end#m()$s", "#macro(m)#break z#end#m()x", "#foreach($i in [1,2])#m($i)#end#macro(m $x)#if($x==1)#break#end$x#end", "#macro(m)#stop#end a#m()b", "#nosuch($s 'x')", "#nosuch ( $s )", "#nosuch()x#end", "#@nosuch($s)x#end", "#@nosuch", "#macro(m-x)y#end#m-x()",
        "#macro(m_1)y#end#m_1()", "#macro(M)y#end#m()", "#macro(m $x)$!x#end#m()", "#macro(m $x)$x#end#m()", "#macro(m $x)\"$x\"#end#m('a')", "#macro(m $x)#evaluate($x)#end#m('$s')", "#macro(m $a)#foreach($a in [1,2])$a#end$a#end#m('k')", "#macro(m)#define($d)in#end#end#m()$d"]]
    return cases


def blocks():
    return [SETUP + t for t in [
        "#define($d)x$s#end$d", "#define($d)$n#end#set($n=1)$d", "#define($d)x#end$d$d", "#define($d)a#end\"$d\"", "#define($d)a#end#set($x=$d)$x", "#define($d)a#end#set($x=\"$d\")#define($d)b#end$x$d", "#define($d)$d#end$d", "#define($d)a$d#end$d", "#define($a)1$b#end#define($b)2$a#end$a",
        "#define($d)a#end#if($d)T#end", "#define($d)a#end#if($d=='a')T#{else}F#end", "#define($d)a#end$d.length()", "#define($d)a#end$d.toString()", "#define($d)a#end$d.toString().length()", "#define($d)#set($n=7)#end$n$d$n", "#define($d)#if($d)$d#end", "#define(d)x#end", "#define('d')x#end$d", "#define($d $e)x#end",
        "#define()x#end", "#define", "#define($d)\n x\n#end\n[$d]", "#define($d)a#end\\$d $!d ${d} $!{d}", "#define($d)#break z#end[$d]y", "#define($d)#stop#end[$d]y", "#define($d)a#end#set($d='b')$d", "#define($m.x)a#end$m.x", "#define($d)#foreach($i in [1,2])$i#end#end$d", "#foreach($i in [1,2])#define($d)$i#end$d#end$d",
        "#define($d)x#end#set($l2=[$d])$l2", "#define($d)x#end#set($m2={'k':$d})$m2.k", "#define($d)#define($e2)in#end$e2#end$d$e2", "#define($d)#macro(mm)M#end#mm()#end#mm()$d",
        "#evaluate('$s')", "#evaluate(\"$s\")", "#evaluate($s)", "#evaluate('#set($x=5)')$x", "#evaluate('#if(true)y#end')", "#evaluate('#if(true)')", "#evaluate('')", "#evaluate($none)", "#evaluate()", "#evaluate", "#evaluate('a' 'b')", "#evaluate(1)", "#evaluate([1])", "#set($v='$s')#evaluate($v)", "#evaluate('#stop')x",
        "#evaluate('a#break b')x", "#evaluate('#macro(em)E#end')#em()", "#evaluate('#macro(em)E#end#em()')", "#macro(em)1#end#evaluate('#macro(em)2#end#em()')", "#set($d='$')#evaluate(\"${d}s\")", "#foreach($i in [1,2])#evaluate('$i#break')#end", "#evaluate('## c')x", "#evaluate('\\$s')", "#evaluate('$none')",
        "#[[ $s #if(x) ]]#", "#[[]]#", "#[[ ] ]# ]]#", "#[[", "#[[ ]]", "#[[ ##c\n ]]#x", "#[[#[[]]#", "x#[[y]]#z", "$#[[y]]#", "#literal()$s#if(true)x#end#end", "#literal()#end", "#literal", "#literal() x #end", "#literal()$s \\$s $!s ##c\n#end", "#literal()#[[x]]##end", "#literal('a')b#end",
        "#include('x')", "#include($s)", "#include()", "#include", "#include(1)", "#parse('x')", "#parse()", "#parse", "#parse($none)", "#if(false)#parse('x')#end ok", "#if(false)#include('x')#end ok"]]


def comments():
    return [SETUP + t for t in [
        "a##c\nb", "a ## c\nb", "##c", "##", "##\n", "a##c\r\nb", "a##c\rb", "## $s #if(\nx", "## $", "## #", "## $\n", "a#*c*#b", "a#*\nc\n*#b", "#**c*#", "#***#x", "#**#x", "#*x", "#*", "#**", "#* ** *#x", "#* #* *#x *#", "#* $s #set($x=1) *#[$x]", "#*#*#x", "#**\n * doc\n *#\nx", "#* ## *#x", "## *#\nx",
        "$s##c", "$s#*c*#", "${s}##c\nx", "$s.length()##c", "#if(true)##c\nx#end", "#if(true)#*c*#x#end", "#set($x=1)##c\n$x", "#set($x = 1 ##c\n)$x", "#if(true ##c\n)x#end", "#foreach($i in [1,2])##c\n$i#end", "#macro(q)##c\nx#end#q()", "\"##c\"", "#set($x=\"a##b\")[$x]", "#set($x='a##b')[$x]", "#set($x=\"a#*b*#c\")[$x]",
        "##a\n##b\nc", "x ##a\n  ##b\n  y", "\\##c", "\\\\##c", "#", "# ", "#x", "#1", "##x$", "$##x", "#$s", "#*", "*#", "#* *# *#", "a #* b *# c\n", "#*a*#\nb", "#*a*#  \nb"]]


def strings():
    texts = ["abc", "$s", "${s}!", "$none", "$!none", "a $s b", "#if(true)y#end", "#set($q=1)$q", "#foreach($i in [1,2])$i#end", "##c", "a##", "$", "#", "a$", "a#", "$$", "$s$", "\\$s", "\\\\$s", "\\n", "\\u0041", "\\u00e9", "\\u004", "\\uZZZZ", "\\\\u0041", "it's", "''", "#m2()", "$s.length()", "$l[0]", "$m.a", "{\"\"k\"\": $n}",
             "\"\"", "a\"\"b", "line\nbreak", "tab\tx", "é😀", "$s.replace('l','L')", "$s.concat(\"\"!\"\")", "[[", "#[[x]]#", "#end", "#else", "$n.x", "${n", "$5", "#5", " ", "", "  x  ", "#*c*#", "#literal()x#end", "#define($dd)D#end$dd", "#stop", "#break", "$foreach.count", "$s,$n"]
    cases = ["#macro(m2)M#end" + SETUP + f'#set($x = "{t}")[$x]' for t in texts]
    cases += ["#macro(m2)M#end" + SETUP + "#set($x = '" + t.replace("'", "''") + "')[$x]" for t in texts]
    cases += [SETUP + t for t in ["#set($x = 'it''s')$x", "#set($x = '''')$x", "#set($x = \"\"\"\")$x", "#set($x = 'a\"b')$x", "#set($x = \"a'b\")$x", "#set($x = 'a)$x", "#set($x = \"a)$x", "#set($x = 'a' 'b')$x", "#set($x = \"a\"b\")$x", "#set($x = \"\\\"\")$x", "#set($x = '\\'')$x", "#set($x = '$s')$x",
                                  "#set($x = \"$s.substring(0, 1)\")$x", "#set($x = \"$m.get('a')\")$x", "#set($x = \"$m.get(\"\"b\"\")\")$x", "#set($x = \"#if($s == \"\"Hello World\"\")eq#end\")$x", "#set($q='\"')$q", "\"$s\"", "'$s'", "#set($x='''a''')$x", "#set($x=\"${s}x\")$x", "#set($x=\"$sx\")[$x]", "#set($x=\"$s.\")$x", "#set($x=\"$s.x\")[$x]"]]
    return cases


def errors():
    return ["#if", "#if(", "#if()", "#if(true)", "#if(true", "#if true", "#if(true)x", "#end", "#else", "#elseif(true)", "#if(true)x#else y", "#if(true)x#else y#else z#end", "#if(true)x#elseif y#end", "#if(true)x#elseif()y#end", "#if(true)#else#elseif(true)#end", "#if(x)y#end", "#if('a')y#end", "#if($x = 1)y#end", "#if($x ==)y#end",
            "#if(== 1)y#end", "#if(1 2)y#end", "#if($a $b)y#end", "#if((true)y#end", "#if(true))y#end", "#if(&& true)y#end", "#if(true &&)y#end", "#if(true & false)y#end", "#if(true | false)y#end", "#if(!)y#end", "#if(a == b)y#end", "$", "a$", "#", "a#", "$x.", "$x.y.", "${", "${x", "${}", "$!", "$!{", "$!{x", "$x[", "$x[0",
            "$x[]", "$x[0]]", "$x.y(", "$x.y(1", "$x.y(1,", "$x.y(1,)", "$x.y(,1)", "$x.y(1 2)", "$x.y(1+1)", "$x.y(!true)", "$x.y($a == 1)", "$x.y(a)", "$x.y(-1)", "$x.y(1.5)", "$x.y('a)", "$x.y()z", "$x.y ()", "$x. y", "$x .y", "${x.y", "${x.y(}", "${x y}", "${x.y()}z", "#set($x = [1,2)", "#set($x = [1 2])", "#set($x = [1,])",
            "#set($x = [,1])", "#set($x = {a:1})", "#set($x = {'a' 1})", "#set($x = {'a':})", "#set($x = {'a':1,})", "#set($x = {:1})", "#set($x = {'a':1)", "#set($x = [1..])", "#set($x = [..1])", "#set($x = [1..2..3])", "#set($x = [1.5..2])$x", "#set($x = ['a'..'b'])", "#set($x = 1..2)", "#set($x = @)", "#set($x = ~1)", "#set($x = 1 ? 2 : 3)",
            "#set($x = 'a'.length())", "#set($x = [1].size())", "#set($x = {}.size())", "#set($x = 1.toString())", "#set($x = true.foo)", "#set($x = (1 + 2)", "#set($x = 1 + )", "#set($x = + 1)", "#set($x = 1 ++ 2)", "#set($x += 1)", "#set($x++)", "#set($x = $y++)", "#foreach($i in [1])#if(true)#end", "#macro(a)#macro(b)#end", "#macro(a)x",
            "{{#if(true)}}", "}#end{", "#if(true)#end#end", "#foreach($x in $y)#end#end", "#ifx(true)", "#elsex", "#endx", "#setx($y=1)", "#If(true)x#end", "#SET($x=1)$x", "# if(true)", "#  set($x=1)", "$ x", "$-x", "$1x", "$_", "$__a", "$x$", "$x#", "a #if(true) b", "\"#if(true)\"", "#set($x=\"#if(true)\")", "#set($x=\"$x[\")", "#set($x=\"$\")$x",
            "#set($x=\"#\")$x", "#set($x=\"${\")$x", "#set($x=\"#end\")$x", "#set($x='#end')$x", "#evaluate('#end')", "#evaluate('$')", "$x.class", "#if($x.class)T#{else}F#end", "#if(true)\r\nx\r\n#end\r\n", "#if (true)x#end", "#if\n(true)x#end", "#else if(true)", "#{else}", "#{end}", "#{x}", "#{x}()", "#{", "#{if", "#}", "#()", "#(x)", "#'x'", "#\"x\""]


def methods():
    def calls(receivers, table, arguments, extra=""):
        out = []
        for receiver in receivers:
            seen = {}
            for name, kinds in table:
                # Each overload with several arguments, taken in turn, so that the table stays readable.
                for turn in range(3 if kinds else 1):
                    values = []
                    for position, kind in enumerate(kinds):
                        options = arguments[kind]
                        values.append(options[(turn * 3 + position + seen.get(name, 0)) % len(options)])
                    seen[name] = seen.get(name, 0) + 1
                    out.append(f"{SETUP}#set($x={receiver})[$x.{name}({', '.join(values)})]{extra}")
        return out
    arguments = {"i": ["0", "1", "2", "5", "-1", "3", "16"], "s": ["'l'", "'Hello'", "''", "'o W'", "'12'", "'abc'", "'1.5'", "'ff'"], "r": ["'l'", "'[lo]+'", "'\\s'", "'(H)'", "'.'", "''", "','"],
                 "f": ["'%s'", "'%5d|'", "'%.2f'", "'%x'", "'%-6s|'", "'%05d'", "'%,d'"], "v": ["'a'", "1", "1.5", "$none", "$l", "true"], "n": ["2", "1.5", "$n", "'a'"], "k": ["'a'", "'zz'", "1"],
                 "l": ["['a','b']", "$l", "[]"], "m": ["{'a': 1}", "$m", "{}"]}
    cases = calls(["'Hello World'", "'a,b,,c,,'", "''", "'Zoë 😀'", "' 12 '"], vtl.STRING_METHODS, arguments)
    cases += calls(["42", "-7", "12345678901", "1.5", "123456789012345678901"], vtl.INT_METHODS, arguments)
    cases += calls(["[1, 'two', 3.0]", "['b','a']", "[]", "$input.path('$.l')", "$s.split(' ')"], vtl.LIST_METHODS, arguments, "$x")
    cases += calls(["{'a':1,'b':'x'}", "{}", "$input.path('$.o')", "$context.identity"], vtl.MAP_METHODS, arguments, "$x")
    cases += [SETUP + t for t in [
        "#set($Integer=0)$Integer.parseInt('42')", "#set($Integer=0)$Integer.parseInt('x')", "#set($Integer=0)#set($x=$Integer.parseInt('7')+1)$x", "$s.valueOf(1)$s.valueOf(1.5)$s.valueOf(true)$s.valueOf($l)", "$s.format('%s-%s', 'a', 1)", "$s.format('%d%%', 5)", "$s.join('-', $l)", "$s.join('-', ['a','b'])", "$s.join('-', 'a', 'b')",
        "#foreach($c in $s.toCharArray())$c.#end", "$s.charAt(0).isLetter($s.charAt(0))", "#set($c=$s.charAt(1))$c.toUpperCase($c)#if($c=='e')eq#end", "$l.get(3).get(0)", "$m.get('k').size()", "$m.entrySet().iterator().next().key", "$m.keySet().toArray().size()", "$m.values().contains('x')", "$m.keySet().contains('a')", "$m.entrySet().size()",
        "#set($d=$m.keySet().remove('a'))$m", "#set($d=$m.values().remove('x'))$m", "$m.keySet()$m.values()$m.entrySet()", "#foreach($e in $m.entrySet())$e.getKey()$e.getValue()$e.setValue(0)#end$m", "$l.iterator().next()$l.iterator().hasNext()", "$l.listIterator().next()", "$l.toString()$m.toString()$n.toString()", "$t.toString()$t.booleanValue()$t.equals(true)$t.compareTo(false)",
        "$n.class", "$s.getClass()", "$s.class.name", "#if($s.getClass())T#{else}F#end", "$s.wait()", "$s.length().toString().length()", "$s.split(' ').size()", "$s.split(' ')[1]", "$s.split(' ').get(0)", "$s.split('').size()", "$s.split(' ').length", "$s.substring(6).toUpperCase().replace('O','0')", "$s.indexOf('World')", "$s.lastIndexOf('o')",
        "#set($sb='')#foreach($i in [1..3])#set($sb=$sb.concat(\"$i\"))#end$sb", "$n.compareTo(41)$n.equals(42)$n.equals('42')", "$n.max(1,2)", "$n.toHexString(255)", "$n.doubleValue()", "$n.floatValue()", "$n.longValue()", "$l.subList(0,2)$l.subList(1,1)", "$l.subList(2,1)", "$l.contains(1)$l.contains('two')$l.indexOf(3.0)", "$l.remove(0)$l", "$l.remove('two')$l",
        "$l.add('x')$l", "$l.add(0,'x')$l", "$l.addAll($l)$l", "$l.set(0,'z')$l", "$l.clear()$l", "$l.isEmpty()$l.size()", "$m.put('a',2)$m", "$m.put('new',2)$m", "$m.putAll({'q':1})$m", "$m.remove('a')$m", "$m.containsKey('a')$m.containsValue('x')", "$m.getOrDefault('zz','d')", "$m.putIfAbsent('a',9)$m.putIfAbsent('y',9)$m", "$m.replace('a',3)$m"]]
    return cases


def printing():
    values = ["1", "-0.0", "1e5", "1.0E-5", "100.0", "1e21", "1e7", "1e6", "0.001", "0.0001", "123456789.123", "1e400", "-1e400", "true", "''", "[]", "{}", "[[]]", "[{}]", "{'a':[]}", "{'a':{'b':{}}}", "['a', 1, 1.5, true, $none]", "{'k':$none}", "{1:2}", "{$n:$s}", "{'a':1,'a':2}", "[1..5]", "[5..1]", "{'x y':'z, w'}",
              "$input.path('$')", "$input.path('$.l')", "$input.path('$.o')", "$input.path('$.o.list')", "$input.path('$.o.list[0]')", "$input.path('$.n')", "$input.path('$.f')", "$input.path('$.u')", "$input.path('$.big')", "$input.path('$.long')", "$input.path('$.el')", "$input.path('$.em')", "[$input.path('$.l')]", "{'k':$input.path('$.o')}",
              "$input.path('$.items')", "$input.params()", "$context", "$context.identity", "$context.list", "$stageVariables", "$util", "$input", "$input.params", "$m.keySet()", "$m.entrySet()", "$m.values()", "$l.subList(0,2)", "$input.body", "$input.json('$')", "$input.json('$.u')", "$input.json('$.l')"]
    cases = [SETUP + f"#set($x = {v})$x|#set($y = \"<$x>\")$y|#set($z = [$x])$z|#set($w = {{'k':$x}})$w" for v in values]
    cases += [SETUP + t for t in ["#set($l.k=1)#set($d=$l.add($l))$l", "#set($m.self=$m)$m", "#set($a=[1])#set($b=[$a])#set($d=$a.add($b))$a", "$l$m$n$s$t$e$none", "#set($x=$l+'')$x", "#set($x='' + $m)$x", "#set($x=$n+'')$x", "#set($x=$t+'')$x", "#set($x=1.5+'')$x", "#set($x=$none+'a')$x", "#set($x='a'+$none)$x"]]
    return cases


def hosts():
    paths = ["$", "$.a", "$.s", "$.n", "$.t", "$.f", "$.l", "$.l[0]", "$.l[-1]", "$.l[9]", "$.o", "$.o.k", "$.o.list", "$.o.list[1].x", "$.o.list[*].x", "$.o.zz", "$.zz", "$.zz.y", "$.e", "$.el", "$.em", "$.u", "$.big", "$.long", "$.items[*].name", "$.items[?(@.id==2)]", "$..x", "s", "o.k", "$['s']", "$.o['k']", "", "$.", "$[", "$.a b"]
    uses = ["$input.path('{}')", "$input.json('{}')", "[$input.path('{}').foo]", "#if($input.path('{}'))T#{{else}}F#end", "#if($input.path('{}') == '')T#{{else}}F#end", "#set($x=$input.path('{}'))$x#if($x==$null)N#end", "#foreach($i in $input.path('{}'))<$i>#end", "$util.escapeJavaScript($input.path('{}'))", "$util.base64Encode($input.path('{}'))",
            "$util.urlEncode($input.json('{}'))", "$input.path('{}').size()", "$input.path('{}').toString().length()"]
    cases = [use.format(path) for use in uses for path in paths]
    texts = ["", "abc", "a b+c&d=e/f?g", "Zoë 😀", "it's \"q\" \\ / \t\n", "<a>&amp;</a>", "%41%20+", "%", "%zz", "YWJj", "YWI=", "YQ==", "YQ", "Y", "Y Q=", "Zm9v!", "w6k=", "{\"a\":[1,{\"b\":null}],\"c\":1.50}", "[1,2]", "\"x\"", "1", "nul", "{a:1}", "\u2028\x7f\x80", "~-_.*!'()"]
    functions = ["escapeJavaScript", "urlEncode", "urlDecode", "base64Encode", "base64Decode", "parseJson"]
    cases += ["$util." + f + "('" + t.replace("'", "''") + "')" for f in functions for t in texts]
    cases += ["$util." + f + "(" + v + ")" for f in functions for v in ["$none", "1", "1.5", "true", "[1,2]", "{'a':'b/c'}", "$input.path('$.o')", "$input.path('$.l')", "$input.params()", "$context", "''"]]
    cases += ["$input.body", "$input.body.length()", "$input.body.foo", "$input.getBody()", "$input", "$input.path", "$input.json", "$input.params", "$input.params()", "$input.params('id')", "$input.params('q')", "$input.params('X-Hdr')", "$input.params('x-hdr')", "$input.params('none')", "$input.params($none)", "$input.params(1)", "$input.params().path",
              "$input.params().path.id", "$input.params().querystring.q", "$input.params().header['X-Hdr']", "$input.params().get('header').get('Accept')", "$input.params().header.keySet()", "$input.params().none.x", "$input.path()", "$input.path(1)", "$input.json()", "$input.foo", "$input.foo()", "$util.foo('x')", "$util.escapeJavaScript()", "$util",
              "#foreach($k in $input.params().keySet())$k:#foreach($p in $input.params().get($k).keySet())$p=$input.params().get($k).get($p),#end;#end", "#set($d=$input.path('$'))#set($d.a=2)$input.json('$')", "#set($d=$input.path('$'))#set($d.new={'x':[1,'y',true,$none]})$input.json('$.new')", "#set($input.path('$').s='z')$input.json('$.s')",
              "#set($d=$input.path('$.l'))$d.add(4)$input.json('$.l')", "#set($x=$input.path('$.o').remove('k'))$input.json('$.o')", "$util.parseJson($input.body).o.k", "$util.parseJson($input.json('$.o')).list[1].x", "#set($p=$util.parseJson('{\"a\":{\"b\":[1,2]}}'))$p.a.b[1] $p", "$util.base64Decode($util.base64Encode($input.body))"]
    context = ["$context.requestId", "$context.stage", "$context.none", "$context.identity.sourceIp", "$context.identity.user", "$context.identity.none.x", "$context['requestId']", "$context.get('stage')", "$context.keySet()", "$context.identity.keySet()", "$context.size()", "$context.requestTimeEpoch", "$context.list", "$context.list[1].a", "$context", "$context.identity",
               "$context.requestOverride", "$context.requestOverride.keySet()", "$context.responseOverride.keySet()", "$context.responseOverride.status", "$context.responseOverride.header.size()", "$stageVariables.env", "$stageVariables['env']", "${stageVariables.env}", "$stageVariables.get('env')", "$stageVariables.none", "$stageVariables", "$stageVariables.keySet()",
               "#foreach($k in $context.keySet())$k=$context.get($k);#end", "#set($context.x = 1)$context.x", "#set($stageVariables.x = 1)$stageVariables.x", "#set($context.responseOverride.status = 201)", "#set($context.responseOverride.status = '201')$context.responseOverride.status", "#set($context.responseOverride.header.A = 'b')", "#set($context.responseOverride.header['A-B'] = $input.params('q'))",
               "$context.responseOverride.header.put('A','b')", "#set($context.requestOverride.header.A = ['b','c'])", "#set($context.requestOverride.querystring.q = 1)", "#set($context.requestOverride.path.id = '8')", "#set($context[\"requestOverride\"].querystring[\"x\"] = 'y')", "#set($context.responseOverride = {'status': 400})", "#set($context.responseOverride.header = {'A':'b'})",
               "#set($o = $context.responseOverride)#set($o.status = 404)", "#set($context.responseOverride.extra = $context.identity)", "#foreach($i in [1..20])#set($context.responseOverride.header[\"h$i\"] = $i)#end$context.responseOverride.header.keySet()", "#set($context.responseOverride.header.n = $none)", "$context.identity.entrySet()", "$context.identity.values()", "$context.class", "$context.identity.toString().length()"]
    return cases + context


def api():
    rng = random.Random(20)
    maker = vtl.Templates(rng)
    return [maker.api() for _ in range(250)] + [maker.hosts() for _ in range(100)]


def mixed():
    rng = random.Random(21)
    maker = vtl.Templates(rng)
    cases = [maker.soup() for _ in range(500)] + [maker.program() for _ in range(250)] + [maker.mutated() for _ in range(150)]
    return [case for case in cases if len(case) < 900]


FEATURES = [references, whitespace, escapes, arithmetic, comparisons, truth, sets, loops, macros, blocks, comments, strings, errors, methods, printing, hosts, api, mixed]
PLAIN = {"references": 5, "sets": 6, "loops": 7, "macros": 4, "strings": 3, "truth": 6, "comparisons": 9, "arithmetic": 9, "escapes": 4, "blocks": 3, "mixed": 5}


def question(template, plain):
    ask = {"op": "vtl", "template": template}
    if plain:
        ask["mode"] = "plain"
    if "input" in template or "util" in template:
        ask["input"] = {"body": BODY, "params": PARAMS}
    if "context" in template:
        ask["context"] = CONTEXT
    if "stageVariables" in template:
        ask["stageVariables"] = STAGE
    return ask


def told_otherwise(question, answer):
    """What vtl.md says we tell otherwise, or what differs from run to run."""
    template = question["template"]
    return (vtl.ADDRESS.search(json.dumps(answer)) or vtl.explained(question) or re.search(r"\.class\b|getClass|shortValue|byteValue", template)
            or re.search("[\ud800-\udfff]", answer.get("out", "")))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--out", default="tests/vtl")
    args = parser.parse_args()
    oracle, out = vtl.Program(args.oracle), pathlib.Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    total = 0
    for feature in FEATURES:
        name = feature.__name__
        templates = list(dict.fromkeys(feature()))
        questions = [question(template, False) for template in templates]
        questions += [question(template, True) for template in templates[::PLAIN[name]]] if name in PLAIN else []
        lines = []
        for ask, answer in zip(questions, oracle.ask(questions)):
            if told_otherwise(ask, answer) or len(json.dumps(answer)) > 6000:
                continue
            answer.pop("message", None)
            ask.pop("op")
            lines.append(json.dumps({**ask, **answer}, ensure_ascii=False))
        (out / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        total += len(lines)
        print(f"{name}: {len(lines)}")
    print(f"{total} cases")


if __name__ == "__main__":
    main()
