"""The process in which requests are generated: an order as JSON comes in, a case a line goes out."""

from __future__ import annotations

import json
import sys

from chatconform.fuzzing.coverage import line_of
from chatconform.fuzzing.generation import covering, drawn


def main() -> None:
    """Read an order, an object with the arguments of `drawn` or an empty one, and write the cases."""
    order = json.load(sys.stdin)
    for case in drawn(**order) if order else covering():
        sys.stdout.write(line_of(case) + "\n")


if __name__ == "__main__":
    main()
