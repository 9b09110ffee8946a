"""`sim homes make`: procedural homes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Homes drawn at random.", no_args_is_help=True)


@app.callback()
def homes() -> None:
    """Homes drawn at random."""


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder for the .sh3d files; what it has already is kept.")],
    count: Annotated[int, typer.Option(min=1, help="How many homes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same homes.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if not given.")
    ] = None,
) -> None:
    """Draw varied homes of one to three storeys with stairs and inclines; each passes `sim check` and is connected."""
    import os
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    from datagen.homes.make import home_name, write_home
    from sim.cli.progress import progress

    out.mkdir(parents=True, exist_ok=True)
    missing = [k for k in range(count) if not (out / f"{home_name(seed, k)}.sh3d").exists()]
    drawn_again = 0
    processes = min(workers or os.cpu_count() or 1, max(1, len(missing)))
    with (
        ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool,
        progress("homes", len(missing)) as step,
    ):
        futures = [pool.submit(write_home, out, seed, index) for index in missing]
        try:
            for future in futures:
                drawn_again += len(future.result().refused)
                step()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    print(f"{count} homes in {out}: {len(missing)} new, {drawn_again} drawings refused on the way")
