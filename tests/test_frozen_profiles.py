"""Versions of profiles: what one meant once it means for good, and what grows gets another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from chatconform.errors import ProfileError
from chatconform.ledger import Ledger, load_ledger
from chatconform.ledger.profile import Profile, known_profiles, load_profile
from chatconform.running.freezing import freeze
from chatconform.running.frozen import (
    changed,
    digest_of,
    frozen_file,
    frozen_text,
    read_frozen,
    with_profiles,
)

LEDGER = load_ledger()
TOLD = {"name": "mine", "title": "Mine", "version": "1", "requirements": ["STOP"], "paths": ["plain"]}


def written(folder: Path, **others: object) -> Path:
    """The folder, with the profile `mine` as it is now."""
    (folder / "mine.yaml").write_text(yaml.safe_dump({**TOLD, **others}), encoding="utf-8")
    return folder


def mine(folder: Path, ledger: Ledger = LEDGER) -> Profile:
    return load_profile("mine", ledger, folder)


@pytest.mark.parametrize("name", known_profiles())
def test_every_shipped_profile_is_what_its_version_was_frozen_as(name: str) -> None:
    """Whoever changes a profile, or adds to the ledger, raises its version and runs scripts/freeze."""
    assert not changed(load_profile(name, LEDGER), read_frozen(frozen_file()))


def test_the_frozen_file_is_as_it_is_written() -> None:
    """Nobody put a line into the file by hand."""
    assert frozen_text(read_frozen(frozen_file())) == frozen_file().read_text(encoding="utf-8")


def test_a_ledger_that_grows_makes_another_profile(tmp_path: Path) -> None:
    """A profile that names an area is another one once the area has one requirement less or more."""
    folder = written(tmp_path)
    shorter = Ledger(tuple(row for row in LEDGER if row.id != "CC-STOP-009"), LEDGER.needs)
    frozen = with_profiles({}, [mine(folder, shorter)])

    assert not changed(mine(folder, shorter), frozen)
    assert changed(mine(folder), frozen) == (
        "the profile mine 1 is not what it was when it was frozen; it needs a new version"
    )


@pytest.mark.parametrize(
    "others",
    [
        {"paths": ["plain", "streamed"]},
        {"thorough": True},
        {"strict": True},
        {"requirements": ["STOP", "LIMIT"]},
        {"excluded": [{"id": "CC-STOP-001", "reason": "No model."}]},
    ],
)
def test_what_is_sent_judged_or_decided_is_frozen(tmp_path: Path, others: dict[str, object]) -> None:
    """A change of requirements, paths, depth or of what decides is refused under the same version."""
    file = freeze(written(tmp_path))
    before = file.read_text(encoding="utf-8")
    written(tmp_path, **others)

    with pytest.raises(ProfileError, match="needs a new version") as caught:
        freeze(tmp_path)
    assert "spec/profiles/mine.yaml" in (caught.value.hint or "")
    assert file.read_text(encoding="utf-8") == before


def test_a_new_version_is_added_and_the_old_one_stays(tmp_path: Path) -> None:
    """Each version keeps its digest; freezing twice changes nothing."""
    freeze(written(tmp_path))
    first = digest_of(mine(tmp_path))
    written(tmp_path, version="2", strict=True)
    file = freeze(tmp_path)

    assert json.loads(file.read_text()) == {"mine": {"1": first, "2": digest_of(mine(tmp_path))}}
    assert freeze(tmp_path).read_text() == file.read_text()


def test_a_title_is_no_content(tmp_path: Path) -> None:
    """What a profile is called, and in which order it names things, may be put better."""
    profile = mine(written(tmp_path))
    assert digest_of(replace(profile, title="Mine alone")) == digest_of(profile)


def test_an_unfrozen_version_is_told(tmp_path: Path) -> None:
    """A version that nobody froze is not taken for one that is."""
    assert changed(mine(written(tmp_path)), {}) == "the profile mine 1 is not frozen"


@pytest.mark.parametrize("text", ["[]", "{", '{"mine": {"1": 2}}', '{"mine": []}'])
def test_a_broken_file_is_refused(tmp_path: Path, text: str) -> None:
    """What is no file of digests is not written over."""
    folder = written(tmp_path)
    (folder / "frozen.json").write_text(text)
    with pytest.raises(ProfileError, match=r"frozen\.json"):
        freeze(folder)
    assert (folder / "frozen.json").read_text() == text
