// The search box: what it finds lies below it; arrows choose, Enter opens, Escape closes.

const box = document.querySelector("[data-search]");
const list = document.getElementById("found");

function hits() {
  return [...list.querySelectorAll('[role="option"]')];
}

function chosen() {
  return list.querySelector('[aria-selected="true"]');
}

function choose(hit) {
  chosen()?.removeAttribute("aria-selected");
  hit?.setAttribute("aria-selected", "true");
  hit?.scrollIntoView({ block: "nearest" });
  if (hit) box.setAttribute("aria-activedescendant", hit.id);
  else box.removeAttribute("aria-activedescendant");
}

function show(isShown) {
  list.hidden = !isShown;
  box.setAttribute("aria-expanded", isShown);
  if (!isShown) choose(null);
}

// From the box to the first, from the last back to the box.
function step(by) {
  const all = [null, ...hits()];
  const here = all.indexOf(chosen());
  choose(all[(here + by + all.length) % all.length]);
}

function onKey(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden && hits().length) show(true);
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter" && chosen()) {
    event.preventDefault();
    chosen().click();
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    show(false);
  }
}

function isTyped() {
  return box.value.trim() !== "";
}

if (box && list) {
  box.addEventListener("keydown", onKey);
  box.addEventListener("input", () => choose(null));
  box.addEventListener("focus", () => show(isTyped() && list.childElementCount > 0));
  list.addEventListener("htmx:afterSwap", () => show(isTyped() && document.activeElement === box));
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".search")) show(false);
  });
  box.closest("form").addEventListener("focusout", (event) => {
    if (event.relatedTarget && !event.relatedTarget.closest(".search")) show(false);
  });
}
