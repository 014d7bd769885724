"""Every row of a record comes back as it was written, and fits the schema."""

import dataclasses
import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatconform.findings.reception import Difference, DoorCount, Outcome, Reception, Standing
from chatconform.findings.verdict import Evidence, Judgement, Observation, Verdict
from chatconform.record import (
    Footer,
    Header,
    TargetInfo,
    Tokens,
)
from chatconform.record.decode import row_from_line
from chatconform.record.encode import to_line
from chatconform.record.rows import PlayRow, Row
from chatconform.tests.support.recording_rows import (
    SCHEMA,
    VALIDATOR,
    headers,
    texts,
)
from chatconform.wire.exchange import Exchange, Failure, FailureKind, Request, Response
from chatconform.wire.stream import Arrival

seconds = st.floats(0, 1e9, allow_nan=False)


counts = st.integers(0, 10**9)


gaps = {"withheld": texts, "head_withheld": texts}


requests = st.builds(Request, method=texts, url=texts, headers=headers, body=st.binary(max_size=50), **gaps)


responses = st.builds(
    Response,
    status=st.integers(100, 999),
    reason=texts,
    headers=headers,
    raw=st.one_of(st.binary(max_size=50), texts.map(str.encode)),
    arrivals=st.lists(st.builds(Arrival, at=seconds, size=counts), max_size=3).map(tuple),
    headers_at=seconds,
    complete=st.booleans(),
    decoded=st.booleans(),
    **gaps,
)


failures = st.builds(Failure, kind=st.sampled_from(FailureKind), message=texts, at=seconds)


exchanges = st.builds(
    Exchange,
    id=texts.filter(bool),
    scenario=texts,
    path=texts,
    attempt=st.integers(1, 9),
    step=texts,
    request=requests,
    response=st.none() | responses,
    failure=st.none() | failures,
    started=seconds,
    elapsed=seconds,
    retry_of=st.none() | texts,
    reused=st.booleans(),
    sent_again=st.booleans(),
    illness=texts,
    undated=texts,
    unpooled=texts,
)


words = st.lists(texts, max_size=3).map(tuple)


plays = st.builds(
    PlayRow,
    scenario=texts,
    path=texts,
    attempt=st.integers(1, 9),
    steps=st.lists(st.tuples(texts, texts), max_size=3).map(tuple),
    notes=st.dictionaries(texts, texts, max_size=3),
    ended=texts,
    error=texts,
)


verdicts = st.sampled_from(Verdict)


judgements = st.builds(
    Judgement,
    requirement=texts,
    check=texts,
    path=texts,
    verdict=verdicts,
    reason=texts,
    expected=texts,
    came=texts,
    evidence=st.lists(st.builds(Evidence, exchange=texts, where=texts, quoted=texts), max_size=2).map(tuple),
    observations=st.lists(st.builds(Observation, topic=texts, camp=texts), max_size=2).map(tuple),
    attempts=st.lists(verdicts, max_size=3).map(tuple),
    exchanges=words,
    bug=texts,
)


digests = st.text("0123456789abcdef", min_size=64, max_size=64)


moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="milliseconds") + "Z")


runs = st.builds(
    Header,
    tool=texts,
    contract_version=texts,
    contract_digest=digests,
    ledger_digest=digests,
    target=st.builds(
        TargetInfo,
        url=texts,
        model=texts,
        declared=words,
        concurrency=st.integers(1, 99),
        timeout=seconds,
        key_env=texts,
    ),
    profile=texts,
    requirements=words,
    command=words,
    seed=texts,
    started=moments,
    python=texts,
    platform=texts,
)


footers = st.builds(
    Footer,
    finished=moments,
    wall=seconds,
    requests=counts,
    tokens=st.builds(Tokens, prompt=counts, completion=counts),
    verdicts=st.dictionaries(verdicts, st.integers(1, 999)),
    complete=st.booleans(),
    reason=texts,
)


outcomes = st.sampled_from(Outcome)


receptions = st.builds(
    Reception,
    exchange=texts,
    client=texts,
    version=texts,
    door=texts,
    outcome=outcomes,
    differences=st.lists(
        st.builds(Difference, what=texts, outcome=outcomes, wire=texts, client=texts), max_size=2
    ).map(tuple),
    error=texts,
)


standings = st.builds(
    Standing,
    client=texts,
    version=texts,
    doors=st.lists(
        st.builds(DoorCount, door=texts, outcomes=st.dictionaries(outcomes, st.integers(1, 999))), max_size=2
    ).map(tuple),
    unheard=counts,
    reason=texts,
)


rows = st.one_of(runs, exchanges, plays, judgements, receptions, standings, footers)


@settings(max_examples=300)
@given(rows)
def test_rows_come_back_as_they_were(row: Row) -> None:
    """Every row, whatever it holds, is one line that follows the published schema and reads back the same."""
    line = to_line(row)

    assert line.count(b"\n") == 1
    VALIDATOR.validate(json.loads(line))
    assert row_from_line(line) == row


def test_schema_is_a_schema() -> None:
    """The published document is a valid schema of draft 2020-12, and describes everything in it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    undescribed = [
        f"{kind}.{name}"
        for kind, definition in SCHEMA["$defs"].items()
        for name, member in definition.get("properties", {}).items()
        if not ({"description", "$ref"} & set(member))
    ]

    assert SCHEMA["title"]
    assert SCHEMA["description"]
    assert undescribed == []


@pytest.mark.parametrize(
    "kind", [Exchange, Request, Response, Failure, PlayRow, Judgement, Reception, Standing, Footer]
)
def test_every_field_is_written(kind: type) -> None:
    """A field that somebody adds to a value cannot be forgotten in the record."""
    definition = SCHEMA["$defs"][kind.__name__.lower().removesuffix("row")]
    written = set(definition["properties"]) - {"kind"} | ({"kind"} if kind is Failure else set())
    renamed = {"body": "raw"} if kind is Response else {}

    assert {renamed.get(name, name) for name in written} == {each.name for each in dataclasses.fields(kind)}
