#!/usr/bin/env python3
"""One search by several MPI ranks: the plan's bytes are those of one process, and a search that lost a rank goes on from its
checkpoint."""
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.cli.test_ranks import DIGITS, PROGRAM, RANKS_ENVIRONMENT, TWINS, children, contents, document, mpirun, qloupe, run_ranks, start, wait_for
from tests.support.tally import SLOW, Tally, thinned

# What is asked for; and with how many ranks
SEARCHES = [
    ("samples", [*DIGITS, "--samples", "40", "--max-layers", "2", "--prove"], (2, 4)),
    ("modes", [*TWINS, "--data", "random:9", "--modes", "float,int16x8", "--max-layers", "1", "--no-repairs"], (3,)),
    ("fewer samples than ranks", [*TWINS, "--data", "random:2", "--max-layers", "1"], (4,)),
    ("no room to keep anything", [*TWINS, "--data", "random:20", "--max-layers", "1", "--no-repairs", "--max-memory", "19M"], (2,)),
]
LONG = [*TWINS, "--data", "random:300" if SLOW else "random:2000", "--search-samples", "60" if SLOW else "400", "--max-layers", "3",
        "--no-repairs", "-j", "1", "--checkpoint", "checkpoint.json"]


def same_bytes(tally, folder):
    for name, words, counts in thinned(SEARCHES, 2):
        plain = qloupe(folder, "suggest", *words, "-j", "1", "-o", "plain.json")
        tally.check(f"{name}: alone", not plain.returncode, plain.stderr)
        for ranks in counts:
            done = run_ranks(folder, ranks, "suggest", *words, "-j", "1", "-o", "ranks.json", "--write-model", "ranks.tflite")
            same = contents(folder, "ranks.json") == contents(folder, "plain.json")
            tally.check(f"{name}: the bytes of {ranks} ranks", not done.returncode and same, done.stderr)
            tally.check(f"{name}: what {ranks} ranks say", done.stdout == plain.stdout and not done.stderr, done.stdout + done.stderr)
            tally.check(f"{name}: {ranks} ranks said so", document(folder, "ranks.json")["run"]["ranks"] == ranks)


def lost_rank(tally, folder):
    process = start(folder, mpirun(2, "suggest", *LONG, "-o", "lost.json"), env=RANKS_ENVIRONMENT)
    checkpoint = pathlib.Path(folder) / "checkpoint.json"
    seen = wait_for(process, checkpoint.exists)
    os.kill(children(process)[1], signal.SIGKILL)
    said = process.communicate()[1]
    tally.check("a rank killed: ends with a failure", seen and process.returncode == 137, (process.returncode, said))
    known = document(folder, "checkpoint.json")["measured"]
    done = run_ranks(folder, 2, "suggest", *LONG, "-o", "ranks.json")
    resumed = re.search(r"(\d+) plans measured, (\d+) of them known from the checkpoint", done.stdout)
    tally.check("the next run goes on from the checkpoint", not done.returncode and resumed and int(resumed[2]) == len(known) < int(resumed[1]),
                done.stdout[-300:] + done.stderr)
    qloupe(folder, "suggest", *LONG, "-o", "plain.json")
    tally.check("and gives the plan of one process", contents(folder, "ranks.json") and
                contents(folder, "ranks.json") == contents(folder, "plain.json"))


def main() -> int:
    tally = Tally()
    if not shutil.which("mpirun") or not (PROGRAM.parent / "libqloupe_mpi.so").exists():
        tally.skip("MPI ranks", "mpirun, or the module for MPI, is not there (scripts/setup --mpi)")
        return tally.finish()
    with tempfile.TemporaryDirectory(prefix="qloupe-ranks-") as folder:
        same_bytes(tally, folder)
        lost_rank(tally, folder)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
