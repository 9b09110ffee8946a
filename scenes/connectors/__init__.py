"""Stairs and inclines between the floors of a scene, found and measured by their surfaces."""

from scenes.connectors.certificate import Certificate, Measure, judge_connector
from scenes.connectors.connector import Connector, Landing
from scenes.connectors.find import find_connectors

__all__ = ["Certificate", "Connector", "Landing", "Measure", "find_connectors", "judge_connector"]
