"""Sampling parameters: the same request several times, at both ends of a parameter's range."""

from chatconform.suite import BOTH_FORMS, Stage, prompt, scenario

REPEATS = 4


@scenario(requests=REPEATS)
async def greedy(stage: Stage) -> None:
    """An open question several times at temperature 0."""
    await _repeat(stage, temperature=0)


@scenario(requests=REPEATS)
async def hot(stage: Stage) -> None:
    """The same open question several times at temperature 1.5."""
    await _repeat(stage, temperature=1.5)


@scenario(paths=BOTH_FORMS, requests=2)
async def several_choices(stage: Stage) -> None:
    """Two and three choices for one open question."""
    body = stage.chat(prompt("random-word"), temperature=1, tokens=32)
    await stage.post("two", {**body, "n": 2})
    await stage.post("three", {**body, "n": 3})


@scenario(requests=2)
async def documented_defaults(stage: Stage) -> None:
    """A request with no sampling parameter, then one with every default written out."""
    body = stage.chat(prompt("greeting"))
    await stage.post("silent", body)
    await stage.post(
        "written-out",
        {
            **body,
            "temperature": 1,
            "top_p": 1,
            "n": 1,
            "presence_penalty": 0,
            "frequency_penalty": 0,
            "logprobs": False,
            "stream": False,
        },
    )


async def _repeat(stage: Stage, temperature: float) -> None:
    body = stage.chat(prompt("five-random-words"), temperature=temperature, tokens=48)
    for number in range(1, REPEATS + 1):
        await stage.post(f"run-{number}", body, fresh=True)
