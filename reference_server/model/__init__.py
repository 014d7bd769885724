"""The deterministic model behind the reference server: a small rule-based writer that follows instructions.

It knows no prompt. It knows kinds of instruction, in any wording of the kind, and takes what it says from the
conversation, from the schemas, and from a small vocabulary. `generate` yields pieces, lazily; `folded` puts
them together; `prompt_tokens` counts the prompt.

What decides the answer, in this order:

1. The content filter's trigger in a user message: nothing is written, `content_filter`.
2. The refusal's trigger in the last user message: a sentence that declines, whatever else is asked for.
3. Tool calls (`calls`): which, how many, with which arguments; `schema` fills any JSON Schema of the usual
   subset from `hints` of the conversation. With calls there is no text, whatever the response format.
4. A JSON format (`objects`): one object with the keys that the prompt names or `answer`, or a value of the
   schema, whatever the prompt says.
5. Text (`answers`): a standing order of the instructions ("always reply with X"); tool results that came
   after the last user message (`results`), each with its call's arguments; then the first of these that the
   last user message asks for: repeat many times or for ever, tally ("how many times did I send"), count,
   recite the alphabet (`sequences`, `tallies`), put pieces together (`spelling`), say exactly (`echoes`),
   pick at random (`chance`), do a sum (`arithmetic`), list (`listing`), write about a topic at a length
   (`prose`), answer from the conversation (`recall`), a well-known fact; else a short polite sentence on the
   topic (`small_talk`). `directives` (end or start with a word, upper case, a language, only the value) shape
   the result.

How the parameters act:

- `max_completion_tokens`, `max_tokens`: the stricter bounds the sampled tokens of text and of calls (one for
  a call's start and those of its arguments); without either, 16384. `length` is reported only where something
  was cut. The end of the text costs no token, the tokens of a stop string do.
- `stop`: any number of strings; text before the one that is complete first, wherever tokens begin (`gate`).
  Arguments of calls are not searched.
- `temperature`, `top_p`, `seed`, penalties, `logit_bias`, `logprobs`: see `sampling`. Determined text lies so
  far ahead that temperature leaves it alone; JSON and arguments are constrained, so nothing moves them; open
  text (stories, lists, picks, courtesies) varies. A token that a bias forces takes the place of every other,
  that of the text's end too, so it comes until a limit cuts the answer. Penalties move repetitions in what is
  written at length or for want of something better (prose, "say it again"), and leave determined text alone.
- `n`: each choice draws for itself. `tool_choice`, `parallel_tool_calls`: see `calls`. The finish reason of
  calls is always `tool_calls` (of the camps for a named choice, the one that says what happened), and
  `function_call` for the deprecated functions, which have room for a single call.
- `reasoning_effort`, `verbosity`, `prediction`, `modalities`, `audio` and the like change nothing.

Tokens: see `tokens`; their ids: see `token_ids`; the counting of prompts: see `usage`.
"""

from chatconform.reference_server.model.folding import Written, WrittenCall, folded
from chatconform.reference_server.model.generation import Triggers, generate
from chatconform.reference_server.model.messages import Message, Role, ToolCall
from chatconform.reference_server.model.pieces import (
    Alternative,
    CallKind,
    Finish,
    FinishReason,
    Piece,
    RefusalText,
    Text,
    Token,
    ToolCallArguments,
    ToolCallStart,
)
from chatconform.reference_server.model.request import (
    MAX_OUTPUT_TOKENS,
    ChatRequest,
    Format,
    Tool,
    ToolChoice,
    ToolMode,
)
from chatconform.reference_server.model.token_ids import token_bytes, token_id
from chatconform.reference_server.model.tokens import encode
from chatconform.reference_server.model.usage import prompt_tokens

__all__ = [
    "MAX_OUTPUT_TOKENS",
    "Alternative",
    "CallKind",
    "ChatRequest",
    "Finish",
    "FinishReason",
    "Format",
    "Message",
    "Piece",
    "RefusalText",
    "Role",
    "Text",
    "Token",
    "Tool",
    "ToolCall",
    "ToolCallArguments",
    "ToolCallStart",
    "ToolChoice",
    "ToolMode",
    "Triggers",
    "Written",
    "WrittenCall",
    "encode",
    "folded",
    "generate",
    "prompt_tokens",
    "token_bytes",
    "token_id",
]
