"""Collectors: who moves the camera, and what becomes of it. `Studio(job).episode(index)` is an episode's frames."""

from datagen.collect.job import Job, make_job
from datagen.collect.studio import Studio

__all__ = ["Job", "Studio", "make_job"]
