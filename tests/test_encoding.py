"""Recorded bodies come out as they went in, and hostile ones end in a typed error."""

import gzip
import importlib.util
import zlib
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatconform.wire.encoding import (
    CorruptBody,
    OversizedBody,
    TruncatedBody,
    UndecodableBody,
    UnsupportedEncoding,
    decode_body,
    decoder_for,
)


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _two_members(data: bytes) -> bytes:
    return gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :])


def _identity(data: bytes) -> bytes:
    return data


CODINGS: dict[str, tuple[str | None, Callable[[bytes], bytes]]] = {
    "no header": (None, _identity),
    "empty header": ("", _identity),
    "identity": ("identity", _identity),
    "gzip": ("gzip", gzip.compress),
    "x-gzip, case and space": (" X-GZip ", gzip.compress),
    "gzip of two members": ("gzip", _two_members),
    "zlib deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", _raw_deflate),
    "gzip, then deflate": ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
    "deflate, identity, gzip": ("deflate, identity, gzip", lambda data: gzip.compress(_raw_deflate(data))),
}
PACKED = {name: each for name, each in CODINGS.items() if each[1] is not _identity}

BODY = b'{"choices": [' + b'{"index": 0, "text": "abc"}, ' * 500 + b"]}"


@pytest.mark.parametrize("coding", CODINGS)
@given(data=st.binary(max_size=400), size=st.integers(1, 40))
def test_a_body_fed_in_any_pieces_decodes_to_what_was_encoded(coding: str, data: bytes, size: int) -> None:
    """Every coding gives back the encoded bytes, whatever the pieces."""
    header, encode = CODINGS[coding]
    wire = encode(data)
    decoder = decoder_for(header)
    pieces = [decoder.decode(wire[at : at + size]) for at in range(0, len(wire), size)]

    assert b"".join(pieces) + decoder.flush() == data
    assert decode_body(wire, header) == data


@pytest.mark.parametrize("header", [header for header, _ in CODINGS.values()])
def test_an_empty_body_is_empty_in_every_coding(header: str | None) -> None:
    """No bytes decode to no bytes, as the answer to a HEAD request needs."""
    assert decode_body(b"", header) == b""


