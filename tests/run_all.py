#!/usr/bin/env python3
"""Builds qloupe and runs every test there is; the last line counts the cases.

What is run, for the release build and with --asan (or CI=true) for the asan build as well:
  * the Check suites (tests/<room>/*_test.c),
  * the fuzz targets over the files of tests/bad and tests/fuzz/corpus/<target>,
  * tests/**/test_*.py, which end with a line "N passed, N failed[, N skipped]" (see tests/support/tally.py),
  * the command-line cases tests/cli/*.cases (see tests/run_cases.py),
and once: the arrows between the rooms and the format of the sources. With --aarch64 instead what depends on the machine,
built for 64-bit ARM and run by an emulator: the Check suites, the fuzz targets, the command-line cases, the zoo's golden
values, and tests/other_machine.py. With CI=true a small part of that, where the tools for it are there. A test that cannot run here prints
"skipped: NAME: REASON". In the asan build the longest sweeps run on a part of their cases. A program that crashes, hangs or prints no count is a failed case.
"""
import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PYTHON = "/usr/bin/python3"
TIMEOUT = 900
SANITIZER_EXIT = 99
AARCH64_TOOLS = ("aarch64-linux-gnu-gcc", "qemu-aarch64-static")
AARCH64_PART = re.compile(r"runtime/(eigen_math|exec|fixed|hybrid|simd)_test|metrics/.*")  # when all of it takes too long

CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
COUNT_LINE = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
REPLAY_LINE = re.compile(r"^(\d+) inputs replayed$", re.M)
SKIP_LINE = re.compile(r"^skipped: (.+)$", re.M)


@dataclasses.dataclass
class Result:
    name: str
    passed: int = 0
    failed: int = 0
    skips: list[str] = dataclasses.field(default_factory=list)
    output: str = ""
    seconds: float = 0.0

    def line(self) -> str:
        skipped = f", {len(self.skips)} skipped" if self.skips else ""
        return f"{self.name}: {self.passed} passed, {self.failed} failed{skipped} ({self.seconds:.1f} s)"


@dataclasses.dataclass
class Job:
    """A program to run, and how its output tells the number of cases: "check", "count", "replay" or "status"."""
    name: str
    command: list[str]
    kind: str


def count(job: Job, status: int, output: str) -> Result:
    """What the output of a finished job says. A non-zero status always costs at least one failure."""
    result = Result(job.name, output=output, skips=[f"{job.name}: {text}" for text in SKIP_LINE.findall(output)])
    if job.kind == "check" and (found := CHECK_LINE.search(output)):
        checks, failures, errors = map(int, found.groups())
        result.failed = failures + errors
        result.passed = max(0, checks - result.failed - len(result.skips))
    elif job.kind == "count" and (lines := COUNT_LINE.findall(output)):
        result.passed, result.failed = int(lines[-1][0]), int(lines[-1][1])
    elif job.kind == "replay" and (found := REPLAY_LINE.search(output)):
        result.passed = int(found.group(1))
    elif job.kind == "status":
        result.passed = int(status == 0)
    if result.failed == 0 and (status != 0 or result.passed + len(result.skips) == 0):
        result.failed = 1
        result.output += f"\n{job.name}: ended with status {status} and {result.passed} cases passed"
    return result


