"""What can be varied: each setting changes that setting, and nothing else."""

from dataclasses import asdict, replace

import pytest

from cnn.data.split import DataChoice
from cnn.network.presets import ARTICLE, PRESETS
from cnn.network.spec import Network, NetworkError
from cnn.training.experiments.factors import ExperimentError, Factor, Setting, with_value
from cnn.training.job import Job, JobError, Phase, Settings

BASE = Job(ARTICLE, DataChoice("data"), Settings())


def differences(one: object, other: object, place: str = "") -> dict[str, object]:
    """Every place at which two values of dataclasses differ, and what the second has there."""
    if isinstance(one, dict) and isinstance(other, dict):
        found: dict[str, object] = {}
        for name in one:
            found |= differences(one[name], other[name], f"{place}.{name}".lstrip("."))
        return found
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        found = {}
        for number, (a, b) in enumerate(zip(one, other, strict=True)):
            found |= differences(a, b, f"{place}.{number}")
        return found
    return {} if one == other else {place: other}


@pytest.mark.parametrize(
    ("setting", "value", "changed"),
    [
        ("pooling", "average", {"blocks.{}.pooling.kind": "average"}),
        ("pooling", "none", {"blocks.{}.pooling": None}),
        ("kernel", "5", {"blocks.{}.kernel": 5}),
        ("activation", "tanh", {"blocks.{}.activation.name": "tanh"}),
        ("padding", "same", {"blocks.{}.padding": "same"}),
        ("batch_normalization", "on", {"blocks.{}.batch_normalization": True}),
        ("dropout", "0.25", {"blocks.{}.dropout": 0.25}),
    ],
)
def test_a_blocks_setting_is_changed_in_all_blocks_or_one(
    setting: Setting, value: str, changed: dict[str, object]
) -> None:
    for block, numbers in ((None, (0, 1)), (1, (1,))):
        made = with_value(BASE, Factor(setting, (value, "?"), block), value)
        expected = {
            f"network.{place.format(number)}": to
            for place, to in changed.items()
            for number in numbers
        }
        assert differences(asdict(BASE), asdict(made)) == expected


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("dense_units", "50", {"network.dense.0.units": 50}),
        ("dense_activation", "relu", {"network.dense.0.activation.name": "relu"}),
        ("dense_dropout", "0.5", {"network.dense.0.dropout": 0.5}),
        ("optimizer", "sgd", {"settings.optimizer": "sgd"}),
        ("learning_rate", "0.01", {"settings.phases.0.learning_rate": 0.01}),
        ("batch_size", "32", {"settings.batch_size": 32}),
        ("epochs", "5", {"settings.phases.0.epochs": 5}),
        ("train_share", "0.4", {"data.train_share": 0.4}),
        ("filters", "2", {"network.blocks.0.filters": 8, "network.blocks.1.filters": 16}),
    ],
)
def test_every_other_setting_is_changed_alone(
    setting: Setting, value: str, expected: dict[str, object]
) -> None:
    made = with_value(BASE, Factor(setting, (value, "?")), value)
    assert differences(asdict(BASE), asdict(made)) == expected


def test_what_comes_back_from_none_is_the_usual_pooling() -> None:
    bare = with_value(BASE, Factor("pooling", ("none", "max")), "none")
    assert with_value(bare, Factor("pooling", ("none", "max")), "max") == BASE


def test_momentum_is_left_where_it_belongs() -> None:
    sgd = replace(BASE, settings=Settings(optimizer="sgd", momentum=0.9))
    adam = with_value(sgd, Factor("optimizer", ("sgd", "adam")), "adam")
    assert adam == BASE
    assert with_value(sgd, Factor("optimizer", ("sgd", "adam")), "sgd") == sgd


@pytest.mark.parametrize(
    ("job", "factor", "sentence"),
    [
        (BASE, Factor("kernel", ("3", "99")), "kernel size must be between"),
        (BASE, Factor("kernel", ("3", "2.5")), "not a whole number"),
        (BASE, Factor("dropout", ("0", "nan")), "not a number"),
        (BASE, Factor("filters", ("1", "0.01")), "number of filters"),
        (BASE, Factor("pooling", ("max", "median")), "pooling must be one of"),
        (BASE, Factor("activation", ("relu", "step")), "activation must be one of"),
        (BASE, Factor("batch_normalization", ("on", "maybe")), "on or off"),
        (BASE, Factor("kernel", ("3", "5"), block=7), "no block 8"),
        (replace(BASE, network=Network()), Factor("kernel", ("3", "5")), "no convolution block"),
        (
            replace(BASE, network=PRESETS["one"].network),
            Factor("dense_units", ("3", "5")),
            "no hidden dense layer",
        ),
        (
            replace(BASE, data=DataChoice("data", train_share=None)),
            Factor("train_share", ("0.1", "0.8")),
            "as their authors did",
        ),
        (
            replace(BASE, settings=Settings((Phase(1), Phase(2)))),
            Factor("epochs", ("1", "2")),
            "several learning rates in turn",
        ),
    ],
)
def test_what_cannot_be_varied_gets_a_sentence(job: Job, factor: Factor, sentence: str) -> None:
    with pytest.raises((NetworkError, JobError), match=sentence):
        with_value(job, factor, factor.values[1])


@pytest.mark.parametrize(
    "arguments",
    [
        ("kernel", ("3",)),
        ("kernel", ("3", "3")),
        ("kernel", tuple(map(str, range(20)))),
        ("kernel", ("3", "5" * 100)),
        ("epochs", ("1", "2"), 0),
    ],
)
def test_a_factor_that_cannot_be_is_refused(arguments: tuple) -> None:
    with pytest.raises(ExperimentError):
        Factor(*arguments)
