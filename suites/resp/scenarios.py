"""Ordinary chats, with nothing but a model, messages and a limit: the control of many other scenarios."""

from chatconform.suite import ALL_PATHS, BOTH_FORMS, USUAL_LIMIT, Stage, Turn, prompt, scenario

# Ten times what any model needs for one word, visible reasoning aside.
WORD_LIMIT = 256


@scenario(paths=ALL_PATHS)
async def greeting(stage: Stage) -> None:
    """A short question with no parameter at all on a first turn; on later ones a limit bounds the cost."""
    tokens = None if stage.path.turn is Turn.FIRST else USUAL_LIMIT
    await stage.post("answer", stage.chat(prompt("greeting"), tokens=tokens))


@scenario(paths=BOTH_FORMS)
async def one_word(stage: Stage) -> None:
    """A question whose answer ends by itself long before the limit."""
    await stage.post("answer", stage.chat(prompt("one-word"), temperature=0, tokens=WORD_LIMIT))
