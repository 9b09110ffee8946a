"""`sim data …`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import count

app = typer.Typer(help="Check, describe and split datasets.", no_args_is_help=True)

FOUND_ERRORS = 1
_MOST_ALIKE = 20
FolderArgument = Annotated[Path, typer.Argument(help="A dataset's folder.")]


@app.command("check")
def check(
    folder: FolderArgument,
    home: Annotated[
        list[Path] | None, typer.Option(help="A home's file, to judge places and labels by; may be repeated.")
    ] = None,
    use: Annotated[
        str | None, typer.Option(help="What it is for: world-model or policy; by its policies if not given.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with all findings.")] = False,
) -> None:
    """List what is wrong with a dataset, useless views too; exit code 1 if something is an error."""
    import dataclasses
    import json

    from datagen.checks import ERROR, check_dataset
    from datagen.checks.views import USES
    from datagen.store.listing import EPISODES_FOLDER
    from scenes.errors import HomeError
    from sim.cli.progress import progress

    if use is not None and use not in USES:
        raise HomeError(f"no use {use!r}; there are {', '.join(USES)}")
    with progress("episodes", len(list((folder / EPISODES_FOLDER).glob("*.zip")))) as step:
        findings = check_dataset(folder, step, home or [], use)
    errors = sum(finding.severity == ERROR for finding in findings)
    if as_json:
        print(json.dumps({"findings": [dataclasses.asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        for code in dict.fromkeys((finding.severity, finding.code) for finding in findings):
            alike = [finding for finding in findings if (finding.severity, finding.code) == code]
            for finding in alike[:_MOST_ALIKE]:
                place = f" [{finding.place}]" if finding.place else ""
                print(f"{finding.severity}: {finding.code}: {finding.message}{place}")
            if len(alike) > _MOST_ALIKE:
                print(f"{code[0]}: {code[1]}: {len(alike) - _MOST_ALIKE} more like these (--json names them)")
        print(f"{folder}: {count(errors, 'error')}, {count(len(findings) - errors, 'warning')}")
    sys.exit(FOUND_ERRORS if errors else 0)


@app.command("report")
def report(
    folder: FolderArgument,
    out: Annotated[Path | None, typer.Option(help="The HTML file (default: report.html in the dataset).")] = None,
) -> None:
    """Describe a dataset in one HTML file: samples, balance, histograms, coverage, paths, duplicates."""
    from datagen.reader import open_dataset
    from datagen.report import MOST_FRAMES, write_report
    from sim.cli.progress import progress

    dataset = open_dataset(folder)
    path = out if out is not None else folder / "report.html"
    with progress("frames", min(len(dataset), MOST_FRAMES)) as step:
        write_report(dataset, path, step)
    print(f"{count(len(dataset), 'frame')} of {count(len(dataset.episodes), 'episode')} described in {path}")


@app.command("split")
def split(
    folder: FolderArgument,
    name: Annotated[str, typer.Argument(help="The split's name.")],
    by: Annotated[str, typer.Option(help="home, episode, command (episodes, balanced), time or random.")] = "home",
    shares: Annotated[str, typer.Option(help="The parts and their shares of the frames.")] = "train=80,val=10,test=10",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice.")] = 0,
    gap: Annotated[int, typer.Option(min=0, help="Frames between two parts of an episode (--by time).")] = 16,
) -> None:
    """Store a split in a dataset, once and for all; says where it leaks."""
    from datagen.reader import open_dataset
    from datagen.splits import columns_of, make_split, parse_shares, store_split

    dataset = open_dataset(folder)
    columns = columns_of(dataset)
    made = make_split(columns, by, parse_shares(shares), seed, gap)
    store_split(folder, name, made, columns)
    for warning in made.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    sizes = ", ".join(f"{part or 'in the gaps'} {(made.parts == part).sum()}" for part in dict.fromkeys(made.parts))
    print(f"split {name!r} of {folder}: {sizes} frames")


@app.command("benchmark")
def benchmark(
    name: Annotated[str, typer.Argument(help="The benchmark set: stairwell-1.")],
    out: Annotated[Path, typer.Option(help="The dataset's folder; what it has already is kept.")],
    renderer: Annotated[str, typer.Option(help="auto, gl, bullet or raycast.")] = "auto",
) -> None:
    """Render the poses of a benchmark set, and make sure that the dataset is what was frozen."""
    from datagen.benchmark_set import load_set, render_set
    from datagen.store import read_about
    from sim.cli.progress import progress

    frozen = load_set(name)
    with progress("episodes", None) as step:
        content_hash = render_set(frozen, out, renderer, step)
    print(
        f"{count(read_about(out)['episodes'], 'episode')} of the benchmark set {name!r} ({frozen.hash[:16]}) in {out}"
    )
    print(f"content hash {content_hash}")


@app.command("export")
def export(
    folder: FolderArgument,
    form: Annotated[str, typer.Option("--format", help="lerobot, webdataset, huggingface or coco.")],
    out: Annotated[Path, typer.Option(help="A new folder.")],
    depth: Annotated[bool, typer.Option(help="Without: lerobot only, for policies that take colours alone.")] = True,
) -> None:
    """Write a dataset in a format that other tools load."""
    from datagen.export import export_dataset, refuse_export
    from datagen.reader import open_dataset
    from sim.cli.progress import progress

    dataset = open_dataset(folder)
    refuse_export(dataset, form, out, depth=depth)
    with progress("frames", len(dataset)) as step:
        export_dataset(dataset, form, out, step, depth=depth)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    held = f"{count(len(dataset), 'frame')} of {count(len(dataset.episodes), 'episode')}"
    print(f"{out}: {held} as {form}, {size >> 20} MiB")
