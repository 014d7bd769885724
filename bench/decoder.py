"""What decoding an event stream costs beside reading its JSON, and beside the official client's decoder.

    uv run python bench/decoder.py

Prints ratios of CPU time within one process: ours to `json.loads` of the same 64 chunks, and to the decoder
of openai.
"""

import json
import time
from collections.abc import Callable

from openai._streaming import SSEDecoder

from chatconform.wire.sse import decode

CHUNK = {
    "id": "chatcmpl-0123456789",
    "object": "chat.completion.chunk",
    "created": 1795381627,
    "model": "reference-1",
    "choices": [{"index": 0, "delta": {"content": " word"}, "logprobs": None, "finish_reason": None}],
}
LINE = json.dumps(CHUNK)
BODY = (f"data: {LINE}\n\n" * 64 + "data: [DONE]\n\n").encode()


def cost(work: Callable[[], object], repeat: int = 7, number: int = 60) -> float:
    """The least CPU seconds of one call, over several rounds."""
    rounds = []
    for _ in range(repeat):
        begun = time.process_time()
        for _ in range(number):
            work()
        rounds.append((time.process_time() - begun) / number)
    return min(rounds)


def main() -> None:
    """Measure the three in one process and print their ratios."""
    ours = cost(lambda: decode(BODY))
    reading = cost(lambda: [json.loads(LINE) for _ in range(64)])
    official = cost(lambda: list(SSEDecoder().iter_bytes(iter([BODY]))))
    print(f"a stream of 64 chunks, {len(BODY)} bytes: {ours * 1e6:.0f} us")
    print(f"{ours / reading:.2f} x json.loads of the chunks, {ours / official:.2f} x the decoder of openai")


if __name__ == "__main__":
    main()