def run(job: Job, environment: dict[str, str]) -> Result:
    began = time.monotonic()
    try:
        done = subprocess.run(job.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, timeout=TIMEOUT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        status, output = -1, (late.stdout or b"") + f"\n{job.name}: still running after {TIMEOUT} s".encode()
    except OSError as error:
        status, output = -1, f"{job.name}: {error}".encode()
    result = count(job, status, output.decode("utf-8", "replace"))
    result.seconds = time.monotonic() - began
    return result


def programs(preset: str) -> pathlib.Path:
    """The folder of what can be started."""
    return ROOT / "build" / preset / ("run" if preset == "aarch64" else "")


def environment_of(preset: str) -> dict[str, str]:
    build = programs(preset)
    return {**os.environ, "QLOUPE": str(build / "qloupe"), "QL_BUILD": str(build), "CK_VERBOSITY": "normal",
            "CK_DEFAULT_TIMEOUT": "600" if preset == "aarch64" else "120", "PYTHONDONTWRITEBYTECODE": "1", "QL_SLOW": "" if preset == "release" else "1",
            "ASAN_OPTIONS": f"exitcode={SANITIZER_EXIT}:allocator_may_return_null=1",
            "UBSAN_OPTIONS": f"exitcode={SANITIZER_EXIT}:print_stacktrace=1"}


def check_suites(preset: str) -> list[Job]:
    listing = subprocess.run(["ctest", "--preset", preset, "--show-only=json-v1"], cwd=ROOT, check=True,
                             stdout=subprocess.PIPE).stdout
    return [Job(test["name"], test.get("command", [test["name"]]), "check") for test in json.loads(listing)["tests"]]


def fuzz_replays(preset: str) -> list[Job]:
    jobs = []
    for source in sorted((ROOT / "tests/fuzz").glob("*_fuzz.c")):
        target = source.stem
        folders = [folder for folder in (ROOT / "tests/bad", ROOT / "tests/fuzz/corpus" / target) if folder.is_dir()]
        if folders:
            jobs.append(Job("fuzz/" + target, [str(programs(preset) / "tests" / target), *map(str, folders)], "replay"))
    return jobs


def test_files() -> list[Job]:
    return [Job(str(path.relative_to(ROOT)), [PYTHON, str(path)], "count")
            for path in sorted((ROOT / "tests").rglob("test_*.py"))]


def command_line_cases() -> list[Job]:
    return [Job(str(path.relative_to(ROOT)), [PYTHON, "tests/run_cases.py", str(path)], "count")
            for path in sorted((ROOT / "tests/cli").glob("*.cases"))]


def house_rules() -> list[Job]:
    return [Job("scripts/check-includes", [PYTHON, "scripts/check-includes"], "status"),
            Job("clang-format", [PYTHON, "tests/support/check_format.py"], "count")]


def build(preset: str) -> bool:
    print(f"building {preset}", flush=True)
    return subprocess.run(["scripts/build", preset], cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode == 0


def run_together(jobs: list[Job], preset: str, label: str) -> list[Result]:
    """Runs the jobs, as many at once as there are cores; prints each one's line, in the order given."""
    results = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for result in pool.map(run, jobs, [environment_of(preset)] * len(jobs)):
            result.name = label + result.name
            if result.failed:
                print(result.output.rstrip())
            print(result.line(), flush=True)
            results.append(result)
    return results


def run_preset(preset: str, quick: bool) -> list[Result]:
    label = "" if preset == "release" else preset + ": "
    if not build(preset):
        return [Result(label + "build", failed=1)]
    jobs = check_suites(preset) + fuzz_replays(preset)
    results = run_together(jobs, preset, label)
    results += run_together(command_line_cases() + ([] if quick else test_files()), preset, label)
    if quick:
        results += [Result(job.name, skips=[f"{job.name}: --quick"]) for job in test_files()]
    return results


def lacking_for_aarch64() -> str:
    """Why nothing can be built or run for 64-bit ARM here; empty when it can."""
    missing = [tool for tool in AARCH64_TOOLS if not shutil.which(tool)]
    if not (ROOT / "build/sysroot/aarch64/unpacked.txt").exists():
        missing.append("build/sysroot/aarch64")
    return f"no {', '.join(missing)} (scripts/setup --aarch64)" if missing else ""


def run_aarch64(quick: bool, whole: bool) -> list[Result]:
    """Beside the release build, which other_machine.py compares with."""
    if lacking := lacking_for_aarch64():
        return [Result("aarch64", skips=[f"aarch64: {lacking}"])]
    if not build("release") or not build("aarch64"):
        return [Result("aarch64: build", failed=1)]
    jobs = check_suites("aarch64")
    machine = Job("tests/other_machine.py", [PYTHON, "tests/other_machine.py"], "count")
    if not whole:
        machine.command += ["--models", "12"]
        jobs = [job for job in jobs if AARCH64_PART.fullmatch(job.name)] + [machine]
        return run_together(jobs, "aarch64", "aarch64: ")
    jobs += fuzz_replays("aarch64") + [machine]
    results = run_together(jobs, "aarch64", "aarch64: ")
    zoo = [] if quick else [Job("tests/zoo/test_zoo.py", [PYTHON, "tests/zoo/test_zoo.py"], "count")]
    return results + run_together(command_line_cases() + zoo, "aarch64", "aarch64: ")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--asan", action="store_true", help="also the asan build")
    parser.add_argument("--quick", action="store_true", help="only the C suites and the command-line cases")
    parser.add_argument("--aarch64", action="store_true", help="instead: for 64-bit ARM, run by an emulator")
    args = parser.parse_args()
    if args.aarch64:
        return close(run_aarch64(args.quick, whole=True))
    presets = ["release"] + (["asan"] if args.asan or os.environ.get("CI") == "true" else [])
    results = run_together(house_rules(), "release", "")
    for preset in presets:
        results += run_preset(preset, args.quick)
    if os.environ.get("CI") == "true":
        results += run_aarch64(args.quick, whole=False)
    return close(results)


def close(results: list[Result]) -> int:
    """Names what failed and what was skipped, then prints the one closing line; returns the exit status."""
    passed, failed = (sum(getattr(result, field) for result in results) for field in ("passed", "failed"))
    skips = [skip for result in results for skip in result.skips]
    for result in results:
        if result.failed:
            print(f"FAILED: {result.line()}")
    for skip in skips:
        print(f"skipped: {skip}")
    if passed == 0 and failed == 0:
        print("no test was run")
    print(f"{passed} passed, {failed} failed" + (f", {len(skips)} skipped" if skips else ""))
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
