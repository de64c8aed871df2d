// Beside Plotly in the drawing process: dates in the figure's language, and letters of our own, Kazakh ones among them,
// so that a picture is the same whatever fonts the server has. FONTS is put before this file by renderer_process.py.
(() => {
  "use strict";

  const FAMILY = "KZMedia Sans";
  const face = ({ data, range }) => `@font-face { font-family: "${FAMILY}"; font-weight: 100 900; src: url(data:font/woff2;base64,${data}) format("woff2"); unicode-range: ${range}; }`;
  const style = document.createElement("style");
  style.textContent = FONTS.map(face).join("\n");
  document.head.append(style);
  const draw = Plotly.toImage;

  async function loaded() {
    const sample = FONTS.map((font) => font.sample).join("");
    await Promise.all([400, 600, 650].map((weight) => document.fonts.load(`${weight} 13px "${FAMILY}"`, sample)));
  }

  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

  // Only the fonts whose letters the picture has; its title and what it shows; the size that is asked for.
  function carrying(svg, { title = "", alt = "" }, { width, height, scale }) {
    const needed = FONTS.filter((font) => new RegExp(`[${font.letters}]`).test(svg)).map(face).join("\n");
    return svg.replace(/<svg([^>]*)>/, (whole, rest) => {
      const box = / viewBox=/.test(rest) ? "" : ` viewBox="0 0 ${width} ${height}"`;
      const sized = rest.replace(/ (width|height)="[^"]*"/g, "");
      const size = ` width="${Math.floor(width * scale)}" height="${Math.floor(height * scale)}"`;
      return `<svg${sized}${box}${size} role="img"><title>${escaped(title)}</title><desc>${escaped(alt)}</desc><style>${needed}</style>`;
    });
  }

  async function rasterized(svg, { width, height, scale }) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    await new Promise((done) => { setTimeout(done, 60); }); // the fonts inside are decoded after the image
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.floor(width * scale), Math.floor(height * scale)];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/png").split(",")[1];
  }

  Plotly.toImage = async (figure, options) => {
    const meta = (figure.layout && figure.layout.meta) || {};
    const { locale } = meta;
    if (locale) Plotly.register(locale);
    await loaded();
    const config = { ...figure.config, ...(locale ? { locale: locale.name } : {}) };
    const plain = await draw({ ...figure, config }, { ...options, format: "svg", scale: 1, imageDataOnly: true, setBackground: "" });
    const svg = carrying(plain, meta, options.format === "svg" ? options : { ...options, scale: 1 });
    if (options.format !== "svg") return rasterized(svg, options);
    if (options.imageDataOnly) return svg;
    // Printed as PDF: the page holds the picture alone, under its own name.
    document.title = meta.title || "";
    document.getElementById("kaleido-image").alt = meta.alt || "";
    return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  };
})();
