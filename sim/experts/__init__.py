"""Experts that know the way: perfect, wandering and teleporting."""

from sim.experts.course import Course
from sim.experts.experts import EXPERTS, Ending, Expert, Visit
from sim.experts.guide import Guide
from sim.experts.parameters import POINT_NAV, ROUTE_NAV, Parameters

__all__ = ["EXPERTS", "POINT_NAV", "ROUTE_NAV", "Course", "Ending", "Expert", "Guide", "Parameters", "Visit"]
