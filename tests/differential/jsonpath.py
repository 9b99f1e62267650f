#!/usr/bin/env python3
"""Compares random paths and documents with the Java originals.

    python3 tests/differential/jsonpath.py --oracle 'sh tests/differential/oracle/run.sh' [--ours 'target/debug/stagegate eval']
        [--seed 1] [--cases 100000] [--seconds 600] [--show 20]

Both programs read JSON lines {"op":"jsonpath","json":…,"path":…} and answer {"out":…} or {"error":…}, one line each, in
order. Differences that are not explained in jsonpath.md are printed, and make the exit code 1.
"""
import argparse
import json
import queue
import random
import re
import shlex
import subprocess
import sys
import threading
import time

NAMES = ["a", "b", "c", "x", "id", "name", "price", "tags", "a-b", "a b", "é", "0", "length", "size", "$", "@", "a.b", "", "*"]
WORDS = ["", "a", "ab", "abc", "b", "x", "1", "2", "10", "1.0", "-1", "true", "null", "A", "a/b", "it's", 'say "x"', "é",
         "日本", "😀", "\u2028", "\u0085", "\x7f", "\n", "\\", "[1]", "{}", "$.a", "@.b", "$5", "[1", "'q'", '"q"', "'", "tab\t"]
INTS = [0, 1, 2, 3, 5, 10, -1, -5, 100, 2147483647, 2147483648, -2147483648, -2147483649, 9223372036854775807,
        9223372036854775808, -9223372036854775809, 12345678901234567890123]
FLOATS = ["0.0", "1.0", "1.5", "-2.5", "0.1", "1e5", "1E-7", "1.5e10", "-0.0", "100.0", "3.14159265358979312345",
          "1.0000000000000000000", "123456789.123456789", "1e400", "12345678901234567890.5", "1e-400", "2.50", "8.95"]


class Documents:
    """JSON texts: mostly well formed, some as only json-smart takes them, some broken."""

    def __init__(self, rng):
        self.rng = rng

    def text(self):
        r = self.rng.random()
        if r < 0.85:
            return self.value(0, False)
        if r < 0.93:
            return self.value(0, True)
        return self.broken(self.value(0, self.rng.random() < 0.5))

    def space(self, lenient):
        return self.rng.choice(["", "", "", " ", "\n", "\t ", "\r", "\x0c"[: lenient]])

    def value(self, depth, lenient):
        r = self.rng.random()
        if depth == 0:
            r *= 0.55 if self.rng.random() < 0.95 else 1
        if depth > 3:
            r = 0.55 + r * 0.45
        if r < 0.28:
            return self.object(depth, lenient)
        if r < 0.55:
            return self.array(depth, lenient)
        if r < 0.70:
            return self.string(self.rng.choice(WORDS), lenient)
        if r < 0.85:
            return str(self.rng.choice(INTS if self.rng.random() < 0.3 else INTS[:8]))
        if r < 0.92:
            return self.rng.choice(FLOATS)
        if lenient and self.rng.random() < 0.5:
            return self.rng.choice(["NaN", "nul", "bare word", "tru", "-", "1 2", "01", "-01", "0x1", "1.", ".5", "5a", "1e", "1e+",
                                    "12é", "-abc", "+1", "TRUE", "a:b", "1~", "", "a'b", "é", "00000000000000000001", "1.2.3"])
        return self.rng.choice(["true", "false", "null"])

    def object(self, depth, lenient):
        parts = []
        for _ in range(self.rng.choice([0, 1, 2, 3, 4])):
            key = self.rng.choice(NAMES)
            key = key if lenient and self.rng.random() < 0.3 else self.string(key, lenient)
            parts.append(self.space(lenient) + key + self.space(lenient) + ":" + self.space(lenient)
                         + self.value(depth + 1, lenient) + self.space(lenient))
        return "{" + self.join(parts, lenient) + "}"

    def array(self, depth, lenient):
        count = self.rng.choice([0, 1, 2, 3, 4, 5])
        if self.rng.random() < 0.4:
            shape = self.rng.choice([lambda: self.object(3, lenient), lambda: str(self.rng.choice(INTS[:8])),
                                     lambda: self.string(self.rng.choice(WORDS), lenient)])
            parts = [shape() for _ in range(count)]
        else:
            parts = [self.space(lenient) + self.value(depth + 1, lenient) + self.space(lenient) for _ in range(count)]
        return "[" + self.join(parts, lenient) + "]"

    def join(self, parts, lenient):
        if lenient and self.rng.random() < 0.3:
            parts = parts + [""] if self.rng.random() < 0.5 else [""] + parts
        return ("," if not lenient or self.rng.random() < 0.9 else self.rng.choice([",,", " "])).join(parts)

    def string(self, text, lenient):
        quote = "'" if lenient and self.rng.random() < 0.3 else '"'
        out = ""
        for c in text:
            if c in (quote, "\\"):
                out += "\\" + c
            elif ord(c) < 32 and not lenient or self.rng.random() < 0.03:
                out += "".join("\\u%04x" % u for u in units(c))
            elif lenient and self.rng.random() < 0.05:
                out += self.rng.choice(["\\q", "\\x41", "\\/", "\\'", "\\b", c, "\x01"])
            else:
                out += c
        return quote + out + quote

    def broken(self, text):
        return mutate(self.rng, text, '{}[]:,"\'\\ \n0-.eE\x1a\x00anu')


