// Draws the charts of a page. Numbers, words and label places come from the server.
// Plotly is large: a chart that comes into view is drawn plainly at once (outline.js), and by Plotly when the reader begins to
// do something, or when the page has been quiet for a while.
(() => {
  "use strict";

  const { library, sheet } = document.currentScript.dataset;
  const QUIET = 4000; // ms after a page is there
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.documentElement.dataset.theme; // a frame's address may ask for one
  const forced = matchMedia("(forced-colors: active)");
  let printing = false;
  const isDark = () => !printing && !forced.matches && (theme ? theme === "dark" : dark.matches);
  const MOST_LABELS = 0.33; // of the chart's width
  const SMALLEST = 300; // a screen of 320 px
  const NARROW = 640; // px of the chart's own box

  // Every colour of the light scheme has its dark one; `force` keeps the light one for a file that is downloaded.
  function coloured(figure, inDark) {
    const text = JSON.stringify({ data: figure.data, layout: figure.layout, variants: figure.variants });
    return JSON.parse(inDark ? text.replace(/#[0-9A-F]{6}/gi, (hex) => figure.dark[hex.toUpperCase()] || hex) : text);
  }

  // What stands over the whole chart, or over a bar of it.
  const isOver = (note) => note.name === "scale" || note.name === "over";

  function isEvent(item) {
    return item.name === "event";
  }

  function prepared(chart, inDark, shape) {
    const { data, layout, variants } = coloured(chart.figure, inDark);
    const variant = variants[shape][chart.scale];
    const kept = chart.events ? () => true : (item) => !isEvent(item);
    Object.assign(layout, variant, {
      autosize: true,
      xaxis: { ...layout.xaxis, ...variant.xaxis },
      shapes: (layout.shapes || []).filter(kept),
      annotations: (variant.annotations || []).filter(kept),
    });
    return { data, layout };
  }

  function shapeOf(box) {
    return box.clientWidth < NARROW ? "narrow" : "wide";
  }

  function draw(chart) {
    chart.shape = shapeOf(chart.box);
    const { data, layout } = prepared(chart, isDark(), chart.shape);
    chart.isPlain = !isThere && Boolean(window.Outline) && Outline.can(data, layout);
    if (!isThere && !chart.isPlain) { plotly(); return; }
    // On the narrowest phones the labels leave the plot nearly half; fit() makes them smaller where they need it.
    if (chart.box.clientWidth < SMALLEST) {
      layout.margin.r = Math.min(layout.margin.r, Math.floor(chart.box.clientWidth * MOST_LABELS));
      layout.margin.l = Math.min(layout.margin.l, Math.floor(chart.box.clientWidth * 0.16));
      if (layout.yaxis) layout.yaxis = { ...layout.yaxis, tickfont: { ...layout.yaxis.tickfont, size: 10 } };
    }
    if (chart.isPlain) { Outline.draw(chart.box, data, layout); return; }
    if (window.Outline) Outline.remove(chart.box);
    Plotly.register(chart.figure.locale);
    const config = { displayModeBar: false, responsive: false, locale: chart.figure.locale.name, scrollZoom: false, doubleClick: false };
    Plotly.react(chart.box, data, layout, config);
    thin(chart.box);
    fit(chart);
    fitOver(chart);
    thin(chart.box); // what the labels took of the plot may have pushed dates together
    chart.box.dispatchEvent(new CustomEvent("chart:drawn", { bubbles: true }));
  }

  // Dates under a narrow plot that touch each other: every second one goes, two stay.
  function thin(box) {
    for (let turn = 0; turn < 3; turn += 1) {
      const places = [...box.querySelectorAll(".xtick text")].map((text) => text.getBoundingClientRect()).sort((one, other) => one.left - other.left);
      const axis = box._fullLayout && box._fullLayout.xaxis;
      if (!axis || !axis.tickvals || places.length < 3 || !places.some((place, at) => at && place.left < places[at - 1].right + 4)) return;
      const kept = axis.tickvals.map((_, at) => at).filter((at) => at % 2 === 0);
      Plotly.relayout(box, { "xaxis.tickvals": kept.map((at) => axis.tickvals[at]), "xaxis.ticktext": kept.map((at) => axis.ticktext[at]) });
    }
  }

  // What stands over the whole chart, or over a bar of it, has no margin of its own: it gets smaller letters alone.
  function fitOver({ box }) {
    const edges = box.getBoundingClientRect();
    const changes = {};
    (box._fullLayout ? box._fullLayout.annotations : []).forEach((note, place) => {
      const text = isOver(note) && box.querySelector(`.annotation[data-index="${place}"] .annotation-text`);
      if (!text) return;
      const { left, right, width } = text.getBoundingClientRect();
      const beyond = Math.max(right - edges.right, edges.left - left);
      if (beyond > 0) changes[`annotations[${place}].font.size`] = Math.max(7, note.font.size * (1 - beyond / width) - 0.3);
    });
    if (Object.keys(changes).length) Plotly.relayout(box, changes);
  }

  // Labels at the line ends were given room by counting letters: where the reader's font is wider, they get what they need,
  // first from the plot, which keeps nearly half, then by smaller letters.
  function fit(chart) {
    const { box } = chart;
    const layout = box._fullLayout;
    if (!layout || !layout.annotations.length) return;
    const edges = box.getBoundingClientRect();
    const placed = layout.annotations.map((note, place) => [note, box.querySelector(`.annotation[data-index="${place}"] .annotation-text`)]).filter(([, text]) => text);
    const changes = {};
    const texts = placed.filter(([note]) => !isOver(note)).map(([, text]) => text.getBoundingClientRect());
    const right = Math.max(0, ...texts.map((text) => text.right - edges.right));
    const left = Math.max(0, ...texts.map((text) => edges.left - text.left));
    if (right < 1 && left < 1) return;
    const size = layout._size;
    const spare = Math.max(0, size.w - edges.width * 0.46);
    const share = Math.min(1, spare / (right + left));
    changes["margin.r"] = box.layout.margin.r + Math.ceil(right * share);
    changes["margin.l"] = box.layout.margin.l + Math.ceil(left * share);
    if (share < 1) {
      const needed = Math.max(0.7, 1 - ((1 - share) * (right + left)) / Math.max(size.r, 1));
      layout.annotations.forEach((note, place) => {
        if (!isOver(note)) changes[`annotations[${place}].font.size`] = Math.max(8, Math.floor(note.font.size * needed));
      });
    }
    Plotly.relayout(box, changes);
  }

  const drawn = new Set();
  addEventListener("beforeprint", () => { printing = true; drawn.forEach((chart) => chart.box.isConnected && draw(chart)); });
  addEventListener("afterprint", () => { printing = false; drawn.forEach((chart) => chart.box.isConnected && draw(chart)); });

  // A picture for print: light, wide, with the page's title over it and its address under it.
  async function download(chart, format) {
    await plotly();
    const { data, layout } = prepared(chart, false, "wide");
    const heading = chart.box.dataset.title || (document.querySelector("#figure-title") || document.querySelector("h1")).textContent;
    layout.width = 1000;
    layout.autosize = false;
    layout.margin = { ...layout.margin, t: layout.margin.t + 44, b: layout.margin.b + 34 };
    layout.height += 78;
    layout.annotations = layout.annotations.concat(
      note(heading.trim(), { x: 0.5, xref: "paper", y: 1, yanchor: "bottom", yshift: 36, font: { size: 18 } }),
      note(`KZMedia, ${location.origin}${location.pathname}`, { x: 0.5, xref: "paper", y: 0, yanchor: "top", yshift: -46, font: { size: 11 } }),
    );
    const options = { format, width: layout.width, height: layout.height, scale: format === "png" ? 2 : 1 };
    const address = await Plotly.toImage({ data, layout, config: { locale: chart.figure.locale.name } }, options);
    const link = document.createElement("a");
    link.href = address;
    link.download = `${chart.name}.${format}`;
    link.click();
  }

  function note(text, place) {
    const safe = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
    return { text: safe, yref: "paper", xanchor: "center", showarrow: false, ...place };
  }

  function remember(name, value, usual) {
    const address = new URL(location.href);
    if (value === usual) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
    history.replaceState(null, "", address);
  }

  async function copyLink(button) {
    await navigator.clipboard.writeText(location.href);
    const usual = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = usual; }, 2000);
  }

  function tools(chart, bar) {
    bar.hidden = false;
    const scale = bar.querySelector('[data-do="scale"]');
    const say = () => { if (scale) scale.textContent = chart.scale === "log" ? scale.dataset.linear : scale.dataset.log; };
    say();
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const what = button.dataset.do;
      if (what === "png" || what === "svg") { download(chart, what); return; }
      if (what === "copy") { copyLink(button); return; }
      if (what === "scale") {
        chart.scale = chart.scale === "log" ? "linear" : "log";
        remember("scale", chart.scale, "linear");
        say();
      } else {
        chart.events = !chart.events;
        remember("events", chart.events ? "1" : "0", "1");
        button.setAttribute("aria-pressed", String(chart.events));
        const list = document.querySelector(`[data-events-for="${chart.box.id}"]`);
        if (list) list.hidden = !chart.events;
      }
      draw(chart);
    });
  }

  function start(box) {
    const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const parts = location.pathname.split("/").filter(Boolean);
    const chart = { box, figure, scale: box.dataset.scale || "linear", events: box.dataset.events !== "0", name: ["kzmedia", ...parts].join("-") };
    drawn.add(chart);
    draw(chart);
    const bar = document.querySelector(`[data-tools-for="${box.id}"]`);
    if (bar) tools(chart, bar);
    let width = box.clientWidth;
    new ResizeObserver((_, observer) => {
      if (!box.isConnected) { observer.disconnect(); return; }
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      requestAnimationFrame(() => draw(chart)); // labels need other room at another width
    }).observe(box);
    dark.addEventListener("change", () => { if (box.isConnected) draw(chart); });
  }

  let fetched;
  let isThere = false;

  const loaded = (part, name, attributes) => new Promise((resolve, reject) => {
    part.append(Object.assign(document.createElement(name), attributes, { onload: resolve, onerror: reject }));
  });

  // Plotly looks for its sheet as it starts.
  function plotly() {
    const styled = () => (sheet ? loaded(document.head, "link", { rel: "stylesheet", href: sheet, id: "plotly.js-style-global", className: "no-inline-styles" }) : Promise.resolve());
    fetched = fetched || styled()
      .then(() => loaded(document.head, "script", { src: library }))
      .then(() => {
        isThere = true;
        drawn.forEach((chart) => chart.box.isConnected && draw(chart));
      });
    return fetched;
  }

  const waiting = new Set();
  // A good part of it, or as much as a phone shows of a high one.
  const isSeen = (one) => one.intersectionRatio >= 0.4 || one.intersectionRect.height >= 300;
  const view = new IntersectionObserver((entries) => entries.filter(isSeen).forEach((one) => begin(one.target)), { threshold: [0, 0.1, 0.2, 0.4] });

  function begin(box) {
    if (!waiting.delete(box)) return;
    view.unobserve(box);
    if (box.isConnected) start(box);
  }

  function beginAll() {
    [...waiting].forEach(begin);
    if (drawn.size) plotly();
  }
  for (const name of ["scroll", "keydown", "pointerdown", "pointermove", "beforeprint"]) addEventListener(name, beginAll, { passive: true });
  const quiet = () => setTimeout(() => drawn.size && plotly(), QUIET);
  if (document.readyState === "complete") quiet(); else addEventListener("load", quiet);

  function startIn(part) {
    part.querySelectorAll("[data-chart]").forEach((box) => { waiting.add(box); view.observe(box); });
  }

  document.addEventListener("charts:new", (event) => startIn(event.target));
  startIn(document);
})();
