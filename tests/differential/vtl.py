#!/usr/bin/env python3
"""Compares random templates with Apache Velocity 1.7 and the gateway's rules on top of it.

    python3 tests/differential/vtl.py --oracle 'sh tests/differential/oracle/run.sh' [--ours 'target/debug/stagegate eval']
        [--seed 1] [--cases 100000] [--seconds 600] [--show 20] [--kind soup,program,…]

Both programs read JSON lines {"op":"vtl","template":…,…} and answer {"out":…} or {"error":…}, one line each, in order.
Differences that vtl.md does not explain are printed, and make the exit code 1.
"""
import argparse
import json
import random
import re
import shlex
import subprocess
import sys
import time

NAMES = ["a", "b", "c", "x", "y", "list", "map", "str", "num", "foo", "i", "item", "a-b", "x_1", "undefined", "none", "velocityCount"]
KEYS = ["a", "b", "k", "id", "name", "x", "size", "empty", "key", "value", "items", "a-b", "length", "s", "n", "first"]
WORDS = ["", "a", "b", "abc", "A b", "x,y,z", "1", "42", "-7", "3.5", "true", "false", "null", " pad ", "it's", "é", "日本", "😀x", "a/b",
         "k=v", "line\nbreak", "tab\t", "[1]", "{}", "foo.bar", "aXbXc", "ABC", "$1", "\\", "a\\b", "%41", "YWJj", "a=1&b=2"]
INTS = ["0", "1", "2", "3", "5", "7", "10", "-1", "-3", "100", "1000", "2147483647", "-2147483648", "2147483648", "4294967296",
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "123456789012345678901234567890"]
FLOATS = ["0.0", "1.0", "1.5", "-2.25", "0.1", "1e5", "1.5E10", "3.", ".5", "-.5", "1e-7", "100.0", "12345678.9", "0.001", "1e400"]
BODIES = [
    "", "{}", "[]", "null", "1", "\"text\"", "true", "[1,2,3]", "{\"a\":1}", "{a:b", "a=b",
    '{"a":1,"b":"two","c":null,"d":[1,2,3],"e":{"f":"g","h":[{"i":1},{"i":2}]},"t":true,"n":1.5}',
    '{"items":[{"id":1,"name":"one","tags":["x","y"]},{"id":2,"name":"t/w\\"o","tags":[]},{"id":3,"name":null}],"count":3,"next":"a b&c"}',
    '{"errorMessage":"[BadRequest] it\'s \\"bad\\"","errorType":"Error","stackTrace":[["a.py",1,"f","x"]]}',
    '{"s":"str","i":12,"l":12345678901,"big":123456789012345678901,"d":1.25,"dec":1.2345678901234567890,"e":1e5,"z":0,"neg":-3,"es":"","em":{},"el":[]}',
    '{"user":{"name":"Zoë","address":{"street":"Main \\/ 1","zip":"0123"}},"roles":["admin","user"],"active":false,"a-b":{"c d":1}}',
    "[{\"k\":\"v\"},{\"k\":\"w\",\"n\":[1,[2,3]]}]",
]
PATHS = ["$", "$.a", "$.b", "$.c", "$.d", "$.d[0]", "$.e", "$.e.f", "$.e.h", "$.e.h[*].i", "$.t", "$.n", "$.items", "$.items[0]",
         "$.items[1].name", "$.items[*].id", "$.items[?(@.id>1)]", "$..id", "$.none", "$.none.deep", "$.errorMessage", "$.s", "$.i", "$.l",
         "$.big", "$.dec", "$.es", "$.em", "$.el", "$.user.name", "$.roles", "$['a-b']", "$[0]", "$[0].k", "a", "$.items.length()", "$.d[-1]"]

