"""Networks to start from: the rows of `presets.csv`, each network in the words of a link."""

import csv
from dataclasses import dataclass
from pathlib import Path

from cnn.network.link import from_text
from cnn.network.spec import Network


@dataclass(frozen=True)
class Preset:
    """A named network and a sentence on why it is worth trying."""

    title: str
    why: str
    network: Network


_TABLE = Path(__file__).with_suffix(".csv").read_text("utf-8")

PRESETS = {
    row["key"]: Preset(row["title"], row["why"], from_text(row["network"]))
    for row in csv.DictReader(_TABLE.splitlines())
}

ARTICLE = PRESETS["article"].network
"""Two convolutions of 4 and 8 filters, max pooling, 100 sigmoid units: the 2019 article's network."""
