"""Where scripts/make-bench-models puts what it makes, and others find it."""
import os
import pathlib


def default_folder() -> pathlib.Path:
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "qloupe-bench"