STRING_METHODS = [
    ("length", ""), ("isEmpty", ""), ("trim", ""), ("toUpperCase", ""), ("toLowerCase", ""), ("hashCode", ""), ("toString", ""),
    ("strip", ""), ("isBlank", ""), ("stripLeading", ""), ("stripTrailing", ""), ("intern", ""),
    ("charAt", "i"), ("substring", "i"), ("substring", "ii"), ("indexOf", "s"), ("indexOf", "si"), ("indexOf", "i"), ("indexOf", "ii"),
    ("lastIndexOf", "s"), ("lastIndexOf", "si"), ("lastIndexOf", "i"), ("contains", "s"), ("startsWith", "s"), ("startsWith", "si"),
    ("endsWith", "s"), ("equals", "v"), ("equalsIgnoreCase", "s"), ("compareTo", "s"), ("compareToIgnoreCase", "s"), ("concat", "s"),
    ("replace", "ss"), ("replaceAll", "rs"), ("replaceFirst", "rs"), ("split", "r"), ("split", "ri"), ("matches", "r"), ("repeat", "i"),
    ("codePointAt", "i"), ("codePointBefore", "i"), ("codePointCount", "ii"), ("offsetByCodePoints", "ii"), ("subSequence", "ii"),
    ("valueOf", "v"), ("format", "fv"), ("format", "fvv"), ("formatted", "v"), ("join", "sl"), ("join", "sss"), ("regionMatches", "isii"),
    ("toCharArray", ""), ("getBytes", ""), ("indent", "i"), ("translateEscapes", ""), ("stripIndent", ""), ("contentEquals", "s"),
    ("compare", "ss"), ("nosuch", ""), ("length", "i"), ("contains", "v"), ("concat", "v"), ("replace", "vv"), ("indexOf", "v"),
]
INT_METHODS = [
    ("intValue", ""), ("longValue", ""), ("doubleValue", ""), ("floatValue", ""), ("toString", ""), ("hashCode", ""), ("equals", "v"),
    ("compareTo", "i"), ("parseInt", "s"), ("parseInt", "si"), ("valueOf", "s"), ("valueOf", "i"), ("toString", "i"), ("toString", "ii"),
    ("toHexString", "i"), ("toBinaryString", "i"), ("toOctalString", "i"), ("max", "ii"), ("min", "ii"), ("sum", "ii"), ("compare", "ii"),
    ("signum", "i"), ("bitCount", "i"), ("reverse", "i"), ("highestOneBit", "i"), ("lowestOneBit", "i"), ("numberOfLeadingZeros", "i"),
    ("numberOfTrailingZeros", "i"), ("rotateLeft", "ii"), ("decode", "s"), ("parseUnsignedInt", "s"), ("toUnsignedString", "i"),
    ("divideUnsigned", "ii"), ("remainderUnsigned", "ii"), ("compareUnsigned", "ii"),
    ("parseLong", "s"), ("parseDouble", "s"), ("isNaN", ""), ("isInfinite", ""), ("isFinite", "n"), ("max", "nn"), ("valueOf", "n"),
    ("compareTo", "v"), ("add", "n"), ("multiply", "n"), ("divide", "n"), ("subtract", "n"), ("negate", ""), ("abs", ""), ("scale", ""),
    ("precision", ""), ("signum", ""), ("setScale", "ii"), ("setScale", "i"), ("toPlainString", ""), ("toEngineeringString", ""),
    ("stripTrailingZeros", ""), ("toBigInteger", ""), ("unscaledValue", ""), ("movePointLeft", "i"), ("movePointRight", "i"), ("pow", "i"),
    ("remainder", "n"), ("mod", "n"), ("gcd", "n"), ("bitLength", ""), ("testBit", "i"), ("shiftLeft", "i"), ("shiftRight", "i"), ("not", ""),
    ("and", "n"), ("or", "n"), ("xor", "n"), ("sqrt", ""), ("divideToIntegralValue", "n"), ("ulp", ""), ("scaleByPowerOfTen", "i"),
]
LIST_METHODS = [
    ("size", ""), ("isEmpty", ""), ("get", "i"), ("add", "v"), ("add", "iv"), ("addAll", "l"), ("addAll", "il"), ("contains", "v"),
    ("containsAll", "l"), ("indexOf", "v"), ("lastIndexOf", "v"), ("remove", "i"), ("remove", "v"), ("removeAll", "l"), ("retainAll", "l"),
    ("set", "iv"), ("subList", "ii"), ("toString", ""), ("hashCode", ""), ("equals", "l"), ("iterator", ""), ("clear", ""), ("toArray", ""),
    ("clone", ""), ("listIterator", "i"), ("of", "vv"), ("copyOf", "l"), ("nosuch", ""), ("toJSONString", ""),
]
MAP_METHODS = [
    ("size", ""), ("isEmpty", ""), ("get", "k"), ("put", "kv"), ("remove", "k"), ("containsKey", "k"), ("containsValue", "v"), ("keySet", ""),
    ("values", ""), ("entrySet", ""), ("putAll", "m"), ("putIfAbsent", "kv"), ("getOrDefault", "kv"), ("replace", "kv"), ("replace", "kvv"),
    ("remove", "kv"), ("toString", ""), ("hashCode", ""), ("equals", "m"), ("clear", ""), ("clone", ""), ("get", "v"), ("put", "vv"),
]
EQUALS = ["$null", '""', "1", "true", "[]"]
REGEXES = ["a", "b+", "[abc]", "\\s+", ",", "", ".", "\\.", "(a)(b)?", "^a", "x$", "\\d+", "[^a-z]", "(?i)ABC", "a|b", "\\\\", "\\'", "(", "*", "/"]
REPLACEMENTS = ["", "x", "$1", "\\$", "$0$0", "\\'", "'", "$2", "$", "\\", "é"]
FORMATS = ["%s", "%d", "%5d|", "%-5s|", "%05d", "%.2f", "%x", "%,d", "%s-%s", "%1$s %1$s", "%%", "%n", "%b", "%c", "%10.3f", "%e", "%S", "%+d",
           "%o", "%h", "%X", "%(d", "%g", "%<s", "%2$s", "% d", "%.1s", "%q", "%", "%-d", "%08.2f", "%.0f", "%#x"]
