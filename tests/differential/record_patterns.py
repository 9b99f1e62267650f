#!/usr/bin/env python3
"""Asks java.util.regex again for every answer in tests/pattern/*.jsonl and writes it there.

    python3 tests/differential/record_patterns.py [FILE…]

To add a case, add a line without an answer: {"pattern":"a+","text":"aa"}, or with "op" as in Regex.java, and run this.
"""
import glob
import json
import os
import sys

from regex import HERE, JAVA, answers

ANSWER = ("out", "error", "message", "index")


def main():
    files = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "..", "pattern", "*.jsonl")))
    for name in files:
        with open(name) as lines:
            cases = [{k: v for k, v in json.loads(line).items() if k not in ANSWER} for line in lines if line.strip()]
        kept, dropped = [], 0
        for case, answer in zip(cases, answers(JAVA, [{"op": "regex", **case} for case in cases])):
            # No answer to learn from: Java itself ran out of time or stack, or failed where it should not.
            internal = answer.get("error") == "Replacement" and case.get("op", "regex") in ("regex", "find")
            if answer.get("error") in ("Timeout", "StackOverflow") or answer.get("index") == -2 or internal:
                dropped += 1
                continue
            if "index" in answer:
                # Ours counts in the pattern as written, Java's after it has rewritten quotations, and it may be -1.
                answer["index"] = max(answer["index"], 0)
                if "\\Q" in case["pattern"]:
                    del answer["index"]
            kept.append({**case, **answer})
        # A refused pattern is refused for any text: once is enough.
        seen, unique = set(), []
        for case in kept:
            key = json.dumps(case if case.get("error") != "PatternSyntax" else case["pattern"])
            if key not in seen:
                seen.add(key)
                unique.append(case)
        with open(name, "w") as out:
            out.writelines(json.dumps(case, separators=(",", ":")) + "\n" for case in unique)
        print("%s: %d cases%s" % (os.path.basename(name), len(unique), ", %d without an answer left out" % dropped if dropped else ""))


if __name__ == "__main__":
    main()
