// Forms that show a state, in the address or saved, say what it is: after Back, a reload or a restored tab a browser may
// bring back what was chosen but never sent. What people write to others (method post, without autocomplete="off") stays.
(() => {
  "use strict";

  const begun = new WeakSet(); // forms that were touched before the page was whole
  const touch = (event) => { const form = event.target.closest && event.target.closest("form"); if (form) begun.add(form); };
  for (const name of ["keydown", "pointerdown"]) addEventListener(name, touch, { passive: true, capture: true });

  addEventListener("pageshow", (event) => document.querySelectorAll('form[method="get"], form[autocomplete="off"]').forEach((form) => {
    if (event.persisted || !begun.has(form)) form.reset();
  }));
})();
