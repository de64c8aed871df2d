// The chart builder without reloading: links and forms marked data-swap fetch the page they lead to and put its
// builder in the place of this one. The day a chart starts from can be dragged.
(() => {
  "use strict";

  const GRIP = 16; // px on either side of the line that a finger or pointer takes hold of

  let asked = 0;

  // What the chart's own buttons have changed since the page was written.
  function carried(address) {
    const [target, now] = [new URL(address, location.href), new URLSearchParams(location.search)];
    for (const name of ["scale", "events"]) {
      target.searchParams.delete(name);
      if (now.has(name)) target.searchParams.set(name, now.get(name));
    }
    return target.href;
  }

  // toResult: the controls fold where they are folded, and the chart comes into view.
  async function go(address, { push = true, toResult = false } = {}) {
    const turn = ++asked;
    const here = document.getElementById("compare");
    const focused = document.activeElement && here.contains(document.activeElement) ? document.activeElement.id : "";
    here.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await fetch(address, { credentials: "same-origin" });
    } catch {
      location.assign(address);
      return;
    }
    if (turn !== asked) return; // a later click has overtaken this answer
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("compare");
    if (!answer.ok || !next || page.querySelector(".notice")) { location.assign(address); return; }
    here.querySelectorAll(".js-plotly-plot").forEach((box) => Plotly.purge(box));
    const [pick, nextPick] = [here, next].map((one) => one.querySelector("details.pick"));
    nextPick.open = nextPick.open || (pick.open && !toResult);
    here.replaceWith(next);
    document.title = page.title;
    if (push) history.pushState({ compare: true }, "", answer.url);
    languages(page);
    document.getElementById("compare-said").textContent = next.querySelector("#compare-says").textContent.trim();
    if (toResult && next.querySelector(".result").getBoundingClientRect().top < 0) next.scrollIntoView();
    const again = focused && document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
    next.dispatchEvent(new CustomEvent("charts:new", { bubbles: true }));
  }

  // The other languages lead to the same comparison.
  function languages(page) {
    const [mine, theirs] = [document, page].map((one) => one.querySelector("nav.languages"));
    if (mine && theirs) mine.replaceWith(theirs);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(carried(link.href));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    go(carried(`${location.pathname}?${new URLSearchParams(filled)}`), { toResult: !form.matches(".find") });
  });

  addEventListener("popstate", () => go(location.href, { push: false }));

  // The base day

  const pixelOf = (box, day) => {
    const axis = box._fullLayout.xaxis;
    return box.getBoundingClientRect().left + axis._offset + axis.d2p(day);
  };
  const dayAt = (box, x) => {
    const axis = box._fullLayout.xaxis;
    const place = Math.min(Math.max(x - box.getBoundingClientRect().left - axis._offset, 0), axis._length);
    return axis.p2d(place).slice(0, 10);
  };

  // A day as the page writes it; the browser's own Kazakh is 2026-12-01.
  function words(box, day) {
    const { name, format } = JSON.parse(document.getElementById(box.dataset.chart).textContent).locale;
    const [year, month, number] = day.split("-").map(Number);
    const short = format.shortMonths[month - 1];
    return { kk: `${year} ж. ${number} ${short}`, ru: `${number} ${short} ${year} г.` }[name] || `${number} ${short} ${year}`;
  }

  function move(box, day) {
    const written = words(box, day);
    const changes = {};
    box.layout.shapes.forEach((shape, place) => {
      if (shape.name === "base") Object.assign(changes, { [`shapes[${place}].x0`]: day, [`shapes[${place}].x1`]: day });
    });
    box.layout.annotations.forEach((note, place) => {
      if (note.name === "base") Object.assign(changes, { [`annotations[${place}].x`]: day, [`annotations[${place}].text`]: `↔ ${written}` });
    });
    Plotly.relayout(box, changes);
  }

  function draggable(box) {
    const input = document.getElementById(box.dataset.base);
    if (!input || box.classList.contains("has-base")) return;
    box.classList.add("has-base");
    let held = null;
    const isNear = (event) => Math.abs(event.clientX - pixelOf(box, input.value)) <= GRIP;
    box.addEventListener("pointerdown", (event) => {
      if (event.button || !isNear(event)) return;
      event.preventDefault();
      event.stopPropagation();
      held = input.value;
      box.setPointerCapture(event.pointerId);
    }, true);
    box.addEventListener("pointermove", (event) => {
      box.classList.toggle("grips", held !== null || isNear(event));
      if (held === null) return;
      event.stopPropagation();
      const day = dayAt(box, event.clientX);
      if (day === input.value) return;
      input.value = day;
      move(box, day);
    }, true);
    const drop = () => {
      const from = held;
      held = null;
      if (from !== null && from !== input.value) input.form.requestSubmit();
    };
    box.addEventListener("pointerup", drop, true);
    box.addEventListener("pointercancel", drop, true);
    box.addEventListener("mousedown", (event) => { if (held !== null) event.stopPropagation(); }, true);
  }

  // chart.js may have drawn before this script was there to hear of it.
  document.addEventListener("chart:drawn", (event) => { if (event.target.dataset.base) draggable(event.target); });
  document.querySelectorAll("[data-base]").forEach((box) => { if (box._fullLayout) draggable(box); });
})();
