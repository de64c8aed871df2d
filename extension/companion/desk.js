// The desk's open page: everything goes there by a function that runs in it, so that its session, its second factor and
// its form's token hold. The companion has no key of its own and reads no cookie.

export class NoDesk extends Error {}

export function patternOf(address) {
  const { protocol, hostname } = new URL(address);
  return `${protocol}//${hostname}/*`; // Firefox knows no port in it
}

export async function deskAddress() {
  const { desk } = await chrome.storage.local.get("desk");
  return desk ?? "";
}

// The desk's tab, one of its own pages before a public one. Throws NoDesk.
export async function findDesk() {
  const address = await deskAddress();
  if (!address || !(await chrome.permissions.contains({ origins: [patternOf(address)] }))) {
    throw new NoDesk("no_address");
  }
  const tabs = await chrome.tabs.query({ url: patternOf(address) });
  const own = tabs.filter((tab) => tab.url && new URL(tab.url).origin === address && !tab.discarded);
  const tab = own.find(({ url }) => new URL(url).pathname.startsWith("/admin/")) ?? own[0];
  if (!tab) throw new NoDesk("no_tab");
  return tab;
}

// The desk's answer. Throws NoDesk with the key of the words that say why there is none.
export async function ask(tab, path, question) {
  let result;
  try {
    [{ result }] = await chrome.scripting.executeScript({
      target: { tabId: tab.id },
      func: post,
      args: [path, JSON.stringify(question)],
    });
  } catch {
    throw new NoDesk("no_tab");
  }
  if (!result?.answer) throw new NoDesk(result?.why ?? "failed");
  return result.answer;
}

// Runs in the desk's page.
async function post(path, body) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (!token) return { why: "no_tab" };
  try {
    const response = await fetch(new URL(path, location.origin), {
      method: "POST",
      redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body,
    });
    if (response.type === "opaqueredirect") return { why: "signed_out" };
    if (response.status === 403) return { why: "stale" };
    return { answer: await response.json() };
  } catch {
    return { why: "failed" };
  }
}