SOUP = [
    "$", "$!", "${", "$!{", "}", "{", "\\", "\\\\", "\\$", "\\#", "#", "##", "#*", "*#", "#**", "#[[", "]]#", "(", ")", "[", "]", ".", "..",
    ",", ":", "!", "\"", "'", " ", "\t", "\n", "\r\n", "\r", "  \n", "a", "x", "foo", "true", "false", "1", "-1", "1.5", "1..", "=", "==", "+",
    "-", "*", "/", "%", "&&", "||", "and", "or", "not", "eq", "lt", "#set", "#set(", "#set( ", "  #set(", "#{set}(", "#if", "#if(", "#{if}(",
    "#elseif(", "#else", "#{else}", "#end", "#{end}", "#foreach(", "#foreach( $i in", "#macro(", "#macro(m $p)", "#m(", "#m", "#@m(", "#define(",
    "#define($d)", "#literal()", "#evaluate(", "#stop", "#stop()", "#break", "#break()", "#include(", "#parse(", "#nosuch(", "#nosuch", "$x",
    "$x.a", "$x.a()", "$!x", "${x}", "$!{x}", "$x[0]", "$x['a']", "$x.a.b(1, 'c')", "$list", "$map.k", "$list[0]", "$undefined", "é", "$x-",
    "$_x", "$x.", "$x..a", "$x!", "$d", "$foreach.count", "$velocityCount", "#set($x = 1)", "#set($x = 'a')", "#if(true)", "#if(false)",
    "in", "\"$x\"", "'$x'", "\"#if(true)a#end\"", "$a.b(", "${x.a}", "${x", "$x}", "@", "_", "\\#if(true)", "\\#set($x=1)", "\\\\#if(true)", "\\#m",
    "\\#foo", "\\\\\\$x", "$\\!x", "$\\\\!x", "$$x", "$#x", "#$x", "$[", "$![", "$.", "#a", "#1", "# ", "$ ", "$1", "$x #set($y=2) $y", "#set($list=[1,2])",
]


