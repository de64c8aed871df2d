// The admin's choosers and tables of parts have no names for a screen reader: they get those of their labels and columns.
const textOf = (element) => element?.textContent.trim();

function labelOf(field) {
  const label = document.querySelector(`label[for="${field.id}"]`);
  if (label) return textOf(label);
  const cell = field.closest("td");
  const column = [...(cell?.classList ?? [])].find((name) => name.startsWith("field-"));
  const heading = column && cell.closest("table").querySelector(`th.column-${column.slice("field-".length)}`);
  return textOf(heading) || textOf(cell?.closest("fieldset")?.querySelector("h2"));
}

function name() {
  for (const shown of document.querySelectorAll(".select2-selection:not([aria-label])")) {
    const field = shown.closest(".select2")?.previousElementSibling;
    const label = field && labelOf(field);
    if (!label) continue;
    for (const part of [shown, ...shown.querySelectorAll(".select2-selection__rendered, .select2-search__field")]) {
      part.setAttribute("aria-label", label);
    }
  }
  for (const field of document.querySelectorAll(".tabular :is(input, select, textarea):not([type=hidden], [aria-label])")) {
    const label = labelOf(field);
    if (label && !document.querySelector(`label[for="${field.id}"]`)) field.setAttribute("aria-label", label);
  }
  for (const heading of document.querySelectorAll(".tabular th:empty:not([role])")) heading.setAttribute("role", "presentation");
}

// Select2 has no Kazakh of its own, and Django calls that language "None"; the choosers are made after this script.
const KAZAKH = {
  errorLoading: () => "Нәтижелерді алу мүмкін болмады",
  inputTooLong: ({ input, maximum }) => `Артық таңба саны: ${input.length - maximum}`,
  inputTooShort: ({ input, minimum }) => `Тағы керек таңба саны: ${minimum - input.length}`,
  loadingMore: () => "Тағы жүктелуде…",
  maximumSelected: ({ maximum }) => `Таңдауға болатыны: ${maximum}`,
  noResults: () => "Ештеңе табылмады",
  searching: () => "Ізделуде…",
  removeAllItems: () => "Бәрін алып тастау",
  removeItem: () => "Алып тастау",
};
if (document.documentElement.lang === "kk") {
  for (const field of document.querySelectorAll("select[lang=None]")) field.removeAttribute("lang");
  window.django?.jQuery?.fn.select2?.defaults.set("language", KAZAKH);
}

new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
name();
