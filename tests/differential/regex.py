#!/usr/bin/env python3
"""Random regular expressions, answered by java.util.regex and by stagegate, compared.

    python3 tests/differential/regex.py [--seed N] [--cases N] [--seconds N] [--show N]
    python3 tests/differential/regex.py --op find --ours 'cargo run -q --manifest-path tests/differential/searching/Cargo.toml'

Exits 1 when an answer differs that `explained` does not explain. See README.md beside it.
"""
import argparse
import json
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
JAVA = ["java", os.path.join(HERE, "Regex.java")]

LETTERS = "abcABCxyz"
CHARS = list(LETTERS) * 3 + list("0129_-. \t,:;\"'/{}[]()<>=!@#&%~`^$|?*+\\") + list(
    "\n\n\r\x0b\x0c\x1c\x85\xa0\u2028\u180e\u3000éÉßẞſKkµΣςσİıǅäÄ٣Ⅷⅷ漢가\u0301\u0903\u200d\U0001d400\U0001f600\U0001f469\U00010428")
PLAIN = [c for c in CHARS if c not in "\\^$.|?*+()[]{}#&-"]
FAMILIES = (
    "L M N P S Z C Lu Ll Lt Lm Lo LC LD L1 Nd Nl No Mn Mc Sm Sc Sk Zs Cc Cf Cn Cs Po Pd Pi all Lower Upper ASCII Alpha "
    "Digit Alnum Punct Graph Print Blank Cntrl XDigit Space javaLowerCase javaUpperCase javaWhitespace javaMirrored "
    "javaLetter javaLetterOrDigit javaDigit javaAlphabetic javaDefined javaIdentifierIgnorable javaJavaIdentifierPart "
    "javaJavaIdentifierStart javaSpaceChar javaTitleCase javaISOControl javaUnicodeIdentifierPart IsAlphabetic IsLetter "
    "IsLowercase IsUppercase IsTitlecase IsPunctuation IsControl IsWhite_Space IsDigit IsHex_Digit IsAssigned IsL IsLu "
    "IsAlnum IsWord IsLatin IsGreek IsCyrillic IsHan isLatin IsCommon InGreek InBasicLatin InLATIN_EXTENDED_A InHANGUL_SYLLABLES "
    "script=Latin sc=Grek blk=Arrows block=Latin-1Supplement gc=Lu general_category=N IsIdeographic IsJoin_Control lower "
    "Foo IsFoo InFoo x=y sc=Foo"
).split()
SHORT = ["\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\h", "\\H", "\\v", "\\V"]
SHORT_SAMPLE = {"d": "012", "D": "ab-", "w": "aZ_0", "W": "- é", "s": " \t\n\x0b", "S": "a0é", "h": " \t\xa0\u3000", "H": "a\n",
                "v": "\n\r\x85\u2028", "V": "a "}


