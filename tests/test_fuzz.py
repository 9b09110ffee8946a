"""Bad input: whatever the file holds, there is a scene or one `HomeError`, soon, and nothing is written."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.basics import Point
from scenes.home.furniture import FurnitureGroup, Piece
from scenes.home.home import Home
from scenes.home.plan import Level, Room, Wall
from scenes.home.reader import parse_home
from scenes.home.writer import format_home
from scenes.limits import Limits
from scenes.scene import Scene
from tests.homes.cabin import box, cabin
from tests.homes.storeys import storeys
from tests.mutate import JAVA_MUTATIONS, NUMBERS, XML_MUTATIONS, Mutation, pack, unpack
from tests.program import HOMES, needs_homes

MOST_MEMORY_KIB = 2 * 2**20
XML_HEADER = b"<?xml version='1.0'?>"
OLD_HOMES = ("up_holes", "up_home1", "edo_myHomeHas2Stairs")


def outcome(data: bytes) -> Scene | HomeError:
    """What comes of a file; a scene is fit to be used."""
    try:
        scene = build_scene(parse_home(data, "bad"))
    except HomeError as error:
        return one_line(error)
    for table in (scene.vertices, scene.normals, scene.uvs):
        assert np.isfinite(table).all()
    assert len(scene.triangles) == 0 or scene.triangles.min() >= 0
    assert len(scene.triangles) == 0 or scene.triangles.max() < len(scene.vertices)
    assert all(isinstance(warning, str) and warning for warning in scene.warnings)
    return scene


def one_line(error: HomeError) -> HomeError:
    assert "\n" not in str(error)
    return error


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path, monkeypatch):
    """Runs each test in an empty folder, which stays so, and within the memory that a home may take."""
    monkeypatch.chdir(tmp_path)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here: other tests ran in this process
    before_kib = memory_kib("VmRSS")
    yield
    assert list(tmp_path.rglob("*")) == []
    assert memory_kib("VmHWM") - before_kib < MOST_MEMORY_KIB


def memory_kib(what):
    """A line of /proc/self/status: VmRSS, what the process holds; VmHWM, the most that it held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))


@pytest.fixture(scope="module")
def drawn():
    return [cabin().to_bytes(), storeys().to_bytes()]


def mutated(files: list[bytes], mutations: tuple[Mutation, ...], seed: int) -> bytes:
    """The file of a seed: one of `files` with one of `mutations`."""
    rng = np.random.default_rng(seed)
    return mutations[rng.integers(len(mutations))](rng, files[rng.integers(len(files))])


@pytest.mark.parametrize("count", [300, pytest.param(6000, marks=pytest.mark.full)])
def test_mutated_homes(drawn, count):
    assert {type(outcome(mutated(drawn, XML_MUTATIONS, seed))) for seed in range(count)} == {Scene, HomeError}


@needs_homes
@pytest.mark.parametrize("count", [200, pytest.param(4000, marks=pytest.mark.full)])
def test_mutated_java_streams(count):
    files = [(HOMES / f"{name}.sh3d").read_bytes() for name in OLD_HOMES]
    assert {type(outcome(mutated(files, JAVA_MUTATIONS, seed))) for seed in range(count)} == {Scene, HomeError}


@needs_homes
def test_a_text_where_a_camera_should_be_is_no_camera():
    """Seed 1391 of the mutated streams: a reference leads from the camera to a text."""
    files = [(HOMES / f"{name}.sh3d").read_bytes() for name in OLD_HOMES]
    scene = outcome(mutated(files, JAVA_MUTATIONS, 1391))
    assert isinstance(scene, Scene)
    assert any("no camera" in warning for warning in scene.warnings)


def refused(data: bytes, words: str) -> None:
    with pytest.raises(HomeError, match=words) as caught:
        parse_home(data, "bad")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"\x00" * 1000, XML_HEADER, XML_HEADER + b"<home"])
def test_what_is_no_home_is_refused(data):
    assert isinstance(outcome(data), HomeError)


def test_another_document_is_refused():
    refused(XML_HEADER + b"<html/>", "holds <html>")
    refused(pack({"readme": b"hello"}), "neither Home.xml nor Home")