def units(c):
    raw = c.encode("utf-16-be")
    return [raw[i] << 8 | raw[i + 1] for i in range(0, len(raw), 2)]


def mutate(rng, text, alphabet):
    for _ in range(rng.choice([1, 1, 2])):
        at = rng.randint(0, len(text))
        kind = rng.random()
        if kind < 0.4:
            text = text[:at] + rng.choice(alphabet) + text[at:]
        elif kind < 0.8:
            text = text[:at] + text[at + 1:]
        else:
            text = text[:at]
    return text


class Paths:
    """Paths by the grammar, and some with a character too many or too few."""

    def __init__(self, rng):
        self.rng = rng

    def text(self):
        path = self.path("$")
        r = self.rng.random()
        if r < 0.06:
            path = mutate(self.rng, path, "$@.[]()'\"*?:,-!=<>&|/ 0aé\\{}")
        elif r < 0.08:
            path = self.rng.choice([" ", "", "  "]) + path + self.rng.choice([" ", ""])
        elif r < 0.12 and path.startswith("$."):
            path = path[2:]
        return path

    def path(self, start, depth=0):
        steps = [self.step(depth) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3, 4]))]
        if self.rng.random() < 0.12:
            steps.append(self.function(depth))
        return start + "".join(steps)

    def step(self, depth):
        r = self.rng.random()
        name = self.rng.choice(NAMES[:8])
        if r < 0.30:
            return "." + name
        if r < 0.42:
            return "[" + self.quoted(self.rng.choice(NAMES)) + "]"
        if r < 0.47:
            return "[" + self.rng.choice([",", ", "]).join(self.quoted(self.rng.choice(NAMES)) for _ in range(self.rng.choice([2, 2, 3]))) + "]"
        if r < 0.57:
            return "[%s]" % self.rng.choice([0, 0, 1, 1, 2, 3, 9, -1, -1, -2, -9, " 1 ", "01", "-", "1-1", "99999999999"])
        if r < 0.61:
            return "[" + self.rng.choice([",", ", ", " , ", ",,"]).join(str(self.rng.choice([0, 1, 2, -1, 7])) for _ in range(self.rng.choice([2, 3]))) + "]"
        if r < 0.68:
            ends = ["", 0, 1, 2, 3, -1, -2, -9, 9, "x"]
            return "[%s:%s%s]" % (self.rng.choice(ends[:-1]), self.rng.choice(ends), self.rng.choice(["", "", "", "", ":", ":2", " "]))
        if r < 0.77:
            return self.rng.choice([".*", "[*]", "[ * ]"])
        if r < 0.85:
            return ".." + self.rng.choice([name, "*", "[0]", "[*]", "['a']", "['a','b']", "[0,1]", "[1:]", "[-1]", self.filter(depth)])
        return self.filter(depth)

    def quoted(self, text):
        quote = self.rng.choice("''\"")
        return quote + text.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote

    def function(self, depth):
        name = self.rng.choice(["length", "size", "sum", "min", "max", "avg", "stddev", "concat", "keys", "first", "last",
                                "index", "append", "nope"])
        arguments = [self.rng.choice(["1", "-1", "0", "2.5", '"x"', '"a,b"', '{"a":1}', "$.a", "$..a", "$[*]", "$.b[0]", "$.a.length()",
                                      "$..id", "@.a", "$", "x", "[1]", "'y'", "true", "{10}"])
                     for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2]))]
        if name == "append":
            # A document put into itself again and again prints for ever.
            arguments = [a if not a.startswith(("$", "@")) else "$.b[0]" for a in arguments]
        tail = "" if self.rng.random() < 0.9 else self.rng.choice([".a", "[0]", ".length()", ".sum()"])
        return ".%s(%s)%s" % (name, self.rng.choice([",", ", "]).join(arguments), tail)

    def filter(self, depth):
        if depth > 1:
            return "[0]"
        blank = self.rng.choice(["", "", " "])
        return "[" + blank + "?" + blank + "(" + blank + self.expression(depth) + blank + ")" + blank + "]"

    def expression(self, depth, level=0):
        r = self.rng.random()
        if level < 2 and r < 0.2:
            operator = self.rng.choice([" && ", " || ", "&&", "||", " and "])
            return operator.join(self.expression(depth, level + 1) for _ in range(self.rng.choice([2, 2, 3])))
        if level < 2 and r < 0.26:
            return "(" + self.expression(depth, level + 1) + ")"
        if level < 2 and r < 0.32:
            return "!(" + self.expression(depth, level + 1) + ")"
        if r < 0.45:
            return self.rng.choice(["", "", "!", "! "]) + self.operand_path(depth)
        operator = self.rng.choice(["==", "==", "==", "!=", "<", "<=", ">", ">=", "===", "!==", "=~", "in", "nin", "IN", "contains",
                                    "size", "empty", "subsetof", "anyof", "noneof", "all", "type", "exists", "matches", "=", "<>"])
        symbol = not operator.isalpha()
        blank = self.rng.choice(["", " "]) if symbol else " "
        right = self.right(operator, depth)
        left = self.operand(depth)
        if self.rng.random() < 0.08:
            left, right = right, left
        return left + blank + operator + blank + right

    def right(self, operator, depth):
        if operator == "=~":
            return self.rng.choice(["/a.*/", "/A/i", "/[ab]+/", r"/\d+/", "/.*/s", "/a|b/", r"/a\/b/", "/x", "/(/", "/true/", "//"])
        if operator.lower() in ("in", "nin", "subsetof", "anyof", "noneof", "all", "contains") and self.rng.random() < 0.6:
            return self.rng.choice(["['a','b']", '["a", 1, 2]', "[1,2,3]", "[]", "[null,true]", "['1']", "[1.0]", "[[1]]", "[{}]", "['$.a']",
                                    "['[1]']", "[ab]", "['a'", '["it\'s"]', "{}"])
        if operator == "size":
            return self.rng.choice(["0", "1", "2", "3", "-1", "2.5", "'1'"])
        if operator in ("empty", "exists"):
            return self.rng.choice(["true", "false", "1"])
        return self.operand(depth)

    def operand(self, depth):
        r = self.rng.random()
        if r < 0.5:
            return self.operand_path(depth)
        if r < 0.7:
            return self.quoted(self.rng.choice(WORDS[:14]))
        if r < 0.85:
            return str(self.rng.choice(INTS[:11] + ["1.0", "2.5", "1e2", "-0.5", "1E1", ".5", "1.", "--1", "10.00"]))
        return self.rng.choice(["true", "false", "null", "[1,2]", '["a"]', '{"a":1}', "{}", "[]", "True", "nul", "/a/"])

    def operand_path(self, depth):
        start = "@" if self.rng.random() < 0.85 else "$"
        if self.rng.random() < 0.75:
            return start + self.rng.choice(["", ".a", ".b", ".id", ".name", ".price", ".tags", "['a']", "[0]", ".a.b", ".tags[0]", ".*",
                                            "[*]", "..a", ".length()", ".tags.length()", ".a.size()", "['a','b']"])
        return self.path(start, depth + 1)