@pytest.mark.parametrize("coding", PACKED)
def test_every_cut_of_a_packed_body_is_truncation_with_the_part_before_it(coding: str) -> None:
    """A body cut anywhere raises TruncatedBody whose partial is a prefix of the content."""
    header, encode = PACKED[coding]
    wire = encode(BODY)
    member_ends = {len(wire), len(gzip.compress(BODY[: len(BODY) // 2]))} if "two" in coding else {len(wire)}
    for cut in set(range(1, len(wire))) - member_ends:
        with pytest.raises(TruncatedBody) as caught:
            decode_body(wire[:cut], header)
        assert BODY.startswith(caught.value.partial)


def test_the_content_before_a_cut_is_not_lost() -> None:
    """A flushed gzip stream that loses its trailer still shows all of its content."""
    packer = zlib.compressobj(wbits=31)
    wire = packer.compress(BODY) + packer.flush(zlib.Z_SYNC_FLUSH)

    with pytest.raises(TruncatedBody, match="gzip") as caught:
        decode_body(wire, "gzip")

    assert caught.value.partial == BODY


def test_flushed_content_arrives_at_once() -> None:
    """Content that the server flushed comes out of the call that took its last byte."""
    packer, decoder = zlib.compressobj(wbits=31), decoder_for("gzip")
    for event in (b"data: a\n\n", b"data: b\n\n"):
        wire = packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH)

        assert decoder.decode(wire) == event


@pytest.mark.parametrize("coding", PACKED)
@given(data=st.data())
def test_a_damaged_body_decodes_or_raises_a_typed_error(coding: str, data: st.DataObject) -> None:
    """Whatever byte is changed, a coding with a checksum yields the content or UndecodableBody."""
    header, encode = PACKED[coding]
    wire = bytearray(encode(BODY))
    wire[data.draw(st.integers(0, len(wire) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        decoded = decode_body(bytes(wire), header)
    except UndecodableBody:
        return
    assert coding == "raw deflate" or decoded == BODY


@given(st.binary(min_size=1, max_size=60), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_noise_never_escapes_as_an_untyped_error(noise: bytes, header: str) -> None:
    """Bytes that no encoder wrote raise UndecodableBody, also when zlib is what chokes on them."""
    assume(not noise.startswith((b"\x1f\x8b", b"\x78")))
    try:
        decoded = decode_body(noise, header)
    except UndecodableBody:
        return
    # Raw deflate has neither mark nor checksum, so noise may happen to be some.
    assert header == "deflate"
    assert decoded == zlib.decompress(noise, wbits=-zlib.MAX_WBITS)


def test_a_wrong_checksum_is_corruption_with_the_content_before_it() -> None:
    """The gzip trailer is checked, and the content stays available."""
    wire = bytearray(gzip.compress(BODY))
    wire[-5] ^= 0xFF

    with pytest.raises(CorruptBody, match="not valid gzip") as caught:
        decode_body(bytes(wire), "gzip")

    assert BODY.startswith(caught.value.partial)


def test_bytes_after_the_end_are_corruption() -> None:
    """Neither deflate nor gzip may be followed by something else."""
    for wire, header in ((zlib.compress(BODY), "deflate"), (gzip.compress(BODY), "gzip")):
        with pytest.raises(CorruptBody) as caught:
            decode_body(wire + b"data: [DONE]\n\n", header)

        assert caught.value.partial == BODY


def test_plain_text_under_a_gzip_header_is_corruption() -> None:
    """A header that promises gzip over a plain body is told from a truncated one."""
    with pytest.raises(CorruptBody):
        decode_body(b'{"choices": []}', "gzip")


@pytest.mark.parametrize(
    ("header", "wire"),
    [
        ("gzip", gzip.compress(bytes(50 << 20), mtime=0)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(50 << 20), mtime=0), mtime=0)),
        ("gzip", gzip.compress(bytes(1000), mtime=0) * 2000),
    ],
    ids=["one member", "nested", "many members"],
)
def test_a_decompression_bomb_stops_at_the_limit(header: str, wire: bytes) -> None:
    """No more than the limit is ever kept, and the error is typed."""
    with pytest.raises(OversizedBody, match="larger than 1000000 bytes") as caught:
        decode_body(wire, header, limit=1_000_000)

    assert 900_000 < len(caught.value.partial) <= 1_000_000


def test_the_limit_counts_over_all_pieces() -> None:
    """A bomb in small pieces is caught as well, and a body of exactly the limit is not."""
    wire = gzip.compress(bytes(10_000))
    exact = decoder_for("gzip", limit=10_000)
    tight = decoder_for("gzip", limit=9_999)

    assert sum(len(exact.decode(wire[at : at + 1])) for at in range(len(wire))) == 10_000
    with pytest.raises(OversizedBody):
        [tight.decode(wire[at : at + 1]) for at in range(len(wire))]


@pytest.mark.parametrize("header", ["rot13", "gzip, compress", "utf-8", "*", ", ".join(["gzip"] * 5)])
def test_a_coding_that_cannot_be_undone_is_refused_by_name(header: str) -> None:
    """Unknown codings and absurd chains raise UnsupportedEncoding."""
    with pytest.raises(UnsupportedEncoding, match="Content-Encoding"):
        decoder_for(header)


def _packer(coding: str) -> Callable[[bytes], bytes] | None:
    names = {"br": ("brotli", "brotlicffi"), "zstd": ("compression.zstd", "backports.zstd")}[coding]
    for name in names:
        top = name.partition(".")[0]
        if importlib.util.find_spec(top) and importlib.util.find_spec(name):
            pack: Callable[[bytes], bytes] = importlib.import_module(name).compress
            return pack
    return None


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_an_optional_coding_works_with_its_module_and_is_refused_without(coding: str) -> None:
    """br and zstd decode in any pieces, stop at the limit and see truncation, or say what is missing."""
    pack = _packer(coding)
    if pack is None:
        with pytest.raises(UnsupportedEncoding, match="installed"):
            decoder_for(coding)
        return
    wire, bomb = pack(BODY), pack(bytes(50 << 20))
    decoder = decoder_for(coding)
    pieces = [decoder.decode(wire[at : at + 1]) for at in range(len(wire))]

    assert b"".join(pieces) + decoder.flush() == BODY
    with pytest.raises(TruncatedBody):
        decode_body(wire[:-1], coding)
    with pytest.raises(CorruptBody):
        decode_body(wire + b"more", coding)
    with pytest.raises(OversizedBody):
        decode_body(bomb, coding, limit=1_000_000)
