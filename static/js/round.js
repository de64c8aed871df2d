// Reading by hand from the keyboard: Enter opens the page of an empty box, and records a filled one and goes on; one key
// says what stands in place of a count; a picture is pasted or dropped. A number that is typed and not yet saved is there
// again when the round is opened again in this tab on the same day. Without this the form saves whatever is filled in.
const form = document.querySelector("#round");
const turns = form ? [...form.querySelectorAll(".turn")] : [];
const opens = document.querySelector("#opens");
const progress = document.querySelector("progress");
const says = document.querySelector("#progress");

const box = (turn) => turn.querySelector('input[name$="-count"]');
const output = (turn) => turn.querySelector("output");
const place = (turn) => `round ${form.dataset.day} ${box(turn).name}`;
const open = (turn) => turn.querySelector("a.page").click();
const left = () => turns.filter((turn) => !turn.disabled);

function next(turn) {
  const rest = left();
  return rest.find((other) => turns.indexOf(other) > turns.indexOf(turn)) ?? rest[0];
}

async function record(turn, extra = {}) {
  if (turn.dataset.busy) return;
  turn.dataset.busy = "1";
  const data = new FormData();
  for (const field of turn.querySelectorAll("input")) {
    if (field.type === "file") {
      if (field.files[0]) data.append(field.name, field.files[0]);
    } else if (field.type !== "checkbox" || field.checked) data.append(field.name, field.value);
  }
  if (turn.dataset.asked === box(turn).value && turn.dataset.asked) {
    data.append(box(turn).name.replace("-count", "-confirmed"), "on");
  }
  data.append("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  data.append("one", turn.dataset.account);
  for (const [name, value] of Object.entries(extra)) data.append(name, value);
  let answer;
  try {
    const response = await fetch(form.action, { method: "POST", body: data, redirect: "error" });
    answer = await response.json();
  } catch {
    answer = { done: false, words: form.dataset.lost };
  }
  delete turn.dataset.busy;
  output(turn).textContent = answer.words;
  if (answer.total) {
    progress.value = answer.finished;
    says.textContent = says.dataset.words.replace("{finished}", answer.finished).replace("{total}", answer.total);
  }
  if (!answer.done) {
    turn.dataset.asked = answer.jump ? box(turn).value : "";
    box(turn).focus();
    return;
  }
  sessionStorage.removeItem(place(turn));
  turn.classList.add("is-done");
  turn.disabled = true;
  const following = next(turn);
  if (!following) {
    location.assign(form.action || location.href);
    return;
  }
  box(following).focus();
  if (opens.checked) open(following);
}

function attach(turn, file) {
  if (!file?.type.startsWith("image/")) return false;
  const files = new DataTransfer();
  files.items.add(file);
  turn.querySelector("input[type=file]").files = files.files;
  output(turn).textContent = form.dataset.attached;
  return true;
}

for (const turn of turns) {
  const field = box(turn);
  let timer;
  if (!field.value) field.value = sessionStorage.getItem(place(turn)) ?? "";
  field.addEventListener("input", () => {
    sessionStorage.setItem(place(turn), field.value);
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const typed = field.value;
      const answer = await fetch(`${form.dataset.echo}?${new URLSearchParams({ text: typed })}`);
      if (answer.ok && field.value === typed && !turn.disabled && !turn.dataset.busy) {
        output(turn).textContent = (await answer.json()).words;
      }
    }, 200);
  });
  turn.addEventListener("keydown", (event) => {
    const button = turn.querySelector(`button[data-key="${event.key}"]`);
    if (button) {
      event.preventDefault();
      record(turn, { [button.name]: button.value });
    } else if (event.key === "Enter" && event.target === field) {
      event.preventDefault();
      if (field.value.trim()) record(turn);
      else open(turn);
    }
  });
  for (const button of turn.querySelectorAll("button")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      record(turn, { [button.name]: button.value });
    });
  }
  turn.addEventListener("paste", (event) => {
    if (attach(turn, event.clipboardData.files[0])) event.preventDefault();
  });
  turn.addEventListener("dragover", (event) => {
    event.preventDefault();
    turn.classList.add("is-over");
  });
  turn.addEventListener("dragleave", () => turn.classList.remove("is-over"));
  turn.addEventListener("drop", (event) => {
    event.preventDefault();
    turn.classList.remove("is-over");
    attach(turn, event.dataTransfer.files[0]);
  });
}

if (opens) {
  opens.checked = localStorage.getItem("round opens") === "yes";
  opens.addEventListener("change", () => localStorage.setItem("round opens", opens.checked ? "yes" : "no"));
}
form?.addEventListener("submit", () => {
  for (const turn of turns) sessionStorage.removeItem(place(turn));
});
