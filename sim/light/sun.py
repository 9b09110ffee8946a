"""Where the sun stands, by the Astronomical Almanac's low-precision formulas.

They are good to 0.01 degrees from 1950 to 2050 (The Astronomical Almanac, section C, "Low precision formulas for the
Sun's coordinates"; sidereal time from section B, "Universal and sidereal times"), refraction left out.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from scenes.scene import Point3, Surroundings

DAY = datetime(2026, 3, 20, tzinfo=UTC)
"""An equinox."""
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)


def sun_position(latitude_deg: float, longitude_deg: float, when: datetime) -> tuple[float, float]:
    """Azimuth, clockwise from north, and altitude over the horizon, degrees. Longitude counts positive to the east."""
    days = (when - _EPOCH) / timedelta(days=1)
    mean_longitude = 280.460 + 0.9856474 * days
    anomaly = math.radians(357.528 + 0.9856003 * days)
    ecliptic = math.radians(mean_longitude + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly))
    obliquity = math.radians(23.439 - 0.0000004 * days)
    ascension = math.atan2(math.cos(obliquity) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(obliquity) * math.sin(ecliptic))
    sidereal_deg = 15.0 * (18.697375 + 24.065709824279 * days)
    hour_angle = math.radians(sidereal_deg + longitude_deg) - ascension
    latitude = math.radians(latitude_deg)
    east = -math.cos(declination) * math.sin(hour_angle)
    north = math.sin(declination) * math.cos(latitude) - math.cos(declination) * math.sin(latitude) * math.cos(
        hour_angle
    )
    up = math.sin(declination) * math.sin(latitude) + math.cos(declination) * math.cos(latitude) * math.cos(hour_angle)
    return math.degrees(math.atan2(east, north)) % 360.0, math.degrees(math.asin(max(-1.0, min(1.0, up))))


def sun_direction(surroundings: Surroundings, hour: float) -> Point3:
    """The unit vector from a home to the sun at an hour of mean solar time on `DAY`."""
    when = DAY + timedelta(hours=hour - surroundings.longitude_deg / 15.0)
    azimuth, altitude = sun_position(surroundings.latitude_deg, surroundings.longitude_deg, when)
    angle = math.radians(surroundings.north_deg - azimuth)
    level = math.cos(math.radians(altitude))
    return -math.sin(angle) * level, math.cos(angle) * level, math.sin(math.radians(altitude))
