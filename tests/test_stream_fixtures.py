"""The wire transcripts are what their index says they are."""

import re
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
import yaml

from chatconform.wire.sse import Kind, decode

STREAMS = Path(__file__).parents[1] / "fixtures" / "streams"
INDEX: list[dict[str, Any]] = yaml.safe_load((STREAMS / "index.yaml").read_text(encoding="utf-8"))

transcripts = pytest.mark.parametrize("row", INDEX, ids=[row["file"] for row in INDEX])


def _body(row: dict[str, Any]) -> bytes:
    path: Path = STREAMS / row["file"]
    return path.read_bytes()


def _head(row: dict[str, Any]) -> tuple[int, str]:
    return row.get("status", 200), row.get("content_type", "text/event-stream")


def test_the_index_lists_every_transcript_once() -> None:
    """No file is forgotten, none is listed twice, and no two are the same."""
    listed = sorted(row["file"] for row in INDEX)
    present = sorted(path.relative_to(STREAMS).as_posix() for path in STREAMS.rglob("*.sse"))

    assert listed == present
    assert len({(_body(row), str(row.get("asks")), *_head(row)) for row in INDEX}) == len(INDEX)


@transcripts
def test_a_transcript_breaks_a_requirement_if_and_only_if_it_is_broken(row: dict[str, Any]) -> None:
    """The good ones break nothing, the broken ones name what they break and both are described."""
    assert bool(row["breaks"]) == row["file"].startswith("broken/")
    assert all(re.fullmatch(r"CC-[A-Z]+-\d{3}", each) for each in row["breaks"])
    assert all(row[key].strip() for key in ("title", "shows", "client_note"))


@transcripts
def test_the_decoder_sees_in_a_transcript_what_the_index_says(row: dict[str, Any]) -> None:
    """Events, irregularities, line ends and what the end cut off are as stated."""
    decoded = decode(_body(row))
    ending, ends = decoded.ending, decoded.ending.line_ends
    styles = [name for name in ("lf", "crlf", "cr") if getattr(ends, name)]
    expected = {Kind(name): count for name, count in row["irregularities"].items()}

    assert len(decoded.events) == row["events"]
    assert ending.counts == expected
    assert ("mixed" if ends.mixed else "".join(styles) or "none") == row["line_ends"]
    assert (ending.unterminated is not None) == ("unterminated" in row)
    if ending.unterminated is not None:
        assert ending.unterminated.data == row["unterminated"]


# The client's models complain when they are printed with values of another type.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@transcripts
def test_the_official_client_does_what_the_index_says(row: dict[str, Any]) -> None:
    """Its accumulating helper accepts the transcript or raises the named exception."""
    status, content_type = _head(row)
    response = httpx2.Response(status, headers={"content-type": content_type}, content=_body(row))
    outcome = "accepted"
    with httpx2.Client(transport=httpx2.MockTransport(lambda _: response)) as http:
        client = openai.OpenAI(base_url="http://127.0.0.1/v1", api_key="k", max_retries=0, http_client=http)
        asked = client.chat.completions.stream(model="m", messages=[{"role": "user", "content": "hi"}])
        try:
            with asked as stream:
                stream.get_final_completion()
        except Exception as error:  # noqa: BLE001 - which exception it is, is the finding
            outcome = type(error).__name__

    assert outcome == row["client"]
