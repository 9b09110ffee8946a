"""Rules for what reading and building a home had to leave out."""

from __future__ import annotations

from collections.abc import Iterator

from scenes.check.finding import Fault
from scenes.check.survey import Survey

MISSING_MODEL = "is drawn as a red box"
"""What `scenes.build` says of a piece whose model cannot be read."""


def empty(survey: Survey) -> Iterator[Fault]:
    """A home with nothing in it."""
    if all(instance.category == "ground" for instance in survey.scene.instances):
        yield Fault("the home is empty: draw walls and rooms, or look whether its levels are viewable")


def missing_models(survey: Survey) -> Iterator[Fault]:
    """Pieces whose model is missing or cannot be read."""
    for warning in survey.scene.warnings:
        if MISSING_MODEL in warning:
            yield Fault(f"{warning}; import the model again, or delete the piece")


def other_warnings(survey: Survey) -> Iterator[Fault]:
    """Whatever else was wrong with the file: missing textures, elements left out."""
    for warning in survey.scene.warnings:
        if MISSING_MODEL not in warning:
            yield Fault(warning)
