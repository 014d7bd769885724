"""OpenAPI Overlays: what a vendor adds to the contract, and a run that is held to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from chatconform.contract import contract_in_force, load_contract, overlaid
from chatconform.contract.overlay import read_overlay
from chatconform.errors import ContractError, ProfileError
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.targeting import described, read_targets
from chatconform.tests.test_cli import chatconform

CITATIONS = {
    "target": "$.components.schemas.Completion",
    "update": {
        "required": ["citations"],
        "properties": {"citations": {"type": "array", "items": {"type": "string"}}},
    },
}
ORGANISATION = {
    "target": "$.components.schemas.CreateChatCompletionRequest",
    "update": {"required": ["organisation"], "properties": {"organisation": {"type": "string"}}},
}


def written(folder: Path, *actions: object, version: str = "1.0.0") -> Path:
    file = folder / "vendor.overlay.yaml"
    document = {"overlay": version, "info": {"title": "A vendor", "version": "1"}, "actions": list(actions)}
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    return file


def applied(folder: Path, tree: dict[str, object], *actions: object) -> dict[str, object]:
    read_overlay(written(folder, *actions, version="1.1.0")).apply(tree)
    return tree


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ({"target": "$.a", "update": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}, "l": [1, 2, 3]}),
        ({"target": "$.a.b", "update": {"c": 9}}, {"a": {"b": {"c": 9}}, "l": [1, 2, 3]}),
        ({"target": "$.a.b.c", "update": 9}, {"a": {"b": {"c": 9}}, "l": [1, 2, 3]}),
        ({"target": "$.l", "update": 4}, {"a": {"b": {"c": 1}}, "l": [1, 2, 3, 4]}),
        ({"target": "$", "update": {"l": [4]}}, {"a": {"b": {"c": 1}}, "l": [1, 2, 3, 4]}),
        ({"target": "$.l[?@ > 1]", "remove": True}, {"a": {"b": {"c": 1}}, "l": [1]}),
        ({"target": "$.a.b", "remove": True, "update": {"x": 1}}, {"a": {}, "l": [1, 2, 3]}),
        ({"target": "$.a", "copy": "$.a.b"}, {"a": {"b": {"c": 1}, "c": 1}, "l": [1, 2, 3]}),
    ],
)
def test_what_an_action_does(tmp_path: Path, action: object, wanted: object) -> None:
    """Objects are merged, arrays grow, other nodes are replaced; removing goes before all else."""
    assert applied(tmp_path, {"a": {"b": {"c": 1}}, "l": [1, 2, 3]}, action) == wanted


def test_actions_build_on_each_other(tmp_path: Path) -> None:
    """Each action sees what those before it made; one that meets nothing does nothing."""
    actions = (
        {"target": "$.a", "update": {"b": {}}},
        {"target": "$.a.b", "update": {"c": 1}},
        {"target": "$.z", "remove": True},
    )

    assert applied(tmp_path, {"a": {}}, *actions) == {"a": {"b": {"c": 1}}}


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("x", "action 1: has to be an object"),
        ({"update": {}}, "action 1: `target` has to be a JSONPath"),
        ({"target": "", "update": {}}, "action 1: `target` is no JSONPath"),
        ({"target": "$.[", "update": {}}, "action 1: `target` is no JSONPath: expected a shorthand selector"),
        ({"target": "$"}, "action 1: needs `update`, `remove` or `copy`"),
        ({"target": "$", "remove": "yes"}, "action 1: `remove` has to be true or false"),
        ({"target": "$.nowhere", "update": {}}, "no action meets anything"),
        ({"target": "$", "remove": True}, "the whole document cannot be removed"),
        ({"target": "$.info", "copy": "$.paths.*"}, "`copy` selects"),
        ({"target": "$.info", "remove": True}, "is not a complete OpenAPI document"),
    ],
)
def test_an_overlay_that_cannot_be_used_is_told(tmp_path: Path, action: object, told: str) -> None:
    """The message has the file, the action and the reason."""
    file = written(tmp_path, action)

    with pytest.raises(ContractError) as raised:
        overlaid([file])

    assert told in str(raised.value)
    assert str(file) in str(raised.value)


@pytest.mark.parametrize(
    "content", ["", "[]", "overlay: 2.0.0", "overlay: 1.0.0", "a: [", "overlay: 1.0.0\nactions: []"]
)
def test_what_is_no_overlay_is_told(tmp_path: Path, content: str) -> None:
    """Another document is named as what it is not."""
    file = tmp_path / "x.yaml"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(ContractError, match=r"x\.yaml"):
        read_overlay(file)


def test_a_contract_in_force_is_that_of_everybody(tmp_path: Path) -> None:
    """Within the block it stands for ours, with a digest of its own; after it all is as before."""
    own = load_contract()
    changed = overlaid([written(tmp_path, CITATIONS)])

    with contract_in_force(changed):
        assert load_contract() is changed
        assert changed.digest != own.digest
    assert load_contract() is own
    assert overlaid([]) is own


def test_a_run_is_held_to_the_overlay(tmp_path: Path) -> None:
    """A vendor's answers without what its overlay requires fail; the record has that contract's digest."""
    file = written(tmp_path, CITATIONS)
    with EmbeddedServer() as server:
        text = f"[targets.mine]\nurl = '{server.url}'\nkey-env = 'MINE'\noverlays = ['{file.name}']\n"
        (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

        ran = chatconform("run", "mine", "-r", "RESP-012", "-r", "STOP-001", cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "citations" in ran.stdout
    (record,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    assert read_record(record).header.contract_digest == overlaid([file]).digest


@pytest.fixture(scope="module")
def overlaid_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the record of a run that was held to an overlay, its overlay and its targets."""
    place = tmp_path_factory.mktemp("overlaid")
    file = written(place, CITATIONS)
    with EmbeddedServer() as server:
        text = f"[targets.mine]\nurl = '{server.url}'\nkey-env = 'MINE'\noverlays = ['{file.name}']\n"
        (place / "chatconform.toml").write_text(text, encoding="utf-8")
        chatconform("run", "mine", "-r", "RESP-012", "--clients", "none", cwd=place, MINE=server.key)
    (record,) = (place / "chatconform-results").glob("*.jsonl")
    record.rename(place / "run.jsonl")
    return place


