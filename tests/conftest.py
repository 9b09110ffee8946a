"""Fixtures that several modules of tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from train.runs import RunStore

settings.register_profile("any machine", deadline=None)  # a busy one takes its time
settings.load_profile("any machine")


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Small tensors are done sooner by one thread, above all on a busy machine, and to the bit the same everywhere."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A folder for runs, still empty."""
    from train.runs import RunStore

    return RunStore(tmp_path / "runs")


@pytest.fixture(scope="module")
def arrows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of `tests.arrows`."""
    from tests.arrows import make

    return make(tmp_path_factory.mktemp("arrows") / "data")


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of `tests.views`: four homes, each seen in four episodes of 9 frames."""
    from tests.views import make

    folder = tmp_path_factory.mktemp("views") / "data"
    make(folder, size=(32, 32), episodes=16, frames=9)
    return folder
