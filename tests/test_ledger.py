"""The ledger: every shipped row is sound, every broken one is refused with its place and reason."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chatconform import resources
from chatconform.contract import load_contract
from chatconform.errors import LedgerError, UnknownRequirement
from chatconform.ledger import AREAS, Ledger, load_ledger
from chatconform.ledger.requirement import Kind, Level

LEDGER = load_ledger()
FOLDER = resources.folder("spec") / "requirements"

ROW = {
    "id": "CC-STOP-001",
    "title": "Text ends before a stop string",
    "level": "MUST",
    "kind": "model",
    "rule": "Text ends before a stop string.",
    "anchor": "/components/schemas/Stop",
    "provoke": "Send stop.",
    "judge": "Look for the string.",
    "source": "spec:StopConfiguration",
    "seen_in": [],
    "fault": "`stop` is ignored.",
    "camps": [{"camp": "refused", "who": "somebody"}],
    "needs": ["tools"],
    "checks": [],
    "since": "0.1.0",
}
NEEDS = {"tools": {"known_by": "assumption", "meaning": "The target offers tool calls."}}


def written(folder: Path, *rows: object, file: str = "stop.yaml", needs: object = NEEDS) -> Path:
    """A folder with one file of rows; a row that is text stands as it is."""
    text = "".join(row if isinstance(row, str) else yaml.safe_dump([row], sort_keys=False) for row in rows)
    (folder / file).write_text(text, encoding="utf-8")
    (folder / "needs.yaml").write_text(yaml.safe_dump(needs), encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    """What a load of the folder is refused with."""
    with pytest.raises(LedgerError) as caught:
        load_ledger(folder)
    return str(caught.value)


def line_of(folder: Path, text: str, file: str = "stop.yaml") -> int:
    """The last line of a file that contains a text, counted from 1."""
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return max(number for number, line in enumerate(lines, 1) if text in line)


def test_every_area_has_its_file_and_its_rows() -> None:
    """The shipped ledger covers all areas, one file each."""
    assert LEDGER.areas == tuple(AREAS)
    assert {file.stem.upper() for file in FOLDER.glob("*.yaml")} - {"NEEDS"} == set(AREAS)


def test_rows_come_in_the_order_of_areas_and_numbers() -> None:
    """Iteration goes by area, then by number, and counts every row once."""
    places = [(list(AREAS).index(row.area), row.number) for row in LEDGER]
    assert places == sorted(set(places))
    assert len(LEDGER) == len(places) >= 180


def test_every_row_names_its_fault_and_how_it_is_judged() -> None:
    """No row leaves out the defect that must turn it red, its provocation, its verdict or its source."""
    for row in LEDGER:
        assert all((row.fault, row.provoke, row.judge, row.source, row.rule)), row.id


def test_anchors_lead_to_the_contract() -> None:
    """Each anchor, and each further pointer, is a place of the contract, and not the whole of it."""
    contract = load_contract()
    for row in LEDGER:
        for pointer in row.pointers:
            assert pointer.count("/") >= 2, row.id
            assert contract.resolve(pointer) is not None, row.id


def test_an_exclusion_is_a_sentence() -> None:
    """Whoever reads why a row is not judged reads a sentence, not a word."""
    for row in LEDGER:
        assert row.excluded is None or re.fullmatch(r"[A-Z].{19,}\.", row.excluded), row.id


def test_the_contract_names_requirements_that_exist() -> None:
    """Every id that the contract mentions, in a rule or in prose, is a row of the ledger."""
    mentioned = set(re.findall(r"CC-[A-Z]+-[0-9]{3}", resources.text("spec/openapi.yaml")))
    assert {rule.requirement for rule in load_contract().stream_rules} <= mentioned
    assert mentioned <= {row.id for row in LEDGER}


def test_ids_inside_the_rows_exist() -> None:
    """A row that points to another one points to a row that is there."""
    for file in FOLDER.glob("*"):
        for mention in re.findall(r"CC-[A-Z]+-[0-9]{3}", file.read_text(encoding="utf-8")):
            assert mention in LEDGER, f"{file.name}: {mention}"


def test_titles_are_unique_and_name_no_duty() -> None:
    """A title is the row's own, short, and says what is rather than what ought to be."""
    titles = [row.title.casefold() for row in LEDGER]
    assert len(set(titles)) == len(titles)
    assert not [title for title in titles if len(title) > 70 or "should" in title or title.endswith(".")]


