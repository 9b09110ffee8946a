"""`sim runs …`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.json_output import print_json

if TYPE_CHECKING:
    from train.runs import RunStore

app = typer.Typer(help="List, show and compare runs; mark wrong ones.", no_args_is_help=True)

RunsOption = Annotated[Path, typer.Option("--runs", help="Folder of the runs.")]
RunArgument = Annotated[str, typer.Argument(help="A run's id, or a part of it that no other has.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(help="A condition such as state=finished, model.latent>=64, metrics.loss<0.5; may be repeated."),
]
RUNS = Path("runs")


@app.command("list")
def list_runs(
    where: WhereOption = None,
    sort: Annotated[str | None, typer.Option(help="A key; -metrics.loss sorts downwards.")] = None,
    runs: RunsOption = RUNS,
    as_json: JsonOption = False,
) -> None:
    """List runs, the oldest first."""
    from train.runs.query import keys_of, select

    rows = _rows(_store(runs))
    chosen = select(rows, where or [], sort)
    if as_json:
        print_json({"runs": chosen})
        return
    shown = ["id", "kind", "state", "step", "score", *keys_of(where or [], sort, rows)]
    _print_table(
        list(dict.fromkeys([*shown, "wrong"])),
        [{key: _short(value) for key, value in row.items()} for row in chosen],
        f"{len(chosen)} of {len(rows)} runs in {runs}",
    )


@app.command("show")
def show(run: RunArgument, runs: RunsOption = RUNS, as_json: JsonOption = False) -> None:
    """Show a run: where it comes from, what it was told, what became of it."""
    from train.runs.show import described

    store = _store(runs)
    facts = described(store.find(run), store)
    if as_json:
        print_json(facts)
        return
    for title, part in facts.items():
        _print_part(title, part)


@app.command("diff")
def diff(old: RunArgument, new: RunArgument, runs: RunsOption = RUNS, as_json: JsonOption = False) -> None:
    """Say what differs between two runs: settings, datasets, seeds, code and libraries."""
    from train.runs.show import differences

    store = _store(runs)
    one, other = store.find(old), store.find(new)
    found = differences(one, other)
    if as_json:
        print_json({"old": one.id, "new": other.id, "changes": found})
        return
    _print_table(
        ["key", one.id, other.id],
        [{"key": key, one.id: _short(a), other.id: _short(b)} for key, (a, b) in found.items()],
        f"{len(found)} differences",
    )


@app.command("compare")
def compare_runs(
    run: Annotated[list[str] | None, typer.Argument(help="Runs; all that --where chooses if none are named.")] = None,
    where: WhereOption = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="A metric's name; may be repeated. Else the primary metric.")
    ] = None,
    runs: RunsOption = RUNS,
    as_json: JsonOption = False,
) -> None:
    """Compare configurations over their seeds with the first one's: mean, interval, and what is within noise."""
    from train.runs.compare import compare
    from train.runs.query import select

    store = _store(runs)
    named = [store.find(one).id for one in run] if run else [one.id for one in store.all()]
    met = {row["id"] for row in select(_rows(store), where, None)} if where else set(named)
    comparison = compare([store.get(one) for one in named if one in met], store.wrong(), metric or [])
    if as_json:
        print_json(comparison.to_json())
        return
    for name in comparison.metrics:
        rows = [row.told(name) for row in comparison.rows]
        _print_table(list(rows[0]), rows, "")
    for left_out, reason in comparison.left_out.items():
        print(f"left out: {left_out} ({reason})")


@app.command("invalidate")
def invalidate(
    what: Annotated[str, typer.Argument(help="A dataset's folder or content hash, or a run's id.")],
    why: Annotated[str, typer.Option(help="What is wrong with it.")],
    runs: RunsOption = RUNS,
) -> None:
    """Mark a dataset or a run as wrong, and with it all that was trained on it and what descends from that."""
    from train.runs.lineage import subject_of, write_mark

    store = _store(runs)
    subject, which = subject_of(what, store.all())
    before = store.wrong()
    path = write_mark(runs, subject, which, why)
    after = {run: reason for run, reason in store.wrong().items() if run not in before}
    print(f"{subject} {which} is marked as wrong in {path}; delete that file to take it back")
    for run, reason in after.items():
        print(f"{run}: {reason}")
    print(f"{len(after)} runs are wrong by it")


@app.command("push")
def push_run(
    run: RunArgument,
    to: Annotated[str, typer.Option(help="tensorboard, wandb or mlflow.")],
    runs: RunsOption = RUNS,
) -> None:
    """Tell a tracker of a run that is over: configuration, metrics with their times, files."""
    from train.runs.trackers import push

    info = _store(runs).find(run)
    print(f"{push(info, to)} lines of {info.id} told to {to}")


def _store(folder: Path) -> RunStore:
    from scenes.errors import HomeError
    from train.runs import RunStore

    if not folder.is_dir():
        raise HomeError(f"no folder {folder}; name the folder of the runs with --runs")
    return RunStore(folder)


def _rows(store: RunStore) -> list[dict[str, Any]]:
    from train.runs.query import facts_of

    wrong = store.wrong()
    return [facts_of(run, wrong.get(run.id)) for run in store.all()]


def _short(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _print_part(title: str, part: Any) -> None:
    if isinstance(part, dict):
        print(f"{title}:")
        for key, value in part.items():
            print(f"  {key:24} {_short(value)}")
    elif isinstance(part, list):
        print(f"{title}:{'' if part else ' none'}")
        for value in part:
            print(f"  {_short(value)}")
    else:
        print(f"{title}: {_short(part)}")


def _print_table(columns: list[str], rows: list[dict[str, str]], last_line: str) -> None:
    """Columns as wide as they need: piped into a file or a pager nothing is cut."""
    widths = [max([len(name), *(len(row.get(name, "")) for row in rows)]) for name in columns]
    for row in [{name: name for name in columns}, *rows]:
        cells = (f"{row.get(name, ''):{width}}" for name, width in zip(columns, widths, strict=True))
        print("  ".join(cells).rstrip())
    print(last_line)