class Program:
    """A program that answers line by line; one that hangs is said to, and started again."""

    def __init__(self, command):
        self.command = command
        self.start()

    def start(self):
        self.process = subprocess.Popen(shlex.split(self.command), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lines = queue.Queue()
        threading.Thread(target=self.collect, args=(self.process.stdout, self.lines), daemon=True).start()

    @staticmethod
    def collect(stream, lines):
        for line in stream:
            lines.put(line)

    def answers(self, lines):
        answers = []
        while len(answers) < len(lines):
            threading.Thread(target=self.write, args=(self.process.stdin, lines[len(answers):]), daemon=True).start()
            try:
                while len(answers) < len(lines):
                    answers.append(json.loads(self.lines.get(timeout=30)))
            except queue.Empty:
                answers.append({"error": "Hangs"})
                self.process.kill()
                self.start()
        return answers

    @staticmethod
    def write(stream, lines):
        try:
            stream.write("".join(line + "\n" for line in lines).encode())
            stream.flush()
        except OSError:
            pass


class OneShot:
    """A program that is started for each batch: `stagegate eval` answers in bulk, when its input ends."""

    def __init__(self, command):
        self.command = shlex.split(command)

    def answers(self, lines):
        text = "".join(line + "\n" for line in lines).encode()
        done = subprocess.run(self.command, input=text, stdout=subprocess.PIPE, timeout=120, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


def verdict(answer):
    """What counts of an answer."""
    if "out" in answer:
        return "out", answer["out"]
    error = answer.get("error")
    # An exception that json-smart lets through while it reads: no document either way.
    if error == "Protocol" and "NumberFormatException" in answer.get("message", ""):
        error = "InvalidJson"
    # Printing a list that was put into itself.
    if error == "Protocol" and "StackOverflowError" in answer.get("message", ""):
        error = "Other"
    return "error", error


def explained(case, ours, theirs_answer):
    """The reason in jsonpath.md, if the difference is one of those."""
    if any("\ud800" <= c <= "\udfff" for c in theirs_answer.get("out", "")) and "?" in str(ours[1]):
        return "lone surrogate"
    if re.search(r"\?.*\.\.(\*|\[ ?\*).*\w\(", case["path"]) and "token is a leaf" in theirs_answer.get("message", ""):
        return "worn wildcard"
    if theirs_answer.get("error") == "Hangs" and ours == ("error", "Other"):
        return "loops for ever"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--ours", default="target/debug/stagegate eval")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--show", type=int, default=20)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    documents, paths = Documents(rng), Paths(rng)
    ours, theirs = OneShot(options.ours), Program(options.oracle)
    start, done, different, reasons, outcomes = time.time(), 0, 0, {}, {}
    while done < options.cases and time.time() - start < options.seconds:
        cases = [{"op": "jsonpath", "json": documents.text(), "path": paths.text()} for _ in range(2000)]
        lines = [json.dumps(case) for case in cases]
        for case, a, b in zip(cases, ours.answers(lines), theirs.answers(lines)):
            mine, other = verdict(a), verdict(b)
            outcomes[other[0] if other[0] == "out" else other[1]] = outcomes.get(other[0] if other[0] == "out" else other[1], 0) + 1
            if mine != other:
                reason = explained(case, mine, b)
                reasons[reason] = reasons.get(reason, 0) + 1
                if reason is None:
                    different += 1
                    if different <= options.show:
                        print(json.dumps({"json": case["json"], "path": case["path"]}, ensure_ascii=False))
                        print("   ours  ", a)
                        print("   theirs", b)
        done += len(cases)
    print(f"{done} cases, seed {options.seed}, {time.time() - start:.0f} s: {different} differences; explained: {reasons}; outcomes: {outcomes}")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
