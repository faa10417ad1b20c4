"""Figures as tables and a plot, in docs/performance.md."""
import dataclasses
import math
import pathlib
import statistics
import subprocess
from collections.abc import Callable


@dataclasses.dataclass(frozen=True)
class Group:
    """A table: what its columns say, and whether a larger ratio is the better."""
    key: str
    what: str
    ours: str
    theirs: str
    ratio: str
    text: str
    more: bool = False


@dataclasses.dataclass
class Case:
    """One row: two ways to do the same thing, and the ratio that is wanted and aimed at."""
    group: Group
    name: str
    measure: Callable[[], tuple[float, float]]
    wanted: float | None = None
    aim: float | None = None
    rounds: list[tuple[float, float]] = dataclasses.field(default_factory=list)

    def take_turn(self) -> None:
        self.rounds.append(self.measure())

    def summary(self) -> dict:
        ours, theirs = zip(*self.rounds)
        ratios = [b / a for a, b in self.rounds] if self.group.more else [a / b for a, b in self.rounds]
        return {"group": self.group.key, "name": self.name, "ours": spread(ours), "theirs": spread(theirs), "ratio": spread(ratios),
                "wanted": self.wanted, "aim": self.aim}


def spread(values: list[float]) -> dict:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def held(found: dict, group: Group) -> bool:
    return found["wanted"] is None or (found["ratio"]["median"] >= found["wanted"]) == group.more or \
        found["ratio"]["median"] == found["wanted"]


def row(found: dict, group: Group) -> str:
    def text(s: dict) -> str:
        return f"{s['median']:.3g} ({s['low']:.3g} to {s['high']:.3g})"
    wanted = "" if found["wanted"] is None else f"{found['wanted']:g} ({found['aim']:g}){'' if held(found, group) else ' **missed**'}"
    return f"| {found['name']} | {text(found['ours'])} | {text(found['theirs'])} | {text(found['ratio'])} | {wanted} |"


def table(found: list[dict], group: Group) -> str:
    head = f"| {group.what} | {group.ours} | {group.theirs} | {group.ratio} | wanted (aim) |\n| --- | --- | --- | --- | --- |\n"
    return head + "\n".join(row(f, group) for f in found) + "\n"


def write_page(page: pathlib.Path, found: list[dict], groups: list[Group], rounds: int) -> None:
    """Between the marks of each group; the text around them is written by hand."""
    text = page.read_text(encoding="utf-8")
    for group in groups:
        rows = [f for f in found if f["group"] == group.key]
        if not rows:
            continue
        start, end = f"<!-- {group.key}: written by scripts/bench -->", f"<!-- end of {group.key} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n\n{rounds} rounds, {group.text}; medians (lowest to highest).\n\n{table(rows, group)}\n{end}{after}"
    page.write_text(text, encoding="utf-8")


PLOT = """
set terminal svg size 860,{height} font 'sans,12' background '#ffffff'
set output '{file}'
set logscale x 2
set xrange [{low}:{high}]
set yrange [-0.7:{top}]
set grid xtics lc rgb '#dddddd'
set border 1
set tics nomirror
set xlabel 'time of qloupe / time of the other (left is faster)'
set ytics ({labels})
set key at screen 0.98, screen 0.98 top right horizontal maxrows 1
set xtics ('1/64' 0.015625, '1/16' 0.0625, '1/4' 0.25, '1' 1, '4' 4, '16' 16, '64' 64)
set lmargin at screen 0.5
set rmargin at screen 0.97
set tmargin at screen {room}
set arrow from 1,graph 0 to 1,graph 1 nohead lc rgb '#888888'
plot '-' using 2:1:3:4 with xerrorbars pt 7 ps 0.8 lc rgb '#1f5fa8' title 'measured (lowest to highest)', \\
     '-' using 2:1 with points pt 9 ps 0.9 lc rgb '#c0392b' title 'must be left of'
"""


def quoted(name: str) -> str:
    """For gnuplot, whose text marks subscripts with _."""
    return "'" + name.replace("_", " ").replace("'", "''") + "'"


def plot(file: pathlib.Path, found: list[dict]) -> None:
    """The ratios of the rows, one line each, on a logarithmic scale."""
    lines = list(enumerate(reversed(found)))
    ratios = [f["ratio"][k] for f in found for k in ("low", "high")] + [f["wanted"] for f in found if f["wanted"]]
    script = PLOT.format(height=90 + 22 * len(lines), file=file, top=len(lines) - 0.3, room=1 - 52 / (90 + 22 * len(lines)),
                         low=2 ** math.floor(math.log2(min(ratios))), high=2 ** math.ceil(math.log2(max(ratios))),
                         labels=", ".join(f"{quoted(f['name'])} {y}" for y, f in lines))
    script += "".join(f"{y} {f['ratio']['median']} {f['ratio']['low']} {f['ratio']['high']}\n" for y, f in lines) + "e\n"
    script += "".join(f"{y} {f['wanted']}\n" for y, f in lines if f["wanted"]) + "e\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
