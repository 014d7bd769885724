"""Whatever a target wrote: every format can be read back, is bounded, and holds no character that acts."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatconform.printable import UNSAFE
from chatconform.reports.formats import FORMATS, format_named
from chatconform.tests.support.exchanges import completion, exchange
from chatconform.tests.support.reports import HOSTILE, hostile, told

TEXTS = [each.name for each in FORMATS if not each.is_folder]
JSON = ["sarif", "gitlab", "ctrf", "badge"]
PIECES = ("::", "%0A", "\n", "\r", "`", "```", "|", "<", "&", "]]>", "\x1b[", "\u202e", "\ud800", "{0}", "](")
ANY = st.text(alphabet=st.characters(), max_size=60) | st.lists(st.sampled_from(PIECES)).map("".join)
SETTINGS = settings(max_examples=40)


def unsafe(text: str, *, allowed: str = "\n") -> set[str]:
    return {c for c in text if unicodedata.category(c) in {*UNSAFE, "Zl", "Zp"} and c not in allowed}


def strings(value: Any) -> list[str]:
    """Every string of a JSON document."""
    if isinstance(value, dict):
        return [each for key, member in value.items() for each in (key, *strings(member))]
    if isinstance(value, list):
        return [each for member in value for each in strings(member)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", TEXTS)
@SETTINGS
@example(text=HOSTILE)
@given(text=ANY)
def test_nothing_acts(name: str, text: str) -> None:
    """No control character, no direction of writing, nothing that UTF-8 cannot hold is left."""
    report = format_named(name).text(told(hostile(text)))

    assert unsafe(report, allowed="\n\t") == set()
    report.encode()


@SETTINGS
@example(text=HOSTILE)
@given(text=ANY)
def test_json_reads_back(text: str) -> None:
    """JSON formats are JSON, and their texts are safe after they were read as well."""
    for name in JSON:
        read = json.loads(format_named(name).text(told(hostile(text))))
        assert unsafe("".join(strings(read)), allowed="\n\t") == set()
    for line in format_named("ndjson").text(told(hostile(text))).splitlines():
        assert unsafe("".join(strings(json.loads(line))), allowed="\n\t") == set()


@SETTINGS
@example(text=HOSTILE)
@given(text=ANY)
def test_xml_reads_back(text: str) -> None:
    """XML holds as many cases as before, whatever stands in them."""
    root = ET.fromstring(format_named("junit").text(told(hostile(text))))

    assert len(list(root.iter("testcase"))) == 6
    assert {each.tag for each in root.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase"),
        *("failure", "error", "skipped", "system-out"),
    }


@SETTINGS
@example(text=HOSTILE)
@given(text=ANY)
def test_no_command_reaches_the_runner(text: str) -> None:
    """Every line that the runner takes for a command is one of our annotations."""
    lines = re.split(r"[\r\n]", format_named("github").text(told(hostile(text))))

    commands = [line for line in lines if "::" in line]
    assert len(lines) == 4
    assert len(commands) == 1
    assert not [line for line in lines if "##[" in line.partition("::")[0]]
    for line in commands:
        assert re.match(r"::(error|warning|notice) title=[^:,]*::", line)


@SETTINGS
@example(text=HOSTILE)
@given(text=ANY)
def test_sarif_messages_have_no_places_or_links(text: str) -> None:
    """What looks like an argument or a link is neither."""
    run = json.loads(format_named("sarif").text(told(hostile(text))))["runs"][0]
    for result in run["results"]:
        message = result["message"]["text"]
        assert not re.search(r"(?<!\{)\{\d+\}(?!\})", message)
        assert not re.search(r"(?<!\\)\]\(", message)


@pytest.mark.parametrize("name", TEXTS)
def test_an_endless_text_is_bounded(name: str) -> None:
    """Of texts of many megabytes the beginning and the length are told."""
    endless = "\x1b" * 20_000_000
    record = hostile(endless)
    sent = replace(exchange(completion(endless), sent={"text": endless}), id="x0001")

    # A page brings what draws it.
    limit = 2_000_000 if name == "html" else 300_000
    size = len(format_named(name).text(told(replace(record, exchanges=(sent,)))))

    assert size < limit
