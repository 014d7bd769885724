"""`n` choices, and what the defaults change."""

from chatconform.suite import Play, at_json, at_status, check, expect
from chatconform.suites.sample.scenarios import documented_defaults, several_choices


@check("CC-SAMPLE-005", several_choices, feature="n")
def test_n_choices_come_with_their_indices(play: Play) -> None:
    """With n above 1 there are n choices, numbered from 0."""
    for step, wanted in (("two", 2), ("three", 3)):
        answer = play.answer(step)
        found = [choice.index for choice in answer.choices]
        expect(
            found == list(range(wanted)),
            f"{wanted} choices with the indices {list(range(wanted))}, or a 400",
            came=f"{len(found)} with the indices {found}",
            at=answer.choices[-1].at_text,
        )


@check("CC-SAMPLE-009", documented_defaults)
def test_writing_the_defaults_out_changes_no_shape(play: Play) -> None:
    """A request with every documented default written out is answered like one without them."""
    silent, written = play.response("silent"), play.response("written-out")

    expect(
        written.status == silent.status == 200,
        "200 for both",
        came=written.status,
        at=at_status(play["written-out"]),
    )
    keys = [sorted(body) if isinstance(body := response.json, dict) else [] for response in (silent, written)]
    expect(
        keys[0] == keys[1],
        f"the members {', '.join(keys[0])}",
        came=keys[1],
        at=at_json(play["written-out"], ""),
    )
