"""Every parameter of a generation, in values that nobody sets by himself."""

from __future__ import annotations

from chatconform.suite import Body
from chatconform.suites.gate.conversations import TOOL, TOOLS

# What can stand together in one request, each with what has to stand beside it.
SAMPLING: dict[str, Body] = {
    "temperature": {"temperature": 0.37},
    "top_p": {"top_p": 0.83},
    "seed": {"seed": 70921},
    "frequency_penalty": {"frequency_penalty": 0.21},
    "presence_penalty": {"presence_penalty": -0.19},
    "logit_bias": {"logit_bias": {"1734": -3}},
    "stop": {"stop": ["QXJ", "§§§"]},
    "max_completion_tokens": {"max_completion_tokens": 217},
    "n": {"n": 2},
    "logprobs": {"logprobs": True, "top_logprobs": 3},
    "response_format": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "greeting",
                "description": "A greeting.",
                "schema": {
                    "type": "object",
                    "properties": {
                        "greeting": {"type": "string", "description": "The greeting itself"},
                        "language": {"type": "string", "enum": ["English", "Español", "日本語"]},
                    },
                    "required": ["greeting", "language"],
                    "additionalProperties": False,
                },
                "strict": True,
            },
        }
    },
    "tools": {"tools": [*TOOLS], "tool_choice": "none", "parallel_tool_calls": False},
}
# Other forms of the same, which cannot stand beside them, and what only labels a request.
OTHERS: dict[str, Body] = {
    "max_tokens": {"max_tokens": 219},
    "stop": {"stop": "QXJ"},
    "response_format": {"response_format": {"type": "json_object"}},
    "tools": {
        "tools": [*TOOLS],
        "tool_choice": {"type": "function", "function": {"name": TOOL}},
        "parallel_tool_calls": True,
    },
}
LABELS: dict[str, Body] = {
    "user": {"user": "conformance-user-4711"},
    "metadata": {"metadata": {"purpose": "conformance", "room": "blue"}},
    "store": {"store": False},
    "service_tier": {"service_tier": "auto"},
    "safety_identifier": {"safety_identifier": "conformance-4711"},
    "prompt_cache_key": {"prompt_cache_key": "conformance-4711"},
    "reasoning_effort": {"reasoning_effort": "low"},
    "verbosity": {"verbosity": "low"},
}
# The names of all of them, by which a clean refusal may name what it refuses.
NAMES = tuple(dict.fromkeys(name for parts in (SAMPLING, OTHERS) for part in parts.values() for name in part))
LABEL_NAMES = tuple(LABELS)
# What is the same as leaving a parameter out.
NEUTRAL: Body = {
    "temperature": 1,
    "top_p": 1,
    "n": 1,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
    "seed": None,
    "stop": [],
    "logprobs": False,
    "top_logprobs": 0,
    "response_format": {"type": "text"},
    "tools": [],
    "tool_choice": "none",
}


def whole(*groups: dict[str, Body]) -> Body:
    """All members of some groups together."""
    return {name: value for group in groups for part in group.values() for name, value in part.items()}
