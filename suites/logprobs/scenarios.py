"""Log probabilities of wide characters, and asked for by half; those of a story are in `stop.scenarios`."""

from __future__ import annotations

from chatconform.suite import BOTH_FORMS, PLAIN, Body, Exchange, Stage, prompt, read_answer, scenario
from chatconform.suites.story import bound, tell, texts_of

DEEPEST = 20
# Several times what the text needs; a weak model would repeat itself for ever.
WIDE_LIMIT = 128
# The last of the wide characters that the prompt wants repeated, and a string that does not occur in it.
LAST = "🎉"
FOREIGN = "zzzz"


@scenario(paths=BOTH_FORMS)
async def wide(stage: Stage) -> None:
    """Wide characters with 20 alternatives a token, and a stop string: streamed the last of them."""
    body, exchange = await _wide(stage)
    if texts_of(exchange) and read_answer(exchange).finish_reason == "length":
        await stage.post("unstopped", body)
    if stage.thorough:
        await stage.post("top-0", {**body, "logprobs": True, "top_logprobs": 0})


@scenario(paths=(PLAIN,))
async def wide_plain(stage: Stage) -> None:
    """The same text, plain: what the tokens of the stream are compared with."""
    await _wide(stage)


@scenario(requests=2)
async def depth_alone(stage: Stage) -> None:
    """A good request, then with a number of alternatives but without log probabilities."""
    body = {**(await tell(stage)).body, **bound(stage)}
    await stage.post("omitted", {**body, "top_logprobs": 2}, illegal=True)
    if stage.thorough:
        await stage.post("false", {**body, "logprobs": False, "top_logprobs": 2}, illegal=True)


async def _wide(stage: Stage) -> tuple[Body, Exchange]:
    body = stage.with_usage(stage.chat(prompt("repeat-wide-characters"), tokens=WIDE_LIMIT, temperature=0))
    deep: Body = {"logprobs": True, "top_logprobs": DEEPEST}
    stop: Body = {"stop": [LAST if stage.path.stream else FOREIGN]}
    return body, await stage.together("wide", body, {"logprobs": deep, "stop": stop})
