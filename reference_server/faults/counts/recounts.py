"""Faults in what is counted as tokens, seen beside the text, or beside the counts of other requests."""

from __future__ import annotations

from chatconform.reference_server.faults.alterations.counting import Recount, Usage, counts
from chatconform.reference_server.faults.alterations.paths import (
    When,
    asks_plainly,
    follows_tool_result,
    is_plain,
    is_streamed,
)
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Asked

fault = family(Aspect.USAGE)
_MOST = 1_000_000
_UNCOUNTED = {"CC-USAGE-003": "of several choices nothing is counted"}
_AS_ONE = {
    "CC-LIMIT-008": "an answer that was cut seems to be far below its limit",
    "CC-USAGE-003": "of several choices one token each is counted",
}
_SWAPPED = {
    "CC-LIMIT-001": "the prompt seems to have been written beyond its limit",
    "CC-LIMIT-009": "the prompt seems to have been written beyond its limit",
    "CC-USAGE-003": "the text seems to be the prompt",
    "CC-USAGE-011": "the text seems to be the prompt",
    "CC-USAGE-012": "the prompt seems to be the text",
    "CC-USAGE-013": "the text seems to be the prompt",
}


def _plainly(when: When) -> When:
    return lambda asked: when(asked) and asks_plainly(asked)


_plain_stream = _plainly(is_streamed)


def _setting(**numbers: int) -> Recount:
    return lambda told, _: told.update(numbers)


def _adding(name: str, number: int) -> Recount:
    def change(told: Usage, _: Asked) -> None:
        told[name] += number

    return change


def _swapped(told: Usage, _: Asked) -> None:
    told["prompt_tokens"], told["completion_tokens"] = told["completion_tokens"], told["prompt_tokens"]


def _times_n(told: Usage, asked: Asked) -> None:
    told["prompt_tokens"] *= asked.body.get("n") or 1


def _of_one_choice(told: Usage, asked: Asked) -> None:
    told["completion_tokens"] //= asked.body.get("n") or 1


def _with_the_limit(told: Usage, asked: Asked) -> None:
    told["prompt_tokens"] += asked.body.get("max_completion_tokens") or asked.body.get("max_tokens") or 0


def _of_messages(told: Usage, asked: Asked) -> None:
    told["prompt_tokens"] = len(asked.body["messages"])


def _of_choices(told: Usage, asked: Asked) -> None:
    told["completion_tokens"] = asked.body.get("n") or 1


def _of_everything_so_far() -> Alteration:
    so_far = 0

    def change(told: Usage, _: Asked) -> None:
        nonlocal so_far
        # It begins again some time, so that the number stays one.
        so_far = (so_far + told["prompt_tokens"]) % _MOST
        told["prompt_tokens"] = so_far

    return counts(change, asks_plainly)


def _cached(told: Usage, _: Asked) -> None:
    told["prompt_tokens_details"]["cached_tokens"] = told["prompt_tokens"] - 1
    told["prompt_tokens"] = 1


def _reasoned(told: Usage, _: Asked) -> None:
    told["completion_tokens_details"]["reasoning_tokens"] = told["completion_tokens"] + 40


ALL: tuple[Fault, ...] = (
    fault(
        "prompt-counted-for-each-choice",
        "The prompt_tokens are multiplied by n.",
        counts(_times_n),
        kills="CC-USAGE-003",
        seen_in=("lvyufeng/PocketLLM#246", "llm-d/llm-d-inference-sim#536"),
    ),
    fault(
        "one-choice-counted",
        "Of several choices only one is counted.",
        counts(_of_one_choice),
        kills="CC-USAGE-003",
    ),
    fault(
        "streamed-counts-zero",
        "Streamed usage is all zeros.",
        counts(_setting(prompt_tokens=0, completion_tokens=0), _plain_stream),
        kills="CC-USAGE-007",
        collateral=_UNCOUNTED,
    ),
    fault(
        "streamed-completion-tokens-zero",
        "Streamed usage counts nothing that was written.",
        counts(_setting(completion_tokens=0), _plain_stream),
        kills="CC-USAGE-007",
        collateral=_UNCOUNTED,
    ),
    fault(
        "streamed-counts-zero-after-tool-result",
        "Streamed usage is all zeros where the conversation has a tool result.",
        counts(
            _setting(prompt_tokens=0, completion_tokens=0),
            lambda asked: is_streamed(asked) and follows_tool_result(asked),
        ),
        kills="CC-USAGE-007",
        collateral={"CC-CONT-053": "the instructions cost no prompt tokens"},
        seen_in="mudler/LocalAI#9927",
    ),
    fault(
        "streamed-prompt-tokens-more",
        "The prompt costs five tokens more where it is streamed.",
        counts(_adding("prompt_tokens", 5), _plain_stream),
        kills="CC-USAGE-007",
    ),
    fault(
        "counts-swapped",
        "The counts of the prompt and of the completion are swapped.",
        counts(_swapped, asks_plainly),
        kills="CC-USAGE-014",
        collateral=_SWAPPED,
    ),
    fault(
        "limit-counted-as-prompt",
        "The prompt_tokens count the limit as well, as rate limiters do.",
        counts(_with_the_limit, asks_plainly),
        kills="CC-USAGE-011",
        collateral={"CC-USAGE-003": "requests with other limits are compared"},
    ),
    fault(
        "counts-of-all-requests",
        "The prompt_tokens are those of all requests so far.",
        _of_everything_so_far(),
        kills="CC-USAGE-011",
        collateral={
            "CC-USAGE-003": "of two requests the later costs more",
            "CC-USAGE-007": "of two requests the later costs more",
            "CC-USAGE-014": "of two requests the later costs more, whatever it says",
        },
    ),
    fault(
        "completion-counted-as-one",
        "The completion_tokens are 1 whatever was written.",
        counts(_of_choices, asks_plainly),
        kills="CC-USAGE-012",
        collateral=_AS_ONE,
        seen_in="langchain-ai/langchain#30429",
    ),
    fault(
        "messages-counted",
        "The prompt_tokens are the number of messages.",
        counts(_of_messages),
        kills="CC-USAGE-013 CC-USAGE-014",
    ),
    fault(
        "prompt-tokens-constant",
        "The prompt_tokens are 100 whatever was sent.",
        counts(_setting(prompt_tokens=100)),
        kills="CC-USAGE-014",
    ),
    *(
        fault(
            f"{form}-cached-tokens-not-in-prompt",
            f"The prompt_tokens of {told} count only what was not cached.",
            counts(_cached, _plainly(when)),
            kills="CC-USAGE-008",
            collateral={
                "CC-USAGE-007": "only one of the forms counts so",
                "CC-USAGE-013": "of the words of the prompt one is counted",
                "CC-USAGE-014": "of the words of the prompt one is counted",
            },
            seen_in="Arize-ai/openinference#1429",
        )
        for form, told, when in (("plain", "completions", is_plain), ("streamed", "streams", is_streamed))
    ),
    fault(
        "reasoning-tokens-not-in-completion",
        "The completion_tokens count the visible text only.",
        counts(_reasoned),
        kills="CC-USAGE-009",
        seen_in=("vercel/ai#12425", "UKGovernmentBEIS/inspect_ai#5528"),
    ),
)
