#!/usr/bin/env python3
"""The test runners themselves: what must pass passes, what must fail fails."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests import run_all
from tests.support.tally import Tally

FAKE = r"""#!/bin/sh
case $1 in
say) shift; printf '%s\n' "$@" ;;
complain) echo "m.tflite: bad" >&2; exit 4 ;;
write) echo hello >"$2" ;;
read) cat ;;
die) kill -SEGV $$ ;;
asan) echo "==1==ERROR: AddressSanitizer: x" >&2; exit 1 ;;
esac
"""

# (the case, whether it must pass)
CASES = (
    ("$ qloupe say a 'b c'\n> a\n> b c", True),
    ("$ qloupe say a b\n> a", False),
    ("$ qloupe say a\n> a\n> b", False),
    ("$ qloupe say a\n? 1", False),
    ("$ qloupe complain", False),
    ("$ qloupe complain\n? 4\n! m.tflite: bad", True),
    ("$ qloupe complain\n? 4\n! m.tflite: good", False),
    ("$ qloupe complain\n? 4\n!~ ^m.*bad$", True),
    ("$ qloupe complain\n? 4\n!~ good", False),
    ("$ qloupe say abc\n~ ^a.c$", True),
    ("$ qloupe say abc\n~ ^b", False),
    ("$ qloupe write f\npresent: f\nabsent: g\nin f: ^hel+o$", True),
    ("$ qloupe write f\nabsent: f", False),
    ("$ qloupe say f\npresent: f", False),
    ("$ qloupe write f\nin f: goodbye", False),
    ("$ qloupe write {tmp}/f\n$ qloupe read < f\n> hello\n$ cmp f f", True),
    ("$ qloupe say {tmp}\n> {tmp}\n~ ^{tmp}$", True),
    ("$ qloupe complain\n$ qloupe say a\n> a", False),
    ("$ qloupe die\n? -11", False),
    ("$ qloupe asan\n? 1", False),
    ("$ rm f", False),
)


def cases_runner(tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as folder:
        fake = pathlib.Path(folder, "qloupe")
        fake.write_text(FAKE, encoding="utf-8")
        fake.chmod(0o755)

        def run(text: str) -> subprocess.CompletedProcess[str]:
            path = pathlib.Path(folder, "t.cases")
            path.write_text(text, encoding="utf-8")
            return subprocess.run([sys.executable, "tests/run_cases.py", str(path)], cwd=ROOT, text=True, check=False,
                                  env={**os.environ, "QLOUPE": str(fake)}, capture_output=True)

        for text, passes in CASES:
            done = run(text)
            want = (0, "1 passed, 0 failed") if passes else (1, "0 passed, 1 failed")
            tally.check(text, (done.returncode, done.stdout.strip().split("\n")[-1]) == want, done.stdout)
        done = run("# c\n" + "\n\n".join(text for text, _ in CASES))
        good = sum(passes for _, passes in CASES)
        tally.check("all at once", f"\n{good} passed, {len(CASES) - good} failed\n" in done.stdout, done.stdout)
        tally.check("no case at all fails", run("# nothing\n").returncode == 1)
        tally.check("an unknown line fails", run("$ qloupe say a\nmaybe b\n").returncode == 1)


CHECK = "100%: Checks: {}, Failures: {}, Errors: {}\n"

# (kind, exit status, output, passed, failed, skipped)
OUTPUTS = (
    ("check", 0, CHECK.format(14, 0, 0), 14, 0, 0),
    ("check", 1, "85" + CHECK[3:].format(14, 1, 1), 12, 2, 0),
    ("check", 23, CHECK.format(14, 0, 0), 14, 1, 0),
    ("check", 0, "skipped: a: no zoo\n" + CHECK.format(3, 0, 0), 2, 0, 1),
    ("check", -11, "", 0, 1, 0),
    ("check", 0, "", 0, 1, 0),
    ("check", 0, "0" + CHECK[3:].format(0, 0, 0), 0, 1, 0),
    ("count", 0, "3 passed, 0 failed\n", 3, 0, 0),
    ("count", 0, "skipped: x: y\n3 passed, 0 failed, 1 skipped\n", 3, 0, 1),
    ("count", 1, "3 passed, 2 failed\n", 3, 2, 0),
    ("count", 1, "3 passed, 0 failed\n", 3, 1, 0),
    ("count", 0, "all is well: 3 passed, 0 failed\n", 0, 1, 0),
    ("count", 0, "0 passed, 0 failed\n", 0, 1, 0),
    ("replay", 0, "7 inputs replayed\n", 7, 0, 0),
    ("replay", -6, "", 0, 1, 0),
    ("status", 0, "", 1, 0, 0),
    ("status", 1, "", 0, 1, 0),
)


def counting(tally: Tally) -> None:
    for kind, status, output, passed, failed, skipped in OUTPUTS:
        result = run_all.count(run_all.Job("t", [], kind), status, output)
        got = (result.passed, result.failed, len(result.skips))
        tally.check(f"count {kind} {status} {output!r}", got == (passed, failed, skipped), got)
    missing = run_all.run(run_all.Job("t", ["/nowhere/program"], "check"), dict(os.environ))
    tally.check("a program that is not there fails", missing.failed == 1)


def main() -> int:
    tally = Tally()
    cases_runner(tally)
    counting(tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
