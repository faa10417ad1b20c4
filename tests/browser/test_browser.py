#!/usr/bin/env python3
"""The HTML report in a real browser: sorting, filtering, deep links, light and dark, accessibility, silence.

Skipped without Chromium, node or the packages of package-lock.json (`scripts/setup --browser` installs them).
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import Tally

CHROMIUM = "/usr/bin/chromium"
HOSTILE = ["<script>hostile=1</script>", "</svg></style><img src=x onerror=hostile=1>", "`\"; system(\"touch hostile\")`",
           "\u001b[31mred\n\u202egpj", "x" * 10000]


def missing() -> str:
    if not os.access(CHROMIUM, os.X_OK):
        return f"{CHROMIUM} is not installed"
    if not shutil.which("node"):
        return "node is not installed"
    if not (HERE / "node_modules/playwright-core").is_dir() or not (HERE / "node_modules/axe-core").is_dir():
        return "tests/browser/node_modules is missing: scripts/setup --browser"
    return ""


def make_report(folder: pathlib.Path, name: str, arguments: list[str], environment: dict[str, str]) -> pathlib.Path:
    build = pathlib.Path(os.environ.get("QL_BUILD", ROOT / "build/release"))
    document, page = folder / f"{name}.json", folder / f"{name}.html"
    with document.open("wb") as out:
        subprocess.run([sys.executable, str(ROOT / "tests/reports/make_document.py"), *arguments], stdout=out, check=True)
    subprocess.run([str(build / "tests/tool_report_write"), str(document), f"html={page}"], check=True,
                   env={**os.environ, **environment})
    return page


def main() -> int:
    tally = Tally()
    reason = missing()
    if reason:
        tally.skip("the HTML report in a browser", reason)
        return tally.finish()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        names = folder / "names.json"
        names.write_text(json.dumps(HOSTILE), encoding="utf-8")
        report = make_report(folder, "report", ["--findings", "--gates", "--plan", "--names", str(names)], {})
        clean = make_report(folder, "clean", [], {"GNUPLOT": ""})
        large = make_report(folder, "large", ["--operators", "1000", "--findings", "--gates"], {})
        tally.check("a report of 65 operators is smaller than 3 MB", report.stat().st_size < 3_000_000, report.stat().st_size)
        done = subprocess.run(["node", str(HERE / "report.mjs"), CHROMIUM, str(report), str(clean), str(large)], stdout=subprocess.PIPE,
                              check=False, timeout=300)
        lines = [line for line in done.stdout.decode().splitlines() if line.startswith("{")]
        for case in map(json.loads, lines):
            tally.check(case["name"], case["holds"], case["detail"][:2000])
        tally.check("the browser ran every part", done.returncode == 0 and len(lines) >= 70, f"{done.returncode}, {len(lines)} cases")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
