#!/usr/bin/env python3
"""Runs command-line cases kept as data: tests/cli/*.cases.

A case is a group of lines; blank lines part the groups, lines that start with "#" are comments. A group starts with
a command, and may hold several, each followed by what must hold once it has ended:

    $ qloupe compare {samples}/a.tflite b.tflite --data - < in.npz
    ? 5                      exit status (0 when there is no such line)
    > text                   the whole standard output, line by line
    ~ regex                  matches somewhere in standard output
    ! text                   the whole standard error, line by line
    !~ regex                 matches somewhere in standard error
    absent: FILE             does not exist
    present: FILE            exists and is not empty
    in FILE: regex           matches somewhere in the file

A command runs without a shell, in an empty folder of its case, {tmp}; its words are quoted as a shell's. Besides
qloupe ($QLOUPE, else build/release/qloupe) a case may use cat, cmp, cp and head. {samples}, {bad} and {golden} are
folders of this repository; {zoo}, the shared zoo, may be missing, then the cases that name it are skipped. A command
that dies of a signal or of a sanitizer has failed, whatever its case expects.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = {"samples": ROOT / "samples", "bad": ROOT / "tests/bad", "golden": ROOT / "tests/golden",
           "zoo": ROOT / "../shared/zoo"}
TOOLS = ("cat", "cmp", "cp", "head")
EXPECTATIONS = ("? ", ">", "~ ", "!~ ", "!", "absent: ", "present: ", "in ")
PLACEHOLDER = re.compile(r"\{(samples|bad|golden|zoo|tmp)\}")
TIMEOUT = 120


@dataclasses.dataclass
class Step:
    command: str
    expected: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Case:
    place: str
    text: str = ""
    steps: list[Step] = dataclasses.field(default_factory=list)


def parse(path: pathlib.Path) -> list[Case]:
    cases: list[Case] = []
    case = None
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            case = None
        elif line.startswith("$ "):
            if case is None:
                case = Case(f"{path.name}:{number}")
                cases.append(case)
            case.steps.append(Step(line[2:]))
        elif not line.startswith("#"):
            if case is None or not line.startswith(EXPECTATIONS):
                raise SystemExit(f"{path}:{number}: {line!r}: not a command, an expectation or a comment")
            case.steps[-1].expected.append(line)
        if case is not None:
            case.text += line + "\n"
    return cases


def faults(expected: list[str], status: int, out: str, err: str, fill, folder: pathlib.Path) -> list[str]:
    """What does not hold of `expected`. `fill(text, quote)` puts the folders in, each passed through quote."""
    found, out_lines, err_lines, want_status = [], [], [], 0
    for line in expected:
        kind, _, text = line.partition(" ")
        if kind == "?":
            want_status = int(text)
        elif kind == ">":
            out_lines.append(fill(text, str))
        elif kind == "!":
            err_lines.append(fill(text, str))
        elif kind in ("~", "!~"):
            if not re.search(fill(text, re.escape), err if kind == "!~" else out, re.M):
                found.append(f"standard {'error' if kind == '!~' else 'output'} has nothing like {text}")
        elif kind == "absent:":
            if os.path.lexists(folder / fill(text, str)):
                found.append(f"{text} exists")
        elif kind == "present:":
            path = folder / fill(text, str)
            if not path.is_file() or path.stat().st_size == 0:
                found.append(f"{text} is missing or empty")
        elif kind == "in":
            name, _, pattern = text.partition(": ")
            path = folder / fill(name, str)
            content = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
            if not re.search(fill(pattern, re.escape), content, re.M):
                found.append(f"{name} has nothing like {pattern}")
        else:
            found.append(f"{line!r}: not an expectation")
    if status != want_status:
        found.insert(0, f"exit status {status}, expected {want_status}")
    for name, lines, text in (("output", out_lines, out), ("error", err_lines, err)):
        if lines and text.rstrip("\n") != "\n".join(lines).rstrip("\n"):
            found.append(f"standard {name} differs")
    return found


def run_step(step: Step, program: str, fill, folder: pathlib.Path) -> list[str]:
    words = [fill(word, str) for word in shlex.split(step.command)]
    stdin = None
    if "<" in words:
        at = words.index("<")
        stdin = folder / words[at + 1]
        del words[at:at + 2]
    if words[0] == "qloupe":
        words[0] = program
    elif words[0] not in TOOLS:
        return [f"{words[0]}: a case may run only qloupe, {', '.join(TOOLS)}"]
    with open(stdin or os.devnull, "rb") as given:
        try:
            done = subprocess.run(words, cwd=folder, stdin=given, capture_output=True, timeout=TIMEOUT, check=False,
                                  env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "80"})
        except (OSError, subprocess.TimeoutExpired) as error:
            return [str(error)]
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    found = faults(step.expected, done.returncode, out, err, fill, folder)
    if done.returncode < 0:
        found.append(f"killed by signal {-done.returncode}")
    if "Sanitizer" in err or "runtime error:" in err:
        found.append("a sanitizer complained")
    if found:
        found += ["standard output:"] + out.splitlines()[:40] + ["standard error:"] + err.splitlines()[:40]
    return found


def run_case(case: Case, program: str) -> tuple[str, list[str]]:
    """("passed" | "failed" | "skipped", the reasons)."""
    for name in ("zoo",):
        if "{" + name + "}" in case.text and not FOLDERS[name].is_dir():
            return "skipped", [f"no {FOLDERS[name].relative_to(ROOT)}"]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="qloupe-case-"))
    places = {**FOLDERS, "tmp": folder}

    def fill(text: str, quote) -> str:
        return PLACEHOLDER.sub(lambda found: quote(str(places[found.group(1)])), text)

    try:
        for step in case.steps:
            found = run_step(step, program, fill, folder)
            if found:
                return "failed", [f"$ {step.command}"] + found
        return "passed", []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("files", nargs="*", type=pathlib.Path, help="default: tests/cli/*.cases")
    args = parser.parse_args()
    program = str(pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve())
    files = args.files or sorted((ROOT / "tests/cli").glob("*.cases"))
    cases = [case for path in files for case in parse(path)]
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for case, (verdict, reasons) in zip(cases, pool.map(run_case, cases, [program] * len(cases))):
            counts[verdict] += 1
            if verdict == "failed":
                print(f"FAILED: {case.place}: " + "\n    ".join(reasons))
            if verdict == "skipped":
                print(f"skipped: {case.place}: {reasons[0]}")
    print(f"{counts['passed']} passed, {counts['failed']} failed" +
          (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 0 if cases and not counts["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
