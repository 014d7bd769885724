"""Stop sequences, each beside the same request without them."""

from chatconform.suite import ALL_PATHS, BOTH_FORMS, Stage, prompt, scenario

# Any English text has one of these letters, so no cooperative model is needed.
VOWELS = ("e", "a", "i", "o")


@scenario(paths=ALL_PATHS, requests=2)
async def vowels(stage: Stage) -> None:
    """One English sentence, then the same question with four vowels as stop sequences."""
    body = stage.chat(prompt("rivers-sentence"), temperature=0)
    await stage.post("control", body)
    await stage.post("stopped", {**body, "stop": list(VOWELS)})


@scenario(paths=BOTH_FORMS, requests=2)
async def word_in_a_count(stage: Stage) -> None:
    """A count to ten in words, then the same with ` five` as the one stop sequence, given as a string."""
    body = stage.chat(prompt("count-to-ten"), temperature=0)
    await stage.post("control", body)
    await stage.post("stopped", {**body, "stop": " five"})
