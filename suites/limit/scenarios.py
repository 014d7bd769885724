"""Token limits so small that any model runs into them, each beside the same request without a limit."""

from chatconform.suite import ALL_PATHS, BOTH_FORMS, Stage, prompt, scenario

LIMIT = 8
# What a control may cost: enough to show that the answer is much longer than the limit.
CONTROL_LIMIT = 64
# What a bad limit may at most be read as; a greeting is longer than any of them.
TAKEN_AS = {"zero": 0, "fraction": 2, "string": 2}


@scenario(paths=ALL_PATHS, requests=2)
async def tiny_limit(stage: Stage) -> None:
    """A long story under a limit of 64 tokens, then under one of 8, by `max_completion_tokens`."""
    body = stage.with_usage(stage.chat(prompt("long-story"), tokens=None, temperature=0))
    await stage.post("control", {**body, "max_completion_tokens": CONTROL_LIMIT})
    await stage.post("limited", {**body, "max_completion_tokens": LIMIT})


@scenario(paths=ALL_PATHS, requests=2)
async def tiny_limit_by_old_name(stage: Stage) -> None:
    """The same by the deprecated `max_tokens`."""
    body = stage.with_usage(stage.chat(prompt("long-story"), tokens=None, temperature=0))
    await stage.post("control", {**body, "max_tokens": CONTROL_LIMIT})
    await stage.post("limited", {**body, "max_tokens": LIMIT})


@scenario(requests=3)
async def limits_of_one_and_more(stage: Stage) -> None:
    """The same story under limits of 1 and 32 tokens, so that no single number can be hard-coded."""
    body = stage.chat(prompt("long-story"), tokens=None, temperature=0)
    for limit in (1, 32):
        await stage.post(f"limit-{limit}", {**body, "max_completion_tokens": limit})


@scenario(requests=5)
async def bad_limits(stage: Stage) -> None:
    """A limit that is accepted, then the same request with zero, a negative, a fraction and a string."""
    body = stage.chat(prompt("greeting"), tokens=None)
    await stage.post("control", {**body, "max_tokens": 16})
    await stage.post("zero", {**body, "max_tokens": 0}, illegal=True)
    await stage.post("negative", {**body, "max_tokens": -1}, illegal=True)
    await stage.post("fraction", {**body, "max_tokens": 1.5}, illegal=True)
    await stage.post("string", {**body, "max_tokens": "2"}, illegal=True)


@scenario(paths=BOTH_FORMS, requests=1)
async def short_answer_under_a_large_limit(stage: Stage) -> None:
    """An answer of one word under a limit that it does not reach."""
    await stage.post(
        "answer", stage.chat(prompt("one-word"), tokens=None, temperature=0, max_completion_tokens=256)
    )


@scenario(requests=2)
async def both_limits(stage: Stage) -> None:
    """Both names of the limit in one request, once with either the smaller."""
    body = stage.chat(prompt("long-story"), tokens=None, temperature=0)
    await stage.post("newer-smaller", {**body, "max_tokens": 64, "max_completion_tokens": LIMIT})
    await stage.post("older-smaller", {**body, "max_tokens": LIMIT, "max_completion_tokens": 64})


@scenario()
async def huge_limit(stage: Stage) -> None:
    """A short answer under a limit far above any context window."""
    await stage.post("answer", stage.chat(prompt("one-word"), tokens=None, max_completion_tokens=10_000_000))
