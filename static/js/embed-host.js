// For pages that show KZMedia's charts: gives each frame the height of what is in it. It reads nothing of the page.
(() => {
  "use strict";

  if (window.kzmediaEmbeds) return; // several charts, one listener
  window.kzmediaEmbeds = true;
  const own = new URL(document.currentScript.src).origin;
  const frames = () => [...document.querySelectorAll("iframe")].filter((one) => one.src.startsWith(`${own}/embed/`));

  addEventListener("message", (event) => {
    const said = event.data;
    if (!said || said.kzmedia !== "height" || !Number.isFinite(said.height)) return;
    const frame = frames().find((one) => one.contentWindow === event.source);
    if (frame) frame.style.height = `${Math.min(Math.max(said.height, 100), 5000)}px`;
  });

  const ask = () => frames().forEach((one) => one.contentWindow.postMessage({ kzmedia: "ask" }, "*"));
  ask();
  addEventListener("load", ask);
})();
