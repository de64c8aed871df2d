// The companion's own words, in the desk's language once that is known, else in the browser's.
const LANGUAGES = ["kk", "ru", "en"];
let words = {};

export async function speak(language) {
  const known = LANGUAGES.find((code) => language?.startsWith(code)) ?? "en";
  const response = await fetch(chrome.runtime.getURL(`_locales/${known}/messages.json`));
  words = await response.json();
  document.documentElement.lang = known;
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
}

export function word(key) {
  return words[key]?.message ?? key;
}

export async function lastLanguage() {
  const { language } = await chrome.storage.local.get("language");
  return language ?? chrome.i18n.getUILanguage();
}
