// Forms whose fields are the address say what the address says: after Back, a reload or a restored tab a browser may
// bring back what was chosen but never sent.
(() => {
  "use strict";

  addEventListener("pageshow", () => document.querySelectorAll('form[method="get"]').forEach((form) => form.reset()));
})();
