"use strict";
// Rules on a page: filtered, searched, opened by address, walked through by keys.
const Rules = (() => {
  const all = () => [...document.querySelectorAll(".requirement")];
  const visible = () => all().filter((rule) => !rule.hidden);
  const form = document.querySelector(".filters");
  const search = document.getElementById("search");

  const chosen = (name) => [...form.querySelectorAll(`[data-filter="${name}"]`)]
    .flatMap((input) => (input.type === "checkbox" ? (input.checked ? [input.value] : []) : input.value ? [input.value] : []));

  const texts = new Map();
  const textOf = (rule) => {
    if (!texts.has(rule)) {
      const parts = [...rule.querySelectorAll("summary, .facts, .finding > h4, .reason, .evidence")];
      texts.set(rule, (parts.length ? parts : [rule]).map((part) => part.textContent).join(" ").toLowerCase());
    }
    return texts.get(rule);
  };

  const apply = () => {
    const wanted = { verdict: chosen("verdict"), level: chosen("level"), area: chosen("area") };
    const onlyDifferent = chosen("different").length > 0;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rules = all();
    for (const rule of rules) {
      const verdicts = (rule.dataset.verdict || "").split(" ");
      rule.hidden = !((!wanted.verdict.length || wanted.verdict.some((each) => verdicts.includes(each)))
        && (!wanted.level.length || wanted.level.includes(rule.dataset.level))
        && (!wanted.area.length || wanted.area.includes(rule.dataset.area))
        && (!onlyDifferent || rule.dataset.different === "yes")
        && words.every((word) => textOf(rule).includes(word)));
    }
    for (const area of document.querySelectorAll("section.area, tbody.area")) {
      area.hidden = ![...area.querySelectorAll(".requirement")].some((rule) => !rule.hidden);
    }
    const count = visible().length;
    document.getElementById("shown").textContent = count === rules.length ? `${count} rules` : `${count} of ${rules.length} rules`;
    document.getElementById("nothing").hidden = count > 0;
  };

  const clear = () => { form.reset(); apply(); };

  /** Go to a rule: whatever hides it is taken away. */
  const reveal = (rule, { focus = true } = {}) => {
    if (rule.hidden) clear();
    if (rule.tagName === "DETAILS") rule.open = true;
    rule.scrollIntoView({ block: "start" });
    if (focus) (rule.querySelector("summary, a, button") ?? rule).focus({ preventScroll: true });
  };

  const byAddress = () => {
    const rule = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (rule?.classList.contains("requirement")) reveal(rule);
  };

  const step = (rules, by) => {
    const here = rules.findIndex((rule) => rule.contains(document.activeElement));
    const next = rules[here < 0 ? (by > 0 ? 0 : rules.length - 1) : here + by];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    (next.querySelector("summary, a, button") ?? next).focus();
  };

  const nextFailure = () => {
    const rules = visible();
    const here = rules.findIndex((rule) => rule.contains(document.activeElement));
    const failed = (rule) => (rule.dataset.verdict || "").split(" ").includes("fail");
    const next = rules.slice(here + 1).find(failed) ?? rules.find(failed);
    if (next) reveal(next);
  };

  const onKey = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) { clear(); search.blur(); return; }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement?.tagName) || document.querySelector("dialog[open]")) return;
    const does = { "/": () => search.focus(), j: () => step(visible(), 1), k: () => step(visible(), -1), f: nextFailure }[event.key];
    if (does) { event.preventDefault(); does(); }
  };

  const theme = () => {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      const root = document.documentElement;
      const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = isDark ? "light" : "dark";
    });
  };

  const start = () => {
    form.hidden = false;
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    document.addEventListener("keydown", onKey);
    addEventListener("hashchange", byAddress);
    theme();
    apply();
    byAddress();
  };

  return { start, theme };
})();
