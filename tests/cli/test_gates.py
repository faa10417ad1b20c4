#!/usr/bin/env python3
"""Gates in a pipeline: gate files, JUnit files as CI servers read them, Markdown that stays short, and the shell script
of docs/ci."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.junit import faults
from tests.support.tally import Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
SAMPLES = ROOT / "samples"
COMPARE = ["compare", SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite", "--data", SAMPLES / "digits.npz"]


def qloupe(folder, *words):
    return subprocess.run([PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=300, check=False)


def junit_checker(tally: Tally) -> None:
    """The checker itself finds what is wrong."""
    good = ('<testsuites><testsuite name="s" package="p" id="0" timestamp="2026-01-02T03:04:05" hostname="h" tests="1" failures="1" '
            'errors="0" skipped="0" time="0.1"><properties><property name="n" value=""/></properties><testcase name="a" classname="c" '
            'time="0"><failure type="t" message="m">t</failure></testcase><system-out/><system-err/></testsuite></testsuites>')
    tally.check("checker: a good file", not faults(good), faults(good))
    for name, old, new in (("an unknown element", "<failure type=\"t\" message=\"m\">t</failure>", "<breach/>"),
                           ("an unknown attribute", 'classname="c"', 'class="c"'),
                           ("a count that is no number", 'tests="1"', 'tests="one"'),
                           ("a time with a zone", "03:04:05", "03:04:05Z"),
                           ("a missing attribute", 'hostname="h" ', ""),
                           ("a missing child", "<system-err/>", ""),
                           ("children in another order", "<system-out/><system-err/>", "<system-err/><system-out/>"),
                           ("a wrong count", 'failures="1"', 'failures="2"'),
                           ("a case without a name", 'name="a" ', ""),
                           ("a misplaced element", "<testsuites>", "<testsuites><failure/>"),
                           ("no XML", "</testsuites>", "")):
        tally.check(f"checker: {name}", faults(good.replace(old, new, 1)))


def junit(tally: Tally, folder: pathlib.Path) -> None:
    lists = {"no gates": [], "one held": ["output.sqnr_db >= 25"], "one breach": ["output.sqnr_db >= 99"],
             "budgets": ["any.local.sqnr_db >= 35", "/conv/.cumulative.cosine >= 0.9"],
             "budgets held": ["any.local.sqnr_db >= 3", "/conv/.cumulative.cosine >= 0.1"], "odd ones": ["/<&\"'>]]>/.local.rmse <= 1", "/\u00e9\x01/.cumulative.sqnr_db >= 3", "#99.local.kl < 1", "accuracy.drop < 1"]}
    asked = {"budgets": 11, "budgets held": 11}
    for name, gates in lists.items():
        layers = asked.get(name, 0)
        words = [word for gate in gates for word in ("--gate", gate)]
        done = qloupe(folder, *COMPARE, "--junit", "g.xml", *words)
        tally.check(f"junit, {name}: status", done.returncode == (1 if name in ("one breach", "odd ones", "budgets") else 0), done.stderr)
        text = (folder / "g.xml").read_text(encoding="utf-8")
        tally.check(f"junit, {name}: schema", not faults(text), faults(text))
        cases = [case.get("classname") for case in ElementTree.fromstring(text).iter("testcase")]
        tally.check(f"junit, {name}: a case a gate", not gates or cases.count("qloupe.gate") == len(gates), cases)
        tally.check(f"junit, {name}: a case a layer", cases.count("qloupe.layer") == layers, cases)


def layers(tally: Tally, folder: pathlib.Path) -> None:
    """A budget for every layer: the result says of each what became of it."""
    done = qloupe(folder, *COMPARE, "--json", "g.json", "--gate", "any.local.rmse_over_scale <= 0.3", "--gate", "#4.local.sqnr_db >= 3")
    result = json.loads((folder / "g.json").read_text(encoding="utf-8"))
    budget, single = result["gates"]
    asked = [p for p in result["pairs"] if p["local"] and p["local"]["rmse_over_scale"] is not None]
    tally.check("layers: each that was asked", [(x["name"], x["found"]) for x in budget["layers"]] ==
                [(p["name"], p["local"]["rmse_over_scale"]) for p in asked] and len(asked) > 5, budget)
    tally.check("layers: passed as the bound says", all(x["passed"] == (x["found"] <= 0.3) for x in budget["layers"]), budget)
    tally.check("layers: a breach says why", all((x["message"] is None) == x["passed"] for x in budget["layers"]), budget)
    tally.check("layers: the worst is the gate's", max(x["found"] for x in budget["layers"]) == budget["found"] and done.returncode == 1)
    tally.check("layers: none for a single operator", "layers" not in single)


def markdown(tally: Tally, folder: pathlib.Path) -> None:
    gates = [f"output.sqnr_db >= {n}" for n in range(60)]
    words = [word for gate in gates for word in ("--gate", gate)]
    done = qloupe(folder, *COMPARE, "--markdown", "g.md", "--json", "g.json", *words)
    lines = (folder / "g.md").read_text(encoding="utf-8").splitlines()
    tally.check("markdown: status", done.returncode == 1, done.stderr)
    tally.check("markdown: fewer than 60 lines", len(lines) < 60, len(lines))
    full = json.loads((folder / "g.json").read_text(encoding="utf-8"))
    full["outputs"], full["output_pairs"], full["data"]["random"] = full["outputs"] * 40, full["output_pairs"] * 40, True
    full["findings"] = full["findings"] * 40
    full["pairs"][0]["cumulative"]["sqnr_db"] = 3
    full["plan"] = {"layers": [{"name": f"layer{i}", "mode": "float"} for i in range(40)], "predicted": {"sqnr_db": 30}}
    (folder / "full.json").write_text(json.dumps(full), encoding="utf-8")
    qloupe(folder, "report", "full.json", "--markdown", "full.md")
    lines_of_full = (folder / "full.md").read_text(encoding="utf-8").splitlines()
    tally.check("markdown: fewer than 60 lines of everything", 50 < len(lines_of_full) < 60, len(lines_of_full))
    tally.check("markdown: breaches first", sum("**did not hold" in line for line in lines) == 6)
    tally.check("a line a breach on standard error", len(re.findall("^qloupe: gate did not hold: ", done.stderr, re.M)) == 26, done.stderr)


def gate_files(tally: Tally, folder: pathlib.Path) -> None:
    def run(name, content, *words, status, message=""):
        (folder / "qloupe.json").write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        done = qloupe(folder, *COMPARE, *words)
        tally.check(f"qloupe.json, {name}", done.returncode == status and message in done.stderr, (done.returncode, done.stderr))
        (folder / "qloupe.json").unlink()

    run("held", {"gates": ["output.sqnr_db >= 25"]}, status=0, message="1 of 1 gates held")
    run("breach", {"gates": ["output.sqnr_db >= 99"]}, status=1)
    run("with --gate", {"gates": ["output.sqnr_db >= 25"]}, "--gate", "size.candidate <= 1", status=1, message="1 of 2 gates held")
    run("malformed expression", {"gates": ["output.sqnr >= 25"]}, status=2, message="qloupe.json: gate 'output.sqnr >= 25': character 8")
    run("not JSON", "{", status=4, message="qloupe.json: ")
    run("misspelt member", {"gate": []}, status=4, message="did you mean 'gates'")
    run("very deep", "[" * 100000, status=4)
    run("missing baseline", {"baseline": "old.json", "ratchet": True}, status=3, message="old.json: cannot be opened")
    run("not for parts", {"gates": ["output.sqnr_db >= 99"]}, "--shard", "1/2", status=0)
    (folder / "elsewhere").mkdir()
    qloupe(folder, *COMPARE, "--json", "elsewhere/old.json")
    (folder / "elsewhere/gates.json").write_text('{"baseline": "old.json", "ratchet": true}', encoding="utf-8")
    done = qloupe(folder, *COMPARE, "--gates", "elsewhere/gates.json")
    tally.check("--gates: the baseline is beside the file", done.returncode == 0 and "7 of 7 gates held" in done.stderr, done.stderr)
    run("--gates instead of it", {"gates": ["output.sqnr_db >= 99"]}, "--gates", "elsewhere/gates.json", status=0)
    tally.check("--gates: a missing file", qloupe(folder, *COMPARE, "--gates", "no.json").returncode == 3)


def ratchet(tally: Tally, folder: pathlib.Path) -> None:
    """One figure at a time made better or worse than in the baseline."""
    qloupe(folder, *COMPARE, "--labels", "y", "--json", "base.json")
    base = json.loads((folder / "base.json").read_text(encoding="utf-8"))

    def run(name, change, status, gate=""):
        old = json.loads(json.dumps(base))
        change(old)
        (folder / "old.json").write_text(json.dumps(old), encoding="utf-8")
        done = qloupe(folder, "report", "base.json", "--baseline", "old.json", "--ratchet")
        tally.check(f"ratchet, {name}", done.returncode == status and gate in done.stderr, (done.returncode, done.stderr))
        done = qloupe(folder, "diff", "old.json", "base.json")
        tally.check(f"diff, {name}", done.returncode == status, (done.returncode, done.stdout))

    def figure(place, by, which="cumulative"):
        return lambda old: old["pairs"][place][which].update(sqnr_db=base["pairs"][place][which]["sqnr_db"] + by)

    run("the same", lambda old: None, 0)
    run("a tensor within noise", figure(3, 0.2), 0)
    run("a tensor better", figure(3, -5), 0)
    run("a tensor worse", figure(3, 5), 1, "baseline.tensors: cumulative.sqnr_db of '")
    run("a local figure worse", figure(3, 5, "local"), 1, "baseline.tensors: local.sqnr_db of '")
    run("renamed, found by its operator", lambda old: (figure(3, 5)(old), old["pairs"][3].update(name="other")), 1, "baseline.tensors")
    run("a tensor more", lambda old: old["pairs"].pop(3), 0)
    run("whole", lambda old: old["whole"].update(sqnr_db=60), 1, "baseline.whole")
    run("accuracy", lambda old: old["agreement"]["accuracy"].update(candidate=1), 0)
    run("agreement", lambda old: old["agreement"].update(top5=0.999), 1, "baseline.agreement: agreement.top5")
    run("size", lambda old: old["candidate"].update(bytes=11975), 1, "baseline.size: size.candidate: 11975 -> 11976")
    run("a warning was no finding", lambda old: old["findings"].pop(0), 1, "baseline.findings: errors and warnings: 0 -> 1")
    run("a warning was an error", lambda old: old["findings"][0].update(severity="error"), 0)
    qloupe(folder, *COMPARE, "--json", "unlabelled.json")
    done = qloupe(folder, "report", "unlabelled.json", "--baseline", "base.json")
    tally.check("baseline, the labels are gone", done.returncode == 1 and "baseline.accuracy: accuracy.candidate: 99.33 -> none" in done.stderr, done.stderr)
    for name, content in (("a list", "[]"), ("half", '{"schema": "qloupe.comparison/1"}'), ("text", "hello"),
                          ("odd members", '{"schema":"qloupe.comparison/1","pairs":[1,null,{"name":3,"op_index":1e300}],"outputs":[{}],"findings":[{"tensors":[{}],"ops":3}]}')):
        (folder / "odd.json").write_text(content, encoding="utf-8")
        status = qloupe(folder, "diff", "odd.json", "base.json").returncode
        tally.check(f"diff of {name}", status == (4 if name != "odd members" else 1), status)


def shell_example(tally: Tally, folder: pathlib.Path) -> None:
    page = (ROOT / "docs/ci/shell.md").read_text(encoding="utf-8")
    script = re.search(r"```sh\n(.*?)```", page, re.S).group(1)
    (folder / "bin").mkdir()
    (folder / "bin/qloupe").symlink_to(PROGRAM)
    (folder / "samples").symlink_to(SAMPLES)
    (folder / "gate.sh").write_text(script, encoding="utf-8")
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}

    def run():
        return subprocess.run(["sh", "gate.sh"], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=300, check=False)
    for name in ("first run makes the baseline", "second run is held to it"):
        done = run()
        tally.check(f"docs/ci/shell.md: {name}", done.returncode == 0, done.stdout + done.stderr)
    for made in ("result.json", "report.html", "junit.xml", "summary.md"):
        tally.check(f"docs/ci/shell.md: {made}", (folder / "out" / made).stat().st_size > 0)
    (folder / "gate.sh").write_text(script.replace(">= 25", ">= 99"), encoding="utf-8")
    tally.check("docs/ci/shell.md: a breach fails the script", run().returncode == 1)


def pipeline_commands(page: str) -> list[str]:
    """What an example in YAML runs: the block under `run: |`, or the list under `script:`, folded lines joined."""
    example = re.search(r"```yaml\n(.*?)```", page, re.S).group(1)
    block = re.search(r"run: \|\n((?: {10}.*\n)+)", example)
    if block:
        return [re.sub(r"^ {10}", "", block.group(1), flags=re.M)]
    items = re.findall(r"^    - (.*\n(?:      .*\n)*)", re.search(r"script:\n((?:    .*\n)+)", example).group(1), re.M)
    return [" ".join(re.sub(r"^>\n", "", item).split()) for item in items]


def pipeline_examples(tally: Tally, folder: pathlib.Path) -> None:
    """The commands of docs/ci run as they stand, and leave the files that the example hands over."""
    (folder / "bin").mkdir()
    (folder / "bin/qloupe").symlink_to(PROGRAM)
    (folder / "samples").symlink_to(SAMPLES)
    environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
    for name in ("github-actions", "gitlab"):
        page = (ROOT / f"docs/ci/{name}.md").read_text(encoding="utf-8")
        commands = "\n".join(pipeline_commands(page))
        done = subprocess.run(["sh", "-e", "-c", commands], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=300, check=False)
        tally.check(f"docs/ci/{name}.md: its commands run", done.returncode == 0 and "qloupe compare" in commands, (commands, done.stderr))
        for made in set(re.findall(r"out/[a-z]+\.(?:json|html|xml|md)", page)):
            tally.check(f"docs/ci/{name}.md: {made}", (folder / made).stat().st_size > 0)
        shutil.rmtree(folder / "out")


def main() -> int:
    tally = Tally()
    junit_checker(tally)
    for part in (junit, layers, markdown, gate_files, ratchet, shell_example, pipeline_examples):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="qloupe-gates-"))
        try:
            part(tally, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
