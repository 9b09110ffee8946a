"""Files of JSON lines: appended to while a run goes, read at any time, cut back when it is resumed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import write_whole


def append_line(path: Path, values: Mapping[str, Json]) -> None:
    """Adds one line with one write, so that a kill leaves it whole or cuts it short, and readers skip what is cut."""
    line = json.dumps(values, allow_nan=False) + "\n"
    with path.open("ab") as file:
        file.write(line.encode())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """All whole lines.

    Raises:
        HomeError: a line that is not the last one is no JSON object.
    """
    return [values for _, values in _numbered(path)]


def cut_after(path: Path, step: int) -> None:
    """Drops lines of steps after `step`, and a line that was cut short."""
    kept = [line for line, values in _numbered(path) if values["step"] <= step]
    write_whole(path, b"".join(line + b"\n" for line in kept))


def finite_or_text(value: float) -> float | str:
    """A number as strict JSON can hold it: "nan", "inf" and "-inf" are text, which `float` reads."""
    return float(value) if math.isfinite(value) else str(float(value))


def _numbered(path: Path) -> Iterator[tuple[bytes, dict[str, Any]]]:
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            values = json.loads(line)
        except ValueError as error:
            raise HomeError(f"{path}, line {number} is no JSON; restore the file from a copy") from error
        yield line, values
