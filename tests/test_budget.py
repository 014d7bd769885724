"""A budget of tokens: what is counted, and how a run ends that spends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatconform.client.budget import Budget
from chatconform.record import read_record
from chatconform.running.embedded import EmbeddedServer
from chatconform.tests.support.exchanges import completion, exchange, hung, refusal, streamed
from chatconform.tests.test_cli import chatconform
from chatconform.wire.exchange import Exchange


@pytest.mark.parametrize(
    ("cheap", "cost"),
    [(exchange(completion()), 12), (refusal(), 0), (hung(), 0), (exchange(b"", url="http://a/v1/models"), 0)],
)
def test_what_the_target_counts_is_spent(cheap: Exchange, cost: int) -> None:
    """Prompt and completion count as the target says; what was not served costs nothing."""
    budget, bound = Budget(cost + 1), Budget(max(cost, 1))
    budget.spend(cheap)
    bound.spend(cheap)

    assert not budget.reason
    assert bool(bound.reason) is bool(cost)


def test_what_is_not_counted_is_estimated() -> None:
    """A stream without usage has about a token an event, and the prompt that was sent."""
    untold = streamed()
    few, enough = Budget(2), Budget(len(untold.request.body))
    few.spend(untold)
    enough.spend(untold)

    assert few.reason == "the token budget of 2 is spent"
    assert not enough.reason


def test_without_a_bound_nothing_is_spent() -> None:
    """A run without a budget goes on."""
    budget = Budget(None)
    budget.spend(exchange(completion()))

    assert not budget.reason


def test_a_run_that_spends_its_budget_is_not_complete(tmp_path: Path) -> None:
    """Nothing more is sent, the record says why, and nobody takes that for conforming."""
    with EmbeddedServer() as server:
        text = (
            f"[targets.mine]\nurl = '{server.url}'\nkey-env = 'MINE'\ntoken-budget = 400\nconcurrency = 1\n"
        )
        (tmp_path / "chatconform.toml").write_text(text, encoding="utf-8")

        ran = chatconform("run", "mine", "-r", "STOP", "--clients", "none", cwd=tmp_path, MINE=server.key)

    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert "the token budget of 400 is spent" in ran.stdout
    assert "✗" not in ran.stdout.partition("conforms")[0].replace("✗ fail", "").replace("✗   !", "")
    (file,) = (tmp_path / "chatconform-results").glob("*.jsonl")
    record = read_record(file, allow_incomplete=True)
    assert record.footer is not None
    assert (record.footer.complete, record.footer.reason) == (False, "the token budget of 400 is spent")
    # Where the target does not count, it is estimated what it spent: some of the 13 requests were sent.
    assert 4 <= record.footer.requests < 10