def test_every_explained_need_is_used() -> None:
    """The file of needs explains what rows use, and nothing else."""
    assert {need.word for row in LEDGER for need in row.needs} == {need.word for need in LEDGER.needs}


def test_needs_say_what_a_target_has_to_declare() -> None:
    """Declared needs are those that are absent by default; assumed and measured ones are not among them."""
    row = LEDGER["CC-CONT-019"]
    assert row.declared_needs == ("hiccup", "recording-upstream")
    assert LEDGER["CC-TOOLS-011"].declared_needs == ()
    assert LEDGER["CC-TOOLS-011"].assumed_needs == ("tools",)


def test_every_reviewed_defect_is_covered() -> None:
    """Each of the eight reviewed defects has a requirement that would have caught it."""
    assert {row.review_defect for row in LEDGER} == {None, *range(1, 9)}


def test_every_abbreviation_of_a_source_is_explained() -> None:
    """RFC numbers and the short names of sources stand in the one page that explains them."""
    explained = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    for row in LEDGER:
        for short in re.findall(r"RFC[0-9]+|SSE#[a-z]+|WHATWG Fetch|client probe|^spec:|^sdk:", row.source):
            assert short in explained, f"{row.id}: {short}"


def test_a_row_becomes_a_typed_value(tmp_path: Path) -> None:
    """All fields of a row arrive with their types."""
    (row,) = load_ledger(written(tmp_path, ROW))
    assert (row.id, row.area, row.number) == ("CC-STOP-001", "STOP", 1)
    assert (row.level, row.kind) == (Level.MUST, Kind.MODEL)
    assert [(camp.camp, camp.who) for camp in row.camps] == [("refused", "somebody")]
    assert [need.word for need in row.needs] == ["tools"]
    assert row.review_defect is None


BROKEN = [
    ("rul", "x", "rul", "unknown key 'rul'; is 'rule' meant?"),
    ("level", "SHALL", "level", "level has to be one of MUST, SHOULD, MAY, not 'SHALL'"),
    ("kind", "PROTOCOL", "kind", "kind has to be one of protocol, model"),
    ("fault", "  ", "fault", "fault has to be a text that is not empty"),
    ("since", 0.1, "since", "since has to be a text that is not empty, not 0.1"),
    ("since", "soon", "since", "since has to be a version such as 0.1.0"),
    ("id", "CC-STOP-1", "id", "an id has to be like CC-AREA-001"),
    ("id", "CC-HTTP-001", "id", "the id is of the area HTTP, but the file is that of STOP"),
    ("anchor", "/components/schemas/Stopp", "anchor", "the anchor does not resolve"),
    ("title", "T" * 71, "title", "the title has 71 characters, 70 are allowed"),
    ("title", "Stop should work", "title", "a title states the behaviour"),
    ("needs", ["toools"], "needs", "the need 'toools' is not explained in needs.yaml"),
    ("needs", "tools", "needs", "needs has to be a list of texts"),
    ("seen_in", ["a/b#1", 2], "seen_in", "seen_in has to be a list of texts"),
    ("camps", [{"camp": "Refused", "who": "x"}], "camps", "camps has to be a list of"),
    ("camps", [{"camp": "refused"}], "camps", "camps has to be a list of"),
    ("camps", [{"camp": "a", "who": "x"}, {"camp": "a", "who": "y"}], "camps", "the camp 'a' comes twice"),
    ("review_defect", 9, "review_defect", "review_defect has to be a whole number from 1 to 8"),
    ("review_defect", True, "review_defect", "review_defect has to be a whole number from 1 to 8"),
    ("excluded", "", "excluded", "excluded has to be a text that is not empty, not ''"),
    ("excluded", ["No."], "excluded", "excluded has to be a text that is not empty, not ['No.']"),
    ("exclude", "No.", "exclude", "unknown key 'exclude'; is 'excluded' meant?"),
    ("also", "/components/schemas/Usage", "also", "also has to be a list of texts"),
    ("also", ["/components/schemas/Usage", ""], "also", "also has to be a list of texts"),
    ("also", ["/components/schemas/Stopp"], "also", "one of the further places does not resolve"),
    ("also", ["/components/schemas/Stop"], "also", "'/components/schemas/Stop' is the anchor"),
    ("also", ["/components/schemas/Usage"] * 2, "also", "'/components/schemas/Usage' is named twice"),
]


