// Filters leave nothing empty in the address; an empty status is kept, for it means all of them.

document.addEventListener("formdata", (event) => {
  if (!event.target.matches("form.filters")) return;
  for (const [name, value] of [...event.formData]) {
    if (value === "" && name !== "status") event.formData.delete(name);
  }
});
