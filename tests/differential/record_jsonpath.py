#!/usr/bin/env python3
"""Records what the Java original answers to the cases in tests/jsonpath/*.jsonl: asks again and rewrites the files.

    python3 tests/differential/record_jsonpath.py --oracle 'sh tests/differential/oracle/run.sh' [file.jsonl …]

A new case is a line {"json":…,"path":…}, which gets its "out" or "error" here. A line without "json" is about the
document of the line before.
"""
import argparse
import json
import pathlib

from jsonpath import Program, verdict

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "jsonpath"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oracle", required=True)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    oracle = Program(options.oracle)
    for file in options.files or sorted(FOLDER.glob("*.jsonl")):
        cases = [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
        questions, document = [], None
        for case in cases:
            document = case.get("json", document)
            questions.append(json.dumps({"op": "jsonpath", "json": document, "path": case["path"]}))
        lines = []
        for case, answer in zip(cases, oracle.answers(questions)):
            kind, value = verdict(answer)
            recorded = {key: case[key] for key in ("json", "path") if key in case}
            lines.append(json.dumps({**recorded, kind: value}, ensure_ascii=True))
        file.write_text("".join(line + "\n" for line in lines), "utf-8")
        print(f"{file.name}: {len(lines)} cases")


if __name__ == "__main__":
    main()
