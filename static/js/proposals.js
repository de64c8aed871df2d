// Proposed addresses by keyboard: the page opens in a window beside this one, one key decides, the next is at hand.
const lines = [...document.querySelectorAll("[data-proposal]")];
const left = document.getElementById("proposals-left");
const problem = document.getElementById("proposals-problem");
let current = 0;
let beside = null;
let isAsking = false;

for (const line of lines) {
  line.querySelector('[data-do="ask"]').hidden = false;
  line.querySelector(".reasons").hidden = true;
  line.addEventListener("focusin", () => go(lines.indexOf(line), false));
  line.addEventListener("submit", (event) => { event.preventDefault(); send(line, event.submitter); });
  line.addEventListener("click", (event) => {
    const what = event.target.closest("[data-do]")?.dataset.do;
    if (what === "open") { event.preventDefault(); open(line); }
    if (what === "ask") ask(line);
  });
}
go(0, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input[type="text"]')) return;
  const line = lines[current];
  if (!line) return;
  const key = event.key.toLowerCase();
  // Cyrillic keyboards: the same keys bear other letters.
  const what = { o: "open", щ: "open", y: "confirm", н: "confirm", n: "refuse", т: "refuse", j: "next", о: "next", k: "back", л: "back", escape: "stop" }[key];
  if (isAsking && /^[1-9]$/.test(key)) line.querySelector(`[data-reason="${key}"]`)?.click();
  else if (what === "open") open(line);
  else if (what === "confirm") line.querySelector('[data-do="confirm"]').click();
  else if (what === "refuse") ask(line);
  else if (what === "next") go(current + 1, true);
  else if (what === "back") go(current - 1, true);
  else if (what === "stop") stop(line);
  else return;
  event.preventDefault();
});

function go(place, focuses) {
  if (place < 0 || place >= lines.length) return;
  if (place !== current && lines[current]) { stop(lines[current]); lines[current].removeAttribute("aria-current"); }
  current = place;
  lines[place].setAttribute("aria-current", "true");
  if (focuses) { lines[place].focus({ preventScroll: true }); lines[place].scrollIntoView({ block: "nearest" }); }
}

function open(line) {
  const half = Math.floor(screen.availWidth / 2);
  const address = line.querySelector('[data-do="open"]').href;
  beside = window.open(address, "proposal", `popup,left=${half},top=0,width=${half},height=${screen.availHeight}`);
  if (beside) beside.opener = null;
}

function ask(line) {
  isAsking = true;
  line.querySelector(".reasons").hidden = false;
}

function stop(line) {
  isAsking = false;
  line.querySelector(".reasons").hidden = true;
}

async function send(line, button) {
  const body = new FormData(line.querySelector("form"), button);
  line.setAttribute("aria-busy", "true");
  let told;
  try {
    const answer = await fetch(location.href, { method: "POST", body, headers: { Accept: "application/json" } });
    told = await answer.json();
  } catch {
    location.reload();
    return;
  }
  line.removeAttribute("aria-busy");
  problem.hidden = told.problems.length === 0;
  problem.textContent = told.problems.join(" ");
  if (!told.done) return;
  left.textContent = told.left;
  const place = lines.indexOf(line);
  isAsking = false;
  line.remove();
  lines.splice(place, 1);
  if (lines.length === 0) { location.reload(); return; }
  current = Math.min(place, lines.length - 1);
  go(current, true);
}
