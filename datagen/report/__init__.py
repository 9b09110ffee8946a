"""`write_report`: one self-contained HTML file that shows what is in a dataset."""

from datagen.report.measure import MOST_FRAMES
from datagen.report.page import write_report

__all__ = ["MOST_FRAMES", "write_report"]
