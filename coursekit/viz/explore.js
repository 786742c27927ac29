/* Moves one explore() figure: frames lie in one list, controls[i] steps over data-stride frames. No ids, no globals. */
for (const figure of document.querySelectorAll(".explore:not([data-ready])")) {
  figure.dataset.ready = "";
  const controls = [...figure.querySelectorAll("input, select")];
  const frames = [...figure.querySelectorAll("img")];
  const show = () => {
    let index = 0;
    for (const control of controls) {
      index += Number(control.value) * Number(control.dataset.stride);
      if (!control.dataset.labels) continue;
      const label = JSON.parse(control.dataset.labels)[control.value];
      control.setAttribute("aria-valuetext", label);
      control.closest(".explore-control").querySelector("output").value = label;
    }
    frames.forEach((frame, i) => { frame.hidden = i !== index; });
    return frames[index].alt;
  };
  const status = figure.querySelector("[role=status]");
  let pending;
  for (const control of controls) {
    control.addEventListener("input", () => {
      const text = show();
      clearTimeout(pending);                       /* say what the reader stopped at, not all that passed by */
      pending = setTimeout(() => { status.textContent = text; }, 400);
    });
  }
  figure.querySelector(".explore-controls").hidden = false;
  show();                                          /* a reloaded page may remember where its sliders stood */
}
