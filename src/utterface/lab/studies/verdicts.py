"""The verdicts of a report in words and in Markdown, and what its measures mean."""

from collections.abc import Mapping
from typing import Any

from utterface.lab.studies import tables
from utterface.lab.studies.evidence import HOLDS, NOT, UNDECIDED


def verdict_counts(report: Mapping[str, Any]) -> dict[str, int]:
    """verdict → how many claims."""
    verdicts = [claim["verdict"] for claim in report.get("claims", ())]
    return {
        verdict: verdicts.count(verdict) for verdict in dict.fromkeys([HOLDS, NOT, *verdicts]) if verdict in verdicts
    }


def outcome(report: Mapping[str, Any]) -> str:
    """`3 hold, 1 does not, 1 is undecided`."""
    words = {HOLDS: ("holds", "hold"), NOT: ("does not", "do not"), UNDECIDED: ("is undecided", "are undecided")}
    return ", ".join(f"{n} {words[verdict][n > 1]}" for verdict, n in verdict_counts(report).items())


def claims(report: Mapping[str, Any]) -> str:
    """Verdicts, then what each rests on."""
    parts = ["\n".join(f"- **{c['title']}**: {c['verdict']}" for c in report["claims"])]
    for claim in report["claims"]:
        parts.append(f"### {claim['title']}: {claim['verdict']}")
        if claim["evidence"]:
            parts.append(tables.to_markdown(tables.evidence(claim, report["definitions"])))
        parts += claim["remarks"]
    parts.append("Bold rows decide; 95 % intervals over clips and the seeds that were run, paired on the same clips.")
    return "\n\n".join(parts)


def definitions(report: Mapping[str, Any]) -> list[str]:
    """A line a measure."""
    return [f"{d['label']}: {d['meaning']}" for d in report["definitions"].values()]


def machine(report: Mapping[str, Any]) -> str:
    """On what it ran."""
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    return f"{report['cores']} CPU cores; {versions}."


def left_out(report: Mapping[str, Any]) -> list[str]:
    """What did not take part and why, what failed; a paragraph each."""
    lines = []
    if report["missing"]:
        lines.append(
            "Left out, not installed here: " + "; ".join(f"{k} ({v})" for k, v in report["missing"].items()) + "."
        )
    if report["failed"]:
        lines.append("**Failed**: " + "; ".join(f"{k} ({v})" for k, v in report["failed"].items()) + ".")
    return lines
