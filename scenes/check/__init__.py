"""What is wrong with a drawing: `check_home` looks at a home and at the scene built of it by a table of rules."""

from scenes.check.check import check_home
from scenes.check.finding import Body, Finding, Severity
from scenes.check.rules import RULES

__all__ = ["RULES", "Body", "Finding", "Severity", "check_home"]
