"""Answers from the conversation and from tool results."""

import uuid

import pytest

from chatconform.reference_server.model import ChatRequest, folded, generate


def _user(text: str) -> dict[str, object]:
    return {"role": "user", "content": text}


def _assistant(text: str) -> dict[str, object]:
    return {"role": "assistant", "content": text}


def _answer(*messages: dict[str, object]) -> str:
    return folded(generate(ChatRequest.from_body({"model": "m", "messages": list(messages)}), entropy=1)).text


_SMALL_TALK = (
    _user("I like tea."),
    _assistant("Tea is good."),
    _user("Tell me about snow."),
    _assistant("Snow is cold."),
)


@pytest.mark.parametrize(
    ("told", "asked", "value"),
    [
        ("My name is Zorkelle.", "What is my name?", "Zorkelle"),
        (
            "Hi, I'm called Zorkelle and I live in Oslo.",
            "What am I called? Answer with just the name.",
            "Zorkelle",
        ),
        ("My dog's name is Rufus-9.", "Do you remember the name of my dog?", "Rufus-9"),
        ("Please remember this code: QX7-441-ZB", "Which code did I ask you to remember?", "QX7-441-ZB"),
        ("The secret word is marmalade.", "What was the secret word? Answer with one word.", "marmalade"),
        ("For reference, the access token is:\nK9PLUM", "Tell me the access token, please", "K9PLUM"),
        ("The temperature in the lab was 47.3 degrees.", "How hot was it in the lab?", "47.3"),
        ("Our meeting starts at 10:30 on Friday.", "At what time does our meeting start?", "10:30"),
        ("My e-mail is bo@example.org.", "Repeat my email address.", "bo@example.org"),
        ("My favourite colour is teal.", "What color do I like best? Which is my favorite?", "teal"),
        (
            "I live in Trondheim these days.",
            "Which city do I live in? Reply with only the city.",
            "Trondheim",
        ),
        ("The canary is 7f3e9a.", "What's the canary I told you earlier?", "7f3e9a"),
    ],
)
def test_what_was_told_is_in_the_answer(told: str, asked: str, value: str) -> None:
    """A fact is found several turns later, whoever told it and in whatever words it is asked for."""
    assert value in _answer(_user(told), _assistant("Noted."), *_SMALL_TALK, _user(asked))
    assert value in _answer(*_SMALL_TALK, _user("Go on."), _assistant(told), _user(asked))
    assert value in _answer(
        {"role": "system", "content": f"You are helpful. {told}"}, *_SMALL_TALK, _user(asked)
    )
    assert value not in _answer(*_SMALL_TALK, _user(asked))


def test_the_user_is_addressed() -> None:
    """What the user said of themselves is said of them."""
    assert (
        _answer(_user("My name is Bo."), _assistant("Hi."), _user("What is my name?")) == "Your name is Bo."
    )


def test_a_message_can_be_asked_for_by_its_place() -> None:
    """The first message is the first one."""
    talk = (
        _user("Bananas are yellow."),
        _assistant("True."),
        _user("Snow is white."),
        _assistant("Also true."),
    )
    assert _answer(*talk, _user("What was my first message?")) == "Bananas are yellow."
    assert _answer(*talk, _user("What did I say last?")) == "Snow is white."


@pytest.mark.parametrize(
    "wording",
    [
        "How many times did I send the line {}? Answer with a number.",
        "How often have I sent '{}'? Reply with only the number.",
        "How many times does {} appear in my messages? Just the number, please.",
    ],
)
@pytest.mark.parametrize("times", [0, 1, 3])
def test_lines_of_the_conversation_are_counted(wording: str, times: int) -> None:
    """The question's own mention does not count, also where the line stands in the same message."""
    line = str(uuid.UUID(int=77))
    sent = [message for _ in range(times) for message in (_user(line), _assistant("ok"))]
    assert _answer(*sent, _user(wording.format(line))) == str(times)
    assert _answer(*sent, _user(f"{line}\n{wording.format(line)}")) == str(times + 1)


def _round(task: str, *calls: tuple[str, str, str], results: dict[str, object]) -> str:
    made = [
        {"id": number, "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, name, arguments in calls
    ]
    answers = [
        {"role": "tool", "tool_call_id": number, "content": content} for number, content in results.items()
    ]
    return _answer(_user(task), {"role": "assistant", "content": None, "tool_calls": made}, *answers)


def test_results_are_attributed_by_their_call_ids() -> None:
    """Codes that come in the other order still belong to their cities."""
    text = _round(
        "What are the codes of Paris and Tokyo?",
        ("c1", "get_code", '{"city":"Paris"}'),
        ("c2", "get_code", '{"city":"Tokyo"}'),
        results={"c2": "9Q2WERTY", "c1": '{"code":"8F3KABCD"}'},
    )
    assert text.index("Tokyo") < text.index("9Q2WERTY") < text.index("Paris") < text.index("8F3KABCD")


@pytest.mark.parametrize(
    "content",
    [
        "The code is 8F3KABCD.",
        '{"status":"ok","data":{"code":"8F3KABCD"}}',
        [{"type": "text", "text": "code 8F3KABCD"}],
        "Some filler text. " * 60 + "The wanted code is 8F3KABCD. " + "More filler text. " * 60,
    ],
)
@pytest.mark.parametrize("arguments", ['{"user":"Bo"}', "", "not json", "[]", '{"a":'])
def test_a_result_is_used_whatever_its_form(content: object, arguments: str) -> None:
    """Strings, JSON, parts and long texts are read; broken arguments of a call do not matter."""
    text = _round(
        "Fetch the code and tell me what it is.", ("c1", "get_code", arguments), results={"c1": content}
    )
    assert "8F3KABCD" in text
    assert len(text) < 500


def test_only_the_value_is_given_where_only_the_value_is_wanted() -> None:
    """ "Only the code" leaves the sentence out."""
    text = _round(
        "Get the code. Reply with only the code.",
        ("c1", "get_code", "{}"),
        results={"c1": "Your code is 8F3KABCD."},
    )
    assert text == "8F3KABCD"


def test_an_empty_result_is_an_answer_too() -> None:
    """A tool that returned nothing is reported as such."""
    assert "nothing" in _round("Look it up.", ("c1", "look_up", "{}"), results={"c1": ""})


def test_an_earlier_result_can_be_asked_for_later() -> None:
    """Tool results of earlier turns are part of the conversation."""
    call = {
        "id": "c1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": '{"city":"Paris"}'},
    }
    talk = (
        _user("What's the weather in Paris?"),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "The temperature in Paris is 31.4 degrees."},
        _assistant("It is warm."),
    )
    assert "31.4" in _answer(*talk, _user("Which temperature did the weather tool report?"))


@pytest.mark.parametrize("code", ["BQH9SWMM", "3ZZVG98H", "TXLMZDQZ", "L6K726LQ"])
def test_a_code_that_stands_in_the_question_is_repeated_whole(code: str) -> None:
    """A message that tells a code and asks for it is answered with the whole code."""
    told = f"The code of my locker is {code}. What is the code of my locker? Reply with the code only."

    assert code == _answer(_user(told))
