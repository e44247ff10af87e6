"""`python -m benchmarks NAME`: run one benchmark, print its table and, last, one JSON object.

Every other module in this folder is a benchmark of its own name. Its `run()` returns the rows of
the table, the first one the headings, and the numbers of the JSON object.
"""

import importlib
import json
import sys
from pathlib import Path

from benchmarks import Rows


def _names() -> list[str]:
    files = Path(__file__).parent.glob("[a-z]*.py")
    return sorted(file.stem for file in files)


def _table(rows: Rows) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Run the benchmark that is named."""
    if len(arguments) != 1 or arguments[0] not in _names():
        sys.exit(f"Usage: python -m benchmarks NAME, one of: {', '.join(_names())}")
    rows, numbers = importlib.import_module(f"benchmarks.{arguments[0]}").run()
    print(_table(rows))
    print(json.dumps(numbers))


if __name__ == "__main__":
    main(sys.argv[1:])
