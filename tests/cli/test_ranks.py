#!/usr/bin/env python3
"""One comparison by several processes: the same bytes for threads, shards and MPI ranks; of a rank, a shard or a run that
is lost the rest is kept, and only what is missing is run again."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.support.tally import SLOW, Tally

PROGRAM = pathlib.Path(os.environ.get("QLOUPE", ROOT / "build/release/qloupe")).resolve()
SAMPLES = ROOT / "samples"
TWINS = [SAMPLES / "digits_float32.tflite", SAMPLES / "digits_int8.tflite"]
DIGITS = [*TWINS, "--data", SAMPLES / "digits.npz", "--labels", "y"]
NOISE = [*TWINS, "--data", "random:900" if SLOW else "random:4500", "-j", "1", "--parts-every", "0.15"]
# MPI keeps memory until the end of the program.
RANKS_ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
# Seconds from SIGTERM to SIGKILL: on a busy machine one is not enough to say what is kept.
PATIENT = {**RANKS_ENVIRONMENT, "OMPI_MCA_odls_base_sigkill_timeout": "4"}
PLAIN = {key: text for key, text in os.environ.items() if not key.startswith(("OMPI_", "PMIX_", "PMI_", "SLURM_"))}


def qloupe(folder, *words, **more):
    return subprocess.run([PROGRAM, *words], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
                          check=False, **{"env": PLAIN, **more})


def mpirun(ranks, *words):
    return ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-np", str(ranks), PROGRAM, *words]


def run_ranks(folder, ranks, *words):
    return subprocess.run(mpirun(ranks, *words), cwd=folder, env=RANKS_ENVIRONMENT, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=300, check=False)


def start(folder, command, **more):
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            text=True, **more)


def contents(folder, name):
    """The document but for "run"; None where there is none."""
    path = pathlib.Path(folder) / name
    if not path.exists():
        return None
    text = path.read_text(encoding="utf-8")
    return text[:text.rindex('"run":')]


def document(folder, name):
    return json.loads((pathlib.Path(folder) / name).read_text(encoding="utf-8"))


def pieces(folder, name):
    """The files of a folder of parts: what would change were they written again."""
    parts = pathlib.Path(folder) / name
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in parts.glob("*.part.json")} if parts.is_dir() else {}


def samples_of(names):
    return sum(int(last) - int(first) + 1 for _, first, last in (name.split(".")[0].split("-") for name in names))


def wait_for(process, condition):
    """Until the condition holds (true) or the process has ended."""
    end = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def children(process):
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True, check=False)
    return sorted(map(int, listed.stdout.split()))


def same_bytes(tally, folder, ranks_too):
    qloupe(folder, "compare", *DIGITS, "-j", "1", "--json", "whole.json")
    whole = contents(folder, "whole.json")
    qloupe(folder, "compare", *DIGITS, "-j", "2", "--json", "threads.json")
    tally.check("the bytes of -j 2", whole and contents(folder, "threads.json") == whole)
    for i in (1, 2):
        qloupe(folder, "compare", *DIGITS, "--shard", f"{i}/2", "--json", f"shard{i}.json")
    qloupe(folder, "merge", "shard2.json", "shard1.json", "--json", "merged.json")
    tally.check("the bytes of two shards merged", contents(folder, "merged.json") == whole)
    qloupe(folder, "compare", *DIGITS, "--json", "kept.json", "--parts-every", "0")
    tally.check("the bytes of a run that keeps all parts", contents(folder, "kept.json") == whole)
    tally.check("no parts are left", not list(pathlib.Path(folder).glob("*.parts")))
    for ranks in (2, 4) if ranks_too else ():
        done = run_ranks(folder, ranks, "compare", *DIGITS, "--json", "ranks.json", "--csv", "ranks.csv")
        tally.check(f"the bytes of {ranks} ranks", contents(folder, "ranks.json") == whole, done.stderr)
        tally.check(f"{ranks} ranks: said so", document(folder, "ranks.json")["run"]["ranks"] == ranks)
        tally.check(f"{ranks} ranks: one output", done.stdout.count("output SQNR") == 1 and not done.stderr, done.stdout + done.stderr)
    if ranks_too:
        done = run_ranks(folder, 2, "compare", *DIGITS, "--shard", "2/2", "--json", "shard2.json")
        qloupe(folder, "merge", "shard1.json", "shard2.json", "--json", "merged.json")
        tally.check("a shard by two ranks", contents(folder, "merged.json") == whole, done.stderr)


def lost_run(tally, folder):
    """SIGTERM, then kill -9, of one process."""
    for number, name, status in ((signal.SIGTERM, "SIGTERM", 130), (signal.SIGKILL, "SIGKILL", -9)):
        process = start(folder, [PROGRAM, "compare", *NOISE, "--json", "one.json"], env=PLAIN)
        seen = wait_for(process, lambda: pieces(folder, "one.json.parts"))
        process.send_signal(number)
        said = process.communicate()[1]
        there = pieces(folder, "one.json.parts")
        tally.check(f"{name}: ends, parts are kept, no result", seen and process.returncode == status and there and
                    contents(folder, "one.json") is None, (process.returncode, said, there))
        if number == signal.SIGTERM:
            tally.check("SIGTERM: says what is kept", f"{samples_of(there)} of" in said and "the same command goes on" in said, said)
        done = qloupe(folder, "compare", *NOISE, "--json", "one.json")
        expected = f"{samples_of(there)} of {NOISE[3].split(':')[1]} samples are there from an earlier run; running samples"
        tally.check(f"{name}: the next run goes on", not done.returncode and expected in done.stderr, done.stderr)
        tally.check(f"{name}: the bytes of the whole", contents(folder, "one.json") == contents(folder, "noise.json"))
        tally.check(f"{name}: its parts are gone", not (pathlib.Path(folder) / "one.json.parts").exists())
        os.remove(pathlib.Path(folder) / "one.json")


def other_parts(tally, folder):
    """Parts that are not this comparison's, or not what they say."""
    parts = pathlib.Path(folder) / "parts"
    process = start(folder, [PROGRAM, "compare", *NOISE, "--parts", "parts"], env=PLAIN)
    wait_for(process, lambda: pieces(folder, "parts"))
    process.kill()
    process.communicate()
    there = pieces(folder, "parts")
    done = qloupe(folder, "compare", *DIGITS, "--parts", "parts", "--json", "other.json")
    tally.check("another comparison's parts are said and left", "of another comparison" in done.stderr and
                not done.returncode and pieces(folder, "parts") == there, done.stderr)
    tally.check("and not used", contents(folder, "other.json") == contents(folder, "whole.json"))
    for path in parts.glob("*.part.json"):
        path.write_bytes(path.read_bytes()[:-100])
    done = qloupe(folder, "compare", *NOISE, "--parts", "parts", "--json", "one.json")
    tally.check("a part that is cut off is run again", "damaged" in done.stderr and
                contents(folder, "one.json") == contents(folder, "noise.json"), done.stderr)
    tally.check("its folder is gone", not parts.exists())


