"""Values for JSON Schemas: valid first, and from the conversation where it has something that fits.

Understood: `$ref` into the schema, `allOf` (merged), `anyOf` and `oneOf` (the first branch that gives a valid
whole), `const`, `enum`, types and lists of types, objects (`properties`, `required`, `dependentRequired`,
`minProperties`), arrays (`items`, `prefixItems`, `minItems`, `uniqueItems`), strings (`minLength`,
`maxLength`, `format`, `pattern` of the common kind), numbers (bounds, `multipleOf`). Not understood: `not`,
`if`, `contains`, `patternProperties`, `propertyNames` and whatever a validator alone can judge; the result is
then the best attempt.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import jsonschema_rs

from chatconform.reference_server.model.hints import Hints
from chatconform.reference_server.model.patterns import matching
from chatconform.reference_server.model.strings import FORMATS, SHAPES, fits

_DEEP = 5
_TOO_DEEP = 40
_ATTEMPTS = 12
_PARTS = 2000
_MOST = 1000
_TIGHTER = {
    "minimum": max, "exclusiveMinimum": max, "minLength": max, "minItems": max, "minProperties": max,
    "maximum": min, "exclusiveMaximum": min, "maxLength": min, "maxItems": min, "maxProperties": min,
}  # fmt: skip

_IMPLIED = (
    ("object", frozenset({"properties", "required", "minProperties"})),
    ("array", frozenset({"items", "prefixItems", "minItems"})),
    ("number", frozenset({"minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"})),
)
"""What a schema without a type describes, by its keywords."""

Schema = Mapping[str, Any]


def schema_value(schema: Schema | bool, hints: Hints) -> Any:
    """Return a value that is valid against a schema (see the module for what is understood)."""
    if isinstance(schema, bool):
        return {}
    check = _validator(schema)
    best = None
    for attempt in range(_ATTEMPTS):
        value = _Builder(schema, hints, attempt).value(schema, "", 0)
        if check is None or check.is_valid(value):
            return value
        best = value if attempt == 0 else best
    return best


def _refused(uri: str) -> Any:
    """Refuse to fetch what a schema refers to: it comes from a stranger."""
    raise ValueError(f"a schema may only refer to its own parts, not to {uri}")


def _validator(schema: Schema) -> jsonschema_rs.Validator | None:
    try:
        return jsonschema_rs.validator_for(dict(schema), retriever=_refused)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return None


class _Builder:
    """Builds one value; the attempt's number turns the choice between branches."""

    def __init__(self, root: Schema, hints: Hints, attempt: int) -> None:
        self._root = root
        self._hints = hints
        self._attempt = attempt
        self._left = _PARTS

    def value(self, schema: Schema | bool, name: str, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:  # a schema that branches without end: only what is required from here on
            depth = max(depth, _DEEP + 1)
        if isinstance(schema, bool) or depth > _TOO_DEEP or self._left < -_PARTS:
            return self._string({}, name)
        schema = self._flat(schema, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._enum(schema["enum"], depth)
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            return self.value(self._branch(schema, branches, depth), name, depth + 1)
        return self._typed(schema, _kind(schema, depth, self._attempt), name, depth)

    def _typed(self, schema: Schema, kind: str, name: str, depth: int) -> Any:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer" | "number":
                return self._number(schema, name, whole=kind == "integer")
            case "boolean":
                return self._hints.flag(name)
            case "null":
                return None
        return self._string(schema, name)

    def _enum(self, options: list[Any], depth: int) -> Any:
        ordered = (
            self._hints.chosen(options) if self._attempt < 2 else options[self._attempt % len(options) :]
        )
        scalars = [option for option in ordered if option is None] if depth > _DEEP else ordered
        return next((option for option in scalars if option is not None), ordered[0])

    def _branch(self, schema: Schema, branches: list[Any], depth: int) -> Schema:
        """Pick a branch: the attempts go round; deep down the one that ends soonest comes first."""
        flat = [self._flat(branch) if isinstance(branch, Mapping) else {} for branch in branches]
        order = sorted(range(len(flat)), key=lambda index: (self._rank(flat[index], depth), index))
        chosen = flat[order[self._attempt % len(order)]]
        rest = {key: value for key, value in schema.items() if key not in {"anyOf", "oneOf"}}
        return _merged(rest, chosen)

    def _rank(self, branch: Schema, depth: int) -> int:
        kind = branch.get("type")
        if depth > _DEEP:
            return {"null": 0, "object": 3, "array": 2}.get(str(kind), 1)
        return 1 if kind == "null" else 0

    def _flat(self, schema: Schema, depth: int = 0) -> Schema:
        """Resolve references and merge `allOf`; what refers to itself only says nothing."""
        if depth > _TOO_DEEP:
            return {}
        for _ in range(_TOO_DEEP):
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = _merged(self._target(str(schema["$ref"])), rest)
            elif schema.get("allOf"):
                parts = schema["allOf"]
                schema = {key: value for key, value in schema.items() if key != "allOf"}
                for part in parts:
                    schema = _merged(schema, self._flat(part, depth + 8) if isinstance(part, Mapping) else {})
            else:
                return schema
        return {}

    def _target(self, reference: str) -> Schema:
        place: Any = self._root
        for part in reference.removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            place = place[int(key)] if isinstance(place, list) else place.get(key, {})
        return place if isinstance(place, Mapping) else {}

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        properties: Mapping[str, Any] = schema.get("properties") or {}
        wanted = list(self._wanted(schema, properties, depth))
        built = {name: self.value(properties.get(name, True), name, depth + 1) for name in wanted}
        self._fill(schema, built, depth)
        return built

    def _wanted(self, schema: Schema, properties: Mapping[str, Any], depth: int) -> Iterator[str]:
        """Yield the properties to write: the required ones, and others that the conversation speaks of."""
        required = list(schema.get("required") or ())
        for name, others in (schema.get("dependentRequired") or {}).items():
            required += others if name in required else []
        for name in properties:
            if name in required or (depth <= _DEEP and (not required or self._hints.mentions(name))):
                yield name
        yield from (name for name in dict.fromkeys(required) if name not in properties)

    def _fill(self, schema: Schema, built: dict[str, Any], depth: int) -> None:
        extra = schema.get("additionalProperties", True)
        unused = iter(name for name in schema.get("properties") or {} if name not in built)
        while len(built) < min(schema.get("minProperties", 0), _MOST):
            name = next(unused, "") or f"field_{len(built) + 1}"
            part: Any = (schema.get("properties") or {}).get(name, extra)
            built[name] = self.value(part or True, name, depth + 1)

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        fixed = list(schema.get("prefixItems") or ())
        items = schema.get("items", True)
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        natural = self._natural_length(items, depth)
        size = int(min(max(least, natural, len(fixed)), most, _MOST)) if items is not False else len(fixed)
        values: list[Any] = []
        for index in range(size):
            part = fixed[index] if index < len(fixed) else items
            value = self.value(part, name, depth + 1)
            if schema.get("uniqueItems") and _holds(values, value):
                value = self._other(part, name, depth, values)
                if _holds(values, value) and index >= least:
                    break
            values.append(value)
        return values

    def _natural_length(self, items: Any, depth: int) -> int:
        if depth > _DEEP or items is False:
            return 0
        flat = self._flat(items) if isinstance(items, Mapping) else {}
        if flat.get("type") == "string" and "enum" not in flat and "const" not in flat:
            return max(1, min(len(self._hints.several()), 5))
        return 1

    def _other(self, schema: Any, name: str, depth: int, values: list[Any]) -> Any:
        """Find a value that is not in the list yet."""
        flat = self._flat(schema) if isinstance(schema, Mapping) else {}
        for option in _variants(flat, len(values)):
            if not _holds(values, option) and _accepts(self._root, flat, option):
                return option
        return self.value(schema, name, depth + 1)

    def _string(self, schema: Schema, name: str) -> str:
        shape = SHAPES.get(str(schema.get("format")))
        shaped = self._hints.shaped(shape) if shape else ()
        for value in chain(shaped, self._hints.strings(name)) if self._attempt < 6 else ():
            if fits(value, schema):
                self._hints.take(value)
                return value
        return _made(schema, name)

    def _number(self, schema: Schema, name: str, *, whole: bool) -> int | float:
        step = schema.get("multipleOf") or (1 if whole else None)
        for value in self._hints.numbers(name):
            if _in_range(value, schema) and (step is None or _is_multiple(value, step)):
                if whole and value != int(value):
                    continue
                self._hints.take(f"{value:g}")
                return int(value) if value == int(value) else value
        return _number_within(schema, step, whole=whole)


def _kind(schema: Schema, depth: int, attempt: int) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        scalars = [each for each in kind if each != "null"]
        if depth > _DEEP and "null" in kind:
            return "null"
        return str(scalars[attempt % len(scalars)]) if scalars else "null"
    if kind:
        return str(kind)
    return next((implied for implied, keywords in _IMPLIED if keywords & schema.keys()), "string")


def _merged(one: Schema, other: Schema) -> dict[str, Any]:
    """Merge two schemas that must both hold."""
    merged = dict(one)
    for key, value in other.items():
        if key not in merged or merged[key] == value:
            merged[key] = value
        elif key == "properties":
            both = {**merged[key], **value}
            merged[key] = {
                name: {"allOf": [merged[key][name], value[name]]}
                if name in merged[key] and name in value
                else part
                for name, part in both.items()
            }
        elif key == "required":
            merged[key] = [*merged[key], *(name for name in value if name not in merged[key])]
        elif key == "enum":
            merged[key] = [option for option in merged[key] if option in value]
        elif key in _TIGHTER:
            merged[key] = _TIGHTER[key](merged[key], value)
        elif key == "type":
            merged[key] = _common_type(merged[key], value)
        else:
            merged[key] = value
    return merged


def _common_type(one: Any, other: Any) -> Any:
    first = one if isinstance(one, list) else [one]
    second = other if isinstance(other, list) else [other]
    common = [kind for kind in first if kind in second]
    if not common and {"integer", "number"} <= {*first, *second}:
        return "integer"
    return common[0] if len(common) == 1 else common or other


def _made(schema: Schema, name: str) -> str:
    """Make a string where the conversation has none: by format, by pattern, else from the field's name."""
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        made = matching(str(schema["pattern"]), schema.get("minLength", 0))
        if made is not None:
            return made
    text = name.replace("_", " ") or "value"
    least = min(int(schema.get("minLength", 0)), _MOST * 10)
    text += f" {text}" * (-(-max(0, least - len(text)) // (len(text) + 1)))
    return text[: schema.get("maxLength")]


def _bounds(schema: Schema) -> tuple[float, float]:
    low = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    return low, high


def _in_range(value: float, schema: Schema) -> bool:
    low, high = _bounds(schema)
    return low <= value <= high and value not in {
        schema.get("exclusiveMinimum"),
        schema.get("exclusiveMaximum"),
    }


def _is_multiple(value: float, step: float) -> bool:
    return abs(value / step - round(value / step)) < 1e-9


def _number_within(schema: Schema, step: float | None, *, whole: bool) -> int | float:
    """Return the number nearest to 1 that the bounds and the step allow."""
    low, high = _bounds(schema)
    start: float = min(max(1, low), high)
    if step is None:
        if _in_range(start, schema):
            return start
        return (low + high) / 2 if math.isfinite(low + high) else start + (1 if start == low else -1)
    count = math.ceil(start / step - 1e-9)
    tries = [count * step, (count + 1) * step, (count - 1) * step, (count + 2) * step]
    if whole and step != int(step):
        tries = [value for k in range(200) if (value := (count + k) * step) == int(value)] or tries
    best = next((value for value in tries if _in_range(value, schema)), tries[0])
    return int(best) if best == int(best) else best


def _holds(values: list[Any], value: Any) -> bool:
    """Tell whether a list holds a value in the sense of JSON (true is not 1)."""
    return any(type(each) is type(value) and each == value for each in values)


def _variants(schema: Schema, index: int) -> Iterator[Any]:
    if "enum" in schema:
        yield from schema["enum"]
        return
    kind = _kind(schema, 0, 0)
    if kind == "boolean":
        yield from (True, False)
    elif kind in {"integer", "number"}:
        step = schema.get("multipleOf") or 1
        start = _number_within(schema, step, whole=kind == "integer")
        for count in range(index + 2):
            yield from (start + count * step, start - count * step)
    elif kind == "string":
        base = _made({key: part for key, part in schema.items() if key != "maxLength"}, "item")
        most = int(schema.get("maxLength", len(base) + 4))
        for count in range(index + 2):
            mark = str(count)
            yield (base[: max(0, most - len(mark))] + mark).rjust(int(schema.get("minLength", 0)), "x")


def _accepts(root: Schema, schema: Schema, value: Any) -> bool:
    definitions = {key: root[key] for key in ("$defs", "definitions") if key in root}
    try:
        return jsonschema_rs.is_valid({**definitions, **schema}, value, retriever=_refused)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
        return True