class Templates:
    """Templates of several kinds, from token soup to what real APIs use."""

    def __init__(self, rng):
        self.rng = rng
        self.depth = 0

    def pick(self, items):
        return self.rng.choice(items)

    # ------------------------------------------------------------ soup: the lexer's corners
    def soup(self):
        parts = [self.pick(SOUP) for _ in range(self.rng.randint(1, 9))]
        text = "".join(parts)
        r = self.rng.random()
        if r < 0.3:
            text += "#end" * self.rng.randint(1, 2)
        if r < 0.15:
            text = "#macro(m $p)<$p>#end" + text
        return "#set($x={'a':'b','k':[1,2]})#set($list=['p','q'])" + text if self.rng.random() < 0.5 else text

    def mutated(self):
        """A sound template with a little damage."""
        text = self.pick([self.program, self.api])()
        for _ in range(self.rng.randint(1, 3)):
            at = self.rng.randint(0, len(text))
            r = self.rng.random()
            if r < 0.4:
                text = text[:at] + self.pick(SOUP) + text[at:]
            elif r < 0.8:
                text = text[:at] + text[at + self.rng.randint(1, 4):]
            else:
                text = text[:at] + self.pick([" ", "\n", "\t", "  ", "\r\n"]) + text[at:]
        return text

    # ------------------------------------------------------------ program: the language
    def program(self):
        setup = ("#set($list = [1, 'two', 3.0, [4]])#set($map = {'a': 1, 'b': 'x', 'k': [1, 2], 'n': {'d': 'e'}})"
                 "#set($str = 'Hello World')#set($num = 42)")
        return (setup if self.rng.random() < 0.7 else "") + self.block(0)

    def block(self, depth):
        return "".join(self.statement(depth) for _ in range(self.rng.randint(1, 4)))

    def gap(self):
        return self.pick(["", "", "", " ", "\n", "  \n", "\t", "\r\n", " x ", "|", ", "])

    def statement(self, depth):
        r = self.rng.random()
        gap = self.gap()
        if depth > 2:
            r = r * 0.5
        if r < 0.14:
            return gap + self.pick(["text", "é{", "\"q\"", "a.b", "$5", "100%", "[x]", "#notadirective", "\\n", "{\"k\": ", "it's", "<a href=\"#x\">"])
        if r < 0.30:
            return gap + self.reference(depth)
        if r < 0.46:
            return f"{gap}#set({self.gap() if self.rng.random() < 0.1 else ''}{self.target()} = {self.expression(depth)}){self.gap()}"
        if r < 0.50:
            return gap + self.pick(["## comment\n", "#* block\n *#", "#** doc *#", "#[[ $raw #if ]]#", "\\$str", "\\\\$str", "\\$none", "\\#if(true)", "$!none"])
        if r < 0.66:
            text = f"{gap}#if({self.expression(depth)}){self.gap()}{self.block(depth + 1)}"
            while self.rng.random() < 0.25:
                text += f"#elseif({self.expression(depth)}){self.gap()}{self.block(depth + 1)}"
            if self.rng.random() < 0.5:
                text += self.pick(["#else", "#{else}"]) + self.gap() + self.block(depth + 1)
            return text + self.pick(["#end", "#{end}"]) + self.gap()
        if r < 0.80:
            name = self.pick(["i", "item", "e", "x"])
            body = self.block(depth + 1) + self.pick(["", f"${name}", "$foreach.count", "$foreach.index", "#if($foreach.hasNext),#end",
                                                       "$velocityCount", "$velocityHasNext", "$foreach.first$foreach.last", "$foreach.parent.count",
                                                       "#if($foreach.count == 2)#break#end", f"$!{name}.key", "$foreach.topmost.index"])
            return f"{gap}#foreach(${name} in {self.iterable(depth)}){self.gap()}{body}#end{self.gap()}"
        if r < 0.86:
            name = self.pick(["m", "mac", "render"])
            params = self.pick(["", " $p", " $p $q", " $p, $q", " $str"])
            return (f"{gap}#macro({name}{params}){self.gap()}{self.block(depth + 1)}{self.pick(['', '$p', '$!q', '$bodyContent', '#set($p = 1)$p'])}#end{self.gap()}"
                    f"#{name}({self.pick(['', self.argument(depth), self.argument(depth) + ' ' + self.argument(depth)])}){self.gap()}")
        if r < 0.89:
            return f"{gap}#define($d){self.gap()}{self.block(depth + 1)}#end{self.gap()}{self.pick(['$d', '$d$d', '', '#set($s = $d)$s', '#if($d)y#end', '$d.toString()'])}"
        if r < 0.92:
            return f"{gap}#evaluate({self.pick([self.quoted(depth), self.reference(depth), self.text_literal()])}){self.gap()}"
        if r < 0.94:
            return f"{gap}#@m({self.argument(depth)}){self.block(depth + 1)}#end"
        if r < 0.96:
            return gap + self.pick(["#stop", "#break", "#stop()", "#literal()$x \\$y#end", "#break($foreach)", "#nosuch($x 'a')", "#m", "#foo"])
        return gap + self.pick(["#include('x')", "#parse('x')", "#include()"]) if r < 0.965 else gap + self.reference(depth)

    def target(self):
        r = self.rng.random()
        name = self.pick(NAMES)
        if r < 0.6:
            return "$" + name
        if r < 0.64:
            return "$!" + name if r < 0.62 else "${" + name + "}"
        return "$" + self.pick(["map", "list", "x", "none"]) + self.pick([".a", ".b.c", "['k']", "[0]", "[1]", "[-1]", ".n.d", "[$num]", "[$str]", "['n'].z", ".k[0]", "[9]"])

    def argument(self, depth):
        return self.pick([self.reference(depth), self.text_literal(), self.quoted(depth), self.pick(INTS[:8]), "true", "[1,2]", "{'a':'b'}", "1.5", "[1..3]"])

    def iterable(self, depth):
        return self.pick(["$list", "$map", "$map.keySet()", "$map.entrySet()", "$map.values()", "[1..3]", "[3..1]", "['a', 'b']", "[]", "$none",
                          "$str", "$str.split(' ')", "$list.iterator()", "{'a': 1, 'b': 2}", "[$none, 1]", "$num", "[1..$num]", "$list.subList(1,3)",
                          "$map.k", self.reference(depth)])

    def text_literal(self):
        word = self.pick(WORDS).replace("'", "''")
        return "'" + word + "'"

    def quoted(self, depth):
        inner = "".join(self.pick([self.pick(WORDS), self.simple_reference(), " ", "#if($str)y#end", "#set($q=1)", "$$", "\\u0041", "##", "#", "$", "''"])
                        for _ in range(self.rng.randint(0, 3)))
        return '"' + inner.replace('"', '""') + '"'

    def simple_reference(self):
        return self._name_reference()

    def _name_reference(self):
        name = self.pick(NAMES[:12])
        r = self.rng.random()
        if r < 0.5:
            return "$" + name
        if r < 0.7:
            return "${" + name + "}"
        if r < 0.85:
            return "$!" + name
        return "$!{" + name + "}"

    def reference(self, depth):
        r = self.rng.random()
        if r < 0.3:
            return self._name_reference()
        name = self.pick(["list", "map", "str", "num", "x", "none", "i", "item"])
        steps = "".join(self.step(name, depth) for _ in range(self.rng.choice([1, 1, 1, 2, 3])))
        r = self.rng.random()
        if r < 0.6:
            return f"${name}{steps}"
        if r < 0.8:
            return "${" + name + steps + "}"
        return f"$!{name}{steps}" if r < 0.9 else "$!{" + name + steps + "}"

    def step(self, name, depth):
        r = self.rng.random()
        if r < 0.25:
            return "." + self.pick(KEYS)
        if r < 0.4:
            return "[" + self.pick(["0", "1", "-1", "5", "'a'", "'k'", "$num", "$str", "\"a\"", "$i", "true"]) + "]"
        methods = {"list": LIST_METHODS, "map": MAP_METHODS, "str": STRING_METHODS, "num": INT_METHODS}.get(name)
        methods = methods if methods and self.rng.random() < 0.85 else self.pick([LIST_METHODS, MAP_METHODS, STRING_METHODS, INT_METHODS])
        return self.call(methods, depth)

    def call(self, methods, depth):
        name, kinds = self.pick(methods)
        return "." + name + "(" + ", ".join(self.typed(kind, depth) for kind in kinds) + ")"

    def typed(self, kind, depth):
        if self.rng.random() < 0.06:
            kind = self.pick("isvlmknr")
        if kind == "i":
            return self.pick(["0", "1", "2", "3", "-1", "5", "10", "16", "97", "$num", "$num.intValue()", "2147483647"]) if self.rng.random() < 0.95 else self.pick(INTS)
        if kind == "n":
            return self.pick(["$num", "$x", self.pick(INTS), self.pick(FLOATS)])
        if kind == "s":
            return self.text_literal() if self.rng.random() < 0.85 else self.pick(["$str", "\"$num\"", "'10'", "'ff'", "'0x1F'", "'1e3'"])
        if kind == "r":
            return "'" + self.pick(REGEXES).replace("'", "''") + "'" if self.rng.random() < 0.9 else "'" + self.pick(REPLACEMENTS).replace("'", "''") + "'"
        if kind == "f":
            return "'" + self.pick(FORMATS) + "'"
        if kind == "k":
            return self.pick(["'a'", "'b'", "'k'", "'n'", "'zz'", "1", "$str"])
        if kind == "l":
            return self.pick(["[1, 'two']", "$list", "[]", "['a','b']", "$map.keySet()", "$map.values()", "[3.0]"])
        if kind == "m":
            return self.pick(["{'a': 1}", "$map", "{}", "{'k': 'v', 'z': 2}"])
        return self.pick([self.text_literal(), self.pick(INTS), self.pick(FLOATS), "true", "false", "$str", "$num", "$list", "$map", "$none", "[1]", "{'a':1}"])

    def expression(self, depth, level=0):
        r = self.rng.random()
        if level > 2:
            r = r * 0.62
        if r < 0.25:
            return self.reference(depth)
        if r < 0.33:
            return self.pick(INTS)
        if r < 0.38:
            return self.pick(FLOATS)
        if r < 0.46:
            return self.text_literal()
        if r < 0.52:
            return self.quoted(depth)
        if r < 0.56:
            return self.pick(["true", "false"])
        if r < 0.60:
            return self.pick(["[]", "{}", "[1, 2]", "['a', $x]", "{'a': $num}", "[1..4]", "[$num..40]", "{'x': [1, {'y': 2}]}", "[$none]", "{ }", "[ 1 , 2 ]"])
        if r < 0.66:
            return "!" + self.pick(["", " "]) + self.expression(depth, level + 1)
        if r < 0.72:
            return "(" + self.expression(depth, level + 1) + ")"
        operator = self.pick(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "eq", "ne", "lt", "le", "gt", "ge", "and", "or"])
        space = self.pick([" ", " ", " ", "", "\n"]) if not operator.isalpha() else " "
        return self.expression(depth, level + 1) + space + operator + space + self.expression(depth, level + 1)

    # ------------------------------------------------------------ methods: Java's methods on many receivers
    RECEIVERS = [
        (STRING_METHODS, ["'abc'", "''", "'a,b,,c,'", "' x '", "'Héllo'", "'😀😁'", "'10'", "'-1.5'", "'aXbXc'", "'line1\nline2'", "'true'", "'a.b.c'", "'İß'"]),
        (INT_METHODS, ["0", "1", "-1", "42", "2147483647", "-2147483648"]),
        (INT_METHODS, ["4294967296", "9223372036854775807", "-9223372036854775808"]),
        (INT_METHODS, ["9223372036854775808", "-123456789012345678901234567890", "$input.path('$.big')"]),
        (INT_METHODS, ["1.5", "-0.0", "1e10", "1e400", "0.1", "100.0", "$input.path('$.d')"]),
        (INT_METHODS, ["$input.path('$.dec')", "$input.path('$.dec').setScale(3, 4)", "$input.path('$.dec').negate()"]),
        (LIST_METHODS, ["[1, 'two', 3.0]", "[]", "['b','a','c','a']", "[[1],[2]]", "$input.path('$.items')", "$input.path('$.roles')",
                        "[1..5]", "'a b c'.split", "$input.path('$.d')"]),
        (MAP_METHODS, ["{'a':1,'b':2}", "{}", "{1:'x','k':'v'}", "$input.path('$')", "$input.path('$.user')", "$context", "$context.identity",
                       "$stageVariables", "$input.params()", "$input.params().header"]),
    ]

    def methods(self):
        methods, receivers = self.pick(self.RECEIVERS)
        receiver = self.pick(receivers)
        setup = "#set($str='abc')#set($num=3)#set($list=['a','b'])#set($map={'a':'b'})"
        text = "" if receiver.endswith(".split") else f"#set($x={receiver})"
        if receiver.endswith(".split"):
            text = "#set($x='a b c')#set($x=$x.split(' '))"
        for _ in range(self.rng.randint(1, 3)):
            call = "$x" + self.call(methods, 0)
            if self.rng.random() < 0.3:
                call += self.pick([".size()", ".length()", ".toString()", ".get(0)", "[0]", ".next()", ".key", ".empty", ".hashCode()", ".intValue()", ".foo",
                                   self.call(self.pick([STRING_METHODS, LIST_METHODS, MAP_METHODS, INT_METHODS]), 0)])
            r = self.rng.random()
            if r < 0.55:
                text += f"[{call}]"
            elif r < 0.7:
                text += f"#set($y={call})$y#if($y)T#end#if($y == 1)1#end"
            elif r < 0.85:
                text += f"#foreach($e in {call})$e,#end"
            else:
                text += f"#if({call} {self.pick(['==', '!=', '<', '>='])} {self.typed('v', 0)})Y#{{else}}N#end"
        return setup + text + self.pick(["", "$x", "$!x"])

    # ------------------------------------------------------------ hosts: what API Gateway adds
    def hosts(self):
        return "".join(self.host_piece() for _ in range(self.rng.randint(1, 5)))

    def host_piece(self):
        path = self.pick(PATHS).replace("'", "''") if self.rng.random() < 0.5 else self.pick(PATHS)
        quoted = f'"{path}"' if "'" in path else f"'{path}'"
        pieces = [
            f"$input.json({quoted})", f"$input.path({quoted})", f"[$input.path({quoted})]", f"#set($v = $input.path({quoted}))$v",
            f"#if($input.path({quoted}))T#{{else}}F#end", f"#if($input.path({quoted}) == {self.pick(EQUALS)})E#{{else}}N#end",
            f"#foreach($e in $input.path({quoted}))<$e|$e.id|$foreach.count>#if($foreach.hasNext),#end#end",
            f"$util.escapeJavaScript($input.path({quoted}))", f"$util.escapeJavaScript($input.json({quoted}))", f"$util.base64Encode($input.path({quoted}))",
            f"$util.urlEncode($input.path({quoted}))", f"$util.base64Decode({self.text_literal()})", f"$util.urlDecode({self.text_literal()})",
            f"$util.parseJson($input.json({quoted}))", f"$util.parseJson({self.text_literal()})", f"$util.escapeJavaScript({self.text_literal()})",
            f"#set($input.path({quoted}).added = 'z')", f"#set($d = $input.path('$'))#set($d.x = $input.path({quoted}))$input.json('$')",
            f"$input.path({quoted}).size()", f"$input.path({quoted}).toString().contains('a')", f"$input.path({quoted})[0]", f"$input.path({quoted}).keySet()",
            "$input.body", "$input.body.length()", "$input.params()", "$input.params('q')", "$input.params('X-Hdr')", "$input.params('none')",
            "$input.params().path.id", "$input.params().querystring.q", "$input.params().header.get('X-Hdr')", "$input.params", "$input", "$util",
            "#foreach($p in $input.params().keySet())$p:#foreach($k in $input.params().get($p).keySet())$k=$input.params().get($p).get($k),#end#end",
            "$context.requestId", "$context.identity.sourceIp", "$context.identity", "$context.authorizer.claims.sub", "$context.keySet()", "$context",
            "$context.responseOverride.status", "#set($context.responseOverride.status = 400)", "#set($context.responseOverride.header.X-A = 'b')",
            "#set($context.requestOverride.header['X-B'] = $input.params('q'))", "#set($context.requestOverride.querystring.z = [1, 'b'])",
            "$context.responseOverride.header.put('k', 'v')", "#set($context.requestOverride.path.id = {'a': 1})", "$context.responseOverride",
            "#foreach($k in $context.keySet())$k,#end", "#foreach($k in $context.identity.entrySet())$k.key=$k.value,#end",
            "$stageVariables.env", "${stageVariables['env']}", "$stageVariables.get('none')", "$stageVariables", "#foreach($k in $stageVariables.keySet())$k#end",
            "#set($l = [])$l.add($input.path('$'))$l", "#set($m = {})#set($m.k = $input.path('$.items'))$m", "$input.path('$').class", "$util.nosuch('a')",
            "$input.getBody()", "$input.path($none)", "$input.json(1)", "$util.parseJson('{\"a\":[1,{\"b\":2}]}').a[1].b", "$util.base64Decode($util.base64Encode('Zoë'))",
        ]
        pieces.remove("$input.path('$').class")
        return self.pick(pieces) + self.pick(["", " ", "\n", "|"])

    # ------------------------------------------------------------ api: what mapping templates look like in the field
    def api(self):
        indent = self.pick(["", "  ", "\t"])
        end = self.pick(["\n", "\n", "\r\n"])
        root = f"#set($inputRoot = $input.path('$')){end}" if self.rng.random() < 0.7 else ""
        lines = [self.api_line(indent) for _ in range(self.rng.randint(1, 5))]
        body = ("," + end).join(lines)
        return f"{root}{{{end}{body}{end}}}" + self.pick(["", end])

    def api_line(self, indent):
        name = self.pick(["id", "name", "body", "items", "count", "user", "status", "message"])
        path = self.pick(PATHS)
        path = path if "'" not in path else "$.a"
        end = "\n"
        choices = [
            f'"{name}": $input.json(\'{path}\')', f'"{name}": "$input.path(\'{path}\')"', f'"{name}": "$util.escapeJavaScript($input.path(\'{path}\'))"',
            f'"{name}": "$inputRoot.{self.pick(KEYS)}"', f'"{name}": "$!{{inputRoot.user.name}}"', f'"{name}": "$context.{self.pick(["requestId", "stage", "identity.sourceIp", "httpMethod", "authorizer.principalId"])}"',
            f'"{name}": "$stageVariables.env"', f'"{name}": "$input.params(\'{self.pick(["id", "q", "X-Hdr", "none"])}\')"',
            f'"params": {{{end}#foreach($type in $input.params().keySet()){end}#set($ps = $input.params().get($type)){end}"$type": {{{end}'
            f'#foreach($p in $ps.keySet()){end}"$p": "$util.escapeJavaScript($ps.get($p))"{end}#if($foreach.hasNext),#end{end}#end{end}}}{end}#if($foreach.hasNext),#end{end}#end{end}}}',
            f'"{name}": [{end}#foreach($elem in $inputRoot.items){end}{{"id": $elem.id, "name": "$!elem.name"}}#if($foreach.hasNext),#end{end}#end{end}]',
            f'#if($inputRoot.{self.pick(KEYS)} && $inputRoot.{self.pick(KEYS)} != \'\'){end}"{name}": 1{end}#else{end}"{name}": 0{end}#end',
            f'#set($e = $input.path(\'$.errorMessage\'))#if($e.toString().contains(\'BadRequest\'))#set($context.responseOverride.status = 400)"{name}": "$e.replaceAll(\'"\', \'\')"#else"{name}": null#end',
            f'#if($input.params().querystring.q != ""){end}#set($q = $input.params(\'q\'))"q": "$q"{end}#end',
            f'"{name}": $input.json(\'$\')', f'"{name}": "$util.base64Encode($input.body)"', f'"{name}": "#if($inputRoot.{self.pick(KEYS)})yes#{{else}}no#end"',
            f'#set($total = 0)#foreach($n in $inputRoot.d)#set($total = $total + $n)#end"total": $total',
            f'#macro(field $k $v)"$k": "$v"#end#field("{name}" $input.path(\'{path}\'))', f'"{name}": "$input.path(\'{path}\').replaceAll("\\\\s+", "-").toLowerCase()"',
            f'#set($m = {{"a": 1, "b": "$inputRoot.s"}})#foreach($en in $m.entrySet())"$en.key": "$en.value"#if($foreach.hasNext),#end#end',
            f'"{name}": #if($inputRoot.{self.pick(KEYS)}.size() > 0)true#{{else}}false#end', f'Action=SendMessage&MessageBody=$util.urlEncode($input.body)',
        ]
        return indent + self.pick(choices)


