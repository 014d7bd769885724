"""Temperature 0 repeats itself; a high temperature does not."""

from chatconform.suite import Play, check, expect, provoked
from chatconform.suites.sample.scenarios import REPEATS, greedy, hot


def texts(play: Play) -> list[str]:
    """What was answered each time."""
    return [play.answer(f"run-{number}").text for number in range(1, REPEATS + 1)]


@check("CC-SAMPLE-001", greedy, feature="temperature")
def test_temperature_zero_repeats_itself(play: Play) -> None:
    """Temperature 0 is accepted, and all answers but at most one are the same."""
    found = texts(play)
    most = max(found.count(text) for text in found)

    expect(
        most >= REPEATS - 1,
        f"{REPEATS - 1} of {REPEATS} equal texts",
        came=found,
        at=play.answer("run-1").first.at_text,
    )


@check("CC-SAMPLE-002", hot, control=greedy, feature="temperature")
def test_a_high_temperature_diversifies(play: Play) -> None:
    """Answers at temperature 1.5 differ more than answers at temperature 0."""
    cold, warm = set(texts(play.comparison)), set(texts(play))
    provoked(
        len(cold) < REPEATS,
        "the answers at temperature 0 differ as well",
        at=play.comparison.answer("run-1").first.at_text,
    )

    expect(
        len(warm) > len(cold),
        f"more than {len(cold)} different texts in {REPEATS} answers, as temperature 0 gave {len(cold)}",
        came=f"{len(warm)}: {' / '.join(sorted(warm))}",
        at=play.answer("run-1").first.at_text,
    )
