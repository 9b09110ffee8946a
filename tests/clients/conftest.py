"""Fresh output for the clients to read, made by the command line as a user would."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.environments import PROJECT, run

HERE = Path(__file__).parent
Say = Callable[[str], None]
HOME = "two-levels"
SIZE = "96x72"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder are of the clients: `pytest -m clients`."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.clients)


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Say:
    """Tell what a client found, for the end of the run."""
    return lambda text: record_property("said", text)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What the clients said, whichever process ran them."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.stats.get(key, ())]
    said = [text for report in reports for name, text in report.user_properties if name == "said"]
    if said:
        terminalreporter.section("clients")
        for text in sorted(set(said)):
            terminalreporter.write_line(text)


def sim(*arguments: str | Path) -> str:
    """Run Stairwell's command line; return what it printed."""
    return run([sys.executable, "-m", "sim.cli", *map(str, arguments)], os.environ | {"PYTHONPATH": str(PROJECT)})


@pytest.fixture(scope="session")
def glb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as GLB."""
    path = tmp_path_factory.mktemp("glb") / "home.glb"
    sim("export", HOME, path)
    return path


@pytest.fixture(scope="session")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two walks."""
    return generate(tmp_path_factory.mktemp("data") / "walks", "perfect")


@pytest.fixture(scope="session")
def sweeps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of two episodes of a PTZ camera."""
    return generate(tmp_path_factory.mktemp("data") / "sweeps", "sweep")


def generate(out: Path, policy: str) -> Path:
    scene = ("--scene", HOME, "--size", SIZE)
    sim("generate", *scene, "--policy", policy, "--episodes", "2", "--frames", "6", "--workers", "1", "--out", out)
    return out


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Exports a dataset in a format, once; more options may follow."""
    folder, known = tmp_path_factory.mktemp("exports"), {}

    def export(dataset: Path, form: str, *options: str) -> Path:
        key = (dataset, form, options)
        if key not in known:
            known[key] = folder / f"{dataset.name}-{form}{''.join(options)}"
            sim("data", "export", dataset, "--format", form, *options, "--out", known[key])
        return known[key]

    return export
