"""`sim data check|report|split`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from datagen.reader import open_dataset
from datagen.report.measure import identical_frames, rank_correlation
from datagen.store import Episode, EpisodeFacts, Row, writing
from tests.recordings import frame, make, spec


def sim(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sim.cli", "data", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_check(tmp_path: Path) -> None:
    make(tmp_path)
    clean = sim("check", tmp_path)
    assert clean.returncode == 0
    assert "0 errors, 0 warnings" in clean.stdout
    (tmp_path / "episodes" / "000002.zip").write_bytes(b"")
    broken = sim("check", tmp_path)
    assert broken.returncode == 1
    assert "error: damaged episode" in broken.stdout
    findings = json.loads(sim("check", tmp_path, "--json").stdout)["findings"]
    assert {finding["code"] for finding in findings} == {"damaged episode", "episode hash"}
    assert sim("check", tmp_path / "nowhere").returncode == 1


def test_split(tmp_path: Path) -> None:
    make(tmp_path)
    made = sim("split", tmp_path, "main", "--shares", "train=2,test=1")
    assert (made.returncode, made.stderr) == (0, "")
    assert "train 20, test 10 frames" in made.stdout
    leaky = sim("split", tmp_path, "frames", "--by", "random", "--shares", "train=1,test=1")
    assert "follow each other" in leaky.stderr
    again = sim("split", tmp_path, "main", "--shares", "train=1,test=2")
    assert again.returncode == 2
    assert "splits never change" in again.stderr
    assert set(open_dataset(tmp_path).split("main")) == {"train", "test"}


class Page(HTMLParser):
    """What a page holds: tags that are open at the end, tags by name, addresses and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def test_report(tmp_path: Path) -> None:
    make(tmp_path)
    sim("split", tmp_path, "main", "--shares", "train=2,test=1")
    made = sim("report", tmp_path)
    assert made.returncode == 0, made.stderr
    page = Page()
    page.feed((tmp_path / "report.html").read_text())
    assert page.open == []
    assert all(address.startswith("data:image/jpeg") for address in page.addresses)
    assert page.tags.count("img") == 24
    dataset = open_dataset(tmp_path)
    for command in ("forward", "left", "right"):
        count = int((dataset.column("command") == command).sum())
        assert re.search(rf"{command}\s+{count}\s+{count / 30:.1%}", page.text)
    for told in ("attic / ground / room 1", "tilt, degrees", "no leak", "0 of 30 frames show what another shows"):
        assert told in page.text


def test_report_of_a_dataset_without_frames(tmp_path: Path) -> None:
    with writing(tmp_path, spec()):
        pass
    made = sim("report", tmp_path)
    assert made.returncode == 2
    assert "lists no frames" in made.stderr


def test_identical_frames(tmp_path: Path) -> None:
    shown = [frame(np.random.default_rng(seed), 0) for seed in (0, 1)]

    def episode() -> Episode:
        for step, which in enumerate((0, 1, 0, 0)):
            yield shown[which], Row(float(step), "attic", "ground", "")
        return EpisodeFacts("attic", "hash of attic")

    with writing(tmp_path, spec(1)) as store:
        store.write(0, episode())
        store.finish()
    assert identical_frames(open_dataset(tmp_path)) == [[0, 2, 3]]


def test_rank_correlation() -> None:
    x = np.arange(10.0)
    assert rank_correlation(x, x**3) == pytest.approx(1.0)
    assert rank_correlation(x, -x) == pytest.approx(-1.0)
    assert np.isnan(rank_correlation(x, np.ones(10)))
