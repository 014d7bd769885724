"""Messages with an image or a sound."""

from __future__ import annotations

import base64
import struct
import zlib

from chatconform.suite import Json, Stage, prompt, scenario
from chatconform.suites import basics


@scenario(requests=4)
async def media_parts(stage: Stage) -> None:
    """The greeting as text, longer, beside a small image, and beside a short sound."""
    await stage.post("text", basics.greeting(stage))
    await stage.post("longer", basics.longer_greeting(stage))
    text: Json = {"type": "text", "text": prompt("greeting")}
    image: Json = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_base64(_png(64))}"}}
    sound: Json = {"type": "input_audio", "input_audio": {"data": _base64(_wav(4000)), "format": "wav"}}
    for step, part in (("image", image), ("sound", sound)):
        await stage.post(step, stage.request(messages=[{"role": "user", "content": [text, part]}]))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _png(side: int) -> bytes:
    """A grey square: signature, header, one compressed row after another, end."""
    rows = (b"\0" + b"\x80" * side) * side
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(kind, data) for kind, data in chunks)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _wav(samples: int) -> bytes:
    """Silence in 16 bits, 8000 samples a second, one channel."""
    sound = bytes(2 * samples)
    layout = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    body = b"WAVEfmt " + layout + b"data" + struct.pack("<I", len(sound)) + sound
    return b"RIFF" + struct.pack("<I", len(body)) + body
