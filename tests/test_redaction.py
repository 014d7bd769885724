"""No form of a secret survives, and nothing else is touched."""

import base64
import json
import re
import time
from collections.abc import Callable
from urllib.parse import quote, unquote, unquote_to_bytes

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chatconform.wire.redaction import REPLACEMENT, Redactor

KEY = 'sk-proj-Ab/9+z_Q~é"\\ k'

# Each example compiles patterns of its own.
FEW = settings(max_examples=30)

# A replacement must not take part in a new occurrence, and must not itself be one.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="[]redact")
secrets = st.text(st.sampled_from('kK7-_/+\\"% =é🦀\n') | characters, min_size=4, max_size=20).filter(
    lambda secret: len(secret.strip()) >= 4
)
around = st.text(st.sampled_from("kK7-_/+=\\\"'%u0\n ") | characters, max_size=12)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02x}" for byte in char.encode())


def _mixed_percent(secret: str) -> str:
    return "".join(_percent(char) if n % 2 or char == "%" else char for n, char in enumerate(secret))


def _unicode_escaped(secret: str) -> str:
    units = secret.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _in_json(secret: str) -> str:
    return json.dumps(secret)[1:-1]


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in lower case": lambda secret: re.sub(
        "%..", lambda found: found[0].lower(), quote(secret, safe="")
    ),
    "wholly percent-encoded": lambda secret: "".join(f"%{byte:02X}" for byte in secret.encode()),
    "partly percent-encoded": _mixed_percent,
    "percent-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "JSON": _in_json,
    "JSON without ASCII escapes": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON with escaped slashes": lambda secret: _in_json(secret).replace("/", "\\/"),
    "JSON in JSON": lambda secret: _in_json(_in_json(secret)),
    "JSON in JSON in JSON": lambda secret: _in_json(_in_json(_in_json(secret))),
    "all characters escaped": _unicode_escaped,
    "all characters escaped in upper case": lambda secret: (
        _unicode_escaped(secret).upper().replace("\\U", "\\u")
    ),
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hexadecimal in upper case": lambda secret: secret.encode().hex().upper(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 in JSON": lambda secret: base64.b64encode(secret.encode()).decode().replace("/", "\\/"),
    "base64 in a URL": lambda secret: quote(base64.b64encode(secret.encode()).decode(), safe=""),
    "urlsafe base64": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
    "Basic, 1": lambda secret: "Basic " + base64.b64encode(f":{secret}".encode()).decode(),
    "Basic, 2": lambda secret: "Basic " + base64.b64encode(f"u:{secret}".encode()).decode(),
    "Basic, 3": lambda secret: "Basic " + base64.b64encode(f"us:{secret}".encode()).decode(),
    "base64 within more": lambda secret: base64.b64encode(f"u:{secret}:more".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
@FEW
@given(secret=secrets, before=around, after=around)
def test_no_form_of_a_secret_survives(form: str, secret: str, before: str, after: str) -> None:
    """Whatever stands around it, the form is gone, in text and in bytes."""
    leak = FORMS[form](secret)
    redactor = Redactor([secret])
    clean = redactor.text(before + leak + after)

    assert REPLACEMENT in clean
    assert leak not in clean
    assert secret not in clean
    assert secret not in unquote(clean)
    assert redactor.data((before + leak + after).encode()) == clean.encode()


@FEW
@given(secret=secrets, before=st.binary(max_size=7), after=st.binary(max_size=7), urlsafe=st.booleans())
def test_nothing_in_base64_decodes_to_the_secret(
    secret: str, before: bytes, after: bytes, *, urlsafe: bool
) -> None:
    """At every alignment the digits that are left decode to something without the secret."""
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    clean = Redactor([secret]).data(encode(before + secret.encode() + after))

    assert REPLACEMENT.encode() in clean
    for run in re.findall(rb"[A-Za-z0-9+/_-]+", clean.translate(bytes.maketrans(b"-_", b"+/"))):
        for skipped in range(4):
            digits = run[skipped:]
            decoded = base64.b64decode(digits[: len(digits) // 4 * 4])
            assert secret.encode() not in decoded


@pytest.mark.parametrize(
    ("before", "expected"), [(b"", "[redacted]"), (b"u", "dX[redacted]=="), (b"u:", "dTp[redacted]=")]
)
def test_base64_loses_every_digit_that_is_the_secret_alone(before: bytes, expected: str) -> None:
    """Only the digit that the secret shares with what stands before it stays."""
    secret = "sk-secret"

    assert Redactor([secret]).text(base64.b64encode(before + secret.encode()).decode()) == expected


@FEW
@given(secrets, st.lists(st.booleans(), min_size=20, max_size=20))
def test_any_mixture_of_escaped_bytes_is_found(secret: str, escaped: list[bool]) -> None:
    """Each character of its own may be percent-encoded or not."""
    forms = [
        _percent(char) if yes or char == "%" else char for char, yes in zip(secret, escaped, strict=False)
    ]
    clean = Redactor([secret]).text("".join(forms))

    assert secret.encode() not in unquote_to_bytes(clean)


@given(st.binary(max_size=60))
def test_data_without_secrets_is_untouched(data: bytes) -> None:
    """Bytes in which no form occurs come back as they are, valid UTF-8 or not."""
    redactor = Redactor(["", "a secret that sixty bytes cannot hold in any of its forms, as it is longer"])
    cuts = tuple(range(len(data) + 1))

    assert redactor.data_with_cuts(data, cuts) == (data, cuts)


@pytest.mark.parametrize(
    ("held", "text", "expected"),
    [
        (["abcd", "cdef"], "-abcdef-", "-[redacted]-"),
        (["abcd", "abcdef"], "-abcdef-", "-[redacted]-"),
        (["bcde", "abcdef"], "-abcdef-", "-[redacted]-"),
        (["abab"], "-ababab-", "-[redacted]-"),
        (["abcd"], "-abcdabcd-", "-[redacted][redacted]-"),
        (["abcd"], "-ABCD-", "-ABCD-"),
        (["abcd\n"], "-abcd-", "-[redacted]-"),
        (["", "  "], "-a  b-", "-a  b-"),
        ([], "abcd", "abcd"),
    ],
)
def test_overlapping_secrets_go_as_one(held: list[str], text: str, expected: str) -> None:
    """What any secret covers is replaced, and no tail of one is left by another."""
    assert Redactor(held).text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key=abc;", "key=[redacted];"),
        ("Bearer abc", "Bearer [redacted]"),
        ('{"key":"abc"}', '{"key":"[redacted]"}'),
        ("%61bc", "[redacted]"),
        ("abcd fabc ab_abc", "abcd fabc ab_abc"),
    ],
)
def test_a_short_secret_goes_where_it_stands_alone(text: str, expected: str) -> None:
    """Three characters occur everywhere by chance; within a word they are not the secret."""
    assert Redactor(["abc"]).text(text) == expected


@pytest.mark.parametrize("slashes", [1, 2, 3])
def test_json_stays_json(slashes: int) -> None:
    """Replacing an escaped secret leaves no half of an escape behind."""
    text: object = f'say "{KEY}" \\'
    for _ in range(slashes):
        text = json.dumps(text)
    clean: object = Redactor([KEY]).text(str(text))
    for _ in range(slashes):
        clean = json.loads(str(clean))

    assert clean == f'say "{REPLACEMENT}" \\'


@FEW
@given(secrets, st.lists(around | st.none(), max_size=6))
def test_every_offset_moves_with_the_byte_it_stands_before(secret: str, parts: list[str | None]) -> None:
    """In the text an offset keeps its byte, within a secret it moves to where the replacement begins."""
    redactor, word = Redactor([secret]), REPLACEMENT.encode()
    body, expected, clean = b"", list[int](), b""
    for part in parts:
        piece = (secret if part is None else part).encode()
        expected += [len(clean) + (0 if part is None else at) for at in range(len(piece))]
        body, clean = body + piece, clean + (word if part is None else piece)
    assume(redactor.data(body) == clean)

    assert redactor.data_with_cuts(body, range(len(body) + 1)) == (clean, (*expected, len(clean)))
    assert redactor.data_with_cuts(body, [len(body), 0, 0]) == (clean, (len(clean), 0, 0))


def test_a_cut_within_a_secret_counts_the_secret_to_the_later_piece() -> None:
    """The replacement comes whole with the piece that completed the secret."""
    clean, cuts = Redactor(["secret"]).data_with_cuts(b"ab secret cd secret", [0, 3, 5, 9, 10, 13, 14, 19])

    assert clean == b"ab [redacted] cd [redacted]"
    assert cuts == (0, 3, 3, 13, 14, 17, 17, 27)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (("Authorization", "Bearer unknown-key"), ("Authorization", "Bearer [redacted]")),
        (("authorization", "bearer a b"), ("authorization", "bearer [redacted]")),
        (("Authorization", "Basic dTpw"), ("Authorization", "Basic [redacted]")),
        (("AUTHORIZATION", "unknown-key"), ("AUTHORIZATION", "[redacted]")),
        (("Authorization", "my password"), ("Authorization", "[redacted]")),
        (("Authorization", "Bearer "), ("Authorization", "Bearer ")),
        (("Authorization", "Bearer"), ("Authorization", "Bearer")),
        (("Authorization", ""), ("Authorization", "")),
        (("Proxy-Authorization", "Digest x=1"), ("Proxy-Authorization", "Digest [redacted]")),
        (("Cookie", "a=b; c=d"), ("Cookie", "[redacted]")),
        (("Set-Cookie", "a=b; Path=/"), ("Set-Cookie", "[redacted]")),
        (("X-Api-Key", "k"), ("X-Api-Key", "[redacted]")),
        (("api-key", "k"), ("api-key", "[redacted]")),
        (("Location", "/v1?key=sk%2Dsecret"), ("Location", "/v1?key=[redacted]")),
        (("X-sk-secret", "x"), ("X-[redacted]", "x")),
        (("Content-Type", "application/json"), ("Content-Type", "application/json")),
    ],
    ids=lambda header: header[1],
)
def test_headers_that_carry_secrets_lose_them(header: tuple[str, str], expected: tuple[str, str]) -> None:
    """Credentials go whether they are known or not, the scheme stays, other headers lose known secrets."""
    assert Redactor(["sk-secret"]).headers([header, ("A", "1")]) == (expected, ("A", "1"))