def test_a_bare_home_is_read():
    scene = outcome(XML_HEADER + b"<home version='7000'/>")
    assert isinstance(scene, Scene)
    assert scene.instances == ()


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE home [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE home [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE home SYSTEM "http://localhost/home.dtd">',
    ],
)
def test_documents_with_entities_are_refused(prologue):
    refused(pack({"Home.xml": XML_HEADER + prologue + b"<home name='&c;'/>"}), "DTD or entities")


def test_groups_nested_too_deep_are_refused():
    depth = Limits().nesting + 5
    xml = XML_HEADER + b"<home>" + b"<furnitureGroup name='g'>" * depth + b"</furnitureGroup>" * depth + b"</home>"
    refused(xml, "inside one another")


def test_elements_nested_very_deep_are_refused():
    depth = 200_000
    assert isinstance(
        outcome(XML_HEADER + b"<home>" + b"<a>" * depth + b"</a>" * depth + b"</home>"), HomeError | Scene
    )


def test_a_zip_of_one_huge_entry_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file, zip_file.open("Home.xml", "w") as entry:
        for _ in range(Limits().entry_mib + 1):
            entry.write(bytes(2**20))
    refused(buffer.getvalue(), "unpacked, is over the limit of 256 MiB")


def test_a_zip_that_lies_about_a_size_is_refused():
    data = bytearray(pack({"Home.xml": XML_HEADER + b"<home>" + b" " * 2**20 + b"</home>"}))
    where = data.rindex(b"PK\x01\x02") + 24
    data[where : where + 4] = (100).to_bytes(4, "little")
    assert isinstance(outcome(bytes(data)), HomeError)


def test_a_zip_of_many_entries_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zip_file:
        for index in range(Limits().entries + 1):
            zip_file.writestr(zipfile.ZipInfo(str(index)), b"")
    refused(buffer.getvalue(), "entries")


@pytest.mark.parametrize("name", ["../Home.xml", "/etc/Home.xml", "a/../../Home.xml", "..\\Home.xml", "C:/Home.xml"])
def test_entries_that_climb_out_are_ignored_and_named(name):
    home_file = parse_home(pack({"Home.xml": XML_HEADER + b"<home/>", name: b"evil"}), "bad")
    assert any("climbs out" in warning for warning in home_file.warnings)
    assert name not in home_file.contents


@pytest.mark.parametrize(
    "model", ["../../etc/passwd", "file:///etc/passwd", "%2e%2e/secret", "http://localhost/x.obj", ""]
)
def test_models_elsewhere_are_not_fetched(model):
    piece = Piece(id="p", name="Chair", x=0.0, y=0.0, width=50.0, depth=50.0, height=50.0, model=model)
    scene = outcome(format_home(Home(furniture=(piece,)), {}))
    assert isinstance(scene, Scene)
    assert [warning for warning in scene.warnings if "red box" in warning and "Chair" in warning]


def test_a_model_that_is_a_zip_bomb_is_a_box():
    bomb = pack({"a.obj": b"v 0 0 0\n" * 2**22})
    assert len(bomb) < 2**20
    piece = Piece(name="Bomb", x=0.0, y=0.0, width=50.0, depth=50.0, height=50.0, model="0")
    nested = outcome(format_home(Home(furniture=(piece,)), {"0": pack({"b.zip": bomb})}))
    plain = outcome(format_home(Home(furniture=(piece,)), {"0": bomb}))
    for scene in (nested, plain):
        assert isinstance(scene, Scene)
        assert any("red box" in warning for warning in scene.warnings)


def test_an_image_of_too_many_pixels_is_left_out():
    buffer = io.BytesIO()
    PIL.Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    home = cabin()
    home.contents[home.texture("flag", b"unused", width=1, height=1).image] = buffer.getvalue()
    entries = unpack(home.to_bytes())
    images = [name for name, data in entries.items() if data.startswith(b"\x89PNG")]
    scene = outcome(pack(entries | dict.fromkeys(images, buffer.getvalue())))
    assert isinstance(scene, Scene)
    assert any("texture" in warning and "left out" in warning for warning in scene.warnings)


