"""Reads a baseline: every flaw at once, each with its line and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from packaging.version import InvalidVersion, Version

from chatconform import __version__
from chatconform.errors import BaselineError
from chatconform.gating.baseline import PATHS, Baseline, Origin, TargetName, in_order, stable_url
from chatconform.gating.consistency import contradictions
from chatconform.gating.document import Field, fields_of, line_of, paths_in, root_of
from chatconform.gating.keys import key_flaws
from chatconform.gating.nearest import did_you_mean
from chatconform.gating.rows import RowReader
from chatconform.ledger import Ledger
from chatconform.ledger.section import Flaw, SectionError
from chatconform.printable import printable

FORMAT = "1"
TARGET, ACCEPTED = ("name", "url", "model"), ("tool", "ledger", "profile")
_NEEDED_OF_TARGET = ("url", "model")
KEYS = ("format", "target", "accepted", "entries", "flaky", "exercised")
NEEDED = ("format", "target", "accepted", "exercised")


def read_baseline(text: str, file: Path, ledger: Ledger) -> Baseline:
    """The baseline that a text is; `file` is what its flaws are told of.

    Raises:
        BaselineError: It cannot be used; the message has every flaw with file and line.
    """
    try:
        root = root_of(text)
    except SectionError as error:
        raise _refused(file, error.flaws) from None
    reading = _Reading(ledger)
    baseline = reading.baseline(root)
    flaws = [*reading.flaws, *contradictions(baseline)]
    if flaws:
        raise _refused(file, tuple(flaws))
    return baseline


def _origin(texts: dict[str, str]) -> Origin:
    return Origin(**{name: texts.get(name, "") for name in ACCEPTED})


def _refused(file: Path, flaws: tuple[Flaw, ...]) -> BaselineError:
    # A file of a stranger's change may quote anything, and is told in the log of a job.
    told = [
        f"{file}:{flaw.line}: {' '.join(printable(flaw.reason).split())}"
        for flaw in sorted(flaws, key=lambda flaw: flaw.line)
    ]
    return BaselineError("\n".join(dict.fromkeys(told)))


class _Reading:
    """One reading of one document: it gathers flaws to its end."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.flaws: list[Flaw] = []

    def baseline(self, root: yaml.Node | None) -> Baseline:
        if not isinstance(root, yaml.MappingNode):
            known = ", ".join(KEYS)
            self._flaw(line_of(root) if root else 1, f"no baseline: it has to be a mapping of {known}")
            return Baseline(target=TargetName(url="", model=""), origin=_origin({}))
        fields = fields_of(root)
        if not self._is_of_today(fields):
            return Baseline(target=TargetName(url="", model=""), origin=_origin({}))
        self.flaws += key_flaws(fields, KEYS, line_of(root), needed=NEEDED)
        rows = RowReader(self.ledger, self.flaws)
        return Baseline(
            target=self._target(fields.get("target")),
            origin=_origin(self._texts(fields.get("accepted"), ACCEPTED, needed=ACCEPTED)),
            entries=rows.entries(fields.get("entries")),
            flaky=rows.flaky(fields.get("flaky")),
            exercised=dict(self._exercised(fields.get("exercised"))),
        )

    def _is_of_today(self, fields: dict[str, Field]) -> bool:
        """Whether the form is one that we know; of a newer one no other word is worth reading."""
        asked = fields.get("format")
        if asked is None or asked.text == FORMAT:
            return self._is_not_newer(fields.get("accepted"))
        newer = (asked.text or "").isdigit() and int(asked.text or "") > int(FORMAT)
        reason = "written by a newer chatconform; update chatconform" if newer else f"the format is {FORMAT}"
        self._flaw(asked.line, f"the format {asked.text!r} is not known: {reason}")
        return False

    def _is_not_newer(self, accepted: Field | None) -> bool:
        tool = fields_of(accepted.value).get("tool") if accepted else None
        if tool is None or not tool.text:
            return True
        try:
            newer = Version(tool.text) > Version(__version__)
        except InvalidVersion:
            self._flaw(tool.line, f"{tool.text!r} is no version, such as {__version__}")
            return True
        if newer:
            self._flaw(
                tool.line,
                f"accepted by chatconform {tool.text}, which is newer than this one ({__version__});"
                " update chatconform",
            )
        return not newer

    def _target(self, field: Field | None) -> TargetName:
        texts = self._texts(field, TARGET, needed=_NEEDED_OF_TARGET)
        try:
            url = stable_url(texts.get("url", ""))
        except ValueError:
            self._flaw(field.line if field else 1, f"{texts['url']!r} is no URL")
            url = ""
        return TargetName(url=url, model=texts.get("model", ""), name=texts.get("name", ""))

    def _texts(
        self, field: Field | None, known: tuple[str, ...], *, needed: tuple[str, ...]
    ) -> dict[str, str]:
        """The texts of a section in which each key has to have one, and some have to be there."""
        if field is None:
            return {}
        if not isinstance(field.value, yaml.MappingNode):
            self._flaw(field.line, f"{field.key.value} has to have the keys {', '.join(known)}")
            return {}
        fields = fields_of(field.value)
        self.flaws += key_flaws(fields, known, field.line, needed=needed)
        for name, each in fields.items():
            if name in known and each.text is None:
                self._flaw(each.line, f"{name} has to be a text")
        return {name: each.text or "" for name, each in fields.items()}

    def _exercised(self, field: Field | None) -> Iterator[tuple[str, tuple[str, ...]]]:
        if field is None or field.is_empty:
            return
        if not isinstance(field.value, yaml.MappingNode) or field.value.flow_style:
            self._flaw(field.line, "exercised has to have a line `REQUIREMENT: [PATH, ...]` for each")
            return
        for name, each in fields_of(field.value).items():
            if name not in self.ledger:
                near = did_you_mean(name, [row.id for row in self.ledger])
                self._flaw(each.line, f"no requirement is called {name!r}; {near or 'take the line out'}")
            paths = paths_in(each)
            if not paths:
                self._flaw(each.line, f"{name} needs its paths, such as [plain, streamed]")
            for path in paths:
                if path not in PATHS:
                    self._flaw(each.line, f"there is no path {path!r}; {did_you_mean(path, PATHS)}")
            yield name, in_order(paths)

    def _flaw(self, line: int, reason: str) -> None:
        self.flaws.append(Flaw(line=line, reason=reason))
