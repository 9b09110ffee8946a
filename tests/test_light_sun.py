"""Where the sun stands, against published positions."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from scenes.scene import Surroundings
from sim.light.sun import sun_direction, sun_position


def test_the_worked_example_of_the_solar_position_algorithm():
    """I. Reda and A. Andreas, Solar Position Algorithm for Solar Radiation Applications (NREL, 2004), table A5.1."""
    when = datetime(2003, 10, 17, 12, 30, 30, tzinfo=timezone(timedelta(hours=-7)))
    azimuth, altitude = sun_position(39.742476, -105.1786, when)
    assert azimuth == pytest.approx(194.34024, abs=0.02)
    assert altitude == pytest.approx(39.872046, abs=0.02)


def test_the_declination_is_meeus_s():
    """J. Meeus, Astronomical Algorithms (1998), example 25.a: 1992 October 13.0. At the pole it is the altitude."""
    assert sun_position(90.0, 0.0, datetime(1992, 10, 13, tzinfo=UTC))[1] == pytest.approx(-7.78507, abs=0.01)


@pytest.mark.parametrize(("month", "declination"), [(6, 23.44), (12, -23.44)])
def test_noon_at_the_solstices(month, declination):
    day = datetime(2026, month, 21, tzinfo=UTC)
    altitudes = [sun_position(48.0, 0.0, day + timedelta(minutes=minute))[1] for minute in range(660, 780)]
    assert max(altitudes) == pytest.approx(90 - 48 + declination, abs=0.02)


def around(north_deg=0.0, latitude_deg=48.0, longitude_deg=9.0):
    white = (1.0, 1.0, 1.0)
    return Surroundings(white, white, white, -1, north_deg, latitude_deg, longitude_deg)


def test_it_rises_in_the_east_stands_in_the_south_and_sets_in_the_west():
    morning, noon, evening = (np.array(sun_direction(around(), hour)) for hour in (6.5, 12.1, 17.5))
    assert morning[0] > 0.9
    assert evening[0] < -0.9
    assert noon[1] < -0.7
    assert noon[2] == pytest.approx(np.sin(np.radians(42)), abs=0.02)
    assert sun_direction(around(latitude_deg=-48.0), 12.1)[1] > 0.7
    assert sun_direction(around(), 23.0)[2] < 0


@pytest.mark.parametrize("longitude_deg", [-170.0, 0.0, 120.0])
def test_hours_are_the_home_s_own(longitude_deg):
    here, there = sun_direction(around(), 10.0), sun_direction(around(longitude_deg=longitude_deg), 10.0)
    np.testing.assert_allclose(here, there, atol=0.01)


def test_north_turns_the_sun_with_the_plan():
    straight, turned = np.array(sun_direction(around(), 9.0)), np.array(sun_direction(around(north_deg=90.0), 9.0))
    np.testing.assert_allclose(turned, (-straight[1], straight[0], straight[2]), atol=1e-12)