@pytest.mark.parametrize(("key", "value", "place", "reason"), BROKEN, ids=[row[3][:40] for row in BROKEN])
def test_a_broken_row_is_refused_with_its_place(
    tmp_path: Path, key: str, value: object, place: str, reason: str
) -> None:
    """The refusal of a broken row names the file, the line of the key, the row and the reason."""
    row = {**ROW, key: value}
    message = refusal(written(tmp_path, row))
    line = line_of(tmp_path, f"{place}:")
    assert message.startswith(f"{tmp_path / 'stop.yaml'}:{line}: {row['id']}: ")
    assert reason in message
    assert "\n" not in message


def test_a_row_has_checks_or_a_reason_for_having_none(tmp_path: Path) -> None:
    """A row that is excluded and has checks all the same is refused where it is excluded, with the checks."""
    row = {**ROW, "checks": ["stop.one", "stop.two"], "excluded": "No server can be asked for it."}
    message = refusal(written(tmp_path, row))
    assert message.startswith(f"{tmp_path / 'stop.yaml'}:{line_of(tmp_path, 'excluded:')}: CC-STOP-001: ")
    assert "a row has checks or is excluded, not both; its checks: stop.one, stop.two" in message


def test_an_excluded_row_keeps_its_reason(tmp_path: Path) -> None:
    """The reason and the further places of a row arrive; without them it has none, and is still a row."""
    places = ["/components/schemas/FinishReason", "/paths/~1models/get/responses/200"]
    told = {**ROW, "excluded": "No server can be asked for it.", "also": places}
    (row,) = load_ledger(written(tmp_path, told))
    assert row.excluded == "No server can be asked for it."
    assert row.pointers == ("/components/schemas/Stop", *places)
    (unchecked,) = load_ledger(written(tmp_path, ROW))
    assert (unchecked.checks, unchecked.excluded, unchecked.also) == ((), None, ())


@pytest.mark.parametrize("key", sorted(set(ROW) - {"camps", "needs"}))
def test_a_missing_key_is_refused(tmp_path: Path, key: str) -> None:
    """Each key but the optional ones has to be there."""
    message = refusal(written(tmp_path, {name: value for name, value in ROW.items() if name != key}))
    assert f"the key {key!r} is missing" in message
    assert message.startswith(f"{tmp_path / 'stop.yaml'}:1: ")


def test_a_row_given_twice_is_refused(tmp_path: Path) -> None:
    """A second row with the id, or with the title, of an earlier one is refused at its own line."""
    second = {**ROW, "title": "Another title"}
    assert (
        f":{line_of(written(tmp_path, ROW, second), 'id:')}: CC-STOP-001: the id is also that of"
        in refusal(tmp_path)
    )
    third = {**ROW, "id": "CC-STOP-002", "title": str(ROW["title"]).upper()}
    assert "CC-STOP-002: the title is also that of CC-STOP-001 (stop.yaml:2)" in refusal(
        written(tmp_path, ROW, third)
    )


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    """YAML that repeats a key, which parsers resolve silently, is refused at the second one."""
    text = yaml.safe_dump([ROW], sort_keys=False) + "  rule: Another rule.\n"
    message = refusal(written(tmp_path, text))
    assert message == f"{tmp_path / 'stop.yaml'}:{line_of(tmp_path, 'rule:')}: the key 'rule' comes twice"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- [broken", "no valid YAML"),
        ("id: CC-STOP-001", "the document has to be a list of rows"),
        ("- CC-STOP-001", "a row has to be a mapping"),
        ("- id: !!python/object:os.system x", "no valid YAML"),
    ],
)
def test_what_is_no_list_of_rows_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A file that holds something else than rows is refused with the line."""
    message = refusal(written(tmp_path, text))
    assert re.match(rf"{re.escape(str(tmp_path / 'stop.yaml'))}:\d+: {reason}", message)


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are the file's fault, not a traceback."""
    written(tmp_path, ROW)
    (tmp_path / "stop.yaml").write_bytes(b"- id: \xff\n")
    assert "cannot be read" in refusal(tmp_path)


