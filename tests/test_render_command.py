"""`sim render` through the command line: what it writes, and that anyone can check it."""

import json
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest
from pyarrow import parquet

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from sim.camera import Intrinsics
from tests.homes.cabin import cabin
from tests.judge import cast, inner_pixels

FRAMES = 6


def sim(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("render")
    cabin().save(folder / "cabin.sh3d")
    result = sim(
        "render", "--scene", folder / "cabin.sh3d", "--frames", FRAMES, "--size", "96x64", "--out", folder / "out"
    )
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def rows(run):
    return parquet.read_table(run / "out" / "frames.parquet").to_pylist()


def read(run, kind, index):
    return np.asarray(PIL.Image.open(run / "out" / kind / f"{index:06d}.png"))


def test_the_folder_holds_what_is_promised_and_nothing_else(run):
    files = sorted(path.relative_to(run / "out").as_posix() for path in (run / "out").rglob("*") if path.is_file())
    images = [f"{kind}/{i:06d}.png" for kind in ("depth", "rgb", "segmentation") for i in range(FRAMES)]
    assert files == sorted([*images, "frames.parquet", "preview.mp4", "scene.json"])
    assert read(run, "rgb", 0).shape == (64, 96, 3)
    assert read(run, "depth", 0).dtype == np.uint16
    assert read(run, "segmentation", 0).dtype == np.uint16


def test_each_depth_image_agrees_with_its_row_and_the_triangles(run, rows):
    scene = build_scene(parse_home((run / "cabin.sh3d").read_bytes(), "cabin"))
    for row in rows:
        camera = Intrinsics(row["width"], row["height"], row["fx"], row["fy"], row["cx"], row["cy"])
        depth, ids = cast(scene, camera, np.reshape(row["T_world_camera"], (4, 4)))
        inner = inner_pixels(ids, depth)
        stored = read(run, "depth", row["frame"]) / 1000
        assert np.median(np.abs(stored - depth)[inner]) <= 0.0005
        assert np.mean((read(run, "segmentation", row["frame"]) == ids)[inner]) > 0.995


def test_rows_name_level_and_room(rows):
    assert [row["frame"] for row in rows] == list(range(FRAMES))
    assert {(row["level"], row["room"]) for row in rows} == {("Low", "West"), ("High", "East")}


def test_scene_json_lists_the_instances(run):
    said = json.loads((run / "out" / "scene.json").read_text())
    assert {instance["name"] for instance in said["instances"]} >= {"Box", "Door", "Window", "West", "East"}
    assert said["renderer"] in ("gl", "bullet")
    shown = {i for index in range(FRAMES) for i in np.unique(read(run, "segmentation", index)) if i}
    assert shown <= {instance["id"] for instance in said["instances"]}


def test_the_preview_plays(run):
    import av

    with av.open(str(run / "out" / "preview.mp4")) as video:
        pictures = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(pictures) == FRAMES
    assert pictures[0].shape == (64, 192, 3)
    difference = np.abs(pictures[0][:, :96].astype(int) - read(run, "rgb", 0).astype(int))
    assert np.median(difference) < 12


def test_the_same_command_gives_the_same_files(run):
    result = sim("render", "--scene", run / "cabin.sh3d", "--frames", FRAMES, "--size", "96x64", "--out", run / "again")
    assert result.returncode == 0, result.stderr
    for path in (run / "out").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (run / "again" / path.relative_to(run / "out")).read_bytes(), path.name


def test_poses_of_an_earlier_run_and_of_a_list(run, rows, tmp_path):
    poses = run / "out" / "frames.parquet"
    result = sim("render", "--scene", run / "cabin.sh3d", "--path", poses, "--out", tmp_path / "a")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "a/rgb/000003.png").read_bytes() == (run / "out/rgb/000003.png").read_bytes()
    as_list = [{"T_world_camera": rows[3]["T_world_camera"]}, {"position": [1.5, -2, 1.5], "yaw_deg": 90}]
    (tmp_path / "poses.json").write_text(json.dumps(as_list))
    listed = tmp_path / "poses.json"
    result = sim("render", "--scene", run / "cabin.sh3d", "--path", listed, "--size", "96x64", "--out", tmp_path / "b")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "b/rgb/000000.png").read_bytes() == (run / "out/rgb/000003.png").read_bytes()
    assert not (tmp_path / "b/rgb/000002.png").exists()


