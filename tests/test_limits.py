"""Limits: one place, each of which a user can raise."""

import dataclasses

import pytest

from scenes.cache import cache_key
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.limits import VARIABLE, Limits, excess, limits, require_within
from tests.mutate import pack


def test_the_variable_raises_and_lowers(monkeypatch):
    assert limits() == Limits()
    monkeypatch.setenv(VARIABLE, "walls=7, seconds=600 ")
    assert limits() == dataclasses.replace(Limits(), walls=7, seconds=600)
    assert excess("walls", 7) is None
    with pytest.raises(HomeError, match=r"^the plan is over the limit of 7 walls; .*STAIRWELL_LIMITS=walls=N$"):
        require_within("walls", 8, "the plan")


@pytest.mark.parametrize("text", ["wals=7", "walls", "walls=", "walls=-1", "walls=0", "walls=1e3", "walls=7=8"])
def test_what_is_no_limit_is_refused(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(HomeError, match=VARIABLE):
        limits()


def test_a_raised_limit_lets_the_file_in(monkeypatch):
    entries = {"Home.xml": b"<?xml version='1.0'?><home/>"} | {str(i): b"" for i in range(20)}
    monkeypatch.setenv(VARIABLE, "entries=20")
    with pytest.raises(HomeError, match="over the limit of 20 entries"):
        parse_home(pack(entries), "h")
    monkeypatch.setenv(VARIABLE, "entries=21")
    assert parse_home(pack(entries), "h").name == "h"


def test_a_scene_is_cached_by_the_limits_that_left_things_out(monkeypatch):
    keys = {cache_key(b"home")}
    for text in ("walls=7", "corners=7"):
        monkeypatch.setenv(VARIABLE, text)
        keys.add(cache_key(b"home"))
    assert len(keys) == 3
    monkeypatch.setenv(VARIABLE, "seconds=7")
    assert cache_key(b"home") in keys