KINDS = {"soup": 3, "mutated": 2, "program": 4, "methods": 4, "hosts": 2, "api": 2}


def request(rng, kinds):
    maker = Templates(rng)
    kind = rng.choices(list(kinds), weights=list(kinds.values()))[0]
    body = BODIES[14] if kind == "methods" and rng.random() < 0.6 else rng.choice(BODIES)
    question = {
        "op": "vtl", "template": getattr(maker, kind)(),
        "input": {"body": body, "params": {"path": {"id": "7"}, "querystring": {"q": "a b", "z": "1"}, "header": {"Accept": "*/*", "X-Hdr": "h'1\""}}},
        "context": {"requestId": "c6af9ac6", "stage": "test", "httpMethod": "POST", "identity": {"sourceIp": "1.2.3.4", "user": None, "userAgent": "curl/8"},
                    "requestTimeEpoch": 1700000000000, "list": [1, {"a": "b"}], "resourcePath": "/a/{id}", "accountId": "123"},
        "stageVariables": {"env": "dev", "url": "https://example.com/?a=b"},
    }
    if rng.random() < 0.15:
        question["mode"] = "plain"
    return kind, question


ADDRESS = re.compile(r"(\[[A-Z](?:[\w.]+;)?|java\.util\.[\w.$]+|[\w.$]+)@[0-9a-f]+")


