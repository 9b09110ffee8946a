"""What a run runs on: code, Python, libraries, machine, command line."""

from __future__ import annotations

import functools
import os
import platform
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from datagen.store.identity import code_hash
from datagen.store.schema import Json

_LIBRARIES = ("numpy", "torch", "safetensors", "scikit-learn", "optuna", "pyarrow", "pydantic", "gymnasium", "pybullet")
_ROOT = Path(__file__).parents[2]


def environment() -> dict[str, Json]:
    """Facts of this process, as JSON.

    `threads`, `gpu`: of torch, if it is loaded; `commit`: of git, with + if files differ.
    """
    torch = sys.modules.get("torch")  # whoever trains has loaded it; a sweep need not wait for it
    return {
        "code": code_hash(("scenes", "sim", "datagen", "train"), frozenset({"cli", "benchmarks"})),
        "commit": _commit(),
        "python": platform.python_version(),
        "libraries": {name: version for name in _LIBRARIES if (version := _version(name))},
        "system": platform.platform(),
        "host": platform.node(),
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads() if torch is not None else None,
        "gpu": torch.cuda.get_device_name() if torch is not None and torch.cuda.is_available() else None,
        "command": shlex.join(sys.argv),
        "cwd": str(Path.cwd()),
    }


def _version(library: str) -> str | None:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


@functools.cache
def _commit() -> str | None:
    """The commit of the checkout that the code is in, if it is in one."""
    git = ["git", "-C", str(_ROOT)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], check=True, capture_output=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return commit + ("+" if changed else "")


def _cpu() -> str:
    """The processor's name as the system gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
