// Shortcuts: an element with data-key="l" (or a sequence, "g t") is clicked, or a field focused, by that key.

const PATIENCE = 1200; // milliseconds between the keys of a sequence
const TYPED_INTO = 'textarea, select, [contenteditable], input:not([type="radio"]):not([type="checkbox"])';

let pressed = "";
let timer = null;
let pointed = null;

const layer = document.getElementById("layer");

document.addEventListener("pointerover", (event) => {
  pointed = event.target.closest("[data-row]");
});

function isVisible(element) {
  return element.getClientRects().length > 0;
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter(isVisible);
}

// The row that a key is meant for: the one with the focus, else under the pointer, else the first.
function currentRow() {
  return document.activeElement?.closest("[data-row]") ?? (pointed?.isConnected ? pointed : rows()[0]);
}

function find(keys) {
  const all = `[data-key="${CSS.escape(keys)}"]`;
  if (layer && !layer.hidden) return layer.querySelector(all);
  const own = currentRow()?.querySelector(all);
  return own ?? [...document.querySelectorAll(all)].find(isVisible);
}

function startsSequence(keys) {
  return document.querySelector(`[data-key^="${CSS.escape(keys)} "]`) !== null;
}

function act(element) {
  if (element.matches(TYPED_INTO)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function moveRow(step) {
  const all = rows();
  const here = all.indexOf(document.activeElement?.closest("[data-row]"));
  const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
  const target = next?.matches("a, button") ? next : next?.querySelector("a[href], button");
  target?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function showHelp() {
  const template = document.getElementById("shortcuts");
  if (!template || !layer?.hidden) return;
  document.dispatchEvent(new CustomEvent("layer:show", { detail: template.content.cloneNode(true) }));
}

function forget() {
  pressed = "";
}

function onKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(TYPED_INTO)) return;
  const keys = pressed ? `${pressed} ${event.key}` : event.key;
  clearTimeout(timer);
  pressed = "";
  const element = find(keys);
  if (element) {
    event.preventDefault();
    act(element);
  } else if (startsSequence(keys)) {
    pressed = keys;
    timer = setTimeout(forget, PATIENCE);
  } else if (keys === "?") {
    showHelp();
  } else if ((keys === "j" || keys === "k") && layer?.hidden) {
    moveRow(keys === "j" ? 1 : -1);
  }
}

document.addEventListener("keydown", onKey);
