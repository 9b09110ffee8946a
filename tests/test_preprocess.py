"""Preprocessing: closed forms of its planes, one result for a rendered frame and for the cache, refusals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.camera import Intrinsics, pose_looking
from sim.output import depth_to_millimetres
from tests.views import make, see
from train.data import load_frames
from train.preprocess import Preprocessing

NEAR_M, FAR_M = 0.1, 20.0


def preprocessing(*channels: str, size: tuple[int, int] = (8, 8)) -> Preprocessing:
    return Preprocessing.model_validate({"channels": channels, "size": size})


@pytest.mark.parametrize(
    ("channels", "planes"),
    [("rgb", 3), ("depth", 2), ("rgb depth", 5), ("rgb depth zoom", 6), ("rgb constant_depth", 5),
     ("rgb shuffled_depth", 5), ("shuffled_depth", 2)],
)  # fmt: skip
def test_number_of_planes(channels: str, planes: int) -> None:
    made = preprocessing(*channels.split())
    assert made.planes == planes
    image = torch.ones(2, 3, 1, 8, 8)
    images = {"rgb": image.expand(2, 3, 3, 8, 8).byte(), "depth": image, "shuffled_depth": image}
    shown = made(images | {"zoom": torch.ones(2, 3)})
    assert shown.shape == (2, 3, planes, 8, 8)
    assert shown.dtype == torch.float32


def test_colours_are_linear_from_black_to_white() -> None:
    levels = torch.arange(256, dtype=torch.uint8)[:, None, None, None].expand(256, 3, 8, 8)
    shown = preprocessing("rgb")({"rgb": levels})
    assert torch.equal(shown[:, 0, 0, 0], shown[:, 2, 7, 7])
    assert shown[:, 1, 3, 3].numpy() == pytest.approx(np.linspace(-1, 1, 256), abs=1e-6)


@given(st.lists(st.floats(0.0, 60.0) | st.just(math.nan), min_size=64, max_size=64))
def test_depth_is_log_between_near_and_far_and_0_where_there_is_none(metres: list[float]) -> None:
    depth = torch.tensor(metres).reshape(1, 8, 8)
    scaled, valid = preprocessing("depth")({"depth": depth})
    for metre, value, known in zip(
        depth.flatten().tolist(), scaled.flatten().tolist(), valid.flatten().tolist(), strict=True
    ):
        assert known == (metre > 0)
        cut = min(max(metre, NEAR_M), FAR_M)
        wanted = 2 * math.log(cut / NEAR_M) / math.log(FAR_M / NEAR_M) - 1 if known else 0.0
        assert value == pytest.approx(wanted, abs=1e-5)
        assert known or value == 0.0


def test_zoom_is_the_log_of_the_magnification_all_over() -> None:
    images = {"rgb": torch.zeros(2, 3, 8, 8, dtype=torch.uint8), "zoom": torch.tensor([1.0, 4.0])}
    shown = preprocessing("rgb", "zoom")(images)[:, 3]
    assert shown.flatten(1).unique(dim=1).tolist() == [[0.0], [pytest.approx(math.log(4))]]


def test_constant_depth_looks_the_same_everywhere() -> None:
    noise = torch.randint(256, (4, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    shown = preprocessing("rgb", "constant_depth")({"rgb": noise})
    assert torch.equal(shown[:, :3], preprocessing("rgb")({"rgb": noise}))
    assert shown[:, 3].unique().tolist() == [0.0]
    assert shown[:, 4].unique().tolist() == [1.0]


def test_planes_come_in_the_order_of_the_channels() -> None:
    rng = torch.Generator().manual_seed(2)
    rgb = torch.randint(256, (3, 8, 8), dtype=torch.uint8, generator=rng)
    images = {"rgb": rgb, "depth": 9 * torch.rand(1, 8, 8, generator=rng), "zoom": torch.tensor(2.0)}
    one_by_one = [preprocessing("rgb", "depth", "zoom")(images).split([3, 2, 1])[i] for i in (1, 2, 0)]
    assert torch.equal(preprocessing("depth", "zoom", "rgb")(images), torch.cat(one_by_one))


@pytest.mark.parametrize(
    ("size", "target"), [((24, 24), (24, 24)), ((37, 37), (16, 16)), ((53, 40), (32, 24)), ((96, 72), (32, 24))]
)
@pytest.mark.parametrize("channels", [("rgb", "depth", "zoom"), ("depth",), ("rgb", "constant_depth")])
def test_a_rendered_frame_gives_to_the_bit_what_the_cache_gives(
    tmp_path: Path, size: tuple[int, int], target: tuple[int, int], channels: tuple[str, ...]
) -> None:
    make(tmp_path / "set", size=size, episodes=2, frames=3)
    dataset, made = open_dataset(tmp_path / "set"), preprocessing(*channels, size=target)
    cached = load_frames(tmp_path / "set", made).images(np.arange(len(dataset)))
    zooms = dataset.column("zoom").tolist()
    for i, zoom in enumerate(zooms):
        stored = dataset.read(i)
        assert torch.equal(made.of_frame(stored["rgb"], stored["depth"], zoom), cached[i])
        camera = Intrinsics(*size, *(float(dataset.column(f)[i]) for f in ("fx", "fy", "cx", "cy")))
        rendered = see(camera, dataset.column("T_world_camera")[i], i // 3)
        assert np.array_equal(depth_to_millimetres(rendered.depth), dataset.images(i).depth_mm)
        assert torch.equal(made.of_frame(rendered.rgb, rendered.depth, zoom), cached[i])


@given(st.permutations(["rgb", "depth", "zoom"]), st.integers(8, 512), st.integers(8, 512), st.floats(0.01, 1))
def test_json_round_trip(channels: list[str], width: int, height: int, near_m: float) -> None:
    made = Preprocessing.model_validate(
        {"channels": channels, "size": (width, height), "depth_range_m": (near_m, 30.0)}
    )
    assert Preprocessing.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"channels": ["zoom"]}, "show nothing"),
        ({"channels": []}, "show nothing"),
        ({"channels": ["constant_depth"]}, "show nothing"),
        ({"channels": ["rgb", "rgb"]}, "each once"),
        ({"channels": ["depth", "shuffled_depth"]}, "one kind of depth"),
        ({"depth_range_m": [2, 1]}, "near, far"),
        ({"size": [4, 64]}, "greater than or equal to 8"),
    ],
)
def test_settings_without_sense_are_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Preprocessing.model_validate(settings)


def test_images_that_do_not_fit_are_refused() -> None:
    rgb = torch.zeros(3, 8, 8, dtype=torch.uint8)
    with pytest.raises(HomeError, match="no channel 'depth', only rgb"):
        preprocessing("rgb", "depth")({"rgb": rgb})
    with pytest.raises(HomeError, match="rgb comes as 8x8, and the network sees 16x8"):
        preprocessing("rgb", size=(16, 8))({"rgb": rgb})
    camera = Intrinsics.from_fov(32, 24, 75)
    frame = see(camera, pose_looking((0, 0, 0), 0, 0), 0)
    with pytest.raises(HomeError, match=r"32x24, and training is at 16x16: that would squeeze"):
        preprocessing("rgb", size=(16, 16)).of_frame(frame.rgb, frame.depth)
    with pytest.raises(HomeError, match=r"32x24, and training is at 64x48: nothing is enlarged"):
        preprocessing("rgb", size=(64, 48)).of_frame(frame.rgb, frame.depth)
    with pytest.raises(HomeError, match="a control"):
        preprocessing("shuffled_depth", size=(16, 12)).of_frame(frame.rgb, frame.depth)
    with pytest.raises(HomeError, match="no channel 'zoom'"):
        preprocessing("rgb", "zoom", size=(16, 12)).of_frame(frame.rgb, frame.depth)
