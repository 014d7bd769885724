"""`none` gives text, `required` a call, and `parallel_tool_calls: false` one call at most."""

from chatconform.suite import (
    BOTH_FORMS,
    PLAIN,
    Exchange,
    Play,
    check,
    invariant,
    provoked,
    read_answer,
)
from chatconform.suites.choice.outcomes import (
    SINGLE_WORDS,
    brings_several,
    has_a_call,
    one_at_most,
    only_text,
)
from chatconform.suites.choice.scenarios import none, one_at_a_time, required_against_the_prompt
from chatconform.suites.tools.forms import under_required
from chatconform.suites.tools.outcomes import TOOL_WORDS, calls_in, control_of
from chatconform.suites.tools.scenarios import three_cities


@check("CC-CHOICE-001", none, paths=BOTH_FORMS, feature=TOOL_WORDS)
def test_none_gives_text_and_no_call(play: Play) -> None:
    """With tool_choice none the answer is a text without calls, where auto brings one for the same prompt."""
    only_text(play.answer(play.part("answer", "none")))
    calls_in(control_of(play))


@check("CC-CHOICE-002", required_against_the_prompt, paths=BOTH_FORMS, feature=TOOL_WORDS)
def test_required_gives_a_call_against_the_prompt(play: Play) -> None:
    """With tool_choice required the answer has a tool call, though the prompt forbids it."""
    has_a_call(play.answer("call" if play.has("call") else "formatted"))


@invariant("CC-CHOICE-002", under_required, provoked_by=required_against_the_prompt)
def test_required_gives_a_call_whatever_is_asked(exchange: Exchange) -> None:
    """Whatever tools are offered and whatever is asked, required brings a call."""
    answer = read_answer(exchange)
    provoked(not answer.first.refusal, "the model refused", at=answer.first.at_text)
    provoked(answer.finish_reason != "content_filter", "the answer was filtered", at=answer.first.at_finish)
    has_a_call(answer)


@check("CC-CHOICE-007", one_at_a_time, paths=BOTH_FORMS, feature=SINGLE_WORDS)
def test_parallel_tool_calls_false_gives_one_call_at_most(play: Play) -> None:
    """With parallel_tool_calls false there is at most one call, where the same prompt else brings several."""
    one_at_most(play.answer("single"))

    brings_several(control_of(play))


@check("CC-CHOICE-011", three_cities, paths=(PLAIN,), feature=TOOL_WORDS)
def test_auto_may_be_written_out(play: Play) -> None:
    """tool_choice auto, the default beside tools, is accepted where it is written out."""
    play.answer(play.part("several", "auto"))
