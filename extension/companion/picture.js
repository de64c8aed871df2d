// A picture of what the editor sees around the number, as WebP in base64. Nothing outside the visible part of the page.
const ROOM = 120; // CSS pixels around the place
const WIDEST = 900;
const HIGHEST = 420;
const PATIENCE = 2000; // ms
const PAUSE = 200; // ms

export async function takePicture(windowId, place) {
  const whole = await capture(windowId);
  const image = await createImageBitmap(await (await fetch(whole)).blob());
  const { x, y, wide, high } = cut(place);
  const scale = image.width / place.wide;
  const canvas = new OffscreenCanvas(Math.round(wide * scale), Math.round(high * scale));
  canvas.getContext("2d").drawImage(image, -x * scale, -y * scale);
  const blob = await canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
  return toBase64(new Uint8Array(await blob.arrayBuffer()));
}

// Chromium takes two pictures a second and refuses more: who reads quicker waits for the next second.
async function capture(windowId) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await chrome.tabs.captureVisibleTab(windowId, { format: "png" });
    } catch (error) {
      if (!/PER_SECOND/.test(error.message) || Date.now() > end) throw error;
      await new Promise((go) => setTimeout(go, PAUSE));
    }
  }
}

function cut(place) {
  const wide = Math.min(place.width + 2 * ROOM, WIDEST, place.wide);
  const high = Math.min(place.height + 2 * ROOM, HIGHEST, place.high);
  const within = (start, size, whole) => Math.max(0, Math.min(start, whole - size));
  return {
    x: within(place.x + place.width / 2 - wide / 2, wide, place.wide),
    y: within(place.y + place.height / 2 - high / 2, high, place.high),
    wide,
    high,
  };
}

function toBase64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
