"use strict";
// Text of a stranger: it is only ever put into text nodes, with what cannot be seen written out.
const Text_ = (() => {
  const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
  const KEPT = new Set(["\n", "\t"]);

  const escaped = (character) => "\\u{" + character.codePointAt(0).toString(16).padStart(2, "0") + "}";

  /** An element with classes and children; a string becomes a text node. */
  const element = (name, classes = "", ...children) => {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    made.append(...children);
    return made;
  };

  /** Nodes that show a text: control characters and changes of direction as escapes. */
  const nodes = (text) => {
    const shown = [];
    let end = 0;
    for (const match of String(text).matchAll(UNSEEN)) {
      if (KEPT.has(match[0])) continue;
      shown.push(text.slice(end, match.index), element("span", "escape", escaped(match[0])));
      end = match.index + match[0].length;
    }
    shown.push(String(text).slice(end));
    return shown.filter((part) => part !== "");
  };

  /** An element that shows a stranger's text. */
  const shown = (name, classes, text) => element(name, classes, ...nodes(text));

  /** An element that scrolls: the keyboard reaches it too. */
  const scrolling = (made) => { made.tabIndex = 0; return made; };

  /** A plot as one picture: its label tells what the parts of it would tell one by one. */
  const picture = (plot) => {
    for (const part of plot.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
    plot.setAttribute("role", "img");
    return plot;
  };

  const copying = (label, text) => {
    const button = element("button", "quiet", label);
    button.type = "button";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 1500);
    });
    return button;
  };

  return { copying, element, nodes, picture, scrolling, shown };
})();
