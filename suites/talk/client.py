"""A client that holds one conversation: it talks, has tools called, and hands their results back."""

from __future__ import annotations

from chatconform.suite import Answer, Body, Exchange, Json, prompt, read_answer
from chatconform.suites.cont.history import assistant, calling
from chatconform.suites.pairs import if_readable
from chatconform.suites.talk.asking import (
    ANY_CALL,
    NAMED_CALL,
    NO_CALL,
    ONE_CALL,
    QUESTIONS,
    SEVERAL_CALLS,
    Form,
    in_form,
    instructed,
    opening,
    request,
    returned,
    said,
)
from chatconform.suites.talk.line import Line
from chatconform.suites.talk.manners import Manner, Repeat, Results, Tools


class RuleBroken(Exception):
    """A conversation broke a rule; shorter ones that break it too are looked for."""


class Client:
    """Begins a conversation on a line under a role for its instructions, or none, with a code of its own.

    It raises `RuleBroken` as soon as a rule is, and says nothing more once it got no answer to go on from.
    """

    def __init__(self, line: Line, *, role: str, code: int) -> None:
        self._line = line
        self._messages = instructed(role)
        self._code = line.codes[code]
        self._is_over = False
        self._said = 0

    def says(self, form: Form, manner: Manner) -> None:
        """The user says something that is answered in text."""
        self._go_on([self._user(QUESTIONS[self._said % len(QUESTIONS)], form)], NO_CALL, manner)

    def has_called(self, tools: Tools, form: Form, manner: Manner, results: Results, then: Manner) -> None:
        """The user asks for what tools tell, and the results of all calls are handed back."""
        asked = self._user(SEVERAL_CALLS if tools.several else ONE_CALL, form)
        answer = self._go_on([asked], NAMED_CALL if tools.named else ANY_CALL, manner)
        if answer is None or not answer.tool_calls:
            return
        told = [returned(call.id, call.name, in_parts=results.in_parts) for call in answer.tool_calls]
        self._go_on(told[::-1] if results.reversed else told, NO_CALL, then)

    def _user(self, name: str, form: Form) -> Json:
        text = prompt(name)
        self._said += 1
        return said(text if self._said > 1 else opening(self._code, text), form)

    def _go_on(self, more: list[Json], choice: Json, manner: Manner) -> Answer | None:
        """Send what was said until now and this, and keep the answer; nothing where there is none."""
        if self._is_over:
            return None
        self._messages += more
        body = request(self._line.stage, [*self._messages], choice=choice, streamed=manner.streamed)
        answer = self._kept(self._ask(body))
        if answer is not None and manner.repeat is not Repeat.NEVER:
            streamed = manner.streamed is (manner.repeat is Repeat.AGAIN)
            self._ask(in_form(self._line.stage, body, streamed=streamed))
        return answer

    def _ask(self, body: Body) -> Exchange:
        exchange = self._line.ask(body)
        broken = self._line.broken_rule()
        if broken:
            raise RuleBroken(broken)
        return exchange

    def _kept(self, exchange: Exchange) -> Answer | None:
        answered = exchange.response is not None and exchange.response.status == 200
        answer = if_readable(read_answer, exchange) if answered else None
        self._is_over = answer is None or not (answer.tool_calls or answer.text)
        if answer is None or self._is_over:
            return None
        said_back = calling(*answer.tool_calls) if answer.tool_calls else assistant(answer.text)
        self._messages.append(said_back)
        return answer
