"""Staircases drawn at random: each joins what it was drawn to join, however it stands and in whatever order."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.connectors import Connector, find_connectors
from scenes.draw import Drawing, DrawnModel, furniture
from scenes.home.home import Home
from scenes.home.reader import HomeFile, parse_home
from tests.homes.climbs import Plan
from tests.homes.staircases import StairHome, Way, cut_out, mirrored, model_of, random_home, random_walk

DEFAULT, FULL = 20, 300
NEAR_M = 0.6
TURNS = 24


def parsed(home: Drawing) -> HomeFile:
    return parse_home(home.to_bytes(), home.name)


def found_in(home: HomeFile) -> list[Connector]:
    """The connectors of a home, steps from floor to floor aside."""
    return [one for one in find_connectors(build_scene(home)) if not one.source[-1].endswith("/floor")]


def assert_as_drawn(drawn: StairHome) -> None:
    found = {one.source: one for one in found_in(parsed(drawn.home))}
    assert set(found) == {way.ids for way in drawn.ways}, drawn.about
    for way in drawn.ways:
        assert_joins(found[way.ids], way, drawn.about)


def assert_joins(connector: Connector, way: Way, about: str) -> None:
    assert (connector.kind, connector.steps, connector.levels) == (way.kind, way.steps, way.levels), about
    assert connector.rise_m == pytest.approx(way.rise_m, abs=3e-3), about
    assert connector.foot is not None, about
    assert np.hypot(*(connector.line[0, :2] - way.foot)) < NEAR_M, about
    if way.head is None:
        assert connector.head is None, about
        assert any("leads to no free floor" in warning for warning in connector.warnings), about
    else:
        assert connector.head is not None, about
        assert np.hypot(*(connector.line[-1, :2] - way.head)) < NEAR_M, about
        assert connector.warnings == (), about


@pytest.mark.parametrize("seed", range(DEFAULT))
def test_each_staircase_joins_what_it_was_drawn_to_join(seed: int) -> None:
    assert_as_drawn(random_home(np.random.default_rng(seed)))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(DEFAULT, FULL))
def test_every_staircase_joins_what_it_was_drawn_to_join(seed: int) -> None:
    assert_as_drawn(random_home(np.random.default_rng(seed)))


def figures(connector: Connector) -> tuple[object, ...]:
    """All that a connector says, lengths to the millimetre."""
    lengths = (connector.rise_m, connector.going_m, connector.slope_deg, connector.width_m, connector.headroom_m)
    ends = [(end.source, end.level, round(end.height_m, 3), round(end.length_m, 3)) if end else None
            for end in (connector.foot, connector.head)]  # fmt: skip
    rounded = tuple(round(length, 3) for length in lengths)
    return (connector.kind, connector.steps, connector.source, connector.levels, rounded, *ends, connector.warnings)


@pytest.mark.parametrize("seed", [1, 8, 9])
def test_the_order_of_pieces_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    file = parsed(random_home(rng).home)
    expected = {figures(one) for one in found_in(file)}
    for _ in range(3):
        home: Home = file.home
        turned = {
            name: tuple(getattr(home, name)[index] for index in rng.permutation(len(getattr(home, name))))
            for name in ("furniture", "rooms", "walls")
        }
        assert {figures(one) for one in found_in(replace(file, home=replace(home, **turned)))} == expected


def drawn_model(kind: str) -> DrawnModel:
    """A staircase of a kind, its front to the south."""
    if kind == "u-staircase of the library":
        return furniture.u_staircase(16, 17, 26, 240)
    if kind == "railed flight":
        return furniture.flight(13, 18, 26, 100, rails="left right")
    shape, _, build = kind.partition(" of ")
    walked = random_walk(np.random.default_rng(len(kind)), shape, 18.0, storey=True)
    return model_of(walked, solid=build == "stone", nosing_cm=5.0 if build == "boards and a nosing" else 0.0)


KINDS = (
    "straight of stone", "landing of boards", "L of stone", "L of boards and a nosing", "U of boards",
    "spiral of boards", "u-staircase of the library", "railed flight",
)  # fmt: skip


def assert_turns_alike(kind: str, turns: int, *, is_mirrored: bool) -> None:
    """Turned around the full circle and at two heights; all in one hall, which reaches far from the origin."""
    model = drawn_model(kind)
    piece = mirrored(model) if is_mirrored else model
    cut, height = cut_out(piece), model.size_cm()[2]
    home = Drawing("turns", wall_height=2000)
    hall = home.level("Hall", elevation=0, height=2000)
    hall.room("Hall", Plan().rectangle(0, 0, 12000, 6000), ceiling_visible=False)
    shares: dict[str, float] = {}
    for turn in range(2 * turns):
        share, angle = (1.0, 0.85)[turn % 2], math.pi * turn / turns + 0.05
        at = 1000 * (turn % 12) + 500, 1000 * (turn // 12) + 500
        more = {"height": share * height, "cut_out": cut, "model_mirrored": is_mirrored}
        shares[hall.staircase(piece, *at, angle=angle, **more).id] = share
    found = found_in(parsed(home))
    assert {one.source[0] for one in found} == set(shares)
    rises = [one.rise_m / shares[one.source[0]] for one in found]
    assert {one.steps for one in found} == {found[0].steps}
    assert np.ptp(rises) < 2e-3
    assert np.ptp([one.going_m for one in found]) < 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_turning_a_staircase_leaves_its_steps_and_its_rise(kind: str) -> None:
    assert_turns_alike(kind, 3, is_mirrored=len(kind) % 2 == 0)


@pytest.mark.full
@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_turning_a_staircase_anyhow_leaves_its_steps_and_its_rise(kind: str, is_mirrored: bool) -> None:
    assert_turns_alike(kind, TURNS, is_mirrored=is_mirrored)
