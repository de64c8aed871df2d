// Runs once, in the page that is open, on the editor's press. Returns the texts at the one place that she selected or
// points at, and the links there, which say whose they are. It looks nowhere else on the page, asks nothing of the
// network and changes nothing.
(() => {
  const PARENTS = 5;
  const LONGEST = 120; // signs: what is longer is no count
  const MOST_LINKS = 12;
  const MOST_TITLES = 3;

  const parentOf = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const isPart = (element) => Boolean(element) && element !== document.body && element !== document.documentElement;
  const isNumbered = (text) => /\p{Nd}/u.test(text) && text.length <= LONGEST;
  const plain = (text) => text.replace(/[^\S\n]+/g, " ").trim();

  // The deepest element under the pointer, also within shadow roots.
  function hovered() {
    let element = null;
    for (let scope = document; scope; scope = element.shadowRoot) {
      const deepest = [...scope.querySelectorAll(":hover")].at(-1);
      if (!deepest) return element;
      element = deepest;
    }
    return element;
  }

  // What a person sees of its text, with a space where one element ends and another begins.
  function textOf(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const texts = [];
    let length = 0;
    while (length <= LONGEST && walker.nextNode()) {
      const text = plain(walker.currentNode.data);
      if (!text || !walker.currentNode.parentElement.checkVisibility({ visibilityProperty: true })) continue;
      texts.push(text);
      length += text.length + 1;
    }
    return texts.join(" ");
  }

  function addressOf(link) {
    const address = String(link.href?.baseVal ?? link.href);
    return /^https?:/.test(address) && address.length < 2000 ? address : "";
  }

  function linkAround(element) {
    for (let step = element; step; step = parentOf(step)) {
      if (step.matches("a[href]")) return step;
    }
    return null;
  }

  // The addresses of the nearest links, by which the place is known where it lies in none.
  function linksBeside(element) {
    let step = element;
    for (let parents = 0; isPart(step) && parents <= PARENTS; parents += 1, step = parentOf(step)) {
      const links = new Set([...step.querySelectorAll("a[href]")].map(addressOf).filter(Boolean));
      if (links.size) return [...links].slice(0, MOST_LINKS);
    }
    return [];
  }

  function nameOf(element) {
    const name = element.localName;
    if (element.matches("a[href]") && element.pathname?.length <= 60) return `a[href="${element.pathname}"]`;
    for (const attribute of ["data-e2e", "data-testid", "id"]) {
      const value = element.getAttribute(attribute);
      if (value && value.length <= 40) return `${name}[${attribute}="${value}"]`;
    }
    return name;
  }

  function whereIs(element, what) {
    const names = [];
    for (let step = element; step && names.length < 3; step = parentOf(step)) {
      names.unshift(nameOf(step));
      if (step.matches("a[href]")) break;
    }
    return `${names.join(" > ")}${what}`.slice(0, 300);
  }

  const selection = getSelection();
  const selected = selection.rangeCount && !selection.isCollapsed ? plain(selection.toString()) : "";
  const range = selected ? selection.getRangeAt(0) : null;
  const common = range?.commonAncestorContainer;
  const pointed = common ? (common.nodeType === Node.ELEMENT_NODE ? common : parentOf(common)) : hovered();
  const seen = [];
  if (!pointed || (!isPart(pointed) && !selected)) {
    return { address: location.href, seen, place: null };
  }

  const link = linkAround(pointed);
  function note(element, wording, what) {
    if (!isNumbered(wording) || seen.length >= 16) return;
    const whose = link ? { link: addressOf(link), beside: [] } : { link: "", beside: linksBeside(element) };
    seen.push({ wording, where: whereIs(element, what), ...whose });
  }

  if (selected) note(pointed, selected, " (selected)");
  // What stands in a link is no longer known by it outside.
  let step = pointed;
  for (let parents = 0; isPart(step) && parents <= PARENTS; parents += 1) {
    const text = textOf(step);
    if (text.length > LONGEST) break;
    note(step, text, "");
    note(step, plain(step.getAttribute("title") ?? ""), " (title)");
    if (step === link) break;
    step = parentOf(step);
  }
  if (textOf(pointed).length <= LONGEST) {
    for (const inner of [...pointed.querySelectorAll("[title]")].slice(0, MOST_TITLES)) {
      note(inner, plain(inner.title ?? ""), " (title)");
    }
  }
  const { x, y, width, height } = (range ?? pointed).getBoundingClientRect();
  return { address: location.href, seen, place: { x, y, width, height, wide: innerWidth, high: innerHeight } };
})();
