"""Profiles of requirements: the shipped ones hold together, broken ones are refused with their lines."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from chatconform.errors import ProfileError
from chatconform.judging.check import OfTraffic
from chatconform.ledger import load_ledger
from chatconform.ledger.profile import known_profiles, load_profile
from chatconform.running.catalogue import checks_by_requirement
from chatconform.running.hearing import paths_of

LEDGER = load_ledger()
TOLD = {"name": "mine", "title": "Mine", "version": "1", "requirements": ["STOP", "CC-HTTP-001"]}


def written(folder: Path, told: object) -> Path:
    """A folder with the profile `mine`."""
    (folder / "mine.yaml").write_text(
        told if isinstance(told, str) else yaml.safe_dump(told, sort_keys=False), encoding="utf-8"
    )
    return folder


def refusal(folder: Path) -> str:
    """What the profile `mine` of the folder is refused with."""
    with pytest.raises(ProfileError) as caught:
        load_profile("mine", LEDGER, folder)
    return str(caught.value)


def test_the_standard_profile_is_the_whole_ledger() -> None:
    """Nothing that the ledger knows is missing from the standard profile."""
    assert load_profile("standard", LEDGER).requirements == tuple(row.id for row in LEDGER)


def test_the_full_profile_differs_in_depth_only() -> None:
    """The full profile has the requirements of the standard one, on all paths and with every case."""
    standard, full = load_profile("standard", LEDGER), load_profile("full", LEDGER)

    assert full.requirements == standard.requirements
    assert (len(standard.paths), standard.thorough) == (4, False)
    assert (full.paths, full.thorough) == ((), True)


def test_every_shipped_profile_loads() -> None:
    """Each shipped profile names requirements that exist, and says why it leaves some out."""
    assert "standard" in known_profiles()
    for name in known_profiles():
        profile = load_profile(name, LEDGER)
        assert (profile.name, bool(profile.requirements)) == (name, True)
        assert all(entry.reason for entry in profile.excluded)


def test_the_text_profile_needs_no_tools() -> None:
    """A server without tools, log probabilities and a gateway's upstream can be held to the text profile."""
    needs = {need.word for id_ in load_profile("text", LEDGER).requirements for need in LEDGER[id_].needs}
    assert not needs & {"tools", "logprobs", "recording-upstream"}


def test_exclusions_leave_the_requirements(tmp_path: Path) -> None:
    """An excluded requirement is not among those that are selected, and keeps its reason."""
    told = {**TOLD, "excluded": [{"id": "CC-STOP-001", "reason": "No model."}]}
    profile = load_profile("mine", LEDGER, written(tmp_path, told))
    assert "CC-STOP-001" not in profile.requirements
    assert profile.requirements[:2] == ("CC-HTTP-001", "CC-STOP-002")
    assert profile.excluded[0].reason == "No model."


@pytest.mark.parametrize(
    ("key", "value", "line", "reason"),
    [
        ("requirments", [], 7, "unknown key 'requirments'"),
        ("requirements", [], 4, "requirements has to be a list"),
        ("requirements", ["STOP", "NOWHERE"], 4, "no requirement is called 'NOWHERE'"),
        ("requirements", [5], 4, "requirements has to be a list"),
        ("version", 0.1, 3, "version has to be a text, not 0.1"),
        ("name", "other", 1, "the name has to be that of the file, 'mine'"),
        ("paths", "plain", 7, "paths has to be a list of names of paths"),
        ("thorough", "yes", 7, "thorough has to be true or false"),
        ("excluded", [{"id": "CC-STOP-001"}], 7, "excluded has to be a list of {id: ..., reason: ...}"),
        ("excluded", [{"id": "CC-STOP-001", "reason": ""}], 7, "excluded has to be a list of"),
        ("excluded", [{"id": "CC-STREAM-001", "reason": "x"}], 7, "but not among the profile's requirements"),
    ],
)
def test_a_broken_profile_is_refused_with_its_line(
    tmp_path: Path, key: str, value: object, line: int, reason: str
) -> None:
    """The refusal names the file, the line of the key and the reason."""
    message = refusal(written(tmp_path, {**TOLD, key: value}))
    assert f"{tmp_path / 'mine.yaml'}:{line}: " in message
    assert reason in message


def test_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    """A list, nothing at all, and a key given twice are no profile."""
    assert "has to be a mapping" in refusal(written(tmp_path, "- STOP\n"))
    assert "has to be a mapping" in refusal(written(tmp_path, ""))
    assert "the key 'name' comes twice" in refusal(written(tmp_path, "name: mine\nname: mine\n"))


@pytest.mark.parametrize("name", ["everything", "", "../requirements/needs"])
def test_an_unknown_profile_names_the_known_ones(name: str) -> None:
    """A name that is not there, or that leads out of the folder, is answered with the names that are."""
    with pytest.raises(ProfileError) as caught:
        load_profile(name, LEDGER)
    assert caught.value.hint == f"Known profiles: {', '.join(known_profiles())}"


@pytest.mark.parametrize(
    ("name", "meant"), [("stream", "streaming"), ("Standard ", "standard"), ("gatway", "gateway")]
)
def test_a_mistyped_profile_is_answered_with_the_nearest(name: str, meant: str) -> None:
    """A name that is nearly one of ours is answered with that one alone."""
    with pytest.raises(ProfileError) as caught:
        load_profile(name, LEDGER)
    assert caught.value.hint == f"Did you mean {meant}?"


def test_a_profile_may_be_strict(tmp_path: Path) -> None:
    """A profile says for itself whether SHOULD decides; by default it does not."""
    assert load_profile("mine", LEDGER, written(tmp_path, {**TOLD, "strict": True})).strict
    assert not load_profile("mine", LEDGER, written(tmp_path, TOLD)).strict


def test_strict_differs_from_standard_in_what_decides_only() -> None:
    """The profiles standard and strict send and judge the same."""
    standard, strict = load_profile("standard", LEDGER), load_profile("strict", LEDGER)

    told = {"name": standard.name, "title": standard.title, "strict": standard.strict}
    assert (standard.strict, strict.strict) == (False, True)
    assert replace(strict, **told) == standard


@pytest.mark.parametrize("name", known_profiles())
def test_a_profile_promises_nothing_that_it_cannot_judge(name: str) -> None:
    """Each rule of a profile that has a check is judged on one of the profile's paths."""
    profile, checks = load_profile(name, LEDGER), checks_by_requirement()
    paths = paths_of(profile)

    assert not [
        row
        for row in profile.requirements
        if row in checks
        and not any(isinstance(made, OfTraffic) or paths & {*made.path_names} for made in checks[row])
    ]


def test_the_document_says_for_whom_each_profile_is() -> None:
    """docs/profiles.md has a row for every profile that is shipped, and for no other."""
    document = (Path(__file__).parents[1] / "docs" / "profiles.md").read_text(encoding="utf-8")

    assert sorted(re.findall(r"^\| `(\w+)` \|", document, re.MULTILINE)) == list(known_profiles())
