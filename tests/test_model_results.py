"""Tool results answer the task that they bear on, and no other."""

from typing import Any

from chatconform.reference_server.model import ChatRequest
from chatconform.reference_server.model.answers import answer_text


def _after_the_date(task: str) -> str:
    call = {"id": "c1", "type": "function", "function": {"name": "get_current_date", "arguments": "{}"}}
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": task},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": '{"date": "2026-03-14"}'},
    ]
    return answer_text(ChatRequest.from_body({"model": "m", "messages": messages}))


def test_a_story_stays_a_story_after_an_unrelated_result() -> None:
    """A result that has nothing to do with the task is passed over."""
    text = _after_the_date("Write a story of 200 words about a lighthouse keeper.")

    assert len(text.split()) > 100
    assert "2026-03-14" not in text


def test_a_result_that_bears_on_the_task_answers_it() -> None:
    """A question for what the tool told is answered with it."""
    assert "2026-03-14" in _after_the_date("Which date is today?")


def test_a_result_answers_where_nothing_else_does() -> None:
    """A task that no other kind of answer fits is answered with the result."""
    assert "2026-03-14" in _after_the_date("Go ahead.")
