// Where the desk is: the only site besides the page that is pressed on which the companion may do anything.
import { deskAddress, patternOf } from "./desk.js";
import { lastLanguage, speak, word } from "./words.js";

const form = document.querySelector("form");
const message = document.getElementById("message");

function originOf(text) {
  try {
    const address = new URL(/^https?:\/\//i.test(text) ? text : `https://${text}`);
    const isLocal = ["localhost", "127.0.0.1"].includes(address.hostname);
    return address.protocol === "https:" || isLocal ? address.origin : "";
  } catch {
    return "";
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const desk = originOf(form.desk.value.trim());
  if (!desk) {
    say("desk_wrong");
    return;
  }
  // Before anything is waited for: the browser asks only on a press.
  const isAllowed = await chrome.permissions.request({ origins: [patternOf(desk)] });
  if (isAllowed) await leaveOthers(desk);
  say(isAllowed ? "desk_allowed" : "desk_refused");
});

function say(key) {
  message.textContent = word(key);
}

async function leaveOthers(desk) {
  const before = await deskAddress();
  await chrome.storage.local.set({ desk });
  if (before && patternOf(before) !== patternOf(desk)) {
    await chrome.permissions.remove({ origins: [patternOf(before)] });
  }
}

await speak(await lastLanguage());
form.desk.value = await deskAddress();
// Not before: words that come in push a button from under the finger, and an address that comes late replaces what is typed.
document.querySelector("main").hidden = false;
