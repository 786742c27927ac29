/* Paper to draw a digit on, and what the layers of a trained network make of it. */
for (const figure of document.querySelectorAll(".draw_a_digit:not([data-ready])")) {
  figure.dataset.ready = "";
  const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
  const find = selector => figure.querySelector(selector);
  const bytes = text => Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const halves = text => {                          /* numbers of 16 bits: 1 for the sign, 5 exponent, 10 fraction */
    const view = new DataView(bytes(text).buffer), numbers = new Float64Array(view.byteLength / 2);
    for (let i = 0; i < numbers.length; i++) {
      const bits = view.getUint16(2 * i, true), exponent = bits >> 10 & 31, fraction = bits & 1023;
      numbers[i] = (bits >> 15 ? -1 : 1) * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
    }
    return numbers;
  };
  const layers = data.layers.map(layer => layer.weight
    ? {...layer, shape: layer.weight.shape, weight: halves(layer.weight.f2), bias: halves(layer.bias.f2)} : layer);
  const SIDE = data.input[1], PAPER = 10 * SIDE;    /* the paper has 10 by 10 dots for each pixel of the network */

  /* Layers from numbers to numbers: {shape: [channels, rows, columns] or [units], values}. */
  const run = {
    Conv2d({shape: [channels, rows, columns], values}, {shape: [filters, , tall, wide], weight, bias, stride, padding}) {
      const high = Math.floor((rows + 2 * padding - tall) / stride) + 1, broad = Math.floor((columns + 2 * padding - wide) / stride) + 1;
      const out = new Float64Array(filters * high * broad);
      for (let f = 0; f < filters; f++)
        for (let i = 0; i < high; i++)
          for (let j = 0; j < broad; j++) {
            let sum = bias[f];
            for (let c = 0; c < channels; c++)
              for (let s = 0; s < tall; s++) {
                const row = i * stride + s - padding;
                if (row < 0 || row >= rows) continue;
                for (let t = 0; t < wide; t++) {
                  const column = j * stride + t - padding;
                  if (column >= 0 && column < columns)
                    sum += weight[((f * channels + c) * tall + s) * wide + t] * values[(c * rows + row) * columns + column];
                }
              }
            out[(f * high + i) * broad + j] = sum;
          }
      return {shape: [filters, high, broad], values: out};
    },
    MaxPool2d({shape: [channels, rows, columns], values}, {size, stride}) {
      const high = Math.floor((rows - size) / stride) + 1, broad = Math.floor((columns - size) / stride) + 1;
      const out = new Float64Array(channels * high * broad).fill(-Infinity);
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < high; i++)
          for (let j = 0; j < broad; j++)
            for (let s = 0; s < size; s++)
              for (let t = 0; t < size; t++) {
                const k = (c * high + i) * broad + j;
                out[k] = Math.max(out[k], values[(c * rows + i * stride + s) * columns + j * stride + t]);
              }
      return {shape: [channels, high, broad], values: out};
    },
    Linear({values}, {shape: [units, inputs], weight, bias}) {
      return {shape: [units], values: bias.map((b, u) => values.reduce((sum, v, i) => sum + weight[u * inputs + i] * v, b))};
    },
    ReLU: ({shape, values}) => ({shape, values: values.map(v => Math.max(v, 0))}),
    Flatten: ({values}) => ({shape: [values.length], values}),
  };
  /* What each layer says to an image with values from 0 to 1. */
  const forward = image => {
    let h = {shape: data.input, values: Float64Array.from(image, v => (v - data.mean) / data.std)};
    return layers.map(layer => h = run[layer.kind](h, layer));
  };
  const softmax = logits => {
    const largest = logits.reduce((a, b) => Math.max(a, b)), e = logits.map(v => Math.exp(v - largest));
    const sum = e.reduce((a, b) => a + b);
    return e.map(v => v / sum);
  };
  figure.forward = forward;                         /* for tests, and for a reader at the console */

  /* The mean ink in each of `high` by `broad` cells that a piece of the paper is cut into. */
  const shrink = (ink, top, left, rows, columns, high, broad) => {
    const out = new Float64Array(high * broad);
    const overlap = (a, b, from, to) => Math.max(0, Math.min(b, to) - Math.max(a, from));
    for (let i = 0; i < high; i++)
      for (let j = 0; j < broad; j++) {
        const up = i * rows / high, down = (i + 1) * rows / high, start = j * columns / broad, end = (j + 1) * columns / broad;
        let sum = 0;
        for (let y = Math.floor(up); y < Math.ceil(down - 1e-9); y++)
          for (let x = Math.floor(start); x < Math.ceil(end - 1e-9); x++)
            sum += ink[(top + y) * PAPER + left + x] * overlap(y, y + 1, up, down) * overlap(x, x + 1, start, end);
        out[i * broad + j] = sum / (down - up) / (end - start);
      }
    return out;
  };
  const moved = (image, down, right) => image.map((_, k) => {
    const i = Math.floor(k / SIDE) - down, j = k % SIDE - right;
    return i >= 0 && i < SIDE && j >= 0 && j < SIDE ? image[i * SIDE + j] : 0;
  });
  /* As the data set was made: the ink is fitted into 20 by 20 pixels, and its centre of mass put into the middle. */
  const asInMnist = ink => {
    let top = PAPER, left = PAPER, bottom = -1, right = -1;
    ink.forEach((v, k) => {
      if (!v) return;
      const i = Math.floor(k / PAPER), j = k % PAPER;
      top = Math.min(top, i); bottom = Math.max(bottom, i); left = Math.min(left, j); right = Math.max(right, j);
    });
    const image = new Float64Array(SIDE * SIDE);
    if (bottom < 0) return image;
    const rows = bottom - top + 1, columns = right - left + 1, scale = 20 / Math.max(rows, columns);
    const high = Math.max(1, Math.round(rows * scale)), broad = Math.max(1, Math.round(columns * scale));
    const digit = shrink(ink, top, left, rows, columns, high, broad);
    let sum = 0, y = 0, x = 0;
    digit.forEach((v, k) => { sum += v; y += v * Math.floor(k / broad); x += v * (k % broad); });
    const down = Math.round(SIDE / 2 - y / sum), across = Math.round(SIDE / 2 - x / sum);
    digit.forEach((v, k) => {
      const i = Math.floor(k / broad) + down, j = k % broad + across;
      if (i >= 0 && i < SIDE && j >= 0 && j < SIDE) image[i * SIDE + j] = v;
    });
    return image;
  };

  const [pad, seen] = figure.querySelectorAll("canvas"), menu = find("select"), fit = find("input[type=checkbox]");
  const [across, down] = figure.querySelectorAll("input[type=range]");
  const paper = document.createElement("canvas");   /* what is drawn, without the pen that shows on the pad */
  paper.width = paper.height = pad.width = pad.height = PAPER;
  const ink = paper.getContext("2d", {willReadFrequently: true});
  Object.assign(ink, {lineWidth: 2 * PAPER / SIDE, lineCap: "round", lineJoin: "round", strokeStyle: "#000"});
  const pen = {x: PAPER / 2, y: PAPER / 2, isDown: false, shows: false};

  /* Pictures: white is 0, black the largest number of the picture. Tiles of one picture in rows of `perRow`. */
  const strip = document.createElement("canvas");
  const tiles = (canvas, cells, rows, columns, perRow, scale) => {
    const largest = cells.reduce((a, b) => Math.max(a, b), 1e-9), count = cells.length / rows / columns, gap = 3;
    strip.width = columns; strip.height = rows * count;
    const image = strip.getContext("2d").createImageData(columns, rows * count);
    cells.forEach((v, k) => image.data.set([0, 0, 0, Math.round(255 * Math.max(0, v) / largest)], 4 * k));
    strip.getContext("2d").putImageData(image, 0, 0);
    const wide = columns * scale, high = rows * scale, context = canvas.getContext("2d");
    canvas.width = perRow * (wide + gap) - gap;
    canvas.height = Math.ceil(count / perRow) * (high + gap) - gap;
    context.imageSmoothingEnabled = false;
    context.fillStyle = "#aaa";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = "#fff";
    for (let n = 0; n < count; n++) {
      const place = [n % perRow * (wide + gap), Math.floor(n / perRow) * (high + gap), wide, high];
      context.fillRect(...place);
      context.drawImage(strip, 0, n * rows, columns, rows, ...place);
    }
  };

  /* One picture for each step that ends in a ReLU or a pooling. */
  const pictures = layers.flatMap((layer, n) => {
    if (!["ReLU", "MaxPool2d"].includes(layer.kind)) return [];
    const row = document.createElement("div"), name = document.createElement("p"), canvas = document.createElement("canvas");
    name.className = "live-name";
    canvas.setAttribute("role", "img");
    row.append(name, canvas);
    find(".live-layers").append(row);
    const title = layer.kind === "ReLU" && n ? `${layers[n - 1].name} and ReLU` : `${layer.name}, max pooling`;
    return [{n, canvas, show(h) {
      const [count, rows, columns] = h.shape.length === 3 ? h.shape : [1, 1, h.shape[0]];
      const size = h.shape.length === 3 ? `${count} maps of ${rows} × ${columns}` : `${columns} units`;
      name.textContent = `${title}: ${size}`;
      /* Units stand in rows like the pixels of one map. */
      const perRow = Math.min(count, 8), inRow = Math.ceil(columns / Math.ceil(columns / 60)), units = h.shape.length === 1;
      const cells = units ? Float64Array.from({length: inRow * Math.ceil(columns / inRow)}, (_, k) => h.values[k] ?? 0) : h.values;
      tiles(canvas, cells, units ? cells.length / inRow : rows, units ? inRow : columns, perRow, units ? 8 : Math.ceil(480 / perRow / columns));
      if (!units) canvas.style.width = "30rem";           /* so that the layers can be compared */
      const active = h.values.filter(v => v > 0).length;
      canvas.setAttribute("aria-label", `${title}: ${size}; ${Math.round(100 * active / h.values.length)} % of the numbers are above 0.`);
    }}];
  });
  const bars = data.classes.map(label => {
    const name = document.createElement("span"), bar = document.createElement("span"), length = document.createElement("i"), share = document.createElement("span");
    bar.className = "live-bar";
    bar.append(length);
    find(".live-scores").append(name, bar, share);
    return {name, length, share, label};
  });

  let pending, waiting = false, talkative = false;
  const show = () => {
    waiting = false;
    const context = pad.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, PAPER, PAPER);
    context.drawImage(paper, 0, 0);
    if (pen.shows) {
      context.strokeStyle = pen.isDown ? "#d55e00" : "#0072b2";
      context.lineWidth = 4;
      context.beginPath(); context.arc(pen.x, pen.y, PAPER / SIDE * 1.2, 0, 7); context.stroke();
    }
    const dots = Float64Array.from({length: PAPER * PAPER}, () => 0), rgba = ink.getImageData(0, 0, PAPER, PAPER).data;
    for (let k = 0; k < dots.length; k++) dots[k] = rgba[4 * k + 3] / 255;
    const image = moved(fit.checked ? asInMnist(dots) : shrink(dots, 0, 0, PAPER, PAPER, SIDE, SIDE), +down.value, +across.value);
    figure.image = image;
    tiles(seen, image, SIDE, SIDE, 1, 8);
    const said = forward(image), probabilities = [...softmax(said.at(-1).values)];
    for (const picture of pictures) picture.show(said[picture.n]);
    const order = probabilities.map((_, k) => k).sort((a, b) => probabilities[b] - probabilities[a]);
    const percent = k => `${Math.round(100 * probabilities[k])} %`;
    bars.forEach((bar, k) => {
      bar.name.textContent = bar.label;
      bar.name.style.fontWeight = k === order[0] ? "700" : "";
      bar.length.style.width = `${100 * probabilities[k]}%`;
      bar.length.style.background = k === order[0] ? "var(--live-mark)" : "";
      bar.share.textContent = percent(k);
    });
    const words = `Taken for ${data.classes[order[0]]}, ${percent(order[0])}; then ${data.classes[order[1]]}, ${percent(order[1])}.`;
    seen.setAttribute("aria-label", `The image of ${SIDE} by ${SIDE} pixels that the network gets. ${words}`);
    clearTimeout(pending);                          /* say where the reader stopped, not all that passed by */
    pending = setTimeout(() => { if (talkative) find("[role=status]").textContent = words; }, 900);
  };
  const soon = () => {                              /* at most once for each picture that the screen shows */
    if (!waiting) requestAnimationFrame(show);
    waiting = true;
  };

  const erase = () => { ink.clearRect(0, 0, PAPER, PAPER); };
  const load = image => {
    erase();
    const small = document.createElement("canvas");
    small.width = small.height = SIDE;
    const context = small.getContext("2d"), pixels = context.createImageData(SIDE, SIDE);
    bytes(image.u1).forEach((v, k) => { pixels.data[4 * k + 3] = v; });
    context.putImageData(pixels, 0, 0);
    ink.imageSmoothingEnabled = false;
    ink.drawImage(small, 0, 0, PAPER, PAPER);
  };
  const line = (x, y) => {
    ink.beginPath();
    if (x === pen.x && y === pen.y) {               /* a dot: lines without length are not drawn */
      ink.arc(x, y, ink.lineWidth / 2, 0, 7); ink.fill();
    } else {
      ink.moveTo(pen.x, pen.y); ink.lineTo(x, y); ink.stroke();
    }
    blank.selected = true;
  };
  const blank = new Option("an empty page", "");

  pad.addEventListener("pointerdown", event => {
    pad.setPointerCapture(event.pointerId);
    Object.assign(pen, place(event), {isDown: true, shows: false});
    line(pen.x, pen.y);
    soon();
  });
  const place = event => {
    const box = pad.getBoundingClientRect();
    return {x: (event.clientX - box.left) / box.width * PAPER, y: (event.clientY - box.top) / box.height * PAPER};
  };
  pad.addEventListener("pointermove", event => {
    if (!pen.isDown || pen.shows) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const {x, y} = place(one);
      line(x, y);
      Object.assign(pen, {x, y});
    }
    soon();
  });
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => { pen.isDown = false; });
  pad.addEventListener("keydown", event => {
    const move = {ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0]}[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    pen.shows = true;
    const [x, y] = (move ?? [0, 0]).map((step, k) => Math.min(PAPER, Math.max(0, [pen.x, pen.y][k] + step * PAPER / SIDE)));
    if (!move) pen.isDown = !pen.isDown;
    if (pen.isDown) line(x, y);
    Object.assign(pen, {x, y});
    soon();
  });
  pad.addEventListener("blur", () => { Object.assign(pen, {shows: false, isDown: false}); soon(); });
  find("button").addEventListener("click", () => { erase(); blank.selected = true; soon(); });
  data.examples.forEach((example, k) => menu.append(new Option(example.name, k)));
  menu.append(blank);
  menu.addEventListener("change", () => { if (menu.value) load(data.examples[menu.value].image); else erase(); soon(); });
  fit.addEventListener("change", soon);
  for (const slider of [across, down])
    slider.addEventListener("input", () => { slider.parentElement.querySelector("output").value = slider.value; soon(); });

  find(".live-instead").hidden = true;
  find(".live-body").hidden = false;
  menu.selectedIndex = 0;
  if (menu.value) load(data.examples[0].image);
  show();
  talkative = true;
}
