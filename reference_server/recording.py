"""Keeps the body of every request in a file, for whoever judges the gateway in front of this server."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chatconform.errors import UsageError
from chatconform.reference_server.refusal import Refusal
from chatconform.reference_server.request import Request
from chatconform.reference_server.settings import Settings
from chatconform.wire.received import Received, RecordingHeader, header_line, read_header, received_line

_log = logging.getLogger(__name__)
# Bodies may be private: the file is for its owner alone.
_MODE = 0o600
_FIRST_BYTES = 1 << 20


@dataclass(slots=True)
class Entry:
    """A request while it is read; its body is whatever the model is given in the end."""

    body: dict[str, Any] = field(default_factory=dict)
    is_read: bool = False

    def take(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep the body as it is now; returns it."""
        self.body, self.is_read = body, True
        return body


class Recorder:
    """Writes one line for each request, at once; without a file it writes nothing."""

    def __init__(self, settings: Settings) -> None:
        """Begin the file anew, if the settings name one.

        Raises:
            UsageError: The file cannot be written, or holds something else than a recording.
        """
        self._file = settings.record
        if self._file is not None:
            _begin(self._file, settings)

    @contextmanager
    def entry(self, request: Request) -> Iterator[Entry]:
        """Yield what is to be kept of a request; it is written when the block ends, also by a refusal."""
        entry = Entry()
        try:
            yield entry
        except Refusal as refusal:
            self._write(request, entry, refusal.status)
            raise
        self._write(request, entry, None)

    def _write(self, request: Request, entry: Entry, status: int | None) -> None:
        if self._file is None:
            return
        received = Received(
            time=time.time(),
            id=request.id,
            method=request.method,
            path=request.path,
            stream=entry.body.get("stream") is True,
            status=status,
            body=entry.body if entry.is_read else None,
        )
        # Opened for each line: nothing is held back in a buffer, and nobody has to close it.
        try:
            with self._file.open("ab") as stream:
                stream.write(received_line(received))
        except OSError:
            _log.exception("%s: cannot be recorded", request.id)


def _begin(file: Path, settings: Settings) -> None:
    _require_ours(file)
    header = RecordingHeader(
        models=tuple(card.id for card in settings.models if card.chat),
        features=settings.triggers,
        started=datetime.now(UTC).isoformat(),
    )
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(header_line(header))
    except OSError as error:
        raise UsageError(f"cannot record to {file}: {error.strerror}", hint="Choose another FILE.") from error


def _require_ours(file: Path) -> None:
    """Refuse to write over a file that is no recording: it may be anything that somebody needs."""
    try:
        with file.open("rb") as stream:
            line = stream.readline(_FIRST_BYTES)
    except OSError:
        return
    if line and read_header(line) is None:
        raise UsageError(f"{file} holds something else than a recording", hint="Choose another FILE.")
