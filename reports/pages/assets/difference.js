"use strict";
// Two exchanges compared: what was asked, and what was answered, line by line.
const Difference = (() => {
  const CONTEXT = 3;
  const { element, nodes } = Text_;

  // What no two answers have in common says nothing.
  const OWN = new Set(["id", "created", "system_fingerprint"]);
  const without = (value) => {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, OWN.has(key) ? "…" : inner]));
  };
  const pretty = (text) => {
    const found = Json.parsed(text);
    return found ? JSON.stringify(without(found.value), null, 2) : text;
  };

  const asked = (exchange) => `${exchange.request.method} ${new URL(exchange.request.url, "http://x").pathname}\n${pretty(exchange.request.body)}\n`;

  /** A stream as a line for each event; any other answer as its JSON. */
  const answered = (exchange) => {
    const got = exchange.response;
    if (!got) return `${exchange.failure}\n`;
    const body = got.events
      ? got.events.map(([, , data]) => { const found = Json.parsed(data); return found ? JSON.stringify(without(found.value)) : data; }).join("\n")
      : pretty(got.body);
    const type = got.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "no content-type";
    return `${got.status} ${type}\n${body}\n`;
  };

  const folded = (lines, isFirst, isLast) => {
    const before = isFirst ? 0 : CONTEXT;
    const after = isLast ? 0 : CONTEXT;
    if (lines.length <= before + after + 1) return lines;
    return [...lines.slice(0, before), null, ...lines.slice(lines.length - after || lines.length)];
  };

  const view = (left, right) => {
    const parts = Diff.diffLines(left, right);
    if (parts.length === 1 && !parts[0].added && !parts[0].removed) return element("p", "quiet", "No difference.");
    const pre = element("pre", "diff");
    pre.tabIndex = 0;
    parts.forEach((part, n) => {
      const sign = part.added ? "+" : part.removed ? "-" : " ";
      const kind = part.added ? "added" : part.removed ? "removed" : "";
      const lines = part.value.replace(/\n$/, "").split("\n");
      const shown = kind ? lines : folded(lines, n === 0, n === parts.length - 1);
      for (const line of shown) {
        pre.append(line === null
          ? element("span", "line fold", `  … ${lines.length - shown.length + 1} lines alike`)
          : element("span", `line ${kind}`, `${sign} `, ...nodes(line)));
      }
    });
    return pre;
  };

  /** What two exchanges differ in. */
  const of = (left, right) => element("div", "differences",
    element("h4", "", "What was asked"), view(asked(left), asked(right)),
    element("h4", "", "What was answered"), view(answered(left), answered(right)));

  return { of };
})();