@pytest.mark.parametrize("value", NUMBERS)
@pytest.mark.parametrize(
    "attribute",
    ["xStart", "thickness", "height", "heightAtEnd", "arcExtent", "elevation", "width", "angle", "modelRotation"],
)
def test_senseless_numbers(drawn, attribute, value):
    """The first and then every value of an attribute; `NaN` and such never come through as a coordinate."""
    entries = unpack(drawn[1])
    parts = entries["Home.xml"].decode().split(f" {attribute}=")
    for count in (1, len(parts) - 1):
        changed = parts[0]
        for index, part in enumerate(parts[1:]):
            rest = part[1:].partition('"')[2]
            changed += f' {attribute}="{value}"{rest}' if index < count else f" {attribute}={part}"
        outcome(pack(entries | {"Home.xml": changed.encode()}))


def test_what_is_beyond_any_home_is_left_out_by_name():
    home = Home(
        walls=(Wall(id="far", x_start=0.0, y_start=0.0, x_end=1e9, y_end=0.0, thickness=10.0),),
        rooms=(
            Room(id="r", name="Hall", points=tuple(Point(x=x, y=y) for x, y in ((0.0, 0.0), (1e9, 0.0), (0.0, 9.0)))),
        ),
        furniture=(Piece(name="Tower", x=0.0, y=0.0, width=10.0, depth=10.0, height=1e300),),
        levels=(Level(id="l", name="Sky", elevation=1e12, floor_thickness=1.0, height=1.0),),
    )
    scene = outcome(format_home(home, {}))
    assert isinstance(scene, Scene)
    for name in ("far", "Tower", "Sky"):
        assert any(name in warning for warning in scene.warnings), name


def test_elements_that_refer_to_each_other_in_circles():
    walls = tuple(
        Wall(id=i, wall_at_start=a, wall_at_end=b, x_start=0.0, y_start=0.0, x_end=x, y_end=50.0, thickness=10.0)
        for i, a, b, x in (
            ("a", "b", "b", 100.0),
            ("b", "a", "a", 200.0),
            ("c", "c", "c", 50.0),
            ("d", "gone", "a", 9.0),
        )
    )
    assert isinstance(outcome(format_home(Home(walls=(*walls, walls[0])), {})), Scene)


def test_ids_used_twice_are_told_apart():
    drawing = cabin()
    first = drawing.elements["furniture"][0]
    drawing.elements["furniture"].append(replace(first, x=400.0))
    drawing.elements["room"] = [replace(room, id="same") for room in drawing.elements["room"]]
    scene = outcome(drawing.to_bytes())
    assert isinstance(scene, Scene)
    sources = [instance.source for instance in scene.instances]
    assert len(sources) == len(set(sources))


def test_a_group_without_members_and_a_group_of_groups():
    inner = Piece(name="p", x=0.0, y=0.0, width=10.0, depth=10.0, height=10.0)
    group: Piece | FurnitureGroup = inner
    for _ in range(20):
        group = FurnitureGroup(name="g", members=(group,))
    scene = outcome(format_home(Home(furniture=(FurnitureGroup(name="empty"), group)), {}))
    assert isinstance(scene, Scene)
    assert [i.source for i in scene.instances if i.name == "p"] == ["furniture[1" + "/0" * 20 + "]"]


def test_thousands_of_walls_of_no_length_are_quick():
    wall = Wall(id="w", x_start=1.0, y_start=1.0, x_end=1.0, y_end=1.0, thickness=10.0)
    walls = tuple(replace(wall, id=f"w{i}") for i in range(2000))
    assert isinstance(outcome(format_home(Home(walls=walls), {})), Scene)


def test_a_missing_model_is_one_warning_and_boxes_of_the_right_size():
    drawing = cabin()
    ground = drawing.flat()
    for index in range(3):
        ground.place(box("lost"), 100.0 * index, 800.0, name="Lost", width=40.0, depth=30.0, height=20.0)
    entries = {name: data for name, data in unpack(drawing.to_bytes()).items() if not name.endswith("lost.obj")}
    scene = outcome(pack(entries))
    assert isinstance(scene, Scene)
    assert len([warning for warning in scene.warnings if "red box" in warning]) == 1
    low, high = np.array(next(i for i in scene.instances if i.name == "Lost").bounds_m)
    np.testing.assert_allclose(high - low, [0.4, 0.3, 0.2], atol=1e-5)