CAMERA = {"width": 80, "height": 60, "fx": 120.0, "fy": 118.0, "cx": 41.5, "cy": 29.0}


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_the_cameras_of_a_file_are_kept(run, tmp_path, kind):
    """Two focal lengths, none of them of the default field of view, an axis off the centre: rays agree with depth."""
    poses = [{"position": [1.5, -2, 1.5], "yaw_deg": 90} | CAMERA, {"position": [1.5, -2, 1.5], "yaw_deg": 0} | CAMERA]
    poses[1]["fx"] = 200.0
    (tmp_path / "poses.json").write_text(json.dumps(poses))
    command = ["render", "--scene", run / "cabin.sh3d", "--path"]
    result = sim(*command, tmp_path / "poses.json", "--out", tmp_path / "first")
    assert result.returncode == 0, result.stderr
    if kind == "parquet":
        again = tmp_path / "first/frames.parquet"
        result = sim(*command, again, "--out", tmp_path / "second")
        assert result.returncode == 0, result.stderr
    out = tmp_path / ("second" if kind == "parquet" else "first")
    scene = build_scene(parse_home((run / "cabin.sh3d").read_bytes(), "cabin"))
    rows = parquet.read_table(out / "frames.parquet").to_pylist()
    assert [{name: row[name] for name in CAMERA} for row in rows] == [CAMERA, CAMERA | {"fx": 200.0}]
    for row, pose in zip(rows, poses, strict=True):
        camera = Intrinsics(**{name: pose[name] for name in CAMERA})
        depth, ids = cast(scene, camera, np.reshape(row["T_world_camera"], (4, 4)))
        stored = np.asarray(PIL.Image.open(out / "depth" / f"{row['frame']:06d}.png")) / 1000
        assert np.median(np.abs(stored - depth)[inner_pixels(ids, depth)]) <= 0.0005


@pytest.mark.parametrize("option", [["--fov", 75], ["--size", "96x64"]])
def test_options_against_the_cameras_of_a_file_are_refused(run, tmp_path, option):
    pose = {"position": [1.5, -2, 1.5], "yaw_deg": 90} | CAMERA
    (tmp_path / "poses.json").write_text(json.dumps([pose]))
    command = ["render", "--scene", run / "cabin.sh3d", "--path", tmp_path / "poses.json", "--out", tmp_path / "o"]
    result = sim(*command, *option)
    assert_refused(result)
    assert "has its own cameras (80 x 60 pixels, 36.9 degrees in its first frame)" in result.stderr


def test_an_earlier_run_stays_unless_it_is_to_be_replaced(run, tmp_path):
    command = ["render", "--scene", run / "cabin.sh3d", "--size", "32x24", "--out", tmp_path / "o", "--frames"]
    assert sim(*command, 3).returncode == 0
    before = {path: path.read_bytes() for path in (tmp_path / "o").rglob("*") if path.is_file()}
    result = sim(*command, 2)
    assert_refused(result)
    assert "holds an earlier run of 3 frames" in result.stderr
    assert before == {path: path.read_bytes() for path in (tmp_path / "o").rglob("*") if path.is_file()}
    assert sim(*command, 2, "--overwrite").returncode == 0
    assert len(list((tmp_path / "o/rgb").iterdir())) == 2


BAD_POSES = [
    "[",
    "{}",
    "[]",
    "[{}]",
    "[3]",
    '[{"position": [1, 2], "yaw_deg": 0}]',
    '[{"position": [1, 2, NaN], "yaw_deg": 0}]',
    '[{"T_world_camera": [1, 2]}]',
    '[{"position": [1, 2, 1], "yaw_deg": 0, "fx": 120}]',
    '[{"position": [1, 2, 1], "yaw_deg": 0, "width": 8, "height": 8.5, "fx": 9, "fy": 9, "cx": 4, "cy": 4}]',
    '[{"position": [1, 2, 1], "yaw_deg": 0, "width": 99999, "height": 8, "fx": 9, "fy": 9, "cx": 4, "cy": 4}]',
    '[{"position": [1, 2, 1], "yaw_deg": 0, "width": 8, "height": 8, "fx": NaN, "fy": 9, "cx": 4, "cy": 4}]',
    json.dumps([{"position": [1, 2, 1], "yaw_deg": 0}, {"position": [1, 2, 1], "yaw_deg": 0} | CAMERA]),
    json.dumps([{"position": [1, 2, 1], "yaw_deg": 0} | CAMERA | {"width": side} for side in (8, 9)]),
    f'[{{"T_world_camera": {[2.0] * 16}}}]',
]


@pytest.mark.parametrize("text", BAD_POSES)
def test_bad_poses_are_one_error_and_nothing_is_written(run, tmp_path, text):
    (tmp_path / "poses.json").write_text(text)
    result = sim("render", "--scene", run / "cabin.sh3d", "--path", tmp_path / "poses.json", "--out", tmp_path / "o")
    assert_refused(result)
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scene", "no-such-home"],
        ["--scene", "{home}", "--size", "96"],
        ["--scene", "{home}", "--size", "0x10"],
        ["--scene", "{home}", "--fov", "180"],
        ["--scene", "{home}", "--hide", "cielings"],
        ["--scene", "{home}", "--path", "no-such-file.json"],
        ["--scene", "{text}"],
    ],
)
def test_bad_arguments_are_one_error_and_nothing_is_written(run, tmp_path, arguments):
    (tmp_path / "text.sh3d").write_text("not a home")
    places = {"home": run / "cabin.sh3d", "text": tmp_path / "text.sh3d"}
    result = sim("render", *(argument.format(**places) for argument in arguments), "--out", tmp_path / "o")
    assert_refused(result)
    assert not (tmp_path / "o").exists()


def test_a_folder_of_other_things_is_left_alone(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    result = sim("render", "--scene", run / "cabin.sh3d", "--frames", 1, "--out", tmp_path)
    assert_refused(result)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def assert_refused(result):
    assert result.returncode == 2
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.startswith("error: ")
    assert result.stdout == ""
