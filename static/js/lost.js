// The dialog of a loss: choosing a reason lays out its playbook at once; a step's date follows its number of days.

const DELAY = 250; // milliseconds

function fill(step, facts) {
  step.hidden = !facts;
  for (const field of step.querySelectorAll("input")) field.disabled = !facts;
  if (!facts) return;
  const days = step.querySelector('input[type="number"]');
  if (days) days.value = facts.days;
  const on = step.querySelector("[data-on]");
  if (on) on.textContent = facts.on ?? "";
  step.querySelector("[data-ground]").textContent = facts.ground;
}

function layOut(form, slug) {
  const book = JSON.parse(form.dataset.playbooks)[slug];
  if (!book) return;
  form.elements.playbook_of.value = slug;
  for (const step of form.querySelectorAll("[data-step]")) fill(step, book.steps[step.dataset.step]);
  const line = form.querySelector("[data-playbook-line]");
  line.textContent = line.dataset.playbookLine.replace("%s", book.name);
}

async function date(form, field) {
  const step = field.closest("[data-step]");
  const on = step.querySelector("[data-on]");
  const asked = new URLSearchParams({ step: step.dataset.step, days: field.value });
  const answer = await fetch(`${form.dataset.dueOn}?${asked}`);
  if (answer.ok) on.textContent = await answer.text();
}

// The order of ticking is the order of weight: what is ticked moves behind those ticked before it, and is sent in that order.
function inOrder(menu, input) {
  const list = menu.querySelector(".menu-list");
  const first = [...list.children].find((label) => label !== input.closest("label") && !label.querySelector(":checked"));
  list.insertBefore(input.closest("label"), first ?? null);
  input.focus();
}

function nameChosen(menu) {
  const names = [...menu.querySelectorAll("input:checked")].map((input) => input.closest("label").textContent.trim());
  const summary = menu.querySelector("[data-chosen]");
  summary.textContent = names.join(", ") || summary.dataset.empty;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-playbooks]");
  if (form && event.target.name === "reason") layOut(form, event.target.value);
  const menu = event.target.closest("details.menu.is-field");
  if (!menu) return;
  if (event.target.type === "checkbox") inOrder(menu, event.target);
  nameChosen(menu);
});

let timer = null;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-playbooks]");
  if (!form || !event.target.closest("[data-step]") || event.target.type !== "number") return;
  clearTimeout(timer);
  timer = setTimeout(date, DELAY, form, event.target);
});
