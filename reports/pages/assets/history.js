"use strict";
// The page of many runs: for each target how verdicts and costs went over time.
(() => {
  const STYLE = { background: "none", color: "inherit", fontFamily: "inherit", fontSize: "12px" };
  const BROKEN = [["fail", "✗"], ["error", "!"], ["inconclusive", "?"], ["unsupported", "○"]];
  const COSTS = [["pass", "Rules that passed", "rules"], ["requests", "Requests", "requests"], ["tokens", "Tokens", "tokens"], ["wall", "Time", "seconds"]];
  const WIDTH = 720;
  const MOST_TICKS = 8;

  /** The axis of the runs: one place for each, some of them with their day. */
  const axis = (runs, type) => {
    const places = runs.map((_, place) => place);
    const step = Math.ceil(places.length / MOST_TICKS);
    const days = new Set(runs.map((run) => run.day.slice(0, 10)));
    const named = days.size < runs.length ? (day) => day.slice(5, 16) : (day) => day.slice(0, 10);
    return { type, label: null, domain: places, ticks: places.filter((place) => place % step === 0), tickFormat: (place) => named(runs[place].day) };
  };

  const figure = (plot, ...caption) => Text_.element("figure", "speed", Text_.picture(plot), Text_.element("figcaption", "", ...caption));

  const frame = (runs, label, title, type, marks) => Plot.plot({
    ariaLabel: title, width: WIDTH, height: 190, marginLeft: 60, style: STYLE,
    x: axis(runs, type), y: { label, grid: true, ticks: 4, nice: true, tickFormat: (value) => value.toLocaleString("en") }, marks,
  });

  const broken = (runs) => {
    const bars = runs.flatMap((run, place) => BROKEN.map(([verdict]) => ({ place, verdict, count: run[verdict] })));
    if (!bars.some((bar) => bar.count)) return null;
    const told = BROKEN.map(([verdict]) => `${runs.at(-1)[verdict]} ${verdict}`).join(", ");
    const plot = frame(runs, "rules", `Rules that did not pass, by run; in the last one ${told}`, "band", [
      Plot.barY(bars, { x: "place", y: "count", fill: (bar) => `var(--${bar.verdict})`, inset: 0.5 }),
      Plot.ruleY([0], { stroke: "currentColor" }),
    ]);
    const seen = BROKEN.filter(([verdict]) => runs.some((run) => run[verdict]));
    const legend = seen.flatMap(([verdict, glyph]) => [" ", Text_.element("span", `chip v-${verdict}`, `${glyph} ${verdict}`)]);
    return figure(plot, Text_.element("b", "", "Rules that did not pass"), ...legend);
  };

  const cost = (runs, [key, title, label]) => {
    const points = runs.map((run, place) => ({ place, value: run[key] })).filter((point) => point.value !== null);
    if (points.length < 2) return null;
    const said = `${title}, by run: from ${points[0].value.toLocaleString("en")} to ${points.at(-1).value.toLocaleString("en")}`;
    const marks = [
      Plot.lineY(points, { x: "place", y: "value", stroke: "var(--accent)", strokeWidth: 2 }),
      Plot.dot(points, { x: "place", y: "value", fill: "var(--accent)", r: points.length > 60 ? 1.5 : 3 }),
    ];
    return figure(frame(runs, label, said, "point", marks), Text_.element("b", "", title));
  };

  const trends = JSON.parse(document.getElementById("trends").textContent);
  for (const place of document.querySelectorAll(".plots")) {
    const runs = trends[Number(place.dataset.target)];
    if (runs.length < 2) continue;
    place.append(...[broken(runs), ...COSTS.map((each) => cost(runs, each))].filter(Boolean));
  }
  if (document.querySelector(".filters")) Rules.start();
  else Rules.theme();
})();
