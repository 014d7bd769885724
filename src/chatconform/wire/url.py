"""What may be shown of a URL."""

from urllib.parse import urlsplit, urlunsplit


def without_userinfo(url: str) -> str:
    """The URL without user name and password; unchanged where it has none."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if "@" in parts.netloc else url
