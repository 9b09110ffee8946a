"""Homes written and read back: the same home, the same bytes."""

import io
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenes.errors import HomeError
from scenes.home.home import Home
from scenes.home.plan import Label, Level, Wall
from scenes.home.reader import parse_home
from scenes.home.tags import CLASSES
from scenes.home.writer import format_home, write_home
from scenes.home.xml_reader import parse_home_xml
from scenes.home.xml_writer import format_home_xml
from tests.strategies import homes

slow = settings(max_examples=60, suppress_health_check=list(HealthCheck))
stated = settings(max_examples=2000, suppress_health_check=list(HealthCheck))


def check_round_trip(home):
    data = format_home_xml(home)
    read, warnings = parse_home_xml(data)
    assert read == home
    assert not [warning for warning in warnings if "kept but not understood" not in warning]
    assert format_home_xml(read) == data


@slow
@given(homes())
def test_a_home_written_and_read_is_the_same_home(home):
    check_round_trip(home)


@pytest.mark.full
@stated
@given(homes())
def test_many_homes_written_and_read_are_the_same_homes(home):
    check_round_trip(home)


@slow
@given(
    homes(),
    st.dictionaries(st.from_regex(r"[0-9]{1,3}(/[a-z]{1,4}\.(obj|mtl|jpg))?", fullmatch=True), st.binary(), max_size=4),
)
def test_a_file_holds_the_home_and_its_contents(home, contents):
    data = format_home(home, contents)
    read = parse_home(data, "any")
    assert read.home == home
    for name, content in contents.items():
        assert read.contents.read(name) == content
    assert not [warning for warning in read.warnings if "saved" in warning or "cannot be read" in warning]
    assert format_home(home, contents) == data


@pytest.mark.parametrize("tag", sorted(CLASSES))
def test_every_field_says_where_it_stands_in_the_file(tag):
    """A field of an element class that is neither attribute, child nor text would be dropped silently."""
    import dataclasses

    for field in dataclasses.fields(CLASSES[tag]):
        known = field.name.startswith("unknown_") or {"attribute", "child", "text"} & set(field.metadata)
        assert known, field.name


def test_what_xml_cannot_hold_is_refused_before_anything_is_written(tmp_path):
    home = Home(labels=(Label(x=0.0, y=0.0, text="bell \x07"),))
    with pytest.raises(HomeError, match="which XML cannot"):
        write_home(tmp_path / "home.sh3d", home, {})
    assert list(tmp_path.iterdir()) == []


def test_defaults_are_left_out_and_come_back():
    home = Home(levels=(Level(id="a", elevation=0.0, floor_thickness=12.0, height=250.0),))
    text = format_home_xml(home).decode()
    assert "viewable" not in text
    assert parse_home_xml(text.encode())[0] == home


def test_a_written_file_has_home_xml_first_and_no_times(tmp_path):
    wall = Wall(id="w", x_start=0.0, y_start=0.0, x_end=1.0, y_end=0.0, thickness=1.0)
    write_home(tmp_path / "home.sh3d", Home(walls=(wall,)), {"0": b"content"})
    with zipfile.ZipFile(io.BytesIO((tmp_path / "home.sh3d").read_bytes())) as zip_file:
        infos = zip_file.infolist()
    assert [info.filename for info in infos] == ["Home.xml", "ContentDigests", "0"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
