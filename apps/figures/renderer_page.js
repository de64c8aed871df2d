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

  // Only the fonts whose letters the picture has.
  function carrying(svg) {
    const needed = FONTS.filter((font) => new RegExp(`[${font.letters}]`).test(svg)).map(face).join("\n");
    return svg.replace(/<svg([^>]*)>/, (whole, rest) => `<svg${rest}><style>${needed}</style>`);
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
    const locale = figure.layout && figure.layout.meta && figure.layout.meta.locale;
    if (locale) Plotly.register(locale);
    await loaded();
    const config = { ...figure.config, ...(locale ? { locale: locale.name } : {}) };
    const plain = await draw({ ...figure, config }, { ...options, format: "svg", scale: 1, imageDataOnly: true });
    const svg = carrying(plain);
    return options.format === "svg" ? svg : rasterized(svg, options);
  };
})();
