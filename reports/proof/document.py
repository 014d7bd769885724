"""The result of a proof as a document: what was proven, and under which fault each requirement turns red."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from rich.console import Console

from chatconform.ledger import Ledger
from chatconform.proving.matrix import Matrix, Row
from chatconform.reports.proof.heat import heat


def proof_document(matrix: Matrix, ledger: Ledger) -> str:
    """Return the document in Markdown; two proofs with the same result give the same text."""
    return "\n".join([*_head(matrix), *_picture(matrix), *_faults(matrix, ledger), *_variants(matrix), ""])


def _head(matrix: Matrix) -> Iterator[str]:
    killed = len(matrix.rows) - len(matrix.survivors)
    green = len(matrix.variants) - len(matrix.false_reds)
    yield "# The proof that the checks can fail"
    yield ""
    yield "Made by `chatconform prove --document docs/proof.md`; not to be edited."
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| mutation score | **{matrix.score:.1%}** |"
    yield f"| faults killed | {killed} of {len(matrix.rows)} |"
    yield f"| checks killed by a fault of their own | {len(matrix.killed_checks)} of {len(matrix.checks)} |"
    yield f"| reds without a fault | {len(matrix.not_green)} |"
    yield f"| reds that no fault declares | {sum(len(row.strays) for row in matrix.strays)} |"
    yield f"| legal variants that stay green | {green} of {len(matrix.variants)} |"
    yield ""


def _picture(matrix: Matrix) -> Iterator[str]:
    screen = Console(file=io.StringIO(), width=120, color_system=None, record=True)
    screen.print(heat(matrix, width=screen.width, announced=True))
    yield "Faults by the area that they break (lines), and how many of them turn red which area (columns):"
    yield ""
    yield "```"
    yield screen.export_text().rstrip()
    yield "```"
    yield ""


def _faults(matrix: Matrix, ledger: Ledger) -> Iterator[str]:
    yield "## Faults"
    yield ""
    for area, rows in _by_area(matrix.rows, ledger).items():
        yield f"### {area}"
        yield ""
        yield "| fault | what is wrong | turns red | and, as a consequence |"
        yield "|---|---|---|---|"
        yield from map(_line, rows)
        yield ""


def _line(row: Row) -> str:
    fault = row.fault
    mark = "" if row.is_killed else " **survives**"
    beside = "; ".join(f"{name}: {_cell(reason)}" for name, reason in fault.collateral.items())
    seen = " *(met by `--profile full` alone)*" if fault.thorough else ""
    return f"| `{fault.id}`{mark} | {_cell(fault.defect)}{seen} | {', '.join(fault.kills)} | {beside} |"


def _by_area(rows: tuple[Row, ...], ledger: Ledger) -> Mapping[str, list[Row]]:
    grouped: dict[str, list[Row]] = {area: [] for area in ledger.areas}
    for row in sorted(rows, key=lambda row: row.fault.id):
        grouped[row.fault.kills[0].split("-")[1]].append(row)
    return {area: found for area, found in grouped.items() if found}


def _variants(matrix: Matrix) -> Iterator[str]:
    yield "## Legal variants"
    yield ""
    yield "Under each of these nothing turns red but what it is known to break:"
    yield ""
    yield ", ".join(f"`{name}`" for name in sorted(matrix.variants)) + "."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