def normal(answer):
    """An answer without what differs from run to run or is told differently on purpose (vtl.md)."""
    if "error" in answer:
        return "error", answer["error"]
    out = ADDRESS.sub("@", re.sub("[\ud800-\udfff]", "?", re.sub("[\ud800-\udbff][\udc00-\udfff]", lambda m: m.group().encode("utf-16", "surrogatepass").decode("utf-16"), answer["out"])))
    overrides = {re.sub("[\ud800-\udfff]", "?", k): v for k, v in answer.get("overrides", {}).items()}
    return out, ADDRESS.sub("@", json.dumps(overrides, sort_keys=True))


def explained(question):
    """Whether the template asks for what is another thing in each run: an address or the hash code of one."""
    text = question["template"]
    return "copyOf" in text or "hashCode" in text and re.search(r"split|toArray|toCharArray|getBytes|terator|define|values\(|divideAnd|sqrtAnd", text)


class Program:
    """One of the two programs, asked in batches."""

    def __init__(self, command):
        self.command = shlex.split(command)

    def ask(self, questions):
        text = "".join(json.dumps(q) + "\n" for q in questions)
        done = subprocess.run(self.command, input=text, capture_output=True, text=True, timeout=900)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        if len(answers) != len(questions):
            sys.exit(f"{self.command} gave {len(answers)} answers to {len(questions)} questions: {done.stderr[:1500]}")
        return answers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--ours", default="target/debug/stagegate eval")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--batch", type=int, default=4000)
    parser.add_argument("--kind", default="")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    kinds = {k: w for k, w in KINDS.items() if not args.kind or k in args.kind.split(",")}
    oracle, ours = Program(args.oracle), Program(args.ours)
    began, done, differ, kept = time.time(), 0, 0, {}
    while done < args.cases and time.time() - began < args.seconds:
        batch = [request(rng, kinds) for _ in range(min(args.batch, args.cases - done))]
        questions = [question for _, question in batch]
        for (kind, question), theirs, mine in zip(batch, oracle.ask(questions), ours.ask(questions)):
            kept[kind] = kept.get(kind, 0) + 1
            if normal(theirs) == normal(mine) or explained(question):
                continue
            differ += 1
            if differ <= args.show:
                print(f"--- {kind} {question.get('mode', '')}\ntemplate {question['template']!r}\nbody     {question['input']['body']!r}")
                print(f"oracle   {json.dumps(theirs)[:600]}\nours     {json.dumps(mine)[:600]}")
        done += len(batch)
    print(f"seed {args.seed}: {done} templates {kept}, {differ} differ, {time.time() - began:.0f} s")
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
