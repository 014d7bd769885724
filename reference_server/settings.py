"""What an operator can choose about one reference server; nothing here is read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class UnknownParameters(Enum):
    """What happens to a request member that the contract does not know."""

    REFUSE = "refuse"
    IGNORE = "ignore"


class BlockedPrompts(Enum):
    """How a request is answered whose prompt the content filter blocks: both are found among vendors."""

    REFUSE = "refuse"
    FINISH = "finish"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One entry of the model list.

    Attributes:
        created: Unix seconds of the model's own date: constant, never the clock.
        chat: Whether the model answers chat completions; the others are listed and refused there.
    """

    id: str
    created: int = 1_767_225_600  # 2026-01-01
    owned_by: str = "chatconform"
    chat: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long the model takes, in seconds: before its first token, and for each token."""

    first_token: float = 0.0
    token: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """At most `requests` in each window of `seconds`, counted for each key on its own."""

    requests: int
    seconds: float


# What a text in a question brings about, by the words of the ledger's needs,
# and the setting that has the text.
TRIGGERS: Mapping[str, str] = {
    "filter-trigger": "filter_trigger",
    "model-refuses": "refusal_trigger",
    "fault-injection": "failure_trigger",
    "truncation": "truncation_trigger",
    "outage": "outage_trigger",
    "overload": "overload_trigger",
    "stall": "stall_trigger",
    "hiccup": "hiccup_trigger",
}

DEFAULT_MODELS = (
    ModelCard(id="reference-1"),
    ModelCard(id="reference/slash-1"),
    ModelCard(id="reference-embedding-1", chat=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One server's behaviour beside the contract.

    Attributes:
        base_path: What stands before the contract's paths in a URL, without a slash at its end.
        keys: The accepted bearer keys; without any, every request is served.
        context_length: The longest prompt, in tokens of the model.
        body_limit: The longest request body, in bytes.
        ping_seconds: How long a stream may be silent before a keep-alive comment; 0 for one at its start, as
            servers send that queue requests; None for never.
        cors: Whether browsers of every origin may call.
        gzip: Whether responses are compressed for clients that ask for it.
        filter_trigger: A text that the content filter cuts answers at, and blocks in user messages; None for
            no filter.
        blocked_prompts: Whether a blocked prompt is refused (400), or answered with `content_filter` alone.
        refusal_trigger: A text in the last user message that makes the model decline.
        failure_trigger: A text in the last user message that makes the generation fail after its beginning.
        truncation_trigger: A text in the last user message that makes the connection break off within the
            response.
        outage_trigger: A text in the last user message that is answered 503, as if nobody were there.
        overload_trigger: A text in the last user message that is answered 429 with Retry-After.
        stall_trigger: A text in the last user message that makes the response fall silent in its middle.
        stall_seconds: How long a silent connection stays open before it breaks off.
        hiccup_trigger: A text in the last user message that is answered 503 when a conversation comes for the
            first time, and served when it comes again; a third time counts as the first.
        scrub: The kinds of personal data that are masked in all messages before the model gets them.
        retries: How often a request that was answered 503 is handled again, as a gateway would send it again.
        record: The file that keeps the body of every chat request; None for none.
        single_slot: Whether one generation at a time goes on, and the others wait.
        faults: The ids of the faults that every request meets.
        check_responses: Whether each response is held against the contract before it is sent; one that
            breaks it becomes a 500. For tests: it costs about as much as the rest of a request.
    """

    base_path: str = "/v1"
    keys: tuple[str, ...] = field(default=(), repr=False)
    models: tuple[ModelCard, ...] = DEFAULT_MODELS
    context_length: int = 8192
    unknown_parameters: UnknownParameters = UnknownParameters.REFUSE
    body_limit: int = 4 * 1024 * 1024
    rate_limit: RateLimit | None = None
    pace: Pace = Pace()
    ping_seconds: float | None = None
    cors: bool = True
    gzip: bool = False
    filter_trigger: str | None = None
    blocked_prompts: BlockedPrompts = BlockedPrompts.REFUSE
    refusal_trigger: str | None = None
    failure_trigger: str | None = None
    truncation_trigger: str | None = None
    outage_trigger: str | None = None
    overload_trigger: str | None = None
    stall_trigger: str | None = None
    stall_seconds: float = 5.0
    hiccup_trigger: str | None = None
    scrub: tuple[str, ...] = ()
    retries: int = 0
    record: Path | None = None
    single_slot: bool = False
    faults: tuple[str, ...] = ()
    check_responses: bool = False

    @property
    def triggers(self) -> Mapping[str, str]:
        """The texts that bring something about, by the words of what they bring about."""
        named = {word: getattr(self, name) for word, name in TRIGGERS.items()}
        return {word: text for word, text in named.items() if text}

    def model(self, name: str) -> ModelCard | None:
        """Return the model with this id, if it is served."""
        return next((card for card in self.models if card.id == name), None)
