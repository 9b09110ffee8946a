"""Names of homes: what is said of one that is not there."""

from pathlib import Path

import pytest

from scenes.errors import HomeError
from scenes.library import find_home


def test_a_name_that_is_nearly_right_is_told_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "Villa.sh3d").touch()
    with pytest.raises(HomeError, match=r"'Oldenburg' is neither .*; did you mean oldenborg\?$"):
        find_home("Oldenburg")
    with pytest.raises(HomeError, match=rf"; did you mean {tmp_path}/Villa\.sh3d\?$"):
        find_home(str(tmp_path / "vila.sh3d"))
    with pytest.raises(HomeError, match=r"round\)$"):
        find_home(str(tmp_path / "no-such-folder" / "something-else.sh3d"))


def test_a_folder_is_no_home(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="is a folder; name a home's file"):
        find_home(str(tmp_path))
