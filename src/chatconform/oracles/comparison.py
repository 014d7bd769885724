"""Compares what a client hands over with what the wire said. Pure; the definitions stand in docs/clients.md.

* same: everything is handed over, or what the wire reported is reported by the client's documented exception
* lossy: something is missing, and nothing that is there is false
* wrong: something is there that the wire did not say
* crash: any other exception
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, zip_longest

from chatconform.findings.reception import Difference, Outcome, worst
from chatconform.oracles.assembly import joined
from chatconform.oracles.reading import Call, Choice, Made, Raised, Reading, Report, Said, Tokens, ToldError
from chatconform.oracles.wire import lenient

_QUOTED = 60
_AT_MOST = 20
_FINISHED = {Report.LENGTH: "length", Report.FILTER: "content_filter"}

# The role of an answer can be no other, so that a client which fills it in says nothing false.
_ROLE = "assistant"


def compare(
    said: Said, made: Made, *, role_is_told: bool = True, usage_is_guessed: bool = False
) -> tuple[Outcome, tuple[Difference, ...]]:
    """How a client took what the wire said, and every difference.

    Without `role_is_told` the client has no place for a role, which is then no loss; with `usage_is_guessed`
    it counts by itself where the wire said nothing, as it is documented to.
    """
    if isinstance(made, Raised):
        return _raised(said, made)
    if usage_is_guessed and isinstance(said, Reading) and said.usage is None:
        made = replace(made, usage=None)
    found = tuple(islice(_read(said, made, role_is_told=role_is_told), _AT_MOST))
    return worst(each.outcome for each in found), found


def _raised(said: Said, made: Raised) -> tuple[Outcome, tuple[Difference, ...]]:
    if isinstance(said, ToldError):
        return _told(said, made)
    finished = _FINISHED.get(made.report)
    if finished is not None:
        if any(choice.finish_reason == finished for choice in said.choices):
            return Outcome.SAME, ()
        reasons = ", ".join(choice.finish_reason for choice in said.choices)
        return Outcome.WRONG, (_wrong("finish reason", _quoted(reasons), _quoted(finished)),)
    if said.cut and made.report in {Report.BREAK, Report.ERROR}:
        return Outcome.SAME, ()
    return Outcome.CRASH, ()


def _told(said: ToldError, made: Raised) -> tuple[Outcome, tuple[Difference, ...]]:
    """Whether an exception tells the error that the wire told."""
    if made.report is Report.STATUS:
        if said.by_status and made.status == said.status:
            return Outcome.SAME, ()
        return Outcome.WRONG, (_wrong("error", str(said), f"status {made.status}"),)
    if made.report is Report.ERROR:
        if not said.by_status:
            return Outcome.SAME, ()
        return Outcome.LOSSY, (_lost("status of the error", str(said.status)),)
    return Outcome.CRASH, ()


def _read(said: Said, made: Reading, *, role_is_told: bool) -> Iterator[Difference]:
    if isinstance(said, ToldError):
        yield _wrong("error", str(said), "an answer")
        return
    if said.cut:
        yield _lost("break of the connection", said.cut)
    for n, (wire, client) in enumerate(zip_longest(said.choices, made.choices)):
        if client is None:
            yield from _choice_lost(n, wire)
        elif wire is None:
            yield _wrong("choice", "", f"number {n + 1}")
        else:
            yield from _choice(wire, client, role_is_told=role_is_told)
    yield from _usage(said.usage or Tokens(), made.usage or Tokens())


def _choice_lost(n: int, wire: Choice) -> Iterator[Difference]:
    if n:
        yield _lost("choice", f"number {n + 1}")
    else:
        # All that there is of it is named, so that an empty one is no loss.
        yield from _choice(wire, Choice(role=wire.role), role_is_told=False)


def _choice(wire: Choice, client: Choice, *, role_is_told: bool) -> Iterator[Difference]:
    if role_is_told and client.role and client.role != (wire.role or _ROLE):
        yield _wrong("role", _quoted(wire.role), _quoted(client.role))
    elif role_is_told and wire.role and not client.role:
        yield _lost("role", _quoted(wire.role))
    yield from _text("text", wire.text, client.text)
    yield from _text("refusal", wire.refusal, client.refusal)
    for one, other in _aligned(wire.calls, client.calls):
        yield from _call("tool call", one, other)
    yield from _call("function call", wire.function, client.function)
    yield from _value("finish reason", wire.finish_reason, client.finish_reason)


def _text(what: str, wire: str, client: str) -> Iterator[Difference]:
    client = joined(client)
    if client == wire:
        return
    if _is_part(client, wire):
        yield _lost(f"part of the {what}" if client else what, _quoted(wire))
    else:
        yield _wrong(what, _quoted(wire), _quoted(client))


def _is_part(part: str, whole: str) -> bool:
    """Whether a text is what is left of another when some of it is taken out."""
    rest = iter(whole)
    return len(part) < len(whole) and all(character in rest for character in part)


def _aligned(wire: tuple[Call, ...], client: tuple[Call, ...]) -> list[tuple[Call | None, Call | None]]:
    """Each call beside itself: by its id where some are merely left out, else by its place."""
    kept = list(client)
    pairs: list[tuple[Call | None, Call | None]] = [
        (call, kept.pop(0) if kept and kept[0].id == call.id else None) for call in wire
    ]
    return list(zip_longest(wire, client)) if kept else pairs


def _call(what: str, wire: Call | None, client: Call | None) -> Iterator[Difference]:
    if wire is None and client is None:
        return
    if client is None:
        yield _lost(what, wire.name if wire else "")
    elif wire is None:
        yield _wrong(what, "", client.name or client.id or "without a name")
    else:
        yield from _value(f"{what} id", wire.id, client.id)
        yield from _value(f"{what} name", wire.name, client.name)
        yield from _arguments(f"{what} arguments", wire.arguments, client.arguments)


def _arguments(what: str, wire: str, client: str) -> Iterator[Difference]:
    if client == wire or _is_same_json(wire, client):
        return
    if wire.startswith(client):
        yield _lost(f"end of the {what}" if client else what, _quoted(wire))
    else:
        yield _wrong(what, _quoted(wire), _quoted(client))


def _is_same_json(wire: str, client: str) -> bool:
    """Whether two arguments mean the same; some clients parse them, and none at all are an empty object."""
    one, other = (lenient(text.strip() or "{}") for text in (wire, client))
    return one is not None and one == other


def _value(what: str, wire: str, client: str) -> Iterator[Difference]:
    if client == wire:
        return
    yield _wrong(what, _quoted(wire), _quoted(client)) if client else _lost(what, _quoted(wire))


def _usage(wire: Tokens, client: Tokens) -> Iterator[Difference]:
    if wire != Tokens() and client == Tokens():
        yield _lost("usage", "")
        return
    for what, one, other in (
        ("prompt tokens", wire.prompt, client.prompt),
        ("completion tokens", wire.completion, client.completion),
    ):
        yield from _counts(what, one, other)
    # A client may add up a total that the wire left out.
    if wire.total is not None:
        yield from _counts("total tokens", wire.total, client.total)


def _counts(what: str, wire: int | None, client: int | None) -> Iterator[Difference]:
    if client is None and wire is not None:
        yield _lost(what, str(wire))
    elif client != wire:
        yield _wrong(what, "" if wire is None else str(wire), str(client))


def _lost(what: str, wire: str) -> Difference:
    return Difference(what=what, outcome=Outcome.LOSSY, wire=_cut(wire), client="")


def _wrong(what: str, wire: str, client: str) -> Difference:
    return Difference(what=what, outcome=Outcome.WRONG, wire=_cut(wire), client=_cut(client))


def _quoted(text: str) -> str:
    return repr(_cut(text)) if text else ""


def _cut(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"
