"""Markdown of a whole run: for the summary of a job, or to paste into an issue.

What is broken comes with its rule, its evidence and a command, each folded under one line. The whole is
bounded, as an issue takes 65,536 characters; what has no room is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from chatconform.findings.verdict import Judgement, Verdict
from chatconform.judging.conformance import Conformance, Result
from chatconform.ledger.areas import AREAS
from chatconform.plays.path import EVERYWHERE
from chatconform.reports.attempts import not_always
from chatconform.reports.breaches import Breach, breaches, commands
from chatconform.reports.complete import how_it_was_cut
from chatconform.reports.links import sources
from chatconform.reports.markdown import block, code
from chatconform.reports.report import Report
from chatconform.reports.run_facts import decided_by, target_told
from chatconform.reports.terminal import GLYPHS, headline

BUDGET = 60_000
_LINES = 40
_NAMED = 100
_UNMEASURED = (Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.UNSUPPORTED)


def summary(report: Report) -> str:
    """The document of a run."""
    parts = [_head(report), _table(report.answer)]
    room = BUDGET - _size(parts)
    shown, left = _fitting(list(breaches(report)), report, room)
    parts += shown
    if left:
        parts.append(_named(left))
    for part in (_wavering(report.answer), *(_unmeasured(report.answer, verdict) for verdict in _UNMEASURED)):
        if part and _size([*parts, part]) <= BUDGET:
            parts.append(part)
    return "\n\n".join(parts) + "\n"


def _head(report: Report) -> str:
    header, footer = report.record.header, report.record.footer
    lines = [f"### chatconform: {headline(report.answer).plain}", ""]
    if cut := how_it_was_cut(report.record):
        lines += ["> [!WARNING]", f"> Not a whole run: {code(cut)}", ""]
    cost = ""
    if footer is not None:
        tokens = footer.tokens.prompt + footer.tokens.completion
        cost = f"; {footer.requests} requests, {tokens} tokens, {footer.wall:.1f} s"
    lines.append(f"{code(target_told(header.target))}, model {code(header.target.model)}{cost}")
    policy = decided_by(header, strict=report.answer.strict)
    lines.append(f"chatconform {code(header.tool)}, {code(policy)}, {code(header.started)}")
    return "\n".join(lines)


def _table(answer: Conformance) -> str:
    heads = " | ".join(f"{glyph} {verdict}" for verdict, (glyph, _) in GLYPHS.items())
    rows = [f"| area | {heads} |", "|---|" + "--:|" * len(GLYPHS)]
    rows += [f"| {AREAS[area]} | {_counts(answer, results)} |" for area, results in answer.areas.items()]
    rows.append(f"| **all** | {_counts(answer, answer.results)} |")
    return "\n".join(rows)


def _counts(answer: Conformance, results: Iterable[Result]) -> str:
    counts = answer.count(results)
    return " | ".join(str(counts[verdict] or "") for verdict in GLYPHS)


def _fitting(found: Sequence[Breach], report: Report, room: int) -> tuple[list[str], Sequence[Breach]]:
    """As many breaches as there is room for, from the most binding on, and those that are left."""
    shown: list[str] = []
    for number, breach in enumerate(found):
        part = _folded(breach, report)
        room -= _size([part])
        if room < 0:
            return shown, found[number:]
        shown.append(part)
    return shown, ()


def _folded(breach: Breach, report: Report) -> str:
    row = breach.requirement
    documents = ", ".join(f"[{link.name}]({link.url})" for link in sources(row)[:3])
    from_where = f"; source: {documents}" if documents else ""
    paths = ", ".join(code(path, 60) for path in breach.paths)
    lines = [
        f"<details><summary>✗ <b>{row.id}</b> {row.level} {row.title}</summary>",
        "",
        row.rule,
        "",
        f"- check {code(breach.judgement.check)} on {paths}{from_where}",
        *(f"- {name} {code(value)}" for name, value in _evidence(breach.judgement)),
        "",
        *(f"{block(command, 'sh')}\n" for command in commands(report, breach)),
        "</details>",
    ]
    return "\n".join(lines)


def _evidence(judgement: Judgement) -> Iterator[tuple[str, str]]:
    if judgement.expected and judgement.path != EVERYWHERE:
        yield "expected", judgement.expected
        yield "came", judgement.came
    else:
        yield "reason", judgement.reason
    for evidence in judgement.evidence[:5]:
        yield "at", f"{evidence.exchange} {evidence.where}: {evidence.quoted}"


def _wavering(answer: Conformance) -> str:
    found = list(not_always(answer.results))
    if not found:
        return ""
    lines = [f"<details><summary>≈ {len(found)} kept, but not always</summary>", ""]
    lines += [
        f"- {each.requirement.id} {each.requirement.level} {each.requirement.title} "
        f"({code(each.path, 60)}): {code(each.told)}"
        for each in found[:_LINES]
    ]
    if len(found) > _LINES:
        lines.append(f"- and {len(found) - _LINES} more")
    return "\n".join([*lines, "", "</details>"])


def _unmeasured(answer: Conformance, verdict: Verdict) -> str:
    results = [result for result in answer.results if result.verdict is verdict]
    if not results:
        return ""
    glyph, _ = GLYPHS[verdict]
    lines = [f"<details><summary>{glyph} {len(results)} {verdict}</summary>", ""]
    lines += [
        f"- {result.requirement.id} {result.requirement.level} {result.requirement.title}: "
        f"{code(result.decisive[0].reason, 200)}"
        for result in results[:_LINES]
    ]
    if results[_LINES:]:
        lines.append(f"- and {len(results) - _LINES} more")
    return "\n".join([*lines, "", "</details>"])


def _named(left: Sequence[Breach]) -> str:
    names = list(dict.fromkeys(breach.requirement.id for breach in left))
    more = " …" if len(names) > _NAMED else ""
    return f"✗ and {len(left)} more, for which there is no room here: {', '.join(names[:_NAMED])}{more}"


def _size(parts: Iterable[str]) -> int:
    return sum(len(part.encode()) + 2 for part in parts)
