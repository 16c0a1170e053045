// Filters leave nothing empty in the address; an empty status is kept, for it means all of them.

document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form.filters")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "" && name !== "status") event.formData.delete(name);
  }
});

// The columns ticked go into the address as one list.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form[data-columns]")) return;
  const chosen = event.formData.getAll("columns");
  if (chosen.length) event.formData.set("columns", chosen.join(","));
});

// The box in the head ticks the boxes of the page.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-pick-all]")) return;
  const boxes = event.target.closest("table").querySelectorAll("td.pick input");
  for (const box of boxes) box.checked = event.target.checked;
});
