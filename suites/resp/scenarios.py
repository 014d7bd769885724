"""Ordinary chats: a bare question, and the same one with the parameters that bound and count an answer."""

from chatconform.suite import BOTH_FORMS, Stage, prompt, scenario
from chatconform.suites import basics


@scenario(paths=BOTH_FORMS)
async def greeting(stage: Stage) -> None:
    """A short question with no parameter at all."""
    await stage.post("answer", stage.chat(prompt("greeting"), tokens=None))


@scenario(paths=BOTH_FORMS)
async def limited_greeting(stage: Stage) -> None:
    """The same question under a limit far above what its answer needs; on a stream with usage."""
    await stage.post("answer", basics.greeting(stage))


@scenario()
async def named_models(stage: Stage) -> None:
    """The models that there are, beside which the name in an answer is judged."""
    await stage.get("list", "/models")
