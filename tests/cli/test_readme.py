#!/usr/bin/env python3
"""The commands that the README and the pages under docs/ show run as they stand and end with status 0."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMAND = re.compile(r"^    (qloupe [a-z].*)$", re.M)  # an indented line: a code block


def main() -> int:
    tally = Tally()
    program = str(pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve())
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "samples").symlink_to(ROOT / "samples")
            pathlib.Path(folder, "out").mkdir()
            for command in COMMAND.findall(page.read_text(encoding="utf-8")):
                if re.search(r"[A-Z]{4}|\[", re.sub(r"'[^']*'", "", command)):
                    continue  # a synopsis: words in capitals stand for something
                name, words = f"{page.relative_to(ROOT)}: {command}", shlex.split(command)
                if not (ROOT / "cli" / f"{words[1]}.c").exists():
                    tally.skip(name, f"no cli/{words[1]}.c in this tree")
                    continue
                done = subprocess.run([program, *words[1:]], cwd=folder, stdin=subprocess.DEVNULL, text=True, check=False,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", timeout=600)
                tally.check(name, done.returncode == 0, f"status {done.returncode}: {done.stdout[-2000:]}")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
