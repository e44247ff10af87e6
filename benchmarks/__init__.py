"""Measurements of what the app promises: `python -m benchmarks NAME`."""

Rows = list[tuple[str, ...]]
Numbers = dict[str, float]
