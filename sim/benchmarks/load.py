"""How long scenes take to load and how much memory that takes: each figure from fresh processes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LOAD = """
import json, resource, sys, time
start = time.perf_counter()
from scenes.library import load_scene
scene = load_scene(sys.argv[1], cached=sys.argv[2] == "cached")
seconds = time.perf_counter() - start
peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peak_mb": peak_kib / 1024, "triangles": len(scene.triangles)}))
"""


@dataclass(frozen=True)
class LoadResult:
    """Figures by name; `largest`: the home that the figures `largest_...` and `peak_...` are of."""

    figures: dict[str, float]
    largest: str

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {"figures": {name: round(value, 3) for name, value in self.figures.items()}, "largest": self.largest}


def measure(repeats: int) -> LoadResult:
    """Times cold and cached loads, importing our own modules included, each in a fresh process.

    The largest home is that of `$STAIRWELL_HOMES` or `../shared/homes` with most triangles, else oldenborg.
    """
    with tempfile.TemporaryDirectory(prefix="stairwell-bench-") as cache:
        cold = [_load("oldenborg", "cold", cache) for _ in range(repeats)]
        _load("oldenborg", "cached", cache)
        cached = [_load("oldenborg", "cached", cache) for _ in range(repeats)]
        largest, first = _largest(cache)
        again = [first] + [_load(largest, "cold", cache) for _ in range(repeats - 1)]
    return LoadResult(
        {
            "oldenborg_cold_s": _median(cold, "seconds"),
            "oldenborg_cached_s": _median(cached, "seconds"),
            "largest_cold_s": _median(again, "seconds"),
            "peak_memory_mb": max(run["peak_mb"] for run in cold + cached + again),
        },
        Path(largest).stem,
    )


def homes_folder() -> Path | None:
    """The folder of real homes to measure with, if there is one."""
    checkout = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("STAIRWELL_HOMES") or checkout.parent / "shared" / "homes")
    return folder if folder.is_dir() else None


def _largest(cache: str) -> tuple[str, dict[str, float]]:
    folder = homes_folder()
    homes = [str(path) for path in sorted(folder.glob("*.sh3d"))] if folder else []
    runs = [(home, _load(home, "cold", cache)) for home in ["oldenborg", *homes]]
    return max(runs, key=lambda run: run[1]["triangles"])


def _load(home: str, how: str, cache: str) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-c", _LOAD, home, how],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        env=os.environ | {"STAIRWELL_CACHE": cache},
    )
    result: dict[str, float] = json.loads(run.stdout)
    return result


def _median(runs: list[dict[str, float]], key: str) -> float:
    return statistics.median(run[key] for run in runs)
