"""`sim bench …`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

app = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)


@app.callback()
def _benchmarks() -> None:
    """Keeps `sim bench load` a subcommand while it is the only one."""


@app.command("load")
def load(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    repeats: Annotated[int, typer.Option(min=1, help="Fresh processes per figure; the median counts.")] = 3,
) -> None:
    """Time loading: oldenborg cold and from cache, the largest home at hand, and the memory it takes."""
    from sim.benchmarks.load import measure

    result = measure(repeats)
    if as_json:
        print(json.dumps(result.as_json()))
        return
    for name, value in result.figures.items():
        print(f"{name:24} {value:10.3f}")
    print(f"largest home: {result.largest}; median of {repeats} fresh processes each")
