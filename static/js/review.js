// The review: the ten-minute clock, a new row when the last one is used, and where one is on the page.

const TEN_MINUTES = 600; // seconds

// ---- the clock: the server says how much has gone, this page counts on from there -------------------

let clock = null;
let startedAt = null; // on this page's own clock, in milliseconds

function look() {
  const found = document.getElementById("clock");
  if (!found || found === clock) return;
  clock = found;
  const elapsed = clock.dataset.elapsed;
  startedAt = elapsed === "" ? null : performance.now() - Number(elapsed) * 1000;
}

function tick() {
  look();
  if (!clock || startedAt === null) return;
  const gone = Math.floor((performance.now() - startedAt) / 1000);
  const left = Math.max(0, TEN_MINUTES - gone);
  const minutes = String(Math.floor(left / 60)).padStart(2, "0");
  const seconds = String(left % 60).padStart(2, "0");
  clock.querySelector("[data-left]").textContent = `${minutes}:${seconds}`;
  const share = Math.min(100, (gone / TEN_MINUTES) * 100);
  clock.querySelector(".ring-gone").setAttribute("stroke-dasharray", `${share} 100`);
}

tick();
setInterval(tick, 1000);
document.addEventListener("htmx:afterSettle", tick);

// ---- rows of "next time" ----------------------------------------------------------------------------

const MOST_ROWS = 12;

function addRow(list) {
  const last = list.lastElementChild;
  const isUsed = last.querySelector("input").value.trim();
  if (!isUsed || list.children.length >= MOST_ROWS) return;
  const row = last.cloneNode(true);
  row.querySelector("input").value = "";
  row.querySelector("input").removeAttribute("value");
  list.append(row);
}

document.addEventListener("input", (event) => {
  const list = event.target.closest(".next-times");
  if (list) addRow(list);
});

// Enter goes to the next row; without this it would send the form.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches(".next-times input")) return;
  event.preventDefault();
  event.target.closest("li").nextElementSibling?.querySelector("input").focus();
});

// ---- where one is -------------------------------------------------------------------------------------

document.addEventListener("focusin", (event) => {
  const question = event.target.closest(".question");
  if (!question) return;
  for (const link of document.querySelectorAll(".steps a")) {
    const isHere = link.hash === `#${question.id}`;
    if (isHere) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
});
