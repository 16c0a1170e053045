// Dialogs that htmx loads into #layer: the page behind is inert, Esc closes, the focus returns to where it was.

const layer = document.getElementById("layer");
const page = document.getElementById("page");
let opener = null;

const CHOICES = 'input[type="radio"], input[type="checkbox"]';
const FIELDS = 'input:not([type="hidden"]), select, textarea, button, a[href]';

function show() {
  layer.hidden = false;
  page.inert = true;
  const first = layer.querySelector("[autofocus]") ?? layer.querySelector("input:checked[data-digit]")
    ?? layer.querySelector("[data-digit]") ?? layer.querySelector(FIELDS);
  first?.focus();
}

function close() {
  const reload = layer.querySelector("[data-reload]");
  layer.hidden = true;
  layer.replaceChildren();
  page.inert = false;
  opener?.focus();
  opener = null;
  document.dispatchEvent(new CustomEvent("layer:closed"));
  if (reload) window.location.reload();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === layer && layer.hidden) opener = document.activeElement;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target === layer && layer.firstElementChild) show();
});

// Others ask for a dialog of their own with this event; its detail is the content.
document.addEventListener("layer:show", (event) => {
  opener = document.activeElement;
  layer.replaceChildren(event.detail);
  show();
});

layer?.addEventListener("click", (event) => {
  if (event.target !== layer && !event.target.closest("[data-close]")) return;
  event.preventDefault();
  close();
});

// ---- keys inside a form ------------------------------------------------------------------------------

function isTyping(element) {
  return element.matches("textarea, select, [contenteditable], input") && !element.matches(CHOICES);
}

function choose(digit) {
  const scope = layer && !layer.hidden ? layer : document;
  const choice = scope.querySelector(`[data-digit="${digit}"]`);
  if (!choice) return false;
  choice.focus();
  choice.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey) return;
  if (event.key === "Escape" && layer && !layer.hidden) {
    event.preventDefault();
    close();
  } else if (event.key === "Enter" && event.ctrlKey && event.target.form) {
    event.target.form.requestSubmit();
  } else if (!event.ctrlKey && /^[1-9]$/.test(event.key) && !isTyping(event.target) && choose(event.key)) {
    event.preventDefault();
  }
});
