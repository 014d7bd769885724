"""Dates as HTTP writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DAYS = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_TIME = r"\d{2}:\d{2}:\d{2}"
# RFC 9110 5.6.7: "HTTP-date = IMF-fixdate / obs-date", of which a recipient "MUST accept all three".
_FORMATS = re.compile(
    rf"(?:{_DAYS}), \d{{2}} (?:{_MONTHS}) \d{{4}} {_TIME} GMT"
    rf"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d{{2}}-(?:{_MONTHS})-\d{{2}} {_TIME} GMT"
    rf"|(?:{_DAYS}) (?:{_MONTHS}) [ \d]\d {_TIME} \d{{4}}"
)


def http_date(value: str | None) -> datetime | None:
    """The moment that a date of HTTP tells; nothing where it is none."""
    if value is None or not _FORMATS.fullmatch(value.strip()):
        return None
    try:
        found = parsedate_to_datetime(value.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
