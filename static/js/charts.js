// Charts say on hovering, at once and in our look, what their titles say late; reports print by a button.

const tip = document.createElement("div");
tip.className = "chart-tip";
tip.hidden = true;
tip.setAttribute("aria-hidden", "true");
document.body.append(tip);

function wordsOf(target) {
  const mark = target.closest?.("svg.chart-svg rect, svg.chart-svg circle, svg.chart-svg text");
  const title = mark?.querySelector("title");
  if (title) {
    mark.dataset.words = title.textContent;
    title.remove(); // or the browser would show it as well
  }
  return mark?.dataset.words;
}

document.addEventListener("pointerover", (event) => {
  const words = wordsOf(event.target);
  tip.hidden = !words;
  tip.textContent = words ?? "";
});

document.addEventListener("pointermove", (event) => {
  if (tip.hidden) return;
  const room = window.innerWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(8, Math.min(event.clientX + 12, room))}px`;
  tip.style.top = `${event.clientY + 16}px`;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
