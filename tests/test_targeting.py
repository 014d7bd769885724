"""A file of targets: what it says, and how every mistake in it is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatconform.errors import ProfileError, UsageError
from chatconform.ledger import load_ledger
from chatconform.ledger.requirement import KnownBy
from chatconform.targeting import described, find_targets, read_targets
from chatconform.targeting.lines import lines_of
from chatconform.targeting.schema import mistakes, target_schema
from chatconform.targeting.units import BYTES, SECONDS, seconds, size

GOOD = """\
[targets.staging]
url = "http://127.0.0.1:1/v1"
model = "m"
key-env = "STAGING_KEY"
timeout = "2 min"
concurrency = 3
upstream = "records/upstream.jsonl"
headers.X-Org = { env = "ORG" }
headers.X-Plain = "p"

[targets.staging.features]
tools = false
body-limit = "1 MiB"
browser-access = true
scrubbing = ["email", "card"]
long-conversations = 12

[targets.prod]
url = "https://example.com/v1"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "chatconform.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> list[str]:
    """What is said of a file, a line a mistake, without the file's name."""
    file = written(folder, text)
    with pytest.raises(ProfileError) as raised:
        read_targets(file)
    return [line.removeprefix(f"{file}:") for line in str(raised.value).splitlines()]


def test_a_file_is_read_as_values(tmp_path: Path) -> None:
    """Units become numbers, features options, and paths lie beside the file."""
    staging, prod = read_targets(written(tmp_path, GOOD))

    assert (staging.name, staging.url, staging.model, staging.line) == (
        "staging",
        "http://127.0.0.1:1/v1",
        "m",
        1,
    )
    assert (staging.timeout, staging.concurrency) == (120.0, 3)
    assert staging.upstream == tmp_path / "records/upstream.jsonl"
    assert staging.declared == {
        "body-limit": "1048576",
        "browser-access": "",
        "scrubbing": "email,card",
        "long-conversations": "12",
    }
    assert staging.lacks == {"tools"}
    assert (prod.name, prod.line, prod.key) == ("prod", 18, None)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("modle = 'm'", "there is no key 'modle'; did you mean 'model'?"),
        ("base_url = 'm'", "there is no key 'base_url'; did you mean 'url'?"),
        ("key = 'sk-secret'", "there is no key 'key'; did you mean 'key-env'?"),
        ("key-env = 'sk-secret'", "key-env has to be the name of an environment variable"),
        ("timeout = '90 sec'", "there is no unit 'sec', did you mean 's'?"),
        ("timeout = '90'", "the unit is missing, ms or s or min or h"),
        ("timeout = 0", "timeout has to be a number of seconds"),
        ("timeout = true", "timeout has to be a number of seconds"),
        ("timeout = nan", "timeout has to be a number of seconds"),
        ("model = 2026-01-01", "model has to be the id of a model"),
        ("concurrency = 0", "concurrency has to be a whole number from 1 to 512"),
        ("headers = { X = 3 }", "X has to be a text, or {env"),
        ("headers = { X = { evn = 'A' } }", "X has to be a text, or {env"),
        ("headers = { 'a b' = 'x' }", "'a b' cannot be a name here"),
        ("features = { tool = true }", "there is no feature 'tool'; did you mean 'tools'?"),
        ("features = { body-limit = '1 mib' }", "there is no unit 'mib', did you mean 'MiB'?"),
        ("features = { filter-trigger = true }", "filter-trigger has to be a text, or false, not true"),
        ("body = { model = 'x' }", "'model' cannot be a name here"),
        ("body = { temperature = 9 }", "the contract forbids this in a body: 9 is greater than"),
        ("body = { since = 2026-01-01 }", "since has to be what JSON can say"),
        ("proxy = 3", "proxy has to be a URL such as"),
        ("requests-per-minute = 0", "requests-per-minute has to be a whole number from 1"),
        ("connect-timeout = '5 m'", "there is no unit 'm', did you mean 'ms'?"),
        ("features = { scrubbing = ['mail'] }", "scrubbing has to be a list of"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_is_right(tmp_path: Path, line: str, told: str) -> None:
    """Each mistake has its line and the nearest right word; no value is quoted that may be a key."""
    (said,) = refusal(tmp_path, f"# a comment\n[targets.a]\nurl = 'http://a'\n\n{line}\n")

    assert said.startswith("5: target a: ")
    assert told in said
    assert "sk-secret" not in said


def test_a_target_has_a_profile_and_may_be_strict(tmp_path: Path) -> None:
    """Both may be left out; a profile that is not there is told with its line and the nearest."""
    said = '[targets.a]\nurl = "http://a"\nprofile = "core"\nstrict = true\n[targets.b]\nurl = "http://b"\n'
    a, b = read_targets(written(tmp_path, said))

    assert [(each.profile, each.strict) for each in (a, b)] == [("core", True), ("", False)]
    assert refusal(tmp_path, said.replace('"core"', '"gatewya"').replace("true", '"yes"')) == [
        "4: target a: strict has to be true or false"
    ]
    assert refusal(tmp_path, said.replace('"core"', '"gatewya"')) == [
        "3: target a: there is no profile 'gatewya'; did you mean gateway?"
    ]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Whoever mends a file does it once: the mistakes come in the order of their lines."""
    said = refusal(tmp_path, "[targets.a]\nmodel = 3\n[targets.b]\nurl = 'x'\nx = 1\n[tragets.c]\ny = 1\n")

    assert [line.partition(":")[0] for line in said] == ["1", "2", "5", "6"]
    assert "'url' is missing" in said[0]
    assert "did you mean 'targets'?" in said[3]


@pytest.mark.parametrize(
    ("text", "line"), [("[targets.a\n", 1), ("\n\nx = 'a", 3), ("x = 1\nx = 2\n", 2), ("[a]\n[a]\n", 2)]
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    """A slip of the pen is told with its line, as the parser sees it."""
    (said,) = refusal(tmp_path, text)

    assert said.startswith(f"{line}: is not TOML: ")


def test_a_url_that_cannot_be_called_is_told_with_its_line(tmp_path: Path) -> None:
    """What the shape allows is looked at further."""
    (said,) = refusal(tmp_path, "[targets.a]\n\nurl = 'ftp://a'\n")

    assert said.startswith("3: target a: 'ftp://a' is not an http or https URL")


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_an_unreadable_file_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing, or that is no text, is named."""
    file = tmp_path / "chatconform.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ProfileError, match="cannot be read") as raised:
        read_targets(file)

    assert str(file) in str(raised.value)


def test_missing_variables_are_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that is not set is named with its line; a target that is not asked for needs none."""
    monkeypatch.delenv("ORG", raising=False)
    monkeypatch.setenv("STAGING_KEY", "")
    file = read_targets(written(tmp_path, GOOD.replace('upstream = "records/upstream.jsonl"', "")))

    with pytest.raises(ProfileError) as raised:
        described(file["staging"])

    first, second = str(raised.value).splitlines()
    assert ":4: target staging: the environment variable STAGING_KEY is not set or empty" in first
    assert ":8: target staging: the environment variable ORG" in second
    assert described(file["prod"]).key == ""


def test_what_a_target_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Key and secrets come from the environment, and are in no representation."""
    monkeypatch.setenv("STAGING_KEY", "sk-of-staging")
    monkeypatch.setenv("ORG", "org-of-staging\n")
    monkeypatch.setenv("CHATCONFORM_KEY", "sk-of-somebody-else")
    file = read_targets(written(tmp_path, GOOD.replace('upstream = "records/upstream.jsonl"', "")))

    staging, prod = described(file["staging"]), described(file["prod"])

    assert staging.headers == (("X-Org", "org-of-staging"), ("X-Plain", "p"))
    assert staging.secrets == ("org-of-staging",)
    assert (staging.key, staging.key_env) == ("sk-of-staging", "STAGING_KEY")
    assert prod.key == ""
    assert "auth" in staging.declared
    assert "-of-staging" not in repr(staging)


def test_a_feature_that_is_denied_is_not_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A target may have a key and check none."""
    monkeypatch.setenv("K", "sk-any")
    text = "[targets.a]\nurl = 'http://a'\nkey-env = 'K'\nfeatures.auth = false\n"

    assert "auth" not in described(read_targets(written(tmp_path, text))["a"]).declared


def test_an_unknown_target_is_told_with_the_nearest(tmp_path: Path) -> None:
    """A name that the file does not have is told with those that are like it."""
    with pytest.raises(ProfileError, match="no target 'stagin'") as raised:
        read_targets(written(tmp_path, GOOD))["stagin"]

    assert raised.value.hint == "Did you mean staging?"


def test_the_nearest_file_is_found(tmp_path: Path) -> None:
    """A command works in any folder of the repository."""
    file = written(tmp_path, GOOD)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    assert find_targets(below) == file
    inner = written(below, GOOD)
    assert find_targets(below) == inner


def test_the_schema_has_every_feature_that_can_be_declared() -> None:
    """The schema names the features of the ledger; whether an upstream records is said by its own key."""
    known = {need.word for need in load_ledger().needs if need.known_by is not KnownBy.MEASUREMENT}

    features = target_schema()["$defs"]["target"]["properties"]["features"]["properties"]

    assert {*features, "recording-upstream"} == known


def test_the_schema_is_one_that_editors_read() -> None:
    """It is a JSON Schema; each key has a description and, for our messages, a form."""
    schema = target_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    keys = dict(schema["$defs"]["target"]["properties"])
    for name, said in (*keys.items(), *keys["features"]["properties"].items()):
        assert said.get("description"), name
        assert said.get("x-form"), name


def test_units_are_those_of_the_schema() -> None:
    """What the schema allows can be read, and nothing else."""
    properties = target_schema()["$defs"]["target"]["properties"]
    assert properties["timeout"]["x-units"] == list(SECONDS)
    assert properties["features"]["properties"]["body-limit"]["x-units"] == list(BYTES)
    for unit in SECONDS:
        assert not [*mistakes({"targets": {"a": {"url": "http://a", "timeout": f"1.5 {unit}"}}})]
        assert seconds(f"1.5{unit}") == 1.5 * SECONDS[unit]
    for unit in BYTES:
        assert not [
            *mistakes({"targets": {"a": {"url": "http://a", "features": {"body-limit": f"2{unit}"}}}})
        ]
        assert size(f"2 {unit}") == 2 * BYTES[unit]


def test_lines_of_everything() -> None:
    """Tables, lists of tables, values of many lines and keys with dots have the line where they begin."""
    text = 'a = 1\n\n[b.c]\nd.e = """\n[x]\n"""\nf = [\n  1,\n  {g = 2},\n]\n'
    text += "[[h]]\ni = 1\n[[h]]\ni = 2\n[h.j]\n[b]\nk=1"

    lines = lines_of(text)

    wanted = {
        ("a",): 1,
        ("b",): 3,
        ("b", "c"): 3,
        ("b", "c", "d", "e"): 4,
        ("b", "c", "f"): 7,
        ("b", "c", "f", 1, "g"): 7,
        ("h", 0, "i"): 12,
        ("h", 1, "i"): 14,
        ("h", 1, "j"): 15,
        ("b", "k"): 17,
    }
    assert {path: lines[path] for path in wanted} == wanted


WORDS = st.text("ab-_. é\U0001f600", max_size=6)
JSONS = st.recursive(
    st.one_of(st.booleans(), st.integers(), WORDS, st.floats(), st.dates()),
    lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(WORDS, below, max_size=3)),
    max_leaves=6,
)
KEYS = st.sampled_from(["url", "model", "headers", "features", "timeout", "concurrency", "x"])


@given(st.dictionaries(KEYS, JSONS, max_size=4))
def test_any_document_is_judged(said: dict[str, object]) -> None:
    """Whatever stands in a target, what is said of it is one line a mistake, and its place exists."""
    for mistake in mistakes({"targets": {"a": said}}):
        assert mistake.at[:2] == ("targets", "a")
        assert mistake.reason
        assert "something else" not in mistake.reason


def test_where_requests_go_and_what_they_bear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Query, body, proxy and limits of a file are those of the target; what is secret is known to be."""
    monkeypatch.setenv("SIGNATURE", "sig-of-mine")
    monkeypatch.setenv("PROXY", "http://me:pass%2Fword@127.0.0.1:3128")
    text = """
        [targets.a]
        url = "http://a/v1?x=1"
        query = { api-version = "2026-01", sig = { env = "SIGNATURE" } }
        body.organisation = { id = 7, tags = ["x"] }
        proxy = { env = "PROXY" }
        requests-per-minute = 30
        connect-timeout = "500 ms"
    """

    target = described(read_targets(written(tmp_path, text))["a"])

    assert target.endpoint("/models") == "http://a/v1/models?x=1&api-version=2026-01&sig=sig-of-mine"
    assert target.url == "http://a/v1?x=1"
    assert target.body == {"organisation": {"id": 7, "tags": ["x"]}}
    assert (target.proxy, target.per_minute, target.connect_timeout) == (
        "http://me:pass%2Fword@127.0.0.1:3128",
        30,
        0.5,
    )
    assert {"sig-of-mine", "pass/word", "pass%2Fword"} <= {*target.all_secrets()}
    assert "sig-of-mine" not in repr(target)
    assert "pass" not in repr(target)


@pytest.mark.parametrize("proxy", ["proxy:3128", "https://proxy:3128", "http://", "http://proxy:99999"])
def test_a_proxy_that_is_none_is_told_without_its_password(tmp_path: Path, proxy: str) -> None:
    """A proxy has an http URL; what was written may hold a password, and is not repeated."""
    file = read_targets(written(tmp_path, f"[targets.a]\nurl = 'http://a'\nproxy = '{proxy}'\n"))

    with pytest.raises(ProfileError, match=":3: target a: the proxy is no http URL"):
        described(file["a"])


@pytest.mark.parametrize(("content", "told"), [("nothing", "no certificates"), (None, "cannot be read")])
def test_a_file_of_certificates_has_some(tmp_path: Path, content: str | None, told: str) -> None:
    """A file that cannot be used is told before anything is sent."""
    if content:
        (tmp_path / "ca.pem").write_text(content, encoding="utf-8")
    file = read_targets(written(tmp_path, "[targets.a]\nurl = 'http://a'\nca-file = 'ca.pem'\n"))

    with pytest.raises(UsageError, match=told):
        described(file["a"])


def test_the_document_has_an_example_of_everything(tmp_path: Path) -> None:
    """The example in the docs can be read, and has every key and every feature."""
    document = (Path(__file__).parents[1] / "docs" / "targets.md").read_text(encoding="utf-8")
    example = document.partition("```toml\n")[2].partition("```")[0]
    properties = target_schema()["$defs"]["target"]["properties"]

    staging = tomllib.loads(example)["targets"]["staging"]

    assert staging.keys() == properties.keys()
    assert staging["features"].keys() == properties["features"]["properties"].keys()
    assert [target.name for target in read_targets(written(tmp_path, example))] == ["staging", "prod"]
