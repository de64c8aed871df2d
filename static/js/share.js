// The box with a chart's code: a button that copies it, where the browser lets scripts do so.
(() => {
  "use strict";

  const show = (part) => part.querySelectorAll("[data-copies]").forEach((one) => { one.hidden = !navigator.clipboard; });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const box = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(box.value);
    const usual = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = usual; }, 2000);
  });

  document.addEventListener("charts:new", (event) => show(event.target));
  show(document);
})();
