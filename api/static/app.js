// The page: one state, kept in the address and in the history, and one way to show it.

import { PAGE, Problem, byPhoto, byWords, facets, product, similar } from "/static/api.js";
import { card, mainPicture, skeletons } from "/static/cards.js";
import { cropper } from "/static/cropper.js";
import { $, make } from "/static/dom.js";
import { showChips, showFilters } from "/static/filters.js";
import { onPicture, shrunk } from "/static/photo.js";

/** Photos of this visit by number: the history only keeps the number. */
const photos = new Map();
let running = new AbortController();
let shown = 0;

// ---------------------------------------------------------------- state

function readState() {
  const address = new URLSearchParams(location.search);
  const kept = history.state ?? {};
  return {
    q: address.get("q") ?? "",
    similar: address.get("similar"),
    filter: readFilter(address.get("filter")),
    photo: photos.has(kept.photo) ? kept.photo : null,
    box: kept.box ?? null,
  };
}

function readFilter(text) {
  try {
    const filter = JSON.parse(text ?? "{}");
    return filter && typeof filter === "object" && !Array.isArray(filter) ? filter : {};
  } catch {
    return {};
  }
}

function go(changes, { focus = false } = {}) {
  const state = { ...readState(), ...changes };
  const address = new URLSearchParams();
  if (state.q) address.set("q", state.q);
  if (state.similar) address.set("similar", state.similar);
  if (Object.keys(state.filter).length) address.set("filter", JSON.stringify(state.filter));
  const query = address.toString();
  history.pushState({ photo: state.photo, box: state.box }, "", query ? `/?${query}` : "/");
  show();
  if (!focus) return;
  scrollTo({ top: 0 });
  $("title").focus({ preventScroll: true });
}

const START = { q: "", similar: null, photo: null, box: null, filter: {} };

// ---------------------------------------------------------------- showing

async function show() {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const state = readState();
  const searching = state.photo !== null || state.similar !== null;
  document.body.classList.toggle("searching", searching);
  $("hero").hidden = searching || state.q !== "";
  $("q").value = state.q;
  $("title").textContent = title(state);
  const active = showChips($("chips"), state.filter, changeFilter);
  $("active").textContent = active ? `(${active})` : "";
  showQuery(state, signal);
  showCounts(state, signal);
  await load(state, 0, signal);
}

function title({ q, photo, similar: like, filter }) {
  if (photo !== null) return "Products that look like it";
  if (like) return "Similar products";
  if (q) return `“${q}”`;
  return Object.keys(filter).length ? "Products" : "In the shops now";
}

async function load(state, offset, signal) {
  const grid = $("grid");
  $("message").hidden = true;
  $("more").hidden = true;
  grid.ariaBusy = "true";
  if (!offset) {
    $("how").textContent = "Searching …";
    grid.replaceChildren(...skeletons(12));
  }
  try {
    const { hits, how, more } = await find(state, offset, signal);
    const cards = hits.map((hit) => card(hit, onSimilar));
    if (offset) grid.append(...cards);
    else grid.replaceChildren(...cards);
    if (offset) cards[0]?.querySelector("a, button")?.focus({ preventScroll: true });
    shown = offset + hits.length;
    $("how").textContent = how;
    $("more").hidden = !more;
    if (!shown) showEmpty(state);
  } catch (error) {
    if (error.name === "AbortError") return;
    showError(error, offset);
  }
  grid.ariaBusy = "false";
}

async function find(state, offset, signal) {
  const { filter, box, q } = state;
  if (state.photo === null && !state.similar) {
    const found = await byWords({ q, filter, offset, signal });
    const hits = found.products.map((item) => ({ product: item, image: mainPicture(item) }));
    return { hits, how: many(found.total, "product"), more: offset + hits.length < found.total };
  }
  const found =
    state.photo === null
      ? await similar({ id: state.similar, filter, offset, signal })
      : await byPhoto({ photo: photos.get(state.photo), box, filter, offset, signal });
  const { hits } = found.objects[0];
  return { hits, how: howFound(found), more: hits.length === PAGE };
}

