"""`utterface doctor`: versions, models, what is missing and how to get it."""

import json as to_json
from dataclasses import asdict
from typing import Annotated

from cyclopts import Parameter

from utterface.doctor import Finding, examine


def doctor(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Check the installation: versions, models, what is missing and how to get it.

    Parameters
    ----------
    json
        Print the findings as JSON.
    """
    findings = examine()
    if json:
        print(to_json.dumps([asdict(finding) for finding in findings]))
    else:
        print("\n".join(_line(finding) for finding in findings))
    return 0 if all(finding.is_well for finding in findings) else 2


def _line(finding: Finding) -> str:
    if finding.found:
        return f"  {finding.name:18} {finding.found}"
    state = "MISSING" if finding.needed else "not here (optional)"
    return f"{'!' if finding.needed else ' '} {finding.name:18} {state}{f': {finding.fix}' if finding.fix else ''}"
