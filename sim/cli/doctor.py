"""`sim doctor`."""

from __future__ import annotations

import sys


def doctor() -> None:
    """Say which parts work on this machine, and how to mend those that do not."""
    from sim.health import examine

    findings = examine()
    for finding in findings:
        mark = "ok     " if finding.works else "MISSING" if finding.needed else "absent "
        print(f"{mark}  {finding.part:28} {finding.detail}")
        if not finding.works:
            print(f"         {'mend it' if finding.needed else 'if you want it'}: {finding.remedy}")
    if any(finding.needed and not finding.works for finding in findings):
        sys.exit(1)
