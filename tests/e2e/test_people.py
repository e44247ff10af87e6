"""What is beyond the limits of a person is refused with the limit."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Tab = Callable[..., Page]


def test_a_training_beyond_the_limit_is_refused_with_the_limit(tab: Tab) -> None:
    network = "conv64x3-same-norm-relu_" * 3 + "flatten_softmax"
    page = tab(f"/Train?net={network}&train=adam_rate0.001_batch128_epochs100_seed1")
    page.get_by_role("button", name="Train", exact=True).click()
    alert = page.get_by_role("alert").filter(has_text="limit")
    expect(alert).to_have_text(re.compile(r"about \d+ minutes.*limit.* \d+"))
    expect(page.get_by_role("button", name="Stop (keeps results)")).to_have_count(0)
