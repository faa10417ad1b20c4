#!/usr/bin/env python3
"""Models whose tensors, sources and files have hostile names: inert in every format that qloupe writes, and a
report made later has the bytes of the one made at once."""
import csv
import html.parser
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.junit import faults
from tests.support.renamed import Renamed
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
SAMPLES = ROOT / "samples"
FORMATS = {"json": "r.json", "html": "r.html", "csv": "r.csv", "junit": "r.xml", "markdown": "r.md", "text": "r.txt",
           "model-explorer": "r.me.json", "model-explorer-reference": "r.mer.json"}
NAMES = {
    "script": b"<script>hostile()</script>",
    "svg": b"</svg></style></title><img src=x onerror=hostile()>",
    "backtick": b"`touch hostile`",
    "gnuplot": b"\"; system(\"touch hostile\") #",
    "gnuplot block": b"EOD\nsystem 'touch hostile'\n!touch hostile\n",
    "formula": b"=cmd|'/C touch hostile'!A0",
    "plus": b"+HYPERLINK(\"http://hostile\")",
    "ansi": b"\x1b]0;hostile\x07\x1b[31mred\x1b[0m\x9b31m",
    "long": b"x" * 10000,
    "long hostile": b"<b>" * 4000,
    "not utf-8": b"\xff\xfe\xc0\xaf\xed\xa0\x80hostile",
    "newlines": b"a\r\n| b | c |\n# d\n```\n--- \n",
    "direction": "\u202egpj.exe\u2066".encode(),
    "markdown": b"[a](javascript:hostile()) ![b](http://hostile) <!-- -->",
    "xml": b"]]> <![CDATA[ &amp; &#0; <?xml?>",
    "shell": b"$(touch hostile); touch hostile | cat",
    "python": b"__proto__",
    "number": b"3",
    "empty": b"",
}
LABELS = "\"><script>hostile()<!script>`touch hostile`"
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Page(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.handlers: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href", "data")]


def qloupe(folder, *words):
    return subprocess.run([PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300, check=False)


def make_models(folder: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """The sample models, their paired tensors renamed alike; the float one's Python sources too."""
    models = [SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite"]
    qloupe(folder, "compare", *models, "--data", "random:1", "--json", "plain.json")
    pairs = json.loads((folder / "plain.json").read_text(encoding="utf-8"))["pairs"]
    made = []
    for model, side in zip(models, ("reference", "candidate")):
        renamed = Renamed(model.read_bytes())
        names = list(NAMES.values())
        for place, pair in enumerate(pairs):
            # the last ones share their pairs with others: names that occur twice
            renamed.rename(pair[side]["tensor"], names[place % len(names)])
        for tensor in range(len(renamed.tensors())):
            if not any(pair[side]["tensor"] == tensor for pair in pairs):
                renamed.rename(tensor, names[(tensor + 11) % len(names)])
        renamed.describe(NAMES["script"])
        path = folder / f"<img src=x>; touch hostile #{side}.tflite"
        path.write_bytes(renamed.data)
        made.append(path)
    return made[0], made[1]


def spoil_sources(path: pathlib.Path) -> int:
    """Python file names in the debug metadata become hostile ones of the same length; returns how many."""
    data = path.read_bytes()
    count = 0
    for name in set(re.findall(rb"[\w/.-]*make-samples|[\w/.-]+\.py", data)):
        hostile = b"</td><script>hostile()//\x1b[31m\n=1+"
        data = data.replace(name, (hostile * (len(name) // len(hostile) + 1))[:len(name)])
        count += 1
    path.write_bytes(data)
    return count


def rename_labels(source: pathlib.Path, target: pathlib.Path) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(f"{LABELS}.npy" if name == "y.npy" else name, old.read(name))


def check_page(tally: Tally, text: str) -> None:
    page = Page()
    page.feed(text)
    foreign = set(page.tags) & {"img", "iframe", "object", "embed", "form", "link", "base", "audio", "video", "image", "foreignobject"}
    tally.check("html: no foreign element", not foreign, foreign)
    tally.check("html: one script, its own", page.tags.get("script") == 1 and page.tags.get("style") == 1, page.tags)
    tally.check("html: no handler", not page.handlers, page.handlers)
    tally.check("html: links lead into the page only", all(re.fullmatch(r"#[\w-]*", link) for link in page.links), page.links[:9])
    tally.check("html: no control character", not CONTROL.search(text))
    tally.check("html: hostile text is shown", "&lt;script&gt;hostile()&lt;/script&gt;" in text)


def check_csv(tally: Tally, path: pathlib.Path, rows_wanted: int) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    tally.check("csv: a row a pair", len(rows) == rows_wanted + 1 and len({len(row) for row in rows}) == 1, [len(row) for row in rows])
    number = re.compile(r"-?[\d.]+(e[-+]?\d+)?")
    formulas = [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r|%") and cell[:1] and not number.fullmatch(cell)]
    tally.check("csv: no formula", not formulas, formulas)


def check_markdown(tally: Tally, text: str) -> None:
    lines = text.splitlines()
    tally.check("markdown: fewer than 60 lines", len(lines) < 60, len(lines))
    outside = re.sub(r"`[^`\n]*`", "", text)
    tally.check("markdown: no element and no link", not re.search(r"<[a-z!/]|(?<!\\)\]\((?!#)", outside), outside[:300])
    tables = [[len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()] for block in re.findall(r"(?:^\|.*\n)+", text, re.M)]
    tally.check("markdown: names make no cells", all(len(set(table)) == 1 for table in tables) and tables, tables)


def check_formats(tally: Tally, folder: pathlib.Path) -> None:
    result = json.loads((folder / "r.json").read_text(encoding="utf-8"))
    check_page(tally, (folder / "r.html").read_text(encoding="utf-8"))
    check_csv(tally, folder / "r.csv", len(result["pairs"]))
    check_markdown(tally, (folder / "r.md").read_text(encoding="utf-8"))
    text = (folder / "r.xml").read_text(encoding="utf-8")
    tally.check("junit: the schema", not faults(text), faults(text))
    tally.check("junit: a case a layer", text.count("qloupe.layer") >= 10)
    for name in ("r.md", "r.xml", "r.txt", "r.csv"):
        text = (folder / name).read_text(encoding="utf-8")
        tally.check(f"{name}: no control character", not CONTROL.search(text))
    for name in ("r.me.json", "r.mer.json"):
        nodes = json.loads((folder / name).read_text(encoding="utf-8"))["main"]["results"]
        tally.check(f"{name}: a node a tensor", len(nodes) >= len(result["pairs"]) - 2, len(nodes))
    pictures = sorted(path.name for path in (folder / "png").iterdir()) if (folder / "png").is_dir() else []
    tally.check("png: names of our own", all(re.fullmatch(r"(network|pareto|(op|pair)-\d+-[a-z]+)\.png", name) for name in pictures), pictures)


def main() -> int:
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="qloupe-hostile-") as name:
        folder = pathlib.Path(name)
        models = make_models(folder)
        tally.check("sources of the models are spoilt", spoil_sources(models[0]) + spoil_sources(models[1]) > 0)
        data = folder / "'$(touch hostile)'<script>.npz"
        rename_labels(SAMPLES / "digits.npz", data)
        before = {path.name for path in folder.iterdir()}
        outputs = [word for option, file in FORMATS.items() for word in (f"--{option}", file)]
        gates = ["--gate", "/<script>|\\x1b/.cumulative.sqnr_db >= 99", "--gate", "any.local.sqnr_db >= 35"]
        done = qloupe(folder, "compare", *models, "--data", data, "--labels", LABELS, "--png", "png", *outputs, *gates)
        tally.check("compare: gates are breached, all is written", done.returncode in (1, 3), done.stderr.decode(errors="replace"))
        tally.check("compare: no control character on a terminal", not CONTROL.search((done.stdout + done.stderr).decode()))
        extra = {path.name for path in folder.iterdir()} - before - set(FORMATS.values()) - {"png"}
        tally.check("no command was run", not extra, extra)
        accuracy = json.loads((folder / "r.json").read_text(encoding="utf-8"))["agreement"]["accuracy"]
        tally.check("the labels of a hostile name are found", accuracy and accuracy["labelled"] > 0)
        check_formats(tally, folder)
        (folder / "later").mkdir()
        later = [word for option, file in FORMATS.items() for word in (f"--{option}", f"later/{file}")]
        qloupe(folder, "report", "r.json", *later)
        for option, file in FORMATS.items():
            tally.check(f"report --{option}: the bytes of the run", (folder / file).read_bytes() == (folder / "later" / file).read_bytes())
        for command in (["inspect", models[1]], ["check", models[1]], ["diff", "r.json", "r.json"], ["report", "r.json"]):
            done = qloupe(folder, *command)
            tally.check(f"{command[0]}: no control character", not CONTROL.search((done.stdout + done.stderr).decode()), done.stdout[:200])
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
