"""What the health checks say about networks that are trained to be healthy or sick.

A false alarm is a healthy network with a finding, a miss a sick one without, and a wrong remedy a
sick one to which something is offered that does not help against what is wrong with it.
"""

from benchmarks import Numbers, Rows
from benchmarks._health_cases import RIGHT_REMEDIES, Case, Trained, healthy, sick, trained
from cnn.evaluation.health.checks import run_checks
from cnn.ui.evaluate.findings import Finding, findings


def run() -> tuple[Rows, Numbers]:
    """Train every case and count."""
    rows: Rows = [("network", "accuracy", "findings", "remedies", "verdict")]
    counts = {"runs": 0.0, "false_alarms": 0.0, "misses": 0.0, "wrong_remedies": 0.0}
    for case in [*healthy(), *sick()]:
        one = trained(case)
        found = findings_of(one)
        verdict = judged(case, found)
        counts["runs"] += 1
        if verdict in counts:
            counts[verdict] += 1
        rows.append(
            (
                case.name,
                f"{one.records[-1].validation_accuracy:.3f}",
                "; ".join(finding.title for finding in found),
                ", ".join(sorted({r.change for finding in found for r in finding.remedies})),
                verdict,
            )
        )
    return rows, counts


def findings_of(one: Trained) -> list[Finding]:
    """Everything the Health page reports."""
    given = one.health_input
    return [finding for check in run_checks(given) for finding in findings(check, given)]


def judged(case: Case, found: list[Finding]) -> str:
    """One of "right", "false_alarms", "misses" and "wrong_remedies"."""
    if case.sickness is None:
        return "false_alarms" if found else "right"
    offered = {remedy.change for finding in found for remedy in finding.remedies}
    if not offered - {"inspect"}:
        return "misses"
    return "right" if offered <= RIGHT_REMEDIES[case.sickness] | {"inspect"} else "wrong_remedies"