def test_a_redactor_does_not_show_its_secrets() -> None:
    """The repr, which ends up in tracebacks, holds no secret."""
    assert "secret" not in repr(Redactor(["a secret"]))


@pytest.mark.parametrize("atom", [b"\\", b"%25", b"s", b"73", b"sk-", b"c2"])
def test_time_grows_with_hostile_data_not_with_its_square(atom: bytes) -> None:
    """Endless beginnings of a secret or of an escape cost no more per byte than a few of them."""
    redactor = Redactor(["sk-" * 8 + "\\\\/" + "s" * 20])

    def seconds(size: int) -> float:
        start = time.process_time()
        redactor.data(atom * (size // len(atom)))
        return time.process_time() - start

    small, large = min(seconds(1 << 13) for _ in range(3)), min(seconds(1 << 16) for _ in range(3))

    assert large < 32 * max(small, 1e-4)


def chunked(secret: str, size: int, *, choices: int = 1, member: str = "content") -> bytes:
    """A stream that says the secret some characters an event, choice after choice."""
    parts = [secret[at : at + size] for at in range(0, len(secret), size)]
    events = [
        {"id": "c", "choices": [{"index": choice, "delta": {member: part}}]}
        for part in ["It is ", *parts, "."]
        for choice in range(choices)
    ]
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


def said(body: bytes, choice: int, member: str = "content") -> str:
    lines = [json.loads(line[6:]) for line in body.split(b"\n\n") if line]
    return "".join(
        each["choices"][0]["delta"][member] for each in lines if each["choices"][0]["index"] == choice
    )


@given(
    secret=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=6, max_size=40),
    size=st.integers(1, 5),
    choices=st.integers(1, 2),
)
def test_a_secret_in_pieces_goes_with_every_piece(secret: str, size: int, choices: int) -> None:
    """What a client would put together has no secret left; every event is still JSON."""
    assume(secret.strip() == secret and secret not in "It is ." and len(set(secret)) > 3)

    clean, _ = Redactor([secret]).data_with_cuts(chunked(secret, size, choices=choices), [])

    for choice in range(choices):
        assert secret not in said(clean, choice)
        assert said(clean, choice).startswith("It is ")
        assert "[redacted]" in said(clean, choice)


def test_what_is_no_secret_stays_in_pieces() -> None:
    """A stream in which nothing is secret is left byte for byte."""
    body = chunked("a lighthouse keeper's story", 3, choices=2)

    assert Redactor(["sk-0123456789"]).data_with_cuts(body, [5, 9]) == (body, (5, 9))


def test_arguments_in_pieces_are_searched_too() -> None:
    """A key among the arguments of a tool call, which are JSON within JSON."""
    secret = 'sk-"quoted"-0123456789'
    body = chunked(json.dumps({"key": secret}), 4, member="arguments")

    clean, _ = Redactor([secret]).data_with_cuts(body, [])

    assert "0123456789" not in said(clean, 0, "arguments")
