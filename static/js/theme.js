// Shows light or dark at once when it is chosen in the settings; the server keeps the choice.

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-theme-choice]")) return;
  const theme = event.target.value;
  if (theme) document.documentElement.dataset.bsTheme = theme;
  else delete document.documentElement.dataset.bsTheme;
});