class Generator:
    """Grows one pattern and, along with it, a text that has a fair chance to match."""

    def __init__(self, rng):
        self.rng = rng
        self.groups = 0
        self.names = []
        # A third of all patterns have few letters and much structure, so that more texts match.
        self.small = rng.random() < 0.35

    def pick(self, *choices):
        """choices: (weight, function)"""
        total = sum(w for w, _ in choices)
        at = self.rng.uniform(0, total)
        for weight, make in choices:
            at -= weight
            if at <= 0:
                return make()
        return choices[-1][1]()

    def pattern(self):
        prefix = self.rng.choice(["", "", "", "", "", "(?i)", "(?s)", "(?m)", "(?x)", "(?U)", "(?iu)", "(?iU)", "(?d)", "(?ms)",
                                  "(?-i)", "(?imsx)", "(?md)", "^", "\\A", "\\G"])
        pattern, sample = self.alternatives(self.rng.choice([2, 3, 3, 4] if self.small else [1, 2, 2, 3]))
        suffix = self.rng.choice([""] * 8 + ["$", "\\z", "\\Z", "$", ".*", "(?m)$"])
        pattern = prefix + pattern + suffix
        if self.rng.random() < 0.04:
            at = self.rng.randrange(len(pattern) + 1)
            cut = self.rng.choice([0, 0, 1, 2])
            junk = self.rng.choice(["", "*", "+", "{", "}", "[", "]", "(", ")", "\\", "|", "?", "{2}", "{1,", "&&", "\\Q", "\\E", "#",
                                    "(?", "(?<", "\\p", "\\x", "\\u00", "-", "^", "\\k<a>", "[^", "\\0", "\\c", "\\b{g}"])
            pattern = pattern[:at] + junk + pattern[at + cut:]
        return pattern, sample

    def alternatives(self, depth):
        branches = [self.sequence(depth) for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3]))]
        return "|".join(p for p, _ in branches), self.rng.choice(branches)[1]

    def sequence(self, depth):
        parts = [self.quantified(depth) for _ in range(self.rng.choice([0, 1, 1, 2, 2, 3, 4]))]
        return "".join(p for p, _ in parts), "".join(s for _, s in parts)

    def quantified(self, depth):
        pattern, sample = self.atom(depth)
        if self.rng.random() < 0.62:
            return pattern, sample
        low = self.rng.choice([0, 0, 1, 1, 2, 3])
        high = low + self.rng.choice([0, 0, 1, 2])
        quantifier, low, high = self.rng.choice([
            ("?", 0, 1), ("*", 0, 3), ("+", 1, 3), ("{%d}" % low, low, low), ("{%d,}" % low, low, low + 2),
            ("{%d,%d}" % (low, high), low, high)])
        times = self.rng.randint(low, high)
        quantifier += self.rng.choice(["", "", "", "", "?", "+"])
        return pattern + quantifier, sample * times

    def atom(self, depth):
        deep = depth > 0
        if self.small:
            return self.pick(
                (30, self.literal),
                (4, lambda: (".", self.rng.choice("ab"))),
                (4, lambda: self.rng.choice([("[ab]", "a"), ("[^a]", "b"), ("\\w", "b"), ("[a&&[^b]]", "a"), ("\\R", "\r\n")])),
                (4, self.anchor),
                (8, self.backref),
                (30 if deep else 0, lambda: self.group(depth)),
                (10 if deep else 0, lambda: self.look(depth)),
            )
        return self.pick(
            (30, self.literal),
            (6, lambda: (".", self.rng.choice(CHARS))),
            (10, self.shorthand),
            (12, lambda: self.klass(2)),
            (5, self.family),
            (5, self.escape),
            (6, self.anchor),
            (3, self.backref),
            (1.5, self.quote),
            (1, lambda: ("\\R", self.rng.choice(["\r\n", "\n", "\r", "\x85", "\x0b"]))),
            (1, lambda: ("\\X", self.rng.choice(["a", "e\u0301", "\r\n", "\U0001f469\u200d\U0001f469", "가", "\U0001f1e6\U0001f1e7"]))),
            (14 if deep else 0, lambda: self.group(depth)),
            (5 if deep else 0, lambda: self.look(depth)),
            (1, lambda: (self.rng.choice(["(?i)", "(?s)", "(?-i)", "(?x)", "(?m)", "(?u)", "(?U)", "(?d)", "(?-x)", "(?i-s)"]), "")),
        )

    def literal(self):
        if self.small:
            c = self.rng.choice("aab")
            return c, c
        if self.rng.random() < 0.5:
            c = self.rng.choice("abcxyzAB")
            return c, self.rng.choice([c, c, c, c.swapcase()])
        if self.rng.random() < 0.2:
            word = "".join(self.rng.choice("abcxy 01") for _ in range(self.rng.randint(2, 5)))
            return word, word
        c = self.rng.choice(PLAIN)
        return c, self.rng.choice([c, c, c, c.swapcase()])

    def shorthand(self):
        short = self.rng.choice(SHORT)
        return short, self.rng.choice(SHORT_SAMPLE[short[1]])

    def family(self):
        name = self.rng.choice(FAMILIES)
        form = "\\" + self.rng.choice("pppP")
        if self.rng.random() < 0.2:
            return form + self.rng.choice("LMNPSZCQ"), self.rng.choice(CHARS)
        return form + "{" + name + "}", self.rng.choice(CHARS)

    def escape(self):
        c = self.rng.choice(CHARS)
        n = ord(c)
        forms = ["\\x{%X}" % n]
        if n < 256:
            forms += ["\\x%02x" % n, "\\0%o" % n]
        if n < 0x10000:
            forms.append("\\u%04X" % n)
        else:
            forms.append("\\u%04x\\u%04x" % (0xD800 + ((n - 0x10000) >> 10), 0xDC00 + (n & 0x3FF)))
        if n < 128 and not c.isalnum():
            forms += ["\\" + c] * 3
        forms += ["\\t", "\\n", "\\r", "\\f", "\\a", "\\e", "\\cA", "\\N{DIGIT ONE}"] if self.rng.random() < 0.2 else []
        form = self.rng.choice(forms)
        known = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\f": "\f", "\\a": "\a", "\\e": "\x1b", "\\cA": "\x01", "\\N{DIGIT ONE}": "1"}
        return form, known.get(form, c)

    def anchor(self):
        return self.rng.choice([("^", ""), ("$", ""), ("$", "\n"), ("\\b", ""), ("\\b", " "), ("\\B", ""), ("\\A", ""), ("\\z", ""),
                                ("\\Z", ""), ("\\G", ""), ("\\b{g}", ""), ("^", "\n"), ("$", "\r\n")])

    def backref(self):
        if self.names and self.rng.random() < 0.4:
            return "\\k<" + self.rng.choice(self.names) + ">", self.rng.choice(["", "a", "ab"])
        n = self.rng.randint(1, max(1, self.groups + 1))
        return "\\%d" % n, self.rng.choice(["", "a", "b", "ab", "A"])

    def quote(self):
        text = "".join(self.rng.choice("ab.*+[]()\\^$ 1-") for _ in range(self.rng.randint(0, 4)))
        if "\\E" in text:
            text = "a.b"
        return "\\Q" + text + self.rng.choice(["\\E", "\\E", "\\E", ""]), text

    def group(self, depth):
        kind = self.rng.choice(["(", "(", "(", "(?:", "(?:", "(?:", "(?>", "(?<name>", "(?i:", "(?s-i:", "(?x: "])
        if kind == "(":
            self.groups += 1
        if kind == "(?<name>":
            self.groups += 1
            name = "n%d" % self.groups
            self.names.append(name)
            kind = "(?<%s>" % name
        pattern, sample = self.alternatives(depth - 1)
        return kind + pattern + ")", sample

    def look(self, depth):
        kind = self.rng.choice(["(?=", "(?=", "(?!", "(?!", "(?<=", "(?<!"])
        pattern, sample = self.alternatives(depth - 1)
        return kind + pattern + ")", sample if kind == "(?=" and self.rng.random() < 0.7 else ""

    def klass(self, depth):
        out, sample = "[", ""
        if self.rng.random() < 0.25:
            out += "^"
        for _ in range(self.rng.choice([1, 1, 2, 2, 3, 4])):
            kind = self.rng.random()
            if kind < 0.03:
                out += self.rng.choice(["\\[^", "\\Q[\\E^", "\\]^", "\\\\", "^^"])
                sample = self.rng.choice("[^]\\")
            elif kind < 0.35:
                c = self.rng.choice([c for c in CHARS if c not in "[]\\&"])
                out += c
                sample = self.rng.choice([c, c.swapcase()])
            elif kind < 0.6:
                a, b = self.rng.choice(["az", "AZ", "09", "ac", "xz", "Az", " ~", "é\u0301", "\x00\xff", "a\u3000", "K\u212b", "_a", "!-",
                                        "\U0001d400\U0001f600", "ſſ", "@G"])
                out += a + "-" + b
                sample = chr(self.rng.randint(ord(a), ord(b)))
            elif kind < 0.72:
                short = self.rng.choice(SHORT)
                out += short
                sample = self.rng.choice(SHORT_SAMPLE[short[1]])
            elif kind < 0.78:
                out += self.family()[0]
            elif kind < 0.84:
                form, sample = self.escape()
                out += form
            elif kind < 0.9 and depth:
                inner, sample = self.klass(depth - 1)
                out += inner
            elif kind < 0.96:
                out += self.rng.choice(["&&", "&&", "&&", "&"])
                if depth and self.rng.random() < 0.6:
                    inner, sample = self.klass(depth - 1)
                    out += inner
            else:
                out += self.rng.choice(["-", "^", "[:alpha:]", "\\Qa-\\E", "\\v-", " ", "#", "\\b"])
        return out + "]", sample or self.rng.choice(CHARS)

    def text(self, sample):
        """The sample, or something near it."""
        text = list(sample[:24])
        if len(text) and 0xD800 <= ord(text[-1]) < 0xE000:
            text.pop()
        for _ in range(self.rng.choice([0, 0, 0, 1, 1, 2])):
            at = self.rng.randint(0, len(text))
            what = self.rng.random()
            if what < 0.4:
                text.insert(at, self.rng.choice("ab" if self.small else CHARS))
            elif what < 0.7 and text:
                text.pop(min(at, len(text) - 1))
            elif text:
                at = min(at, len(text) - 1)
                text[at] = self.rng.choice(["ab\n"[at % 3] if self.small else self.rng.choice(CHARS), text[at].swapcase()[:1]])
        if self.rng.random() < 0.1:
            text.append(self.rng.choice(["\n", "\r\n", "\r", "\u2028"]))
        return "".join(c for c in "".join(text) if not 0xD800 <= ord(c) < 0xE000)


