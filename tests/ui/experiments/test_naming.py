"""The table of what an experiment can vary has every setting, with values that a job can have."""

from typing import get_args

import pytest

from cnn.data.split import DataChoice
from cnn.network.layers.activation import ACTIVATIONS
from cnn.network.presets import ARTICLE
from cnn.training.experiments.factors import (
    BLOCK_SETTINGS,
    DENSE_SETTINGS,
    Factor,
    Setting,
    TrainingSetting,
    with_value,
)
from cnn.training.job import Job, Settings
from cnn.ui.common.formatting import OPTIMIZER_NAMES
from cnn.ui.experiments.naming import OFFERS


def test_every_setting_is_offered() -> None:
    assert {*OFFERS} == {*BLOCK_SETTINGS, *DENSE_SETTINGS, *get_args(TrainingSetting)}
    assert {*OFFERS["activation"].values} == {*ACTIVATIONS}
    assert {*OFFERS["dense_activation"].values} == {*ACTIVATIONS}
    assert {*OFFERS["optimizer"].values} == {*OPTIMIZER_NAMES}


@pytest.mark.parametrize("setting", OFFERS)
def test_a_job_can_have_each_value(setting: Setting) -> None:
    job = Job(ARTICLE, DataChoice("d"), Settings())
    offer = OFFERS[setting]
    assert len(offer.usual) == len({*offer.usual} & {*offer.values}) >= 2
    factor = Factor(setting, offer.values)
    assert len({with_value(job, factor, value) for value in offer.values}) == len(offer.values)