def lost_shard(tally, folder):
    """kill -9 of one of four shards."""
    words = {i: ["compare", *NOISE, "--shard", f"{i}/4", "--json", f"part{i}.json"] for i in range(1, 5)}
    for i in (1, 2, 4):
        qloupe(folder, *words[i])
    process = start(folder, [PROGRAM, *words[3]], env=PLAIN)
    seen = wait_for(process, lambda: pieces(folder, "part3.json.parts"))
    process.kill()
    process.communicate()
    there = pieces(folder, "part3.json.parts")
    tally.check("a shard that is lost leaves no result", seen and there and contents(folder, "part3.json") is None)
    files = [f"part{i}.json" for i in (1, 2, 4)]
    os.remove(pathlib.Path(folder) / "merged.json")
    done = qloupe(folder, "merge", *files, "--json", "merged.json")
    tally.check("merge says which is missing, and makes nothing", done.returncode == 5 and contents(folder, "merged.json") is None
                and "shard 3 of 4 is missing: run it with --shard 3/4" in done.stderr, done.stderr)
    before = {name: (pathlib.Path(folder) / name).stat() for name in files}
    again = qloupe(folder, *words[3])
    tally.check("it goes on from its own parts", f"{samples_of(there)} of" in again.stderr, again.stderr)
    done = qloupe(folder, "merge", *files, "part3.json", "--json", "merged.json")
    tally.check("all four are the whole", contents(folder, "merged.json") == contents(folder, "noise.json"), done.stderr)
    tally.check("the others were not touched", all((pathlib.Path(folder) / name).stat() == before[name] for name in files))


