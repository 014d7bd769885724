"use strict";
// The page of one run: an exchange is drawn when its rule is opened, or when somebody follows a link to it.
(() => {
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.(".requirement") && event.target.open) Exchanges.fillBelow(event.target);
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-shows]");
    if (!link) return;
    event.preventDefault();
    const around = link.closest("p");
    const beside = around.nextElementSibling;
    if (beside?.dataset.follows === link.dataset.shows) { beside.remove(); return; }
    const place = Text_.element("div", "exchange");
    place.dataset.follows = link.dataset.shows;
    around.after(place);
    Exchanges.fill(place, link.dataset.shows, (link.dataset.marks || "").split("|").filter(Boolean));
  });

  // On paper nothing can be opened: what is broken is shown.
  addEventListener("beforeprint", () => {
    for (const rule of document.querySelectorAll('.requirement[data-verdict="fail"]')) rule.open = true;
  });

  Rules.start();
})();
