"use strict";
// How fast each target answered, as strips of points: every answer is one.
const Speed = (() => {
  const KINDS = [["first", "To the first token of a stream"], ["between", "Between two tokens"], ["total", "To the end of an answer"]];

  const STYLE = { background: "none", color: "inherit", fontFamily: "inherit", fontSize: "12px" };
  const shortened = (name) => (name.length > 34 ? name.slice(0, 33) + "…" : name);

  const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

  const figure = (speeds, key, title) => {
    const told = speeds.filter((speed) => speed[key].length);
    if (!told.length) return null;
    const points = told.flatMap((speed) => speed[key].map((ms) => ({ name: speed.name, ms: Math.max(ms, 0.1) })));
    const medians = told.map((speed) => ({ name: speed.name, ms: Math.max(median(speed[key]), 0.1) }));
    const plot = Plot.plot({
      ariaLabel: `${title}: ` + medians.map((each) => `${each.name} ${Math.round(each.ms)} ms`).join(", "),
      width: 720, height: 56 + 26 * told.length, marginLeft: margin(told), marginRight: 70,
      style: STYLE,
      x: { type: "log", label: "ms", grid: true, ticks: 5, tickFormat: (ms) => ms.toLocaleString("en") },
      y: { label: null, domain: told.map((speed) => speed.name), tickFormat: shortened },
      marks: [
        Plot.tickX(points, { x: "ms", y: "name", stroke: "var(--accent)", strokeOpacity: 0.35, inset: 4 }),
        Plot.tickX(medians, { x: "ms", y: "name", stroke: "currentColor", strokeWidth: 3, inset: 2 }),
        Plot.text(medians, { y: "name", frameAnchor: "right", dx: 62, textAnchor: "end", text: (each) => `${each.ms.toFixed(each.ms < 10 ? 1 : 0)} ms` }),
      ],
    });
    return Text_.element("figure", "speed", Text_.picture(plot), Text_.element("figcaption", "", `${title}; the heavy line is the median.`));
  };

  const margin = (speeds) => Math.min(12 + 7 * Math.max(...speeds.map((speed) => speed.name.length)), 260);

  const tokens = (speeds) => {
    const bars = speeds.flatMap((speed) => [["prompt", speed.prompt], ["completion", speed.completion]]
      .map(([kind, count]) => ({ name: speed.name, kind, count })));
    if (!bars.some((bar) => bar.count)) return null;
    const plot = Plot.plot({
      ariaLabel: "Tokens: " + bars.map((bar) => `${bar.name} ${bar.count} ${bar.kind}`).join(", "),
      width: 720, height: 56 + 26 * speeds.length, marginLeft: margin(speeds), marginRight: 70,
      style: STYLE,
      x: { label: "tokens", grid: true, ticks: 5, tickFormat: (count) => count.toLocaleString("en") },
      y: { label: null, domain: speeds.map((speed) => speed.name), tickFormat: shortened },
      marks: [
        Plot.barX(bars, { x: "count", y: "name", fill: (bar) => (bar.kind === "prompt" ? "var(--event-usage)" : "var(--accent)"), inset: 4 }),
      ],
    });
    const legend = [Text_.element("b", "", "Tokens"), ": ", Text_.element("span", "k k-usage", "prompt"), " and ", Text_.element("span", "k k-content", "completion"), ", as the target counted them."];
    return Text_.element("figure", "speed", Text_.picture(plot), Text_.element("figcaption", "", ...legend));
  };

  const draw = (place, speeds) => {
    const figures = [...KINDS.map(([key, title]) => figure(speeds, key, title)), tokens(speeds)];
    place.append(...figures.filter(Boolean));
  };

  return { draw };
})();
