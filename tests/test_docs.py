#!/usr/bin/env python3
"""The pages under docs/ say what the sources say, and their links lead somewhere."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

PAGES = [ROOT / "README.md", ROOT / "samples/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def exit_codes(tally: Tally) -> None:
    source = (ROOT / "runtime/base/error.h").read_text(encoding="utf-8")
    page = (ROOT / "docs/exit-codes.md").read_text(encoding="utf-8")
    codes = re.findall(r"^\s*X\((\w+), (\d+), ", source, re.M)
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", page, re.M)
    tally.check("error.h has codes", len(codes) > 1)
    tally.check("exit-codes.md has error.h's codes, in its order", [(status, name) for name, status in codes] == rows, rows)


def links(tally: Tally) -> None:
    for page in PAGES:
        dead = [to for to in LINK.findall(page.read_text(encoding="utf-8"))
                if "://" not in to and not (page.parent / to).exists()]
        tally.check(f"{page.relative_to(ROOT)}: links", not dead, dead)


def main() -> int:
    tally = Tally()
    exit_codes(tally)
    links(tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
