"""Charts of the data report."""

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from datagen.report.svg import paths


@given(st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=1, max_size=30))
def test_no_line_joins_viewpoints_that_are_no_steps_of_a_way(points: list[tuple[float, float]]) -> None:
    line = np.array(points)
    drawn = [
        np.array([[float(x) for x in pair.split(",")] for pair in text.split()])
        for text in re.findall(r'points="([^"]*)"', paths([line]))
    ]
    size_m = max(np.ptp(line[:, 0]), 1.0), max(np.ptp(line[:, 1]), 1.0)
    scale = min(820 / size_m[0], 400 / size_m[1])
    assert sum(map(len, drawn)) == len(line)
    for way in drawn:
        assert (np.linalg.norm(np.diff(way, axis=0), axis=1) <= 0.8 * scale + 0.2).all()
