"""Answers where nothing else applies: greetings, well-known facts, and a polite sentence on the topic."""

import re

from chatconform.reference_server.model.drafts import Draft, Fixed, Slot, fixed
from chatconform.reference_server.model.prose import topic_of
from chatconform.reference_server.model.recall import said_back
from chatconform.reference_server.model.vocabulary import CAPITALS
from chatconform.reference_server.model.words import sentences, words

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|day|evening|afternoon)|greetings|hiya|howdy|yo"
    r"|hallo)\b(?: there| you| everyone| again)?[^\w?]*",
    re.IGNORECASE,
)
_FINE = re.compile(r"\bhow are you\b|\bhow's it going\b|\bhow do you do\b|\bwhat's up\b", re.IGNORECASE)
_THANKS = re.compile(
    r"^\W*(?:thanks|thank you|cheers|great|perfect|ok|okay|good|nice|cool|got it)\b[^?]{0,30}$", re.IGNORECASE
)
_WHO = re.compile(r"\b(?:who|what) are you\b|\byour name\b|\bwhich model\b", re.IGNORECASE)
_CAPITAL = re.compile(r"\bcapital(?: city)? of (?:the )?([A-Za-z ]+)", re.IGNORECASE)
_OF = re.compile(r"\b([A-Za-z ]+?)(?:'s) capital\b", re.IGNORECASE)
_FACTS: tuple[tuple[str, str, str], ...] = (
    (r"\bdays\b.*\bweek\b", "7", "A week has 7 days."),
    (r"\bmonths\b.*\byear\b", "12", "A year has 12 months."),
    (r"\bdays\b.*\byear\b", "365", "A year usually has 365 days."),
    (r"\bhours\b.*\bday\b", "24", "A day has 24 hours."),
    (r"\bminutes\b.*\bhour\b", "60", "An hour has 60 minutes."),
    (r"\bseconds\b.*\bminute\b", "60", "A minute has 60 seconds."),
    (r"\bletters\b.*\balphabet\b", "26", "The English alphabet has 26 letters."),
    (r"\bcolou?r\b.*\bsky\b|\bsky\b.*\bcolou?r\b", "blue", "The sky is blue on a clear day."),
    (r"\bcolou?r\b.*\bgrass\b", "green", "Grass is green."),
    (r"\bcontinents\b", "7", "There are 7 continents."),
    (r"\bplanets\b.*\b(?:solar|sun)\b", "8", "The solar system has 8 planets."),
    (r"\bfreez\w*\b.*\bwater\b|\bwater\b.*\bfreez", "0", "Water freezes at 0 degrees Celsius."),
    (r"\bboil\w*\b.*\bwater\b|\bwater\b.*\bboil", "100", "Water boils at 100 degrees Celsius at sea level."),
    (
        r"\blargest planet\b|\bbiggest planet\b",
        "Jupiter",
        "Jupiter is the largest planet of the solar system.",
    ),
    (r"\bclosest\b.*\bsun\b", "Mercury", "Mercury is the planet closest to the sun."),
    (r"\bsides\b.*\btriangle\b", "3", "A triangle has 3 sides."),
    (r"\blegs\b.*\bspider\b", "8", "A spider has 8 legs."),
)
_QUESTION = re.compile(r"\?|^\W*(?:what|who|why|how|where|when|which)\b", re.IGNORECASE)
_USUAL = (
    (_FINE, "I am doing well, thank you. How can I help you today?"),
    (_THANKS, "You are welcome. Is there anything else that I can do for you?"),
    (_WHO, "I am the reference model, a small rule-based assistant."),
)
_NOTED = (
    "Thank you for telling me:", "I have taken note of this:", "Understood:", "Good to know:", "I see:",
    "Very well, I will keep this in mind:", "That is clear to me now:", "Thanks, noted:",
)  # fmt: skip
_GLAD = (
    "I am glad to help with", "I will gladly help with", "Let us talk about", "Gladly: here is a start on",
    "Of course, let us begin with", "Certainly. I can say a few things on", "Yes, there is a lot in",
    "With pleasure. Let us turn to",
)  # fmt: skip
_OFFERS = (
    " Please let me know how I can help.", " What would you like to do next?", " Tell me if you need more.",
    " Which part matters most to you?", " I can go on whenever you like.", " Where shall we begin?",
    " Just say what you have in mind.", " A little more detail will help me to go on.",
)  # fmt: skip
_OPENINGS = (
    "That is a good question about", "Here is a short answer about", "There is much to say about",
    "People often ask about", "Let me think about", "I can say a little about", "It is worth asking about",
    "Here are some thoughts about",
)  # fmt: skip
_VIEWS = (
    " it depends on the details,", " there is more than one side to it,", " people see it in different ways,",
    " much of it is a question of taste,", " the answer changes from case to case,",
    " no short answer does it justice,", " some of it is still open,",
)  # fmt: skip
_GREETINGS = (
    " How can I help you today?", " What can I do for you today?", " How may I be of help?",
    " What brings you here?", " It is good to hear from you.", " What is on your mind?",
    " Where would you like to begin?", " I am ready when you are.",
)  # fmt: skip
_YES_NO = re.compile(r"\byes or no\b|\byes/no\b|\btrue or false\b", re.IGNORECASE)
_STATEMENT = re.compile(
    r".*\b(?:is|are|was|were|am|'m|have|has|had|will|like|love|live|work|want|need|called|remember|note)\b",
    re.IGNORECASE | re.DOTALL,
)
_FOREIGN = {
    "french": "Voici une courte réponse à propos de ceci : {topic}.",
    "spanish": "Aquí tiene una respuesta breve sobre esto: {topic}.",
    "german": "Hier folgt eine kurze Antwort zu diesem Thema: {topic}.",
    "italian": "Ecco una breve risposta su questo tema: {topic}.",
}


