// A picture on which a box can be drawn, with a pointer or with the keyboard.

import { make } from "/static/dom.js";

const STEP = 0.02;
const SMALLEST = 0.05;
const HELP =
  "Part of the picture to search for. Arrow keys move the box, with Shift they size it, " +
  "Enter searches, Escape takes the whole picture.";
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Fills `stage`; `onBox` is called with [x1, y1, x2, y2] (each 0..1) or null for all of it. */
export function cropper(stage, source, alt, box, onBox) {
  const shown = make("img", { src: source, alt, draggable: false });
  const frame = make("div", { className: "crop", hidden: true });
  const pane = make(
    "div",
    { className: "pane", tabIndex: 0, role: "group", "aria-label": HELP },
    shown,
    frame,
  );
  let current = box;
  draw();
  stage.replaceChildren(pane);

  function draw() {
    frame.hidden = !current;
    if (!current) return;
    const [x1, y1, x2, y2] = current.map((value) => `${100 * value}%`);
    frame.style.insetInlineStart = x1;
    frame.style.insetBlockStart = y1;
    frame.style.inlineSize = `calc(${x2} - ${x1})`;
    frame.style.blockSize = `calc(${y2} - ${y1})`;
  }

  function at(event) {
    const area = shown.getBoundingClientRect();
    return [
      clamp((event.clientX - area.left) / area.width, 0, 1),
      clamp((event.clientY - area.top) / area.height, 0, 1),
    ];
  }

  pane.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    pane.focus({ preventScroll: true });
    pane.setPointerCapture(event.pointerId);
    const before = current;
    const [startX, startY] = at(event);
    const move = (moved) => {
      const [x, y] = at(moved);
      current = [Math.min(startX, x), Math.min(startY, y), Math.max(startX, x), Math.max(startY, y)];
      draw();
    };
    const end = (ended) => {
      pane.removeEventListener("pointermove", move);
      pane.removeEventListener("pointerup", end);
      pane.removeEventListener("pointercancel", end);
      const drawn = ended.type === "pointerup" && current !== before && large(current);
      if (!drawn) current = before; // a click or a stray touch is no box
      draw();
      if (drawn) onBox(rounded(current));
    };
    pane.addEventListener("pointermove", move);
    pane.addEventListener("pointerup", end);
    pane.addEventListener("pointercancel", end);
  });

  pane.addEventListener("keydown", (event) => {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
      event.key
    ] ?? [0, 0];
    if (dx || dy) {
      event.preventDefault();
      current = moved(current ?? [0.2, 0.2, 0.8, 0.8], dx * STEP, dy * STEP, event.shiftKey);
      draw();
    } else if (event.key === "Enter" && current) onBox(rounded(current));
    else if (event.key === "Escape") onBox(null);
  });
}

function moved([x1, y1, x2, y2], dx, dy, sizing) {
  if (sizing) return [x1, y1, clamp(x2 + dx, x1 + SMALLEST, 1), clamp(y2 + dy, y1 + SMALLEST, 1)];
  const right = clamp(dx, -x1, 1 - x2);
  const down = clamp(dy, -y1, 1 - y2);
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

const large = (box) => box && box[2] - box[0] >= SMALLEST && box[3] - box[1] >= SMALLEST;
const rounded = (box) => box.map((value) => Number(clamp(value, 0, 1).toFixed(4)));
