"use strict";
// One exchange, laid open: request and response side by side, the places marked that a finding points at.
const Exchanges = (() => {
  const SHOWN = 60;
  const AROUND = 3;
  const { copying, element, shown } = Text_;
  let loading = null;

  /** All exchanges of the page by their ids; unpacked when somebody looks for the first time. */
  const load = () => {
    loading ??= (async () => {
      const packed = atob(document.getElementById("exchanges").textContent);
      const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
      const all = JSON.parse(await new Response(stream).text());
      return new Map(all.map((exchange) => [exchange.key ?? exchange.id, exchange]));
    })();
    return loading;
  };

  /** Marks in words ("event 5 /choices", "header x", "request /n", "/usage") by what they are about. */
  const sorted = (marks) => {
    const found = { headers: [], request: [], body: [], events: new Map(), status: false };
    for (const mark of marks) {
      const event = /^event (\d+)(?: (.*))?$/.exec(mark);
      if (event) found.events.set(Number(event[1]), event[2] ?? "");
      else if (mark.startsWith("header ")) found.headers.push(mark.slice(7).toLowerCase());
      else if (mark.startsWith("request")) found.request.push(mark.slice(8));
      else if (mark.startsWith("/")) found.body.push(mark);
      else if (mark === "status") found.status = true;
    }
    return found;
  };

  const headers = (pairs, marked, label) => {
    const rows = pairs.map(([name, value]) => element(
      "tr", marked.includes(name.toLowerCase()) ? "marked" : "", shown("td", "", name), shown("td", "", value)));
    const table = element("table", "headers", element("tbody", "", ...rows));
    const details = element("details", "", element("summary", "", `${pairs.length} ${label}`), table);
    details.open = marked.length > 0;
    return details;
  };

  const request = (exchange, marks) => {
    const sent = exchange.request;
    const parts = [element("h5", "", "Request"), headers(sent.headers, [], "request headers")];
    if (sent.withheld) parts.push(shown("p", "soft", `(${sent.withheld})`));
    else if (sent.body) parts.push(Json.view(sent.body, marks.request));
    return element("div", "x-side", ...parts);
  };

  /** What is new in an event, in one line; the whole is a click away. */
  const gist = (data) => {
    const chunk = Json.parsed(data)?.value;
    if (chunk === null || typeof chunk !== "object" || !Array.isArray(chunk.choices)) return data;
    const told = chunk.choices.map((choice) => {
      const index = chunk.choices.length > 1 || choice?.index ? `[${JSON.stringify(choice?.index)}] ` : "";
      const reason = choice?.finish_reason ? ` finish_reason ${JSON.stringify(choice.finish_reason)}` : "";
      return index + JSON.stringify(choice?.delta) + reason;
    });
    if (chunk.usage) told.push(`usage ${JSON.stringify(chunk.usage)}`);
    return told.join(" ") || data;
  };

  const row = (event, marks) => {
    const isMarked = marks.events.has(event.place);
    const summary = element("summary", "",
      element("span", "place", String(event.place)),
      element("span", "at", event.at === null ? "" : `${event.at} ms`),
      element("span", `k k-${event.kind}`, event.kind),
      shown("code", "", isMarked ? event.data : gist(event.data)));
    const details = element("details", "", summary);
    const open = () => { if (details.children.length < 2) details.append(Json.view(event.data, [marks.events.get(event.place) || ""])); };
    details.addEventListener("toggle", open);
    return element("li", isMarked ? "marked" : "", details);
  };

  /** The first events, the last two, and what lies around a marked one; the rest on demand. */
  const list = (events, count, marks) => {
    const near = (n) => [...marks.events.keys()].some((place) => Math.abs(events[n].place - place) <= AROUND);
    const isShown = (n) => events.length <= SHOWN || n < SHOWN / 2 || n >= events.length - 2 || near(n);
    const items = element("ol", "events");
    items.tabIndex = 0;
    items.setAttribute("aria-label", "Events");
    const fill = (all) => {
      items.replaceChildren();
      let hidden = 0;
      events.forEach((event, n) => {
        const skipped = n > 0 ? event.place - events[n - 1].place - 1 : 0;
        if (skipped > 0) items.append(element("li", "gap", `${skipped} events are in the record`));
        if (!all && !isShown(n)) { hidden += 1; return; }
        if (hidden) { items.append(more(hidden)); hidden = 0; }
        items.append(row(event, marks));
      });
    };
    const more = (hidden) => {
      const button = element("button", "quiet", `${hidden} more events`);
      button.type = "button";
      button.addEventListener("click", () => fill(true));
      return element("li", "gap", button);
    };
    fill(false);
    return items;
  };

  const streamed = (exchange, marks) => {
    const got = exchange.response;
    const events = got.events.map(([place, at, data]) => ({ place, at, data, kind: Timeline.kind(data) }));
    const picture = Timeline.figure(events, new Set(marks.events.keys()), got.headersAt);
    const raw = element("details", "", element("summary", "", "As it came"), Text_.scrolling(shown("pre", "", got.body)));
    return [...(picture ? [picture] : []), list(events, got.count, marks), raw];
  };

  const response = (exchange, marks) => {
    const got = exchange.response;
    const side = element("div", "x-side", element("h5", "", "Response"));
    if (!got) {
      side.append(shown("p", "", exchange.failure || "none came"));
      return side;
    }
    side.append(headers(got.headers, marks.headers, "response headers"));
    if (got.withheld) side.append(shown("p", "soft", `(${got.withheld})`));
    else if (got.events) side.append(...streamed(exchange, marks));
    else side.append(Json.view(got.body, marks.body));
    if (exchange.failure) side.append(shown("p", "warning", exchange.failure));
    return side;
  };

  const head = (exchange, marks) => {
    const got = exchange.response;
    const status = got ? `${got.status} ${got.reason}`.trim() : "no response";
    const told = [`after ${Math.round(1000 * exchange.elapsed)} ms`, exchange.scenario, exchange.path, exchange.step];
    if (exchange.retryOf) told.push(`again, after ${exchange.retryOf}`);
    if (exchange.illness) told.push(exchange.illness);
    return element("div", "x-head",
      element("b", "", exchange.id),
      shown("code", "", `${exchange.request.method} ${exchange.request.url}`),
      shown("span", marks.status ? "status marked" : "status", status),
      ...told.filter(Boolean).map((text) => shown("span", "soft", text)));
  };

  const curl = (exchange) => {
    if (!exchange.curl) return null;
    const tools = element("div", "tools", copying("Copy", exchange.curl));
    return element("details", "x-curl", element("summary", "", "Send it again with curl"), tools, Text_.scrolling(shown("pre", "", exchange.curl)));
  };

  /** Fill an element with an exchange. */
  const fill = async (place, name, marks) => {
    const exchange = (await load()).get(name);
    if (!exchange) {
      place.replaceChildren(element("p", "x-head", `${name} is not in this page, but in the record.`));
      return;
    }
    const found = sorted(marks);
    const parts = [head(exchange, found), element("div", "x-sides", request(exchange, found), response(exchange, found)), curl(exchange)];
    place.replaceChildren(...parts.filter(Boolean));
    place.dataset.filled = "yes";
  };

  /** Fill every exchange below an element that is not yet. */
  const fillBelow = async (root) => {
    const places = [...root.querySelectorAll(".exchange[data-exchange]:not([data-filled])")];
    await Promise.all(places.map((place) => fill(place, place.dataset.exchange, (place.dataset.marks || "").split("|").filter(Boolean))));
  };

  return { fill, fillBelow, load };
})();
