"""YAML from strangers: plain data, one error, or a limit; never another exception, never long."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scenes.errors import HomeError
from scenes.yaml_files import parse_settings, parse_yaml, read_settings

BAD = {
    "an alias bomb": "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    + "\n".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "a cycle": "a: &a [1, *a]",
    "deep brackets": "[" * 200_000,
    "deep maps": "a: " + "{a: " * 5_000,
    "too many values": "[" + "1," * 110_000 + "]",
    "a month of 13": "!!timestamp 2026-13-45",
    "a whole number that is none": "a: !!int abc",
    "a float that is none": "a: !!float abc",
    "a number that is none": "a: [.nan]",
    "infinity": "a: {b: -.inf}",
    "a number of many digits": "a: " + "9" * 5_000,
    "bytes": "a: !!binary aGVsbG8=",
    "a set": "a: !!set {b, c}",
    "a date": "a: !!timestamp 2026-12-01",
    "an object": "a: !!python/object/apply:os.system [echo]",
    "a key that is a number": "1: a",
    "a key that is a list": "? [a, b]\n: c",
    "no text": b"\xff\xfe\x00\xd8",
    "two documents": "a: 1\n---\nb: 2\n",
    "an unknown alias": "a: *b",
    "an open quote": 'a: "b',
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_plain_data_is_one_error(name: str) -> None:
    with pytest.raises(HomeError) as raised:
        parse_yaml(BAD[name], "x.yaml")
    assert "x.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_limit_says_how_to_raise_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(HomeError, match="STAIRWELL_LIMITS=yaml_values=N"):
        parse_yaml(BAD["too many values"], "x.yaml")
    monkeypatch.setenv("STAIRWELL_LIMITS", "yaml_values=120000")
    assert len(parse_yaml(BAD["too many values"], "x.yaml")) == 110_000


def test_settings_are_yaml_1_2_and_what_programs_write_is_1_1() -> None:
    text = "a: off\nb: 1e-3\nc: 2026-13-45\nd: [yes, 0x10, 1_000, ~]"
    assert parse_settings(text, "x") == {
        "a": "off", "b": 0.001, "c": "2026-13-45", "d": ["yes", 16, 1000, None],
    }  # fmt: skip
    assert parse_yaml("a: off\nb: 2026-12-01", "x") == {"a": False, "b": "2026-12-01"}
    assert parse_yaml("a: &x {b: 1}\nc: *x\nd: {<<: *x, e: 2}", "x")["d"] == {"b": 1, "e": 2}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(plain)
def test_what_pyyaml_writes_is_read_as_it_was(data: object) -> None:
    text = yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False)
    assert json.dumps(parse_yaml(text, "x")) == json.dumps(data)


@given(st.binary(max_size=60) | st.text("[]{}&*!:-,?|>'\"%@` ab1.e~\n\t", max_size=60))
def test_any_text_is_plain_data_or_one_error(text: bytes | str) -> None:
    for parse in (parse_yaml, parse_settings):
        with contextlib.suppress(HomeError):
            json.dumps(parse(text, "x"), allow_nan=False)


def test_a_file_of_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("")
    assert read_settings(path, "docs") == {}
    path.write_text("lr: 1e-3")
    assert math.isclose(read_settings(path, "docs")["lr"], 0.001)
    path.write_text("- a")
    with pytest.raises(HomeError, match="holds no settings; write `key: value` lines, see docs"):
        read_settings(path, "docs")
