"""Expectations that many checks share, so that they are worded and evidenced alike."""

from __future__ import annotations

from chatconform.findings.answer import Answer
from chatconform.findings.evidence import at_status
from chatconform.findings.finding import expect, provoked
from chatconform.judging.judge import names_any
from chatconform.plays.play import Play

# The official document says nothing of the status that answers an invalid request; 422 is what many
# frameworks send, and clients treat it alike.
REFUSAL = (400, 422)


def expect_finish(answer: Answer, *reasons: str) -> None:
    """The first choice ended with one of these finish reasons; that it has none is judged elsewhere."""
    # CC-RESP-006 and CC-STREAM-011 fail for it, once for all requests.
    provoked(answer.finish_reason, "the answer has no finish reason", at=answer.first.at_finish)
    expect(
        answer.finish_reason in reasons,
        f"finish_reason {' or '.join(reasons)}",
        came=answer.finish_reason,
        at=answer.first.at_finish,
    )


def expect_refused(play: Play, step: str, *words: str, statuses: tuple[int, ...] = REFUSAL) -> None:
    """The step was refused with one of the statuses, and the error names one of the words (if any)."""
    response, at = play.response(step), at_status(play[step])
    told = " or ".join(str(status) for status in statuses)
    expect(response.status in statuses, f"a refusal of {step!r} with {told}", came=response.status, at=at)
    if words:
        expect(names_any(response, words), f"an error that names {' or '.join(words)}", came=at.quoted, at=at)


def expect_no_server_failure(play: Play, step: str) -> int:
    """The step was not answered with a 5xx; returns the status."""
    status = play.response(step).status
    expect(status < 500, "a status below 500", came=status, at=at_status(play[step]))
    return status
