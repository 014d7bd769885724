"""The assertions of the suites, each of which can be taken out while its check is judged again.

The modules of the suites are compiled with a switch around every statement that can find a rule broken: a
call of `expect` or one of its kin, or a raised `Broken`. With the switch off the statement is as if it were
not there.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from chatconform.errors import HarnessError
from chatconform.findings.finding import Finding
from chatconform.resources import folder

_PACKAGE = "chatconform.suites"
_SWITCH = "__assertions__"


@dataclass(frozen=True, slots=True, order=True)
class Site:
    """Where an assertion stands: the file below the suites, its line, and its column for two in one line."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"suites/{self.file}:{self.line}"


class Switch:
    """Which assertion is taken out, and which of the others found a rule broken."""

    def __init__(self) -> None:
        self._out: Site | None = None
        self._raised: dict[Site, None] = {}

    def on(self, *at: object) -> bool:
        """Whether the assertion of this site is in its place."""
        return Site(*at) != self._out  # type: ignore[arg-type]  # the compiled switch passes a site's members

    def note(self, *at: object) -> None:
        """Keep that the assertion of this site found a rule broken."""
        self._raised[Site(*at)] = None  # type: ignore[arg-type]  # see above

    @contextmanager
    def without(self, site: Site | None) -> Iterator[None]:
        """Take an assertion out, or none, and forget what was found before."""
        self._out, self._raised = site, {}
        try:
            yield
        finally:
            self._out = None

    @property
    def raised(self) -> tuple[Site, ...]:
        """The assertions that found a rule broken since the last one was taken out."""
        return tuple(self._raised)


SWITCH = Switch()


def all_sites() -> tuple[Site, ...]:
    """Every assertion of the suites."""
    root = folder("suites")
    return tuple(
        site
        for file in sorted(root.rglob("*.py"))
        for site in _Instrument(file.relative_to(root).as_posix()).sites_of(file.read_text(encoding="utf-8"))
    )


def install() -> None:
    """Compile the suites with switches from now on; has to come before any of them is imported.

    Raises:
        HarnessError: Some of them have been imported already.
    """
    if any(name.startswith(f"{_PACKAGE}.") for name in sys.modules):
        raise HarnessError("the suites were imported before their assertions could be switched")
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{_PACKAGE}."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or spec.origin is None:
            return spec
        return importlib.util.spec_from_file_location(
            fullname,
            spec.origin,
            loader=_Loader(fullname, spec.origin),
            submodule_search_locations=spec.submodule_search_locations,
        )


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        # Past the cache of compiled modules, which has them without switches.
        path = Path(self.get_filename(fullname))
        tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
        file = path.relative_to(folder("suites")).as_posix()
        return compile(ast.fix_missing_locations(_Instrument(file).visit(tree)), str(path), "exec")

    def exec_module(self, module: ModuleType) -> None:
        vars(module)[_SWITCH] = SWITCH
        vars(module)["__finding__"] = Finding
        super().exec_module(module)


class _Instrument(ast.NodeTransformer):
    def __init__(self, file: str) -> None:
        self._file = file
        self._sites: list[Site] = []

    def sites_of(self, source: str) -> tuple[Site, ...]:
        self.visit(ast.parse(source))
        return tuple(self._sites)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        called = node.value.func if isinstance(node.value, ast.Call) else None
        return self._switched(node) if _name(called).startswith("expect") else node

    def visit_Raise(self, node: ast.Raise) -> ast.stmt:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return self._switched(node) if _name(raised) == "Broken" else node

    def _switched(self, node: ast.stmt) -> ast.stmt:
        site = Site(self._file, node.lineno, node.col_offset)
        self._sites.append(site)
        at = f"({site.file!r}, {site.line}, {site.column})"
        text = f"if {_SWITCH}.on{at}:\n try: pass\n except __finding__:\n  {_SWITCH}.note{at}\n  raise"
        switched = ast.parse(text).body[0]
        assert isinstance(switched, ast.If)
        attempt = switched.body[0]
        assert isinstance(attempt, ast.Try)
        attempt.body = [node]
        return ast.copy_location(switched, node)


def _name(called: ast.expr | None) -> str:
    return called.id if isinstance(called, ast.Name) else ""