def lost_rank(tally, folder, victim):
    """kill -9 of one of three ranks."""
    words = ["compare", *NOISE, "--json", "ranks.json"]
    if (pathlib.Path(folder) / "ranks.json").exists():
        os.remove(pathlib.Path(folder) / "ranks.json")
    process = start(folder, mpirun(3, *words), env=PATIENT)
    seen = wait_for(process, lambda: len(pieces(folder, "ranks.json.parts")) >= 3)
    ranks = children(process)
    os.kill(ranks[victim], signal.SIGKILL)
    said = process.communicate()[1]
    there = pieces(folder, "ranks.json.parts")
    name = f"rank {victim} of 3 killed"
    tally.check(f"{name}: ends with a failure, no result", seen and process.returncode == 137 and
                contents(folder, "ranks.json") is None, (process.returncode, said))
    tally.check(f"{name}: one says how much is kept", said.count("are kept in ranks.json.parts: the same command goes on") == 1, said)
    tally.check(f"{name}: parts of all ranks are kept", len(there) >= 3, there)
    process = start(folder, mpirun(2, *words), env=RANKS_ENVIRONMENT)
    unchanged = wait_for(process, lambda: len(pieces(folder, "ranks.json.parts")) > len(there))
    now = pieces(folder, "ranks.json.parts")
    said = process.communicate()[1]
    tally.check(f"{name}: the next run leaves them as they are", unchanged and all(now.get(one) == there[one] for one in there), (there, now))
    total = NOISE[3].split(":")[1]
    tally.check(f"{name}: and says so", said.count(f"{samples_of(there)} of {total} samples are there from an earlier run; running samples") == 1, said)
    tally.check(f"{name}: the bytes of the whole", not process.returncode and contents(folder, "ranks.json") == contents(folder, "noise.json"))
    tally.check(f"{name}: its parts are gone", not pieces(folder, "ranks.json.parts"))


# What is asked of two ranks, the status they end with, and what is said once
ENDINGS = [
    (["compare", "nowhere.tflite", TWINS[1], "--data", "random:4"], 3, "qloupe: nowhere.tflite: cannot be opened"),
    (["compare", *DIGITS, "--threads"], 2, "--threads needs a value"),
    (["compare", *DIGITS, "--gate", "output.sqnr_db >= 90"], 1, "0 of 1 gates held"),
    (["compare", *DIGITS, "--max-memory", "1K"], 7, "qloupe: "),
    (["compare", *DIGITS, "--json", "nowhere/a.json"], 3, "nowhere/a.json: cannot be written"),
    (["whatif", *DIGITS, "--set", "x=float"], 2, "whatif is not shared by several ranks"),
    (["merge", "a.json"], 2, "merge is not shared by several ranks"),
]


def endings(tally, folder):
    for words, status, sentence in ENDINGS:
        done = run_ranks(folder, 2, *words)
        name = f"two ranks: {words[0]} {words[-1]}"
        tally.check(f"{name}: ends with {status}", done.returncode == status, (done.returncode, done.stderr))
        tally.check(f"{name}: said once", done.stderr.count(sentence) == 1, done.stderr)
    two = [*mpirun(1, "compare", *DIGITS, "--shard", "1/2"), ":", "-np", "1", PROGRAM, "compare", *DIGITS, "--shard", "2/2"]
    done = subprocess.run(two, cwd=folder, env=RANKS_ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False)
    tally.check("ranks that were told different things", done.returncode == 2 and
                done.stderr.count("the ranks' command lines differ") == 1, done.stderr)


def without_module(tally, folder):
    """A program that was built without MPI says so rather than run several times; a plain one does not ask."""
    alone = pathlib.Path(folder) / "alone"
    alone.mkdir()
    shutil.copy(PROGRAM, alone / "qloupe")
    for size, rank, variable in ((2, 0, "OMPI_COMM_WORLD"), (2, 1, "OMPI_COMM_WORLD"), (4, 0, "PMI")):
        environment = {**PLAIN, f"{variable}_SIZE": str(size), f"{variable}_RANK": str(rank)}
        done = subprocess.run([alone / "qloupe", "compare", *DIGITS], cwd=folder, env=environment, capture_output=True, text=True, check=False)
        said = "built without MPI" in done.stderr
        tally.check(f"without the module, {variable} rank {rank}", done.returncode == 6 and said == (rank == 0) and not done.stdout, done.stderr)
    done = qloupe(folder, "compare", *DIGITS, env={**PLAIN, "OMPI_COMM_WORLD_SIZE": "1", "SLURM_NTASKS": "4", "SLURM_PROCID": "0"})
    tally.check("one rank, or a batch script, is a plain run", not done.returncode and not done.stderr, done.stderr)


def main() -> int:
    tally = Tally()
    ranks_too = shutil.which("mpirun") and (PROGRAM.parent / "libqloupe_mpi.so").exists()
    with tempfile.TemporaryDirectory(prefix="qloupe-ranks-") as folder:
        qloupe(folder, "compare", *NOISE[:-2], "--json", "noise.json", "--parts-every", "1000")
        same_bytes(tally, folder, ranks_too)
        lost_run(tally, folder)
        other_parts(tally, folder)
        lost_shard(tally, folder)
        without_module(tally, folder)
        if ranks_too:
            endings(tally, folder)
            lost_rank(tally, folder, 1)
            lost_rank(tally, folder, 0)
        else:
            tally.skip("MPI ranks", "mpirun, or the module for MPI, is not there (scripts/setup --mpi)")
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
