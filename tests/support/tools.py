"""Python interpreters that have TensorFlow or ai-edge-quantizer. Tests that need one run a worker with it, and are
skipped by name where there is none."""
import functools
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_USE_LEGACY_KERAS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
# name: what must be importable, the variable that names an interpreter
TOOLS = {"tf": ("tensorflow", "QLOUPE_TF_PYTHON"), "aeq": ("ai_edge_quantizer", "QLOUPE_AEQ_PYTHON")}


def candidates(tool: str) -> list[str]:
    """The variable's interpreter, the one of `scripts/setup --bridges`, and this one."""
    given = os.environ.get(TOOLS[tool][1])
    own = ROOT / "build/venv" / tool / "bin/python"
    return [given] if given else [str(path) for path in (own, pathlib.Path(sys.executable)) if path.exists()]


@functools.lru_cache
def interpreter(tool: str) -> "str | None":
    """An interpreter that has the tool; None: there is none here, or the build under test is for memory errors, which
    says nothing more of other people's programs."""
    if "asan" in os.environ.get("QL_BUILD", ""):
        return None
    probe = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({TOOLS[tool][0]!r}) is None)"
    for path in candidates(tool):
        try:
            if not subprocess.run([path, "-c", probe], check=False, capture_output=True, timeout=60).returncode:
                return path
        except OSError:
            pass
    return None


def ask(tool: str, worker: pathlib.Path, request: dict, timeout: int = 600) -> dict:
    """What the worker answers to the request; both are JSON. Its answer is the last line it prints."""
    done = subprocess.run([str(interpreter(tool)), str(worker)], input=json.dumps(request), text=True, check=False,
                          capture_output=True, timeout=timeout, env={**os.environ, **ENVIRONMENT})
    if done.returncode:
        raise RuntimeError(f"{worker.name}: status {done.returncode}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.rstrip("\n").rsplit("\n", 1)[-1])