def fact(text: str) -> tuple[str, str] | None:
    """Return a well-known fact that a text asks for: the bare value and the sentence."""
    asked = _CAPITAL.search(text) or _OF.search(text)
    if asked:
        country = re.sub(r"\b(?:is|what|the|in|and|please)\b", "", asked[1].lower()).strip()
        if country in CAPITALS:
            return CAPITALS[country], f"The capital of {asked[1].strip()} is {CAPITALS[country]}."
    lowered = text.lower()
    return next(((value, told) for pattern, value, told in _FACTS if re.search(pattern, lowered)), None)


def small_talk(text: str, language: str = "") -> Draft:
    """Draft an answer to anything: short, polite, in English sentences, with the topic in it."""
    topic = topic_of(text)
    if language in _FOREIGN:
        return fixed(_FOREIGN[language].format(topic=topic or "…"))
    greeting = _GREETING.match(text)
    if greeting and len(words(text[greeting.end() :])) < 3:
        return _greeting(text)
    usual = next((told for asked, told in _USUAL if asked.search(text)), None)
    if usual is not None:
        return fixed(usual)
    return _on(text, topic)


def _on(text: str, topic: str) -> Draft:
    if _YES_NO.search(text):
        return _choice(("Yes", "No"))
    if not topic:
        return fixed("I am here and ready to help. What would you like to talk about?")
    return _unsure(topic) if _QUESTION.search(text) else _told(text, topic)


def _choice(options: tuple[str, ...]) -> Draft:
    yield Slot(options)


def _greeting(text: str) -> Draft:
    yield Fixed("Hello!" if not _FINE.search(text) else "Hello! I am doing well, thank you.")
    yield Slot(_GREETINGS)


def _told(text: str, topic: str) -> Draft:
    """Answer a statement by saying it back, and anything else by naming its topic."""
    statement = next(iter(sentences(text)), "")
    if _STATEMENT.match(statement) and len(statement) <= 160:
        yield Slot(_NOTED)
        yield Fixed(f" {said_back(statement).rstrip('.!')}.")
    else:
        yield Slot(_GLAD)
        yield Fixed(f" {topic}.")
    yield Slot(_OFFERS)


def _unsure(topic: str) -> Draft:
    yield Slot(_OPENINGS)
    yield Fixed(f" {topic}:")
    yield Slot(_VIEWS)
    yield Slot((" and I would need to know more to be exact.", " so please tell me a little more about it."))
