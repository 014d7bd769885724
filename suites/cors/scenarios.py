"""What a browser asks before a page may call another site's API, and the calls themselves."""

from __future__ import annotations

from chatconform.suite import Exchange, Json, Stage, scenario
from chatconform.suites import basics

ORIGIN = "https://app.example"
# What the official client for JavaScript adds; the last stands for what it will add one day.
SDK_HEADERS = (
    "x-stainless-os",
    "x-stainless-lang",
    "x-stainless-retry-count",
    "x-stainless-timeout",
    "x-stainless-helper-method",
    "x-stainless-future",
)
NEEDED = ("authorization", "content-type")


@scenario(requests=4)
async def browser(stage: Stage) -> None:
    """The preflight with the headers of the official client, then a stream and a refusal for the page."""
    preflight = await _preflight(stage, "preflight", (*NEEDED, *SDK_HEADERS))
    if preflight.response is None or not 200 <= preflight.response.status < 300:
        await _preflight(stage, "simple-preflight", NEEDED)
    origin = ("Origin", ORIGIN)
    body = basics.greeting(stage)
    await stage.post("streamed", {**body, "stream": True}, headers=(origin,))
    empty: list[Json] = []
    await stage.post("refused", {**body, "messages": empty}, headers=(origin,), illegal=True)
    if stage.thorough:
        await stage.post("plain", body, headers=(origin,))
        await stage.get("models", "/models", headers=(origin,))


async def _preflight(stage: Stage, step: str, headers: tuple[str, ...]) -> Exchange:
    return await stage.call(
        step,
        "OPTIONS",
        "/chat/completions",
        headers=(
            ("Origin", ORIGIN),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", ",".join(headers)),
        ),
        key="",
    )
