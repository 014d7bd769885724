"""Reads what a recording upstream has written: its header, and the requests that bear a code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from chatconform.errors import NotMeasured, UsageError
from chatconform.wire.received import Found, Received, RecordingHeader, read_header, read_received

NEED = "recording-upstream"
_HINT = "Start the upstream with `chatconform serve --record FILE`, and give the same FILE here."
# A body has at most a few MiB; what is longer is none of ours, and is passed over.
_LONGEST_LINE = 32 << 20
_MOST_READ = 512 << 20
_MOST_FOUND = 16


class Recording:
    """The file of a recording upstream; what stood in it before is passed over."""

    def __init__(self, file: Path) -> None:
        """Take the file.

        Raises:
            UsageError: There is no such file, it cannot be read, or it is no recording.
        """
        self.header = recording_header(file)
        self._file = file
        self._start = file.stat().st_size

    def find(self, code: str) -> Found:
        """The requests since then that have the code anywhere in their bodies; it is of plain letters.

        Raises:
            NotMeasured: The file cannot be read any more.
        """
        needle = code.encode()
        calls = 0
        received: list[Received] = []
        for line in self._lines():
            calls += 1
            if needle in line and len(received) < _MOST_FOUND:
                told = read_received(line)
                if told is not None:
                    received.append(told)
        return Found(received=tuple(received), calls=calls)

    def _lines(self) -> Iterator[bytes]:
        """The whole lines since then; the last one may not have been written to its end."""
        try:
            size = self._file.stat().st_size
            if size < self._start:
                # The upstream was started anew, and its file as well.
                self._start = 0
            with self._file.open("rb") as stream:
                stream.seek(self._start)
                while stream.tell() - self._start < _MOST_READ:
                    line = stream.readline(_LONGEST_LINE)
                    if not line:
                        return
                    if line.endswith(b"\n") and read_header(line) is None:
                        yield line
        except OSError as error:
            raise NotMeasured(
                f"the record of the upstream cannot be read any more: {error.strerror}"
            ) from error


def recording_of(declared: Mapping[str, str]) -> Recording | None:
    """The recording that a target's features name, if they name one."""
    return Recording(Path(declared[NEED])) if NEED in declared else None


def recording_header(file: Path) -> RecordingHeader:
    """The header of a recording.

    Raises:
        UsageError: There is no such file, it cannot be read, or it is no recording.
    """
    try:
        with file.open("rb") as stream:
            line = stream.readline(_LONGEST_LINE)
    except OSError as error:
        message = f"the record of the upstream, {file}, cannot be read: {error.strerror}"
        raise UsageError(message, hint=_HINT) from error
    header = read_header(line)
    if header is None:
        raise UsageError(f"{file} is not the record of an upstream", hint=_HINT)
    return header