def cases(rng, count, op):
    made = []
    while len(made) < count:
        generator = Generator(rng)
        pattern, sample = generator.pattern()
        pattern = "".join(c for c in pattern if not 0xD800 <= ord(c) < 0xE000)
        texts = {generator.text(sample) for _ in range(3)} | {
            "".join(rng.choice("aab" if generator.small else CHARS) for _ in range(rng.randint(0, 6)))}
        made += [{"op": op, "pattern": pattern, "text": text} for text in sorted(texts)]
    return made[:count]


def answers(command, lines):
    done = subprocess.run(command, input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True)
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    if len(found) != len(lines):
        sys.exit("%s answered %d of %d: %s" % (command[0], len(found), len(lines), done.stderr[:2000]))
    return found


def explained(case, java, ours):
    """Why an answer may differ, or None; the reasons are told in README.md."""
    if java.get("error") in ("Timeout", "StackOverflow"):
        return "java gave up"
    if java.get("index") == -2 or java.get("error") == "Replacement":
        return "java failed with an internal exception"
    cut_short = case["op"] == "find" and "out" in ours and "out" in java and len(ours["out"]) < len(java["out"])
    if ours.get("error") == "StepLimit" or cut_short and re.search(r"\\[1-9k]", case["pattern"]) and java["out"][: len(ours["out"])] == ours["out"]:
        return "the step limit"
    if "\\b{g}" in case["pattern"]:
        return "\\b{g} looks at what Java matched last, inside the matcher"
    if case["op"] == "find" and "out" in java and "out" in ours and [m[0] for m in java["out"]] == [m[0] for m in ours["out"]]:
        return "what a group in nested quantifiers holds in the end"
    if case["op"] == "find" and any(ord(c) > 0xFFFF for c in case["text"]):
        return "searching starts inside a surrogate pair"
    return None


def same(java, ours):
    if "error" in java or "error" in ours:
        return java.get("error") == ours.get("error")
    return java["out"] == ours["out"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--op", default="regex", choices=["regex", "find"])
    options.add_argument("--ours", default="target/debug/stagegate eval")
    options.add_argument("--show", type=int, default=20)
    options = options.parse_args()
    rng, start, done, known, shown, bad = random.Random(options.seed), time.time(), 0, {}, 0, 0
    matched = errors = 0
    while done < options.cases and time.time() - start < options.seconds:
        batch = cases(rng, min(10_000, options.cases - done), options.op)
        for case, java, ours in zip(batch, answers(JAVA, batch), answers(options.ours.split(), batch)):
            matched += bool(java.get("out"))
            errors += "error" in java
            if same(java, ours):
                continue
            reason = explained(case, java, ours)
            if reason:
                known[reason] = known.get(reason, 0) + 1
                continue
            bad += 1
            if bad <= options.show:
                print(json.dumps(case), "\n  java", json.dumps(java), "\n  ours", json.dumps(ours))
        done += len(batch)
    print("seed %d: %d cases, %d matched, %d refused; %d differ, %d for known reasons %s"
          % (options.seed, done, matched, errors, bad, sum(known.values()), known or ""))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
