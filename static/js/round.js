// A number that is typed and not yet saved is there again when the round is opened again in this tab on the same day.
const form = document.querySelector("form[data-day]");
const fields = form ? form.querySelectorAll('input[name$="-count"]') : [];
const place = (field) => `round ${form.dataset.day} ${field.name}`;

for (const field of fields) {
  if (!field.value) field.value = sessionStorage.getItem(place(field)) ?? "";
  field.addEventListener("input", () => sessionStorage.setItem(place(field), field.value));
}
form?.addEventListener("submit", (event) => {
  if (event.submitter?.name) return; // one is skipped; the others are not saved by it
  for (const field of fields) sessionStorage.removeItem(place(field));
});
