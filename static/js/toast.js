// Toasts leave by themselves, later when they offer a way back, and never while they are read.

const READING = 8000; // milliseconds
const READING_WITH_UNDO = 20000;

const toasts = document.getElementById("toasts");

function leave(toast) {
  toast.remove();
}

function attend(toast) {
  const patience = toast.querySelector("form") ? READING_WITH_UNDO : READING;
  let timer = setTimeout(leave, patience, toast);
  const wait = () => clearTimeout(timer);
  const resume = () => {
    clearTimeout(timer);
    timer = setTimeout(leave, patience, toast);
  };
  toast.addEventListener("pointerenter", wait);
  toast.addEventListener("pointerleave", resume);
  toast.addEventListener("focusin", wait);
  toast.addEventListener("focusout", resume);
}

if (toasts) {
  for (const toast of toasts.querySelectorAll(".rb-toast:not(.is-error)")) attend(toast);
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeType === Node.ELEMENT_NODE && !node.matches(".is-error")) attend(node);
    }
  }).observe(toasts, { childList: true });
  toasts.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) leave(event.target.closest(".rb-toast"));
  });
}
