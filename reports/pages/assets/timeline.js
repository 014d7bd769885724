"use strict";
// The events of a stream over time: when each came, of what kind it was, and which the finding is about.
const Timeline = (() => {
  const KINDS = ["role", "content", "tool", "finish", "usage", "done", "error", "other"];

  /** What an event is, by the member of it that tells most. */
  const kind = (data) => {
    if (data.trim() === "[DONE]") return "done";
    const chunk = Json.parsed(data)?.value;
    if (chunk === null || typeof chunk !== "object") return "other";
    if (chunk.error) return "error";
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter((each) => each && typeof each === "object") : [];
    if (choices.some((choice) => choice.finish_reason)) return "finish";
    const deltas = choices.map((choice) => choice.delta ?? {});
    if (deltas.some((delta) => delta.tool_calls)) return "tool";
    if (deltas.some((delta) => delta.content || delta.refusal)) return "content";
    if (chunk.usage) return "usage";
    return deltas.some((delta) => delta.role) ? "role" : "other";
  };

  const color = (name) => `var(--event-${name})`;

  const figure = (events, marked, headersAt) => {
    const points = events.filter((event) => event.at !== null)
      .map((event) => ({ ...event, isMarked: marked.has(event.place) }));
    if (points.length < 2) return null;
    const chosen = points.filter((point) => point.isMarked);
    const used = KINDS.filter((name) => points.some((point) => point.kind === name));
    const plot = Plot.plot({
      ariaLabel: `${points.length} events, the first after ${points[0].at} ms, the last after ${points.at(-1).at} ms`,
      width: 640,
      height: chosen.length ? 92 : 76,
      marginTop: chosen.length ? 26 : 10, marginBottom: 32, marginLeft: 8, marginRight: 12,
      style: { background: "none", color: "inherit", fontFamily: "inherit", fontSize: "11px" },
      x: { label: "ms after the request", domain: [0, Math.max(points.at(-1).at, 1)], nice: false },
      y: { axis: null, domain: [0, 1] },
      marks: [
        Plot.ruleX([1000 * headersAt], { stroke: "currentColor", strokeDasharray: "2 3" }),
        Plot.ruleX(points, { x: "at", y1: 0, y2: 1, stroke: (point) => color(point.kind), strokeOpacity: 0.75 }),
        Plot.dot(chosen, { x: "at", y: 1, r: 5, fill: "var(--fail)" }),
        Plot.text(chosen, { x: "at", y: 1, dy: -13, text: (point) => `event ${point.place}`, fill: "var(--fail)", fontWeight: 700 }),
      ],
    });
    const legend = used.flatMap((name) => [Text_.element("span", `k k-${name}`, name), " "]);
    return Text_.element("figure", "timeline", Text_.picture(plot), Text_.element("figcaption", "", ...legend, "· dotted: the head of the response"));
  };

  return { figure, kind };
})();
