// What a person typed survives errors, the end of a session and closed tabs: <form data-draft="touch-12">.
// Kept on this machine, apart for each person, for two weeks at most; gone once the server has taken it.

const reader = document.body.dataset.reader;
const PREFIX = "draft:";
const SENT = "drafts-sent";
const LIFE = 14 * 24 * 60 * 60 * 1000; // milliseconds
const TEXT = 'textarea, input[type="text"], input[type="email"], input[type="url"], input:not([type])';
const AT_FAULT = '[aria-invalid="true"], .is-invalid, .note.is-error';

const keyOf = (form) => `${PREFIX}${reader}:${form.dataset.draft}`;

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? { fields: {} };
  } catch {
    return { fields: {} };
  }
}

function keep(form) {
  const fields = {};
  for (const field of form.querySelectorAll(TEXT)) {
    if (field.name && field.value !== field.defaultValue) fields[field.name] = field.value;
  }
  if (Object.keys(fields).length) {
    localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), fields }));
  } else {
    localStorage.removeItem(keyOf(form));
  }
}

function restore(root) {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    const { fields } = read(keyOf(form));
    for (const [name, value] of Object.entries(fields)) {
      const field = form.elements[name];
      if (field?.matches?.(TEXT) && field.value === field.defaultValue) field.value = value;
    }
  }
}

// ---- sent: forget a draft only when the answer shows that the server has it -------------------------

const sent = () => new Set(JSON.parse(sessionStorage.getItem(SENT) ?? "[]"));

function remember(keys) {
  sessionStorage.setItem(SENT, JSON.stringify([...keys]));
}

function settle() {
  const taken = reader && !document.body.hasAttribute("data-fault"); // not on the way in, not on an error page
  for (const key of taken ? sent() : []) {
    const form = [...document.querySelectorAll("form[data-draft]")].find((each) => keyOf(each) === key);
    if (!form?.querySelector(AT_FAULT)) localStorage.removeItem(key);
  }
  sessionStorage.removeItem(SENT);
}

function forgetOld() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(PREFIX) && Date.now() - (read(key).at ?? 0) > LIFE) localStorage.removeItem(key);
  }
}

function forgetAll() {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`${PREFIX}${reader}:`)) localStorage.removeItem(key);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form && reader) keep(form);
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-forget-drafts]")) forgetAll();
  if (event.target.matches("form[data-draft]") && reader) remember(sent().add(keyOf(event.target)));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form[data-draft]");
  if (!form || event.detail.xhr.getResponseHeader("HX-Redirect")) return; // the next page settles it
  const taken = event.detail.successful && event.detail.requestConfig.verb !== "get";
  if (taken) localStorage.removeItem(keyOf(form));
  const waiting = sent();
  waiting.delete(keyOf(form));
  remember(waiting);
});

document.addEventListener("htmx:afterSettle", () => restore(document));

settle();
forgetOld();
if (reader) restore(document);
