"""Faults: chosen by a header or by an option, one catalogue, and clear words for those that there are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from chatconform.cli import main
from chatconform.errors import IncompatibleFaults, UnknownFault
from chatconform.ledger import load_ledger
from chatconform.plays.path import ALL_PATHS, EVERYWHERE
from chatconform.reference_server.faults import HEADER, chosen, find
from chatconform.reference_server.faults.catalogue import FAULTS
from chatconform.reference_server.faults.fault import Fault
from chatconform.tests.support.chat import post, serving
from chatconform.tests.test_cli import refused

COUNT = "Count from 1 to 5."
DONE = b"data: [DONE]"
FAULT = "stream-without-done"
each_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serving(check_responses=False) as client:
        yield client


def streamed(client: httpx2.Client, *faults: str) -> httpx2.Response:
    body = {"model": "reference-1", "messages": [{"role": "user", "content": COUNT}], "stream": True}
    headers = {HEADER: ", ".join(faults)} if faults else {}
    return client.post("/chat/completions", json=body, headers=headers)


def test_a_header_chooses_a_fault_for_one_request(client: httpx2.Client) -> None:
    """The request after it is served as ever."""
    assert DONE not in streamed(client, FAULT).content
    assert DONE in streamed(client).content


def test_an_unknown_fault_is_refused_with_the_nearest(client: httpx2.Client) -> None:
    """Whoever misspells a fault learns of it, instead of testing a sound server."""
    response = streamed(client, "stream-wihout-done")

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "unknown_fault"
    assert FAULT in response.json()["error"]["message"]


def test_two_faults_that_would_hide_each_other_are_refused(client: httpx2.Client) -> None:
    """A pair that spoils the same proves nothing of either."""
    one = find(FAULT)
    other = next(fault for fault in FAULTS.values() if fault is not one and fault.excludes(one))

    response = streamed(client, one.id, other.id)

    assert response.status_code == 400
    assert "cannot be combined" in response.json()["error"]["message"]
    with pytest.raises(IncompatibleFaults):
        chosen((one.id, other.id))


def test_faults_of_different_aspects_are_combined(client: httpx2.Client) -> None:
    """Both are on, and each is seen."""
    one = find(FAULT)
    other = next(fault for fault in FAULTS.values() if not fault.excludes(one))

    assert len(chosen((one.id, other.id))) == len(one.by) + len(other.by)
    assert "unknown_fault" not in streamed(client, one.id, other.id).text


def test_a_fault_named_twice_is_one(client: httpx2.Client) -> None:
    """Naming a fault again changes nothing."""
    assert chosen((FAULT, FAULT)) == chosen((FAULT,))
    assert streamed(client, FAULT, FAULT).status_code == 200


def test_a_setting_switches_a_fault_on_for_everybody() -> None:
    """Without any header."""
    with serving(check_responses=False, faults=(FAULT,)) as client:
        assert DONE not in streamed(client).content
        assert post(client, COUNT).status_code == 200


def test_serve_refuses_a_fault_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and the nearest names."""
    told = refused(capsys, "serve", "--fault", "stream-wihout-done")

    assert "there is no fault 'stream-wihout-done'" in told
    assert f"Did you mean {FAULT}" in told


def test_a_name_that_is_near_to_nothing_points_to_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    """No guess is better than a bad one."""
    assert "chatconform faults" in refused(capsys, "serve", "--fault", "???")


def test_faults_are_listed_for_a_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    """By the requirement that they break, with their number and the header."""
    with pytest.raises(SystemExit) as left:
        main(["faults", "STREAM-003"])
    told = capsys.readouterr().out

    assert left.value.code == 0
    assert FAULT in told
    assert HEADER in told


@each_fault
def test_a_fault_is_well_described(fault: Fault) -> None:
    """A name, one sentence, alterations, and requirements and paths that there are."""
    paths = {*(path.name for path in ALL_PATHS), EVERYWHERE}

    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
    assert re.fullmatch(r"[A-Z`0-9].*\.", fault.defect)
    assert fault.by
    assert fault.touches
    assert fault.kills
    assert not fault.breaks & fault.collateral.keys()
    for name in (*fault.breaks, *fault.collateral):
        assert load_ledger()[name].id == name
    assert {path for kill in fault.kills if (path := kill.partition("@")[2])} <= paths
    assert all(reason for reason in fault.collateral.values())


def test_no_two_faults_have_one_name() -> None:
    """The catalogue would lose one of them."""
    from chatconform.reference_server.faults import catalogue

    names = [fault.id for module in catalogue.MODULES for fault in module.ALL]

    assert len(names) == len(set(names)) == len(FAULTS)


def test_every_requirement_that_is_checked_has_a_fault() -> None:
    """What no fault breaks could never be seen to be judged."""
    broken = {name for fault in FAULTS.values() for name in fault.breaks}

    assert [row.id for row in load_ledger() if row.excluded is None and row.id not in broken] == []


def test_there_are_many() -> None:
    """The catalogue is broad."""
    assert len(FAULTS) > 250


def test_an_unknown_fault_is_the_users_mistake() -> None:
    """The class says whose fault it is."""
    with pytest.raises(UnknownFault):
        find("nothing")


@pytest.mark.parametrize("page", ["README.md", "docs/gateways.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_faults_that_are_told_of_exist(page: str) -> None:
    """What a reader is told to type works."""
    told = (Path(__file__).parent.parent / page).read_text(encoding="utf-8")
    named = re.findall(r"(?:--fault |X-Chatconform-Fault: )([a-z0-9-]+)(?![a-z0-9-]|\.\.\.)", told)

    assert [name for name in named if name not in FAULTS] == []
    assert named or page != "README.md"
