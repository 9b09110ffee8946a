"""`check_dataset`: what is wrong with a dataset."""

from datagen.checks.check import check_dataset
from datagen.checks.finding import ERROR, WARNING, Finding

__all__ = ["ERROR", "WARNING", "Finding", "check_dataset"]
