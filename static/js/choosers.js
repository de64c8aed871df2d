// The admin's choosers have no name for a screen reader while they are empty: they get that of their label, once they are there.
function name() {
  for (const shown of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const field = shown.closest(".select2")?.previousElementSibling;
    const label = field && document.querySelector(`label[for="${field.id}"]`);
    if (label) shown.setAttribute("aria-label", label.textContent.trim());
  }
}

new MutationObserver(name).observe(document.body, { childList: true, subtree: true });
name();
