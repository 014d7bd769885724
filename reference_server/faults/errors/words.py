"""Faults in what an error tells: too little to act on, or what nobody outside should learn."""

from __future__ import annotations

from collections.abc import Mapping

from chatconform.reference_server.faults.alterations.making import error, setting, stream
from chatconform.reference_server.faults.alterations.responses import PAGE
from chatconform.reference_server.faults.fault import Aspect, Fault, family
from chatconform.reference_server.seams import Alteration, Chunks

fault = family(Aspect.ERRORS)
# What refuses, and for what, cannot be seen any more either.
mute = family(Aspect.ERRORS, Aspect.REFUSALS)

_PYTHON = 'Traceback (most recent call last):\n  File "/srv/app/server.py", line 31, in handle\nKeyError: 0'
_FRAME = 'KeyError in File "/srv/app/server.py", line 31'
_TRACES: Mapping[str, tuple[str, str]] = {
    "python": ("a Python traceback", _PYTHON),
    "python-frame": ("a frame of Python", _FRAME),
    "javascript": (
        "a JavaScript stack",
        "TypeError: no such key\n    at Server.handle (/srv/app/server.js:31:7)",
    ),
    "go": ("a panic of Go", "panic: runtime error\n\ngoroutine 18 [running]:\nmain.handle()"),
    "path": ("a path into an installation", "/usr/lib/python3/site-packages/engine/core.py: KeyError"),
}
_ADDRESSES: Mapping[str, str] = {
    "loopback": "http://127.0.0.1:11434/api/chat",
    "localhost": "http://localhost:8000/v1",
    "ten-net": "http://10.0.3.7:8000/v1",
    "home-net": "https://192.168.1.20/v1",
    "middle-net": "http://172.20.0.4:9000/generate",
    "cluster": "http://vllm.prod.svc:8000/v1",
    "internal-name": "https://llm.corp.internal/v1",
}
_PAGES: Mapping[str, str] = {
    "doctype": PAGE,
    "html": "upstream said: <html><head><title>502</title></head></html>",
    "heading": "502: <center><h1>Bad Gateway</h1></center>",
}


def _in_messages(told: str) -> Alteration:
    return error(lambda found: found.update(message=f"{found.get('message')} ({told})"))


def _in_member(told: str) -> Alteration:
    return error(setting(debug=told))


def _in_events(told: str) -> Alteration:
    """The error with which a stream fails tells this."""

    async def tell(chunks: Chunks) -> Chunks:
        async for chunk in chunks:
            failure = chunk.get("error")
            yield {**chunk, "error": {**failure, "message": told}} if isinstance(failure, dict) else chunk

    return stream(tell)


ALL: tuple[Fault, ...] = (
    *(
        fault(
            f"trace-in-message-{name}",
            f"The message of an error has {what}.",
            _in_messages(told),
            kills="CC-ERR-005",
        )
        for name, (what, told) in _TRACES.items()
    ),
    *(
        fault(
            f"trace-in-member-{name}",
            f"A further member of an error has {what}.",
            _in_member(told),
            kills="CC-ERR-005",
        )
        for name, (what, told) in _TRACES.items()
    ),
    fault(
        "trace-in-event",
        "The error event of a stream that fails has a stack trace.",
        _in_events(_PYTHON),
        kills="CC-ERR-005",
        seen_in="BerriAI/litellm#3253",
    ),
    *(
        fault(
            f"address-in-message-{name}",
            f"An error quotes the address of its upstream: {address}.",
            _in_messages(f"{address} refused the connection"),
            kills="CC-ERR-018",
        )
        for name, address in _ADDRESSES.items()
    ),
    fault(
        "address-in-member",
        "A further member of an error has the address of its upstream.",
        _in_member(_ADDRESSES["cluster"]),
        kills="CC-ERR-018",
    ),
    fault(
        "address-in-event",
        "The error event of a stream that fails has the address of its upstream.",
        _in_events(f"{_ADDRESSES['loopback']} is down"),
        kills="CC-ERR-018",
    ),
    *(
        fault(
            f"page-in-message-{name}",
            "The error page of an upstream becomes the message.",
            error(setting(message=page)),
            kills="CC-ERR-014",
        )
        for name, page in _PAGES.items()
    ),
    mute(
        "refusals-mute",
        "Every bad request is refused with the words Bad Request.",
        error(setting(message="Bad Request", param=None, code=None)),
        kills="CC-ERR-017 CC-ERR-004",
    ),
    mute("param-null", "`param` is always null.", error(setting(param=None)), kills="CC-ERR-004"),
    mute("param-body", "`param` is always `body`.", error(setting(param="body")), kills="CC-ERR-004"),
    mute(
        "param-missing",
        "No error has a `param`.",
        error(lambda found: {name: value for name, value in found.items() if name != "param"}),
        kills="CC-ERR-004",
        seen_in="getumbrel/llama-gpt#113",
    ),
)
