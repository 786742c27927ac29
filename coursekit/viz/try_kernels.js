/* A kernel to change, on a photograph: the whole picture is computed anew, and one window is shown as a sum. */
for (const figure of document.querySelectorAll(".try_kernels:not([data-ready])")) {
  figure.dataset.ready = "";
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const find = selector => figure.querySelector(selector);
  const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const [height, width] = data.photograph.shape;
  const photograph = bytes(data.photograph.u1);
  const colours = bytes(data.colours.u1);
  const limit = data.limit;
  const SCALE = 3;                                  /* of a canvas, for a sharp frame around the window */
  const STEP = .25;                                 /* of an arrow key, or of 8 pixels of dragging */

  const menu = find("select"), [shown, answer] = figure.querySelectorAll("canvas"), note = find(".live-note");
  const pixels = find("[data-part=pixels]"), products = find("[data-part=products]"), total = find("output");
  let kernel = [], row = data.window[0], column = data.window[1];
  let pending;

  /* The sum of the nine products with the window whose middle is (i, j): a cross-correlation, as in conv2d. */
  const apply = (weights, i, j) => {
    let sum = 0;
    for (let s = 0; s < 3; s++)
      for (let t = 0; t < 3; t++) sum += weights[3 * s + t] * photograph[(i + s - 1) * width + j + t - 1] / 255;
    return sum;
  };
  const map = weights => {
    const result = new Float64Array((height - 2) * (width - 2));
    for (let i = 1; i < height - 1; i++)
      for (let j = 1; j < width - 1; j++) result[(i - 1) * (width - 2) + j - 1] = apply(weights, i, j);
    return result;
  };
  figure.map = map;                                 /* for tests, and for a reader at the console */

  const signed = () => Math.abs(kernel.reduce((a, b) => a + b, 0)) < 1e-6;
  const grey = value => { const g = Math.round(255 * Math.min(1, Math.max(0, value))); return [g, g, g]; };
  const signedColour = value => {
    const i = Math.round((Math.min(1, Math.max(-1, value / limit)) + 1) / 2 * (colours.length / 3 - 1));
    return [...colours.subarray(3 * i, 3 * i + 3)];
  };
  const written = (value, digits = 2) => String(+value.toFixed(digits) || 0).replace("-", "−");
  const paint = (cell, text, [r, g, b]) => {
    cell.textContent = text;
    cell.style.background = `rgb(${r} ${g} ${b})`;
    const part = v => v / 255 <= .04045 ? v / 255 / 12.92 : ((v / 255 + .055) / 1.055) ** 2.4;
    cell.style.color = .2126 * part(r) + .7152 * part(g) + .0722 * part(b) > .179 ? "#000" : "#fff";
  };

  /* A picture of one colour for each pixel, as large as the photograph, and a frame on it. */
  const small = document.createElement("canvas");
  small.width = width; small.height = height;
  const draw = (canvas, colour, frame) => {
    const pen = small.getContext("2d"), image = pen.createImageData(width, height);
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const rgb = colour(i, j);
        if (rgb) image.data.set([...rgb, 255], 4 * (i * width + j));
      }
    pen.putImageData(image, 0, 0);
    const large = canvas.getContext("2d");
    large.imageSmoothingEnabled = false;
    large.clearRect(0, 0, canvas.width, canvas.height);
    large.drawImage(small, 0, 0, canvas.width, canvas.height);
    large.strokeStyle = "#000"; large.lineWidth = 5;
    large.strokeRect((column - frame) * SCALE - 1, (row - frame) * SCALE - 1, (2 * frame + 1) * SCALE + 2, (2 * frame + 1) * SCALE + 2);
    large.strokeStyle = "#e69f00"; large.lineWidth = 3;
    large.strokeRect((column - frame) * SCALE - 1, (row - frame) * SCALE - 1, (2 * frame + 1) * SCALE + 2, (2 * frame + 1) * SCALE + 2);
  };

  let result;
  const showWindow = () => {
    for (let k = 0; k < 9; k++) {
      const value = photograph[(row + Math.floor(k / 3) - 1) * width + column + k % 3 - 1] / 255;
      paint(pixels.children[k], written(value), grey(value));
      paint(products.children[k], written(value * kernel[k]), signedColour(value * kernel[k]));
    }
    total.value = written(apply(kernel, row, column));
    draw(shown, (i, j) => grey(photograph[i * width + j] / 255), 1);
    const colour = signed() ? signedColour : grey;
    draw(answer, (i, j) => i && j && i < height - 1 && j < width - 1 && colour(result[(i - 1) * (width - 2) + j - 1]), 0);
    clearTimeout(pending);                          /* say where the reader stopped, not all that passed by */
    pending = setTimeout(say, 700);
  };
  let talkative = false;
  const say = () => {
    if (talkative) find("[role=status]").textContent = `Row ${row}, column ${column}: the sum is ${total.value}. ${note.textContent}`;
  };
  const showAll = () => {
    result = map(kernel);
    const sum = written(kernel.reduce((a, b) => a + b, 0));
    const range = `from ${written(result.reduce((a, b) => Math.min(a, b)))} to ${written(result.reduce((a, b) => Math.max(a, b)))}`;
    note.textContent = `The nine numbers add up to ${sum}. Results go ${range}: ` + (signed()
      ? `red above 0, blue below, white is 0.` : `black is 0 and less, white is 1 and more.`);
    answer.setAttribute("aria-label", `The photograph after the kernel “${menu.selectedOptions[0].textContent}”. ${note.textContent}`);
    showWindow();
  };

  const inputs = [];
  const own = new Option("your own", "");
  const choose = () => { kernel = [...data.kernels[menu.value]]; own.remove(); fill(); };
  const fill = () => { inputs.forEach((input, k) => { input.value = Math.round(kernel[k] * 1000) / 1000; }); showAll(); };
  const change = (k, value) => {
    kernel[k] = Number.isFinite(value) ? value : 0;
    if (!own.parentElement) menu.append(own);
    own.selected = true;
    showAll();
  };
  const step = (k, steps) => {
    change(k, Math.round((kernel[k] + steps * STEP) * 1000) / 1000);
    inputs[k].value = kernel[k];
  };
  for (let k = 0; k < 9; k++) {
    for (const part of [pixels, products]) part.append(document.createElement("span"));
    const input = document.createElement("input");
    input.type = "number"; input.step = "any"; input.autocomplete = "off";
    input.setAttribute("aria-label", `row ${Math.floor(k / 3) + 1}, column ${k % 3 + 1}`);
    find("[data-part=kernel]").append(input);
    inputs.push(input);
    input.addEventListener("input", () => change(k, input.valueAsNumber));
    input.addEventListener("keydown", event => {
      const steps = {ArrowUp: 1, ArrowDown: -1}[event.key];
      if (!steps) return;
      event.preventDefault();
      step(k, steps * (event.shiftKey ? 4 : 1));
    });
    let from = null;
    input.addEventListener("pointerdown", event => { from = event.clientY; input.setPointerCapture(event.pointerId); });
    input.addEventListener("pointermove", event => {
      if (from === null) return;
      const steps = Math.trunc((from - event.clientY) / 8);
      if (!steps) return;
      event.preventDefault();
      from -= 8 * steps;
      step(k, steps);
    });
    for (const end of ["pointerup", "pointercancel"]) input.addEventListener(end, () => { from = null; });
  }

  const moveTo = (i, j) => {
    row = Math.min(height - 2, Math.max(1, i));
    column = Math.min(width - 2, Math.max(1, j));
    showWindow();
  };
  for (const canvas of [shown, answer]) {
    canvas.width = SCALE * width; canvas.height = SCALE * height;
    const follow = event => {
      const box = canvas.getBoundingClientRect();
      moveTo(Math.floor((event.clientY - box.top) / box.height * height), Math.floor((event.clientX - box.left) / box.width * width));
    };
    canvas.addEventListener("pointermove", follow);
    canvas.addEventListener("pointerdown", follow);
  }
  shown.addEventListener("keydown", event => {
    const [down, right] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] ?? [0, 0];
    if (!down && !right) return;
    event.preventDefault();
    const far = event.shiftKey ? 10 : 1;
    moveTo(row + far * down, column + far * right);
  });
  for (const name of Object.keys(data.kernels)) menu.append(new Option(name, name));
  menu.addEventListener("change", () => { if (menu.value) choose(); });
  find("button").addEventListener("click", () => {
    kernel.reverse();
    if (!own.parentElement) menu.append(own);
    own.selected = true;
    fill();
  });

  find(".live-instead").hidden = true;
  find(".live-body").hidden = false;
  menu.value = data.first;
  choose();
  talkative = true;
}
