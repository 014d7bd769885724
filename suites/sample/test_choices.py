"""`n` choices, and what the defaults change."""

from chatconform.suite import PLAIN, STREAMED, Exchange, Play, Response, at_json, at_status, check, expect
from chatconform.suites.sample.samples import N, expect_choices, expect_few_choices
from chatconform.suites.sample.scenarios import hot_words, narrow_story, written_out
from chatconform.suites.wire import as_list, as_object, measured

# What a message has depends on the text, not on the parameters.
TEXTS = ("content", "reasoning", "reasoning_content", "refusal")


@check("CC-SAMPLE-005", hot_words, control=narrow_story, paths=(PLAIN, STREAMED), feature=N)
def test_n_choices_come_with_their_indices(play: Play) -> None:
    """With n above 1 there are n choices, numbered from 0."""
    expect_choices(play)
    expect_few_choices(play.comparison)


@check("CC-SAMPLE-009", written_out)
def test_writing_the_defaults_out_changes_no_shape(play: Play) -> None:
    """A request with every documented default written out is accepted, and answered in the same shape."""
    play.answer("control")
    step = play.part("written-out", "defaults")
    response = measured(play, step)
    expect(response.status == 200, "200", came=response.status, at=at_status(play[step]))

    for name, silent in _shape(play["control"]).items():
        written = _shape(play[step])[name]
        expect(
            silent == written,
            f"the members {', '.join(sorted(silent))} in {name}",
            came=", ".join(sorted(written)),
            at=at_json(play[step], ""),
        )


def _shape(exchange: Exchange) -> dict[str, set[str]]:
    """The members of a completion, its first choice and its message; null and empty ones count as none."""
    body = as_object(exchange.response.json) if isinstance(exchange.response, Response) else {}
    choice = as_object(next(iter(as_list(body.get("choices"))), None))
    holders = {"the answer": body, "the choice": choice, "the message": as_object(choice.get("message"))}
    return {
        name: {key for key, value in holder.items() if key not in TEXTS and value not in (None, "", [], {})}
        for name, holder in holders.items()
    }
