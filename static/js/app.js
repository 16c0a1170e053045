// What every page does: menus that close, buttons that are busy, printing, copying, and htmx that failed.

const toasts = document.getElementById("toasts");

// ---- menus -----------------------------------------------------------------------------------------

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
  event.stopImmediatePropagation();
});

// ---- busy: one press, one request ------------------------------------------------------------------

const pressed = new Set();

function setBusy(button, busy) {
  button.classList.toggle("is-busy", busy);
  button.setAttribute("aria-busy", busy);
  if (!button.dataset.busy) return;
  if (busy) button.dataset.idle = button.textContent;
  button.textContent = busy ? button.dataset.busy : button.dataset.idle;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
  if (!event.submitter?.classList.contains("rb-btn")) return;
  pressed.add(event.submitter);
  setBusy(event.submitter, true);
}, true);

function release(form) {
  delete form.dataset.sent;
  for (const button of pressed) {
    if (button.form !== form) continue;
    setBusy(button, false);
    pressed.delete(button);
  }
}

// Other requests end meanwhile: what waits, a search, a part of the page. They are no answer to this press.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig.verb !== "get" && detail.elt.closest("form");
  if (form) release(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// ---- what was done in place may change what waits ---------------------------------------------------

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.requestConfig.verb === "post") {
    document.body.dispatchEvent(new CustomEvent("written"));
  }
});

// ---- htmx that failed says what happened, what did not, and what next -------------------------------

function say(text) {
  const toast = document.createElement("div");
  toast.className = "rb-toast is-error";
  toast.textContent = text;
  toasts?.append(toast);
}

document.addEventListener("htmx:responseError", () => say(toasts.dataset.failed));
document.addEventListener("htmx:sendError", () => say(toasts.dataset.offline));

// ---- small jobs ------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const copier = event.target.closest("[data-copy]");
  if (!copier) return;
  const source = document.querySelector(copier.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
  copier.classList.add("is-done");
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form) form.requestSubmit();
});