const many = (number, noun) => `${number.toLocaleString()} ${noun}${number === 1 ? "" : "s"}`;

function howFound(found) {
  const time = new Date(found.index_time);
  const today = time.toDateString() === new Date().toDateString();
  const when = today ? time.toLocaleTimeString() : time.toLocaleString();
  return [
    found.exact ? "exact" : found.mode,
    `${many(found.scanned, "picture")} scanned`,
    `${Math.round(found.took_ms)} ms`,
    `index of ${when}`,
  ].join(" · ");
}

function showEmpty(state) {
  $("how").textContent = "Nothing found";
  const filtered = Object.keys(state.filter).length > 0;
  if (filtered || state.q) {
    const button = make("button", { type: "button", className: "button" });
    button.textContent = filtered ? "Clear the filters" : "Show everything";
    button.addEventListener("click", () => go(filtered ? { filter: {} } : START));
    say("No product matches", filtered ? "Fewer filters find more." : "Other words may.", button);
  } else {
    const command = "snapmode crawl URL, then snapmode ingest";
    say("There are no products yet", `Fill the shelves with: ${command}`);
  }
}

function showError(error, offset) {
  if (!(error instanceof Problem)) console.error(error);
  if (!offset) $("grid").replaceChildren();
  $("how").textContent = "";
  const again = make("button", { type: "button", className: "button" }, "Try again");
  again.addEventListener("click", () => show());
  say(error.title ?? "Something went wrong", error.message, again);
}

function say(heading, text, ...more) {
  $("message").replaceChildren(make("h3", {}, heading), make("p", {}, text), ...more);
  $("message").hidden = false;
}

let source = null;

async function showQuery(state, signal) {
  const { photo, box } = state;
  $("query").hidden = photo === null && !state.similar;
  $("whole").hidden = photo === null || !box;
  if (source) URL.revokeObjectURL(source);
  source = null;
  if (photo !== null) {
    source = URL.createObjectURL(photos.get(photo));
    cropper($("stage"), source, "Your picture", box, (drawn) => go({ box: drawn }));
    $("about").textContent = box
      ? "Searching for the marked part."
      : "Draw a box on the picture to search for just that part.";
    $("stage").querySelector("img").addEventListener("error", () => {
      $("stage").replaceChildren();
      $("about").textContent = "This browser can't show your picture.";
    });
  } else if (state.similar) {
    $("stage").replaceChildren();
    $("about").textContent = "";
    const item = await product(state.similar, signal).catch(() => null);
    if (!item || signal.aborted) return;
    const path = mainPicture(item);
    if (path) $("stage").append(make("img", { src: `${path}?width=480`, alt: "" }));
    $("about").textContent = `Similar to ${item.name}`;
  }
}

async function showCounts({ q, filter }, signal) {
  try {
    showFilters($("facets"), await facets({ q, filter, signal }), filter, changeFilter);
  } catch (error) {
    // The products' own request tells what is wrong; without counts there is nothing to choose.
    if (error.name !== "AbortError") $("facets").replaceChildren();
  }
}

// ---------------------------------------------------------------- acting

const changeFilter = (filter) => go({ filter });
const onSimilar = (item) => go({ ...START, similar: item.id }, { focus: true });

onPicture(async (file) => {
  const photo = await shrunk(file);
  const number = photos.size;
  photos.set(number, photo);
  openFilters();
  go({ ...START, photo: number }, { focus: true });
}, $("curtain"));

$("words").addEventListener("submit", (event) => {
  event.preventDefault();
  go({ ...START, q: $("q").value.trim() });
});
$("home").addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(START, { focus: true });
});
$("whole").addEventListener("click", () => go({ box: null }));
$("more").addEventListener("click", () => load(readState(), shown, running.signal));
$("facets").addEventListener("submit", (event) => event.preventDefault());
addEventListener("popstate", show);

const wide = matchMedia("(min-width: 900px)");
const openFilters = () => ($("filters").open = wide.matches);
wide.addEventListener("change", openFilters);
openFilters();
show();