def test_a_file_of_no_known_area_is_refused(tmp_path: Path) -> None:
    """A file is named after an area."""
    assert "there is no area 'STOPS'" in refusal(written(tmp_path, ROW, file="stops.yaml"))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A ledger without files is a mistake, not an empty ledger."""
    assert "the folder has no file of requirements" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("needs", "reason"),
    [
        ({"Tools": NEEDS["tools"]}, "is not a word such as honest-usage"),
        ({"tools": {"meaning": "x"}}, "has to have the keys known_by and meaning"),
        ({"tools": {"known_by": "guess", "meaning": "x"}}, "has to be known_by one of declaration"),
        ({"tools": {"known_by": "assumption", "meaning": ""}}, "has no meaning"),
    ],
)
def test_a_broken_need_is_refused(tmp_path: Path, needs: object, reason: str) -> None:
    """The file of needs is held to its form as the rows are."""
    row = {name: value for name, value in ROW.items() if name != "needs"}
    message = refusal(written(tmp_path, row, needs=needs))
    assert message.startswith(f"{tmp_path / 'needs.yaml'}:1: the need ")
    assert reason in message


def test_all_problems_are_reported_together(tmp_path: Path) -> None:
    """One load names every broken row of every file, in the order of files and lines."""
    written(tmp_path, {**ROW, "level": "SHALL", "kind": "x"}, {**ROW, "id": "CC-STOP-002", "title": ""})
    written(
        tmp_path, {**ROW, "id": "CC-HTTP-001", "anchor": "/nowhere", "title": "Another"}, file="http.yaml"
    )
    first, *problems = refusal(tmp_path).splitlines()
    assert first == f"{tmp_path}: 4 problems"
    found = [problem.split(": ")[1] for problem in problems]
    assert found == ["CC-HTTP-001", "CC-STOP-001", "CC-STOP-001", "CC-STOP-002"]


def test_a_row_is_found_by_its_id() -> None:
    """The id leads to the row; an id that is not there leads to the nearest ones."""
    assert LEDGER["CC-STOP-001"].area == "STOP"
    with pytest.raises(UnknownRequirement, match=r"'CC-STREM-005'; nearest: CC-STREAM-005"):
        LEDGER["CC-STREM-005"]


@pytest.mark.parametrize("pattern", ["CC-STREAM", "STREAM", "stream", "cc-stream-", " Stream "])
def test_a_prefix_selects_its_area(pattern: str) -> None:
    """An area is selected by its name, with or without the beginning of the ids, in any case."""
    assert LEDGER.select([pattern]) == tuple(row for row in LEDGER if row.area == "STREAM")


def test_selection_keeps_order_and_counts_once() -> None:
    """Patterns may overlap and come in any order; the rows come once, in the ledger's order."""
    chosen = LEDGER.select(["stop-002", "CC-STOP-001", "HTTP-001", "CC-STOP-002"])
    assert [row.id for row in chosen] == ["CC-HTTP-001", "CC-STOP-001", "CC-STOP-002"]
    assert LEDGER.select([]) == ()
    assert LEDGER.select(["CC"]) == LEDGER.requirements


@pytest.mark.parametrize(
    ("pattern", "near"),
    [("STREM", "CC-STREAM"), ("CC-TOOL-003", "CC-TOOLS-003"), ("CC-STOP-999", "CC-STOP-"), ("ST", "")],
)
def test_an_unknown_pattern_names_the_nearest(pattern: str, near: str) -> None:
    """A pattern that selects nothing is an error that helps; half a word is no prefix."""
    with pytest.raises(UnknownRequirement) as caught:
        LEDGER.select(["CC-STOP-001", pattern])
    assert repr(pattern) in str(caught.value)
    assert near in str(caught.value)
    assert caught.value.hint is not None
    assert "STREAM" in caught.value.hint


@given(st.text(max_size=20))
def test_selection_by_any_text_finds_rows_or_says_so(pattern: str) -> None:
    """No text makes the selection fail in another way, or succeed with nothing."""
    try:
        chosen = LEDGER.select([pattern])
    except UnknownRequirement:
        return
    assert chosen
    assert all(row in LEDGER for row in chosen)


def test_the_digest_follows_what_the_rows_say(tmp_path: Path) -> None:
    """Comments leave the digest alone; a changed rule changes it."""
    before = load_ledger(written(tmp_path, ROW))
    commented = load_ledger(written(tmp_path, "# a comment\n", ROW))
    assert re.fullmatch(r"[0-9a-f]{64}", before.digest)
    assert commented.digest == before.digest
    changed = Ledger(tuple(replace(row, rule="Another rule.") for row in before))
    assert changed.digest != before.digest
