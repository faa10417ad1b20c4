#!/usr/bin/env python3
"""The pages under docs/ say what the sources say, and their links lead somewhere."""
import pathlib
import re
import subprocess
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


def findings(tally: Tally) -> None:
    page = (ROOT / "docs/findings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|", page, re.M)
    diagnoses = re.findall(r'^    \{"([a-z-]+)"', (ROOT / "analyzer/findings/diagnose.c").read_text(encoding="utf-8"), re.M)
    rules = re.findall(r'^    RULE\("([a-z-]+)"', (ROOT / "analyzer/check/check.c").read_text(encoding="utf-8"), re.M)
    tally.check("the tables have rows", len(diagnoses) > 1 and len(rules) > 1)
    tally.check("findings.md has every diagnosis and rule, in their order", rows == diagnoses + rules, rows)


def commands(tally: Tally) -> None:
    listed = re.findall(r"^QL_COMMAND\((\w+)\)", (ROOT / "cli/commands.def").read_text(encoding="utf-8"), re.M)
    missing = [name for name in listed if not (ROOT / f"docs/commands/{name}.md").exists()]
    tally.check("every command has its page", listed and not missing, missing)


def operators(tally: Tally) -> None:
    made = subprocess.run([sys.executable, ROOT / "scripts/make-docs", "--check"], check=False)
    tally.check("operators.md has the op table (scripts/make-docs)", made.returncode == 0)


def headings(tally: Tally) -> None:
    """The sources name parts of numerics.md; a part has a heading, or its name in quotes in another part."""
    page = (ROOT / "docs/numerics.md").read_text(encoding="utf-8")
    named = set()
    for path in (ROOT / "runtime").rglob("*.[ch]"):
        text = re.sub(r"\n\s*\* ?", " ", path.read_text(encoding="utf-8"))
        for quoted in re.findall(r'docs/numerics\.md ((?:"[^"]+"(?:, )?)+)', text):
            named |= set(re.findall(r'"([^"]+)"', quoted))
    missing = [name for name in sorted(named) if f"# {name}\n" not in page and f'"{name}"' not in page]
    tally.check("numerics.md has what the sources name", named and not missing, missing)


def links(tally: Tally) -> None:
    for page in PAGES:
        dead = [to for to in LINK.findall(page.read_text(encoding="utf-8"))
                if "://" not in to and not (page.parent / to).exists()]
        tally.check(f"{page.relative_to(ROOT)}: links", not dead, dead)


def main() -> int:
    tally = Tally()
    exit_codes(tally)
    findings(tally)
    commands(tally)
    operators(tally)
    headings(tally)
    links(tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
