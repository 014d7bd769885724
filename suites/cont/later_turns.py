"""A conversation of five turns: what the first told is asked for in the fifth, and every part is weighed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chatconform.errors import TargetError
from chatconform.suite import (
    BOTH_FORMS,
    USUAL_LIMIT,
    Body,
    Exchange,
    Json,
    Stage,
    conversation,
    prompt,
    scenario,
)
from chatconform.suites.cont.filler import ANSWER_LIMIT, Form, calibrate, loaded, weighted
from chatconform.suites.cont.history import assistant, is_declined, is_legal, own_message, user
from chatconform.suites.cont.places import (
    EARLIER_ANSWER,
    EARLIER_QUESTION,
    INSTRUCTIONS,
    LAST_QUESTION,
    LATER_PLACES,
    TOLD_STEPS,
    is_in_doubt,
    so_far,
)

KIND = "You are a kind assistant."
GREETED = assistant("Hello! How can I help you?")
# Between the first turn and the last: each is one question and its answer.
SMALL_QUESTIONS = conversation("small-questions").before[:4]
# What the assistant said last before the judged answer.
LAST_SAID = "Blue."


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """The conversation: under which role it is instructed (if any), what was told, and what was answered."""

    role: str
    told: str
    greeted: Body

    @property
    def plainer(self) -> Talk:
        """The same without what a server may refuse: the developers' role, and its own message as it came."""
        return replace(self, role="system", greeted=GREETED)

    @property
    def plainest(self) -> Talk:
        """The same without instructions, which some templates have no room for."""
        return replace(self.plainer, role="")

    def messages(self) -> list[Json]:
        """The conversation as it is asked."""
        return self._messages(KIND, self.told, "OK", prompt("locker-code-asked"))

    def weighted(self, *, form: Form) -> list[Json]:
        """The conversation with a weight on each place; three of the messages in the form that is told."""
        asked = prompt("locker-code-asked")
        return self._messages(
            # Who reads one part of the instructions reads the first.
            loaded(KIND, _place(INSTRUCTIONS), Form.STRING if form is Form.STRING else Form.WEIGHT_LAST),
            weighted(self.told, _place(EARLIER_QUESTION)),
            loaded("OK", _place(EARLIER_ANSWER), form),
            loaded(asked, _place(LAST_QUESTION), form),
        )

    def _messages(self, instructions: Json, told: str, ok: Json, asked: Json) -> list[Json]:
        instructed: list[Json] = [{"role": self.role, "content": instructions}] if self.role else []
        first = [*instructed, user(told), {"role": "assistant", "content": ok}]
        between: list[Json] = [user(prompt("greeting")), self.greeted, *SMALL_QUESTIONS]
        return [*first, *between, {"role": "user", "content": asked}]


@scenario(paths=BOTH_FORMS, requests=7)
async def later_turns(stage: Stage) -> None:
    """A code of the first turn, asked for in the fifth; the same with weights on its messages.

    The plain form is instructed by a system message, the streamed one by a developer message. The plain form
    also asks for the code in a chat of its own, before and after, for the same `user`. Weights stand in the
    last text part of their messages; in the streamed form in the first, but for the instructions. What is
    refused or weighs too much or too little is sent in a plainer form as well.
    """
    await calibrate(stage)
    told = prompt("locker-code-told").format(code=stage.code("code"))
    if stage.path.stream:
        await _talk(stage, Talk(role="developer", told=told, greeted=GREETED), {})
        return
    greeted = own_message(stage.exchanges[0]) or GREETED
    who = await _asked_alone(stage)
    await _talk(stage, Talk(role="system", told=told, greeted=greeted), who)
    await stage.post("after", _question(stage, who), fresh=True)


async def _talk(stage: Stage, talk: Talk, who: Body) -> None:
    for step, attempted in zip(TOLD_STEPS, (talk, talk.plainer, talk.plainest), strict=True):
        talk = attempted
        told = await _post(stage, step, talk.messages(), who)
        if not is_declined(told):
            break
    if stage.notes["code"] not in _text(stage, step):
        code = stage.notes["code"]
        at_once = user(prompt("locker-code-told-and-asked").format(code=code))
        await _post(stage, "at-once", [at_once], who)
    if told.response is None:
        return
    in_parts = Form.WEIGHT_FIRST if stage.path.stream else Form.WEIGHT_LAST
    for name, weighted_in in (("weighed", in_parts), ("weighed-strings", Form.STRING)):
        came = await _post(stage, name, talk.weighted(form=weighted_in), who, tokens=ANSWER_LIMIT)
        if came.response is None or not is_in_doubt(stage, step, name, LATER_PLACES):
            return


async def _asked_alone(stage: Stage) -> Body:
    """Ask in a chat of its own; returns the `user` of all chats, which a target may refuse to take."""
    who: Body = {"user": f"conformance-{stage.code('user')}"}
    if not is_declined(await stage.post("before", _question(stage, who))):
        return who
    await stage.post("before-nameless", _question(stage, {}))
    return {}


def _question(stage: Stage, who: Body) -> Body:
    return {**stage.request(messages=[user(prompt("locker-code-asked"))], temperature=0), **who}


async def _post(
    stage: Stage, step: str, messages: list[Json], who: Body, *, tokens: int = USUAL_LIMIT
) -> Exchange:
    body = stage.with_usage({**stage.request(messages=messages, tokens=tokens, temperature=0), **who})
    # The target's own message may break the contract, which is a rule of its own.
    return await stage.post(step, body, illegal=not is_legal(body))


def _text(stage: Stage, step: str) -> str:
    try:
        return so_far(stage).answer(step).text
    except TargetError:
        return ""


def _place(name: str) -> int:
    return LATER_PLACES.index(name)
