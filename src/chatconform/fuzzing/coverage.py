"""The requests of the coverage phase, kept in a file: they follow from the contract.

Making them takes seconds. As they are kept, a run sends the same ones whatever version of Schemathesis is
installed, and a change of the contract shows in a diff which requests come and go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.metadata import version

from chatconform.fuzzing.case import Case
from chatconform.resources import text

FILE = "fixtures/coverage.jsonl"


def kept_cases(digest: str) -> tuple[Case, ...] | None:
    """The requests that are kept of the contract with a digest; nothing where the file is of another one."""
    head, *lines = text(FILE).splitlines()
    if json.loads(head)["contract"] != digest:
        return None
    return tuple(map(case_from, lines))


def coverage_text(cases: Iterable[Case], digest: str) -> str:
    """The text of the file: what it was made of, and a request a line."""
    head = {"contract": digest, "schemathesis": version("schemathesis")}
    return "".join(f"{line}\n" for line in (json.dumps(head), *map(line_of, cases)))


def line_of(case: Case) -> str:
    """A request as a line of JSON; lone surrogates, which generated texts may have, stay escaped."""
    return json.dumps(asdict(case))


def case_from(line: str) -> Case:
    """The request of a line."""
    told = json.loads(line)
    return Case(**{**told, "place": tuple(told["place"])})
