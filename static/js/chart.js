// Draws the charts of a page with Plotly. Numbers, words and label places come from the server.
// Plotly is large: it is fetched when a chart comes into view, or when the reader begins to do something.
(() => {
  "use strict";

  const library = document.currentScript.dataset.library;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.documentElement.dataset.theme; // a frame's address may ask for one
  const isDark = () => (theme ? theme === "dark" : dark.matches);
  const NARROW = 640; // px of the chart's own box

  // Every colour of the light scheme has its dark one; `force` keeps the light one for a file that is downloaded.
  function coloured(figure, inDark) {
    const text = JSON.stringify({ data: figure.data, layout: figure.layout, variants: figure.variants });
    return JSON.parse(inDark ? text.replace(/#[0-9A-F]{6}/gi, (hex) => figure.dark[hex.toUpperCase()] || hex) : text);
  }

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
    const config = { displayModeBar: false, responsive: false, locale: chart.figure.locale.name, scrollZoom: false, doubleClick: false };
    Plotly.react(chart.box, data, layout, config);
    chart.box.dispatchEvent(new CustomEvent("chart:drawn", { bubbles: true }));
  }

  // A picture for print: light, wide, with the page's title over it and its address under it.
  async function download(chart, format) {
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
    Plotly.register(figure.locale);
    draw(chart);
    const bar = document.querySelector(`[data-tools-for="${box.id}"]`);
    if (bar) tools(chart, bar);
    let width = box.clientWidth;
    new ResizeObserver((_, observer) => {
      if (!box.isConnected) { observer.disconnect(); return; }
      if (box.clientWidth === width) return;
      width = box.clientWidth;
      requestAnimationFrame(() => (shapeOf(box) === chart.shape ? Plotly.Plots.resize(box) : draw(chart)));
    }).observe(box);
    dark.addEventListener("change", () => { if (box.isConnected) draw(chart); });
  }

  let fetched;

  function plotly() {
    fetched = fetched || new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: library, onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return fetched;
  }

  const waiting = new Set();
  // A good part of it, or as much as a phone shows of a high one.
  const isSeen = (one) => one.intersectionRatio >= 0.4 || one.intersectionRect.height >= 300;
  const view = new IntersectionObserver((entries) => entries.filter(isSeen).forEach((one) => begin(one.target)), { threshold: [0, 0.1, 0.2, 0.4] });

  async function begin(box) {
    if (!waiting.delete(box)) return;
    view.unobserve(box);
    await plotly();
    if (box.isConnected) start(box);
  }

  const beginAll = () => [...waiting].forEach(begin);
  for (const name of ["scroll", "keydown", "pointerdown", "pointermove", "beforeprint"]) addEventListener(name, beginAll, { passive: true });

  function startIn(part) {
    part.querySelectorAll("[data-chart]").forEach((box) => { waiting.add(box); view.observe(box); });
  }

  document.addEventListener("charts:new", (event) => startIn(event.target));
  startIn(document);
})();