@pytest.mark.parametrize("given", [("--overlay", "vendor.overlay.yaml"), ("--config", "chatconform.toml")])
def test_a_record_is_judged_by_the_overlays_of_its_run(overlaid_run: Path, given: tuple[str, str]) -> None:
    """Given again, the verdicts are those of then, and the record that is written has the same contract."""
    ran = chatconform("judge", "run.jsonl", *given, "--out", f"{given[0]}.jsonl", cwd=overlaid_run)

    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "note:" not in ran.stderr
    assert "citations" in ran.stdout
    again, before = (read_record(overlaid_run / name) for name in (f"{given[0]}.jsonl", "run.jsonl"))
    assert again.header.contract_digest == before.header.contract_digest
    assert again.judgements == before.judgements


def test_another_contract_than_that_of_the_run_is_told(overlaid_run: Path) -> None:
    """Without the overlays all holds, and whoever judges is told why that is another answer."""
    ran = chatconform("judge", "run.jsonl", cwd=overlaid_run)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = " ".join(ran.stderr.split())
    assert "note: the run was held to another contract" in told
    assert "give them again: --overlay FILE or --config FILE" in told


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [
        ("judge", "--overlay vendor.overlay.yaml --config chatconform.toml", "both --overlay and --config"),
        ("judge", "--config not-there.toml", "not-there.toml"),
        ("judge", "--overlay chatconform.toml", "chatconform.toml"),
        ("judge", "--overlay not-there.yaml", "not-there.yaml"),
        ("lint", "--overlay chatconform.toml", "chatconform.toml"),
        ("lint", "--overlay not-there.yaml", "not-there.yaml"),
    ],
)
def test_overlays_that_cannot_be_used_are_one_sentence(
    overlaid_run: Path, command: str, options: str, told: str
) -> None:
    """Exit code 2, and no traceback."""
    ran = chatconform(command, "run.jsonl", *options.split(), cwd=overlaid_run)

    assert ran.returncode == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_traffic_is_linted_by_an_overlay(overlaid_run: Path) -> None:
    """Recorded traffic is held to what the vendor promises, or to the contract itself."""
    asked = ("lint", "run.jsonl", "-r", "RESP-012")
    with_it = chatconform(*asked, "--overlay", "vendor.overlay.yaml", cwd=overlaid_run)
    without = chatconform(*asked, cwd=overlaid_run)

    assert (with_it.returncode, without.returncode) == (1, 0), with_it.stdout + without.stdout
    assert "citations" in with_it.stdout


def test_what_every_body_needs_has_to_be_said(tmp_path: Path) -> None:
    """An overlay may require a member: without it nothing of ours could be sent, with it all is."""
    written(tmp_path, ORGANISATION)
    text = "[targets.a]\nurl = 'http://a'\noverlays = ['vendor.overlay.yaml']\n"
    file = tmp_path / "chatconform.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ProfileError, match="with its overlays the contract forbids every request") as raised:
        described(read_targets(file)["a"])
    assert "organisation" in str(raised.value)
    file.write_text(text + "body.organisation = 'blue'\n", encoding="utf-8")
    assert described(read_targets(file)["a"]).overlays == (tmp_path / "vendor.overlay.yaml",)


def test_bodies_with_what_the_overlay_requires_are_ours(tmp_path: Path) -> None:
    """Legal and forbidden bodies alike have the vendor's member, and are held to its contract."""
    file = written(tmp_path, ORGANISATION)
    with EmbeddedServer("--unknown-parameters=ignore") as server:
        said = f"key-env = 'MINE'\noverlays = ['{file.name}']\nbody.organisation = 'blue'\n"
        (tmp_path / "chatconform.toml").write_text(
            f"[targets.mine]\nurl = '{server.url}'\n{said}", encoding="utf-8"
        )

        ran = chatconform("run", "mine", "-r", "REQ", "-r", "STOP", cwd=tmp_path, MINE=server.key)

    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    assert "a bug in chatconform" not in ran.stdout
    (record,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    assert any(b'"organisation": "blue"' in each.request.body for each in read_record(record).exchanges)
    assert json.loads(read_record(record).exchanges[2].request.body)["organisation"] == "blue"
