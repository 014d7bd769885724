"use strict";
// The matrix: a cell opens what its verdict rests on, beside that of another target.
(() => {
  const told = JSON.parse(document.getElementById("matrix").textContent);
  const names = [...document.querySelectorAll(".target-name")].map((each) => each.textContent.trim());
  const dialog = document.getElementById("cell");
  const inside = dialog.querySelector(".cell-inside");
  const { element, shown } = Text_;
  let opener = null;

  const chip = (word) => {
    const glyph = document.querySelector(`.cell.v-${word} .glyph`)?.textContent ?? "";
    return element("span", `chip v-${word}`, `${glyph} ${word === "absent" ? "not asked" : word}`);
  };

  const finding = (each) => element("div", "found",
    shown("p", "reason", each.brief),
    shown("p", "judged", `${each.check} on ${each.paths.join(", ")}${each.attempts ? `, ${each.attempts}` : ""}`));

  const side = async (cells, column) => {
    const cell = cells[column];
    const places = cell.shown.map(() => element("div", "exchange"));
    const made = element("section", "side-of", element("h4", "", chip(cell.word), " ", ...Text_.nodes(names[column])), ...cell.found.map(finding), ...places);
    await Promise.all(places.map((place, n) => Exchanges.fill(place, cell.shown[n].key, cell.shown[n].marks)));
    return made;
  };

  const picker = (label, chosen, cells, onChange) => {
    const select = element("select");
    names.forEach((name, n) => {
      const option = element("option", "", `${name}: ${cells[n].word === "absent" ? "not asked" : cells[n].word}`);
      option.value = String(n);
      option.selected = n === chosen;
      select.append(option);
    });
    select.addEventListener("change", () => onChange(Number(select.value)));
    return element("label", "", label, select);
  };

  /** The column to compare with: the nearest that came out otherwise, else the next. */
  const partner = (cells, column) => {
    const others = cells.map((cell, n) => ({ word: cell.word, n })).filter((each) => each.n !== column);
    const wanted = others.find((each) => each.word === "pass" && cells[column].word !== "pass")
      ?? others.find((each) => each.word !== cells[column].word && each.word !== "absent") ?? others[0];
    return wanted?.n;
  };

  const draw = async (rule, left, right) => {
    const cells = told[rule.id];
    const heading = element("h3", "", ...[...rule.querySelector("th").childNodes].map((node) => node.cloneNode(true)));
    heading.id = "cell-title";
    const close = element("button", "quiet", "Close");
    close.type = "button";
    close.addEventListener("click", () => dialog.close());
    const choosing = element("div", "choosing", picker("Left ", left, cells, (n) => draw(rule, n, right)));
    if (right !== undefined) choosing.append(picker("Right ", right, cells, (n) => draw(rule, left, n)));
    const columns = [left, ...(right === undefined ? [] : [right])];
    const sides = element("div", "sides", ...await Promise.all(columns.map((column) => side(cells, column))));
    inside.replaceChildren(element("div", "cell-head", heading, close), choosing, sides);
    const all = await Exchanges.load();
    const pair = columns.map((column) => all.get(cells[column].shown[0]?.key)).filter(Boolean);
    if (pair.length === 2) sides.before(differences(...pair));
  };

  const differences = (left, right) => {
    const details = element("details", "", element("summary", "", "What differs between the two"), Difference.of(left, right));
    details.open = true;
    return details;
  };

  const open = async (button) => {
    const rule = button.closest(".requirement");
    const column = Number(button.dataset.column);
    opener = button;
    await draw(rule, column, partner(told[rule.id], column));
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  };

  document.querySelector(".matrix").addEventListener("click", (event) => {
    const button = event.target.closest("button.cell");
    if (button) open(button);
  });
  dialog.addEventListener("close", () => opener?.focus());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

  Speed.draw(document.getElementById("plots"), JSON.parse(document.getElementById("speeds").textContent));
  Rules.start();
})();
