"use strict";
// JSON in lines, each with the pointer to what stands there, so that a place can be marked.
const Json = (() => {
  const part = (key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

  const parsed = (text) => {
    try {
      return { value: JSON.parse(text) };
    } catch {
      return null;
    }
  };

  /** Lines as {text, pointer}; the lines of an object or array all lie below its pointer. */
  const lines = (value, pointer = "", indent = "", before = "", after = "") => {
    if (value === null || typeof value !== "object" || Object.keys(value).length === 0) {
      return [{ text: indent + before + JSON.stringify(value) + after, pointer }];
    }
    const isList = Array.isArray(value);
    const entries = Object.entries(value);
    const inner = entries.flatMap(([key, child], n) => lines(
      child,
      `${pointer}/${part(key)}`,
      indent + "  ",
      isList ? "" : JSON.stringify(key) + ": ",
      n < entries.length - 1 ? "," : "",
    ));
    return [
      { text: indent + before + (isList ? "[" : "{"), pointer },
      ...inner,
      { text: indent + (isList ? "]" : "}") + after, pointer },
    ];
  };

  /** The text in indented lines where it is JSON, or nothing. */
  const pretty = (text) => {
    const found = parsed(text);
    return found ? lines(found.value).map((line) => line.text).join("\n") : null;
  };

  /** The nearest place that exists: what is missing is marked at its object. */
  const nearest = (pointer, known) => {
    let place = pointer;
    while (place && !known.has(place)) place = place.slice(0, place.lastIndexOf("/"));
    return place;
  };

  /** A <pre> of the text: indented with the pointers marked where it is JSON, as it came otherwise. */
  const view = (text, pointers = []) => {
    const found = parsed(text);
    if (!found) return Text_.scrolling(Text_.shown("pre", "", text));
    const all = lines(found.value);
    const known = new Set(all.map((line) => line.pointer));
    const marked = pointers.filter((pointer) => pointer !== "/").map((pointer) => nearest(pointer, known));
    const isMarked = (line) => marked.some((place) => place && (line.pointer === place || line.pointer.startsWith(place + "/")));
    return Text_.scrolling(Text_.element("pre", "", ...all.map((line) => Text_.shown("span", isMarked(line) ? "line marked" : "line", line.text))));
  };

  return { parsed, pretty, view };
})();
