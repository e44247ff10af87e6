"""The table of a workshop's standings in the challenges."""

from cnn.challenges.judge import Finding, Verdict
from cnn.challenges.standings import JudgedEntry, Standing
from cnn.ui.workshop.standings import table


def standing(challenge: str, measure: str, value: float, bound: float) -> Standing:
    verdict = Verdict((Finding(measure, value, value, value, bound),))
    entry = JudgedEntry("Run 1", 1.0, verdict)
    return Standing(challenge, entry, entry, 1)


def test_everyone_has_a_row_and_every_entered_challenge_a_column() -> None:
    shown = table(
        {
            "blue heron": {"one": standing("one", "accuracy", 0.842, 0.8)},
            "red fox": {
                "one": standing("one", "accuracy", 0.7, 0.8),
                "steady": standing("steady", "changed", 0.1, 0.15),
                "small": Standing("small"),
            },
        }
    )
    assert list(shown.index) == ["blue heron", "red fox"]
    assert list(shown.columns) == ["One convolution", "Steady hands"]
    assert shown.loc["blue heron", "One convolution"] == "✓ accuracy 84.2%"
    assert shown.loc["red fox", "One convolution"].startswith("✗")
    assert shown.loc["red fox", "Steady hands"].startswith("✓")
    assert shown.loc["blue heron", "Steady hands"] == ""
