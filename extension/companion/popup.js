// What the editor pointed at, as the desk reads it. Nothing is recorded and no page is opened without a key of hers.
import { ask, deskAddress, findDesk, NoDesk } from "./desk.js";
import { takePicture } from "./picture.js";
import { lastLanguage, speak, word } from "./words.js";

const part = (id) => document.getElementById(id);
let page; // the tab that is open
let desk; // the desk's tab
let sight = { address: "", seen: [], place: null };
let picture = "";
let answer = {};
let chosen = null;
let isSure = false;

async function start() {
  await speak(await lastLanguage());
  try {
    [page] = await chrome.tabs.query({ active: true, currentWindow: true });
    desk = await findDesk();
    if (page.id !== desk.id) await look();
    answer = await ask(desk, "/admin/round/seen/look/", { address: sight.address, seen: sight.seen });
    await keepLanguage(answer.language);
    if (page.id === desk.id) answer.why = "";
    else if (sight.seen.length && !picture) answer = { ...answer, found: [], chosen: null, why: word("no_picture") };
    chosen = answer.chosen ?? null;
    show();
  } catch (error) {
    if (!(error instanceof NoDesk)) throw error;
    await showWayToDesk(error.message);
  } finally {
    document.querySelector("main").removeAttribute("aria-busy");
  }
}

async function look() {
  try {
    [{ result: sight }] = await chrome.scripting.executeScript({ target: { tabId: page.id }, files: ["point.js"] });
  } catch {
    sight = { address: "", seen: [], place: null }; // a page of the browser itself
  }
  if (sight.seen.length) picture = await takePicture(page.windowId, sight.place).catch(() => "");
}

async function keepLanguage(language) {
  if (!language || document.documentElement.lang === language) return;
  await chrome.storage.local.set({ language });
  await speak(language);
}

function show() {
  part("who").textContent = answer.who ?? "";
  part("last").textContent = answer.last ?? "";
  part("found").replaceChildren(...(answer.found ?? []).map(line));
  part("message").textContent = answer.why || (chosen === null ? (answer.ask ?? "") : "");
  const isReady = chosen !== null && !answer.saved;
  label(part("record"), isReady, isSure ? word("confirm") : word(answer.next ? "record_next" : "record"));
  label(part("stay"), isReady && !isSure && Boolean(answer.next), word("record"));
  label(part("next"), Boolean(answer.next), `${word("open_next")} ${answer.next?.who ?? ""}`);
  const isFinished = !answer.next && (answer.saved || !(answer.found || answer.why));
  if (isFinished) part("message").append(` ${word("finished")}`);
  (isReady ? part("record") : part("next")).focus();
}

function label(button, isShown, text) {
  button.hidden = !isShown;
  button.textContent = text;
  button.disabled = false;
}

function line({ wording, reads, beside }, number) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-pressed", String(number === chosen));
  button.append(element("strong", reads), " ", element("q", wording));
  if (beside) button.append(" ", element("em", word("beside")));
  button.addEventListener("click", () => choose(number));
  item.append(button);
  return item;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function choose(number) {
  if (!answer.found?.[number] || answer.saved) return;
  chosen = number;
  isSure = false;
  answer.why = "";
  show();
}

async function record(opensNext) {
  for (const button of document.querySelectorAll(".buttons button")) button.disabled = true;
  const { address, seen } = sight;
  try {
    const said = await ask(desk, "/admin/round/seen/", { address, seen, chosen, sure: isSure, picture });
    isSure = said.jump === true;
    answer = { ...answer, ...said, why: said.warning ?? said.why ?? said.saved };
    if (said.saved && !said.warning && opensNext && said.next) await open(said.next.address);
    else if (said.saved) answer.found = [];
    if (!said.saved && !said.jump) chosen = null;
    show();
  } catch (error) {
    if (!(error instanceof NoDesk)) throw error;
    await showWayToDesk(error.message);
  }
}

// The next account's own page, in this tab; the desk's stays open.
async function open(address) {
  if (!/^https?:\/\//.test(address)) return;
  if (page.id === desk?.id) await chrome.tabs.create({ url: address });
  else await chrome.tabs.update(page.id, { url: address });
  window.close();
}

async function showWayToDesk(why) {
  const address = await deskAddress();
  for (const id of ["record", "stay", "next"]) part(id).hidden = true;
  part("message").textContent = word(why);
  label(part("open"), true, word(why === "no_address" ? "open_options" : "open_desk"));
  part("open").onclick = async () => {
    if (why === "no_address") await chrome.runtime.openOptionsPage();
    else await chrome.tabs.create({ url: `${address}/admin/round/` });
    window.close();
  };
  part("open").focus();
}

part("record").addEventListener("click", () => record(true));
part("stay").addEventListener("click", () => record(false));
part("next").addEventListener("click", () => open(answer.next.address));
document.addEventListener("keydown", (event) => {
  if (event.repeat && event.key === "Enter") event.preventDefault(); // a key held down confirms nothing
  else if (/^[1-9]$/.test(event.key)) choose(Number(event.key) - 1);
});

start();
