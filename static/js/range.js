// Who drags across a chart that is marked data-range sees the days between: the page's address with from and to.
// On a compare page the chart builder follows it without reloading. Escape leaves all as it was.
(() => {
  "use strict";

  const LEAST = 24; // px; less is a tap
  let held = null;

  const axisOf = (box) => box._fullLayout && box._fullLayout.xaxis;
  const within = (box, x) => {
    const axis = axisOf(box);
    return Math.min(Math.max(x - box.getBoundingClientRect().left, axis._offset), axis._offset + axis._length);
  };
  const dayAt = (box, place) => axisOf(box).p2d(place - axisOf(box)._offset).slice(0, 10);

  function show() {
    const { box, band, start, end } = held;
    const { _offset, _length } = box._fullLayout.yaxis;
    Object.assign(band.style, { left: `${Math.min(start, end)}px`, width: `${Math.abs(end - start)}px`, top: `${_offset}px`, height: `${_length}px` });
  }

  function drop() {
    if (held) held.band.remove();
    held = null;
  }

  function go(box, days) {
    const address = new URL(location.href);
    const [from, to] = days.sort();
    address.searchParams.set("from", from);
    address.searchParams.set("to", to);
    address.searchParams.delete("page");
    address.hash = box.dataset.range;
    const link = document.createElement("a");
    link.href = address.href;
    link.dataset.swap = "";
    box.append(link);
    link.click();
    link.remove();
  }

  document.addEventListener("pointerdown", (event) => {
    const box = event.target.closest("[data-range]");
    if (!box || event.button || !axisOf(box) || axisOf(box).type !== "date") return;
    const start = within(box, event.clientX);
    const band = Object.assign(document.createElement("div"), { className: "band" });
    held = { box, band, start, end: start };
  });
  document.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.end = within(held.box, event.clientX);
    if (Math.abs(held.end - held.start) < LEAST) { held.band.remove(); return; }
    if (!held.band.isConnected) held.box.append(held.band);
    show();
  });
  document.addEventListener("pointerup", () => {
    if (!held) return;
    const { box, band, start, end } = held;
    const days = [dayAt(box, start), dayAt(box, end)];
    const isChosen = band.isConnected && days[0] !== days[1];
    drop();
    if (isChosen) go(box, days);
  });
  document.addEventListener("pointercancel", drop);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(); });
})();
