// Draws a chart as plain SVG at once, from the same figure that Plotly gets: lines, bars, axes, labels at the line ends.
// Plotly takes a slow phone half a second of work; a reader who only looks does without it. It answers hovering later.
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const LINE = 1.3; // of a letter's size, as Plotly's
  const LEAST_PLOT = 0.46; // of the chart's width
  const DASHES = { dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1], longdashdot: [5, 2, 1, 2] }; // of the line's width

  const isKnown = (trace) => (trace.type === "scatter" && [undefined, "none", "toself"].includes(trace.fill)) || (trace.type === "bar" && trace.orientation === "h");
  const hasTicks = (axis) => axis.visible === false || Boolean(axis.tickvals && axis.ticktext);
  const isOver = (note) => note.name === "scale" || note.name === "over"; // the whole chart, or a bar of it

  // Whether everything in the figure can be drawn here.
  function can(data, layout) {
    return data.every(isKnown) && [layout.xaxis, layout.yaxis].every((axis) => axis.range && hasTicks(axis));
  }

  function element(name, attributes, parent) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
    parent.append(made);
    return made;
  }

  const plain = (text) => text.replace(/<[^>]+>/g, "").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

  // In a group that is called as Plotly calls its own, so that what is checked of one holds for the other.
  function write(parent, text, { kind, x, y, anchor = "start", size, colour, weight, family, middle = false }) {
    const lines = String(text).split(/<br>|\n/);
    const isTick = kind !== "annotation-text";
    const made = element("text", { class: isTick ? undefined : kind, "text-anchor": anchor, "font-size": size, fill: colour, "font-weight": weight, "font-family": family }, isTick ? element("g", { class: kind }, parent) : parent);
    const first = y - (middle ? ((lines.length - 1) * LINE * size) / 2 - size * 0.35 : 0);
    lines.forEach((line, at) => { element("tspan", { x, y: first + at * LINE * size }, made).textContent = plain(line); });
    return made;
  }

  // A value's number on its axis.
  function number(axis, value) {
    if (axis.type === "date") return Date.parse(typeof value === "string" && value.length === 7 ? `${value}-01` : value);
    return axis.type === "log" ? Math.log10(value) : Number(value);
  }

  function scale(axis, from, to) {
    const ends = axis.type === "date" ? axis.range.map((end) => number(axis, end)) : axis.range;
    return (value) => from + ((number(axis, value) - ends[0]) / (ends[1] - ends[0])) * (to - from);
  }

  const ticks = (axis) => (axis.visible === false ? [] : axis.tickvals.map((value, at) => [value, axis.ticktext[at]]));
  const dashes = (line) => DASHES[line.dash] && DASHES[line.dash].map((part) => part * Math.max(line.width || 2, 3)).join(" ");
  const at = (values, place) => (Array.isArray(values) ? values[place] : values);

  function path(trace, x, y) {
    let drawn = "";
    let pen = false;
    trace.x.forEach((value, place) => {
      const [here, there] = [value === null ? NaN : x(value), trace.y[place] === null ? NaN : y(trace.y[place])];
      if (!Number.isFinite(here) || !Number.isFinite(there)) { pen = false; return; }
      if (pen && trace.line && trace.line.shape === "hv") drawn += `H${here.toFixed(1)}`;
      drawn += `${pen ? "L" : "M"}${here.toFixed(1)},${there.toFixed(1)}`;
      pen = true;
    });
    return drawn;
  }

  function scatter(trace, x, y, parent) {
    const group = element("g", { opacity: trace.opacity }, parent);
    if (trace.fill === "toself") element("path", { d: path(trace, x, y), fill: trace.fillcolor, stroke: "none" }, group);
    if ((trace.mode || "").includes("lines")) {
      element("path", { d: path(trace, x, y), fill: "none", stroke: trace.line.color, "stroke-width": trace.line.width, "stroke-dasharray": dashes(trace.line) }, group);
    }
    if (!(trace.mode || "").includes("markers")) return;
    const { marker } = trace;
    trace.x.forEach((value, place) => {
      const [here, there, size] = [value === null ? NaN : x(value), trace.y[place] === null ? NaN : y(trace.y[place]), at(marker.size, place)];
      if (!size || !Number.isFinite(here) || !Number.isFinite(there)) return;
      const edge = marker.line || {};
      element("circle", { cx: here, cy: there, r: size / 2, fill: at(marker.color, place), stroke: at(edge.color, place), "stroke-width": at(edge.width, place), opacity: at(marker.opacity, place) }, group);
    });
  }

  function bars(trace, x, y, parent) {
    trace.y.forEach((value, place) => {
      const [zero, end] = [x(at(trace.base, place) || 0), x(trace.x[place])];
      const [top, bottom] = [y(value - at(trace.width, place) / 2), y(value + at(trace.width, place) / 2)];
      if (![zero, end, top, bottom].every(Number.isFinite)) return;
      element("rect", { x: Math.min(zero, end), y: Math.min(top, bottom), width: Math.abs(end - zero), height: Math.abs(bottom - top), fill: at(trace.marker.color, place), opacity: at(trace.marker.opacity, place) }, parent);
    });
  }

  // Where a shape or a label stands: on an axis, or in parts of the plot.
  const horizontal = (frame, value, ref) => (ref === "paper" ? frame.left + value * frame.width : frame.x(value));
  const vertical = (frame, value, ref) => (ref === "paper" ? frame.top + (1 - value) * frame.height : frame.y(value));

  function shape(one, frame, parent) {
    const [x0, x1] = [one.x0, one.x1].map((value) => (one.xsizemode === "pixel" ? horizontal(frame, one.xanchor, one.xref) + value : horizontal(frame, value, one.xref)));
    const [y0, y1] = [one.y0, one.y1].map((value) => (one.ysizemode === "pixel" ? vertical(frame, one.yanchor, one.yref) - value : vertical(frame, value, one.yref)));
    const line = one.line || {};
    if (one.type === "rect") {
      element("rect", { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0), fill: one.fillcolor || "none", opacity: one.opacity, stroke: line.width ? line.color : "none" }, parent);
    } else {
      element("line", { x1: x0, x2: x1, y1: y0, y2: y1, stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dashes(line) }, parent);
    }
  }

  function label(note, frame, family, smaller, parent) {
    const size = isOver(note) ? note.font.size : note.font.size * smaller;
    const x = horizontal(frame, note.x, note.xref) + (note.xshift || 0);
    const y = vertical(frame, note.y, note.yref) - (note.yshift || 0);
    const anchor = { left: "start", right: "end" }[note.xanchor] || "middle";
    const lift = { bottom: -0.3 * size, top: size }[note.yanchor] || 0;
    const text = write(parent, note.text, { kind: "annotation-text", x, y: y + lift, anchor, size, colour: note.font.color, weight: note.font.weight, family, middle: note.yanchor === "middle" });
    const beyond = isOver(note) ? text.getComputedTextLength() + x - frame.whole : 0;
    if (beyond > 0 && anchor === "start") text.setAttribute("font-size", Math.max(7, size * (1 - beyond / text.getComputedTextLength()) - 0.3));
    return text;
  }

  // Dates that touch each other: every second one goes, two stay.
  function thin(texts) {
    let kept = texts;
    for (let turn = 0; turn < 4 && kept.length > 2; turn += 1) {
      const places = kept.map((text) => text.getBoundingClientRect());
      if (!places.some((place, one) => one && place.left < places[one - 1].right + 4)) return;
      kept.filter((_, one) => one % 2 === 1).forEach((text) => text.parentNode.remove());
      kept = kept.filter((_, one) => one % 2 === 0);
    }
  }

  function attempt(box, data, layout, margin, smaller) {
    const style = layout.template.layout;
    const { family } = style.font;
    const width = box.clientWidth;
    const svg = element("svg", { class: "outline", width, height: layout.height, "aria-hidden": "true", focusable: "false" }, box);
    element("rect", { width, height: layout.height, fill: style.paper_bgcolor }, svg);
    const [xaxis, yaxis] = [layout.xaxis, layout.yaxis];
    const [xfont, yfont] = [xaxis, yaxis].map((axis, one) => ({ size: style.font.size, ...style[one ? "yaxis" : "xaxis"].tickfont, ...axis.tickfont }));
    const bottom = layout.height - margin.b;
    const rows = ticks(yaxis);
    const y = scale(yaxis, bottom, margin.t);
    const words = rows.map(([value, text]) => write(svg, text, { kind: "ytick", x: 0, y: y(value), anchor: "end", size: yfont.size, colour: yfont.color, family, middle: true }));
    const left = Math.max(margin.l, ...words.map((text) => Math.ceil(text.getComputedTextLength()) + 8));
    words.forEach((text) => text.firstChild.setAttribute("x", left - 6));
    const right = width - margin.r;
    const x = scale(xaxis, left, right);
    svg.dataset.plot = right - left;
    const frame = { whole: width, left, top: margin.t, width: right - left, height: bottom - margin.t, x, y };
    for (const [value] of rows) if (yaxis.showgrid !== false) element("line", { x1: left, x2: right, y1: y(value), y2: y(value), stroke: style.yaxis.gridcolor, "stroke-width": 1 }, svg);
    const shapes = layout.shapes || [];
    shapes.filter((one) => one.layer === "below").forEach((one) => shape(one, frame, svg));
    for (const trace of data) (trace.type === "bar" ? bars : scatter)(trace, x, y, svg);
    if (xaxis.visible !== false) {
      if (xaxis.showline !== false) element("line", { x1: left, x2: right, y1: bottom, y2: bottom, stroke: style.xaxis.linecolor }, svg);
      const marks = ticks(xaxis).map(([value, text]) => {
        if (xaxis.ticks !== "") element("line", { x1: x(value), x2: x(value), y1: bottom, y2: bottom + 5, stroke: style.xaxis.tickcolor }, svg);
        return write(svg, text, { kind: "xtick", x: x(value), y: bottom + 8 + xfont.size, anchor: "middle", size: xfont.size, colour: xfont.color, family });
      });
      thin(marks);
    }
    shapes.filter((one) => one.layer !== "below").forEach((one) => shape(one, frame, svg));
    const labels = (layout.annotations || []).map((note) => [note, label(note, frame, family, smaller, svg)]);
    return { svg, frame, labels };
  }

  // A second time with other margins and letters where labels reach over the chart's edges.
  function draw(box, data, layout) {
    remove(box);
    const { svg, frame, labels } = attempt(box, data, layout, layout.margin, 1);
    const edges = box.getBoundingClientRect();
    const places = labels.filter(([note]) => !isOver(note)).map(([, text]) => text.getBoundingClientRect());
    const right = Math.max(0, ...places.map((place) => place.right - edges.right));
    const left = Math.max(0, ...places.map((place) => edges.left - place.left));
    if (right < 1 && left < 1) return;
    const share = Math.min(1, Math.max(0, frame.width - edges.width * LEAST_PLOT) / (right + left));
    const margin = { ...layout.margin, l: layout.margin.l + Math.ceil(left * share), r: layout.margin.r + Math.ceil(right * share) };
    const smaller = share < 1 ? Math.max(0.7, 1 - ((1 - share) * (right + left)) / Math.max(layout.margin.r, 1)) : 1;
    svg.remove();
    attempt(box, data, layout, margin, smaller);
  }

  function remove(box) {
    box.querySelectorAll(":scope > svg.outline").forEach((one) => one.remove());
  }

  window.Outline = { can, draw, remove };
})();
