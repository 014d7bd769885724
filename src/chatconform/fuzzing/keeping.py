"""`scripts/cover`: makes the requests of the coverage phase anew, and keeps them."""

from __future__ import annotations

from chatconform.contract import load_contract
from chatconform.fuzzing.coverage import FILE, coverage_text
from chatconform.fuzzing.generator import covered_anew
from chatconform.resources import data


def main() -> None:
    """Write the file, and say how many requests it has."""
    cases = covered_anew()
    data(FILE).write_text(coverage_text(cases, load_contract().digest), encoding="utf-8")
    print(f"{FILE}: {len(cases)} requests")  # noqa: T201 - this is a script


if __name__ == "__main__":
    main()
