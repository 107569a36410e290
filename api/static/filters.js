// The filters beside the products, and the chips that show which are active.

import { FACETS } from "/static/api.js";
import { make } from "/static/dom.js";

const LABELS = {
  brand: "Brand",
  color: "Colour",
  breadcrumbs: "Category",
  sizes: "Size",
  availability: "Availability",
  source: "Shop",
};
const WORDS = { InStock: "In stock", OutOfStock: "Sold out" };
const SHOWN = 6;
const word = (value) => WORDS[value] ?? value;

/** The filter without a value, or without a whole field when `value` is not given. */
export function without(filter, name, value) {
  const { [name]: values, ...rest } = filter;
  const left = value === undefined ? [] : [values].flat().filter((other) => other !== value);
  return left.length ? { ...rest, [name]: left } : rest;
}

function toggled(filter, name, value, on) {
  if (!on) return without(filter, name, value);
  return { ...filter, [name]: [...[filter[name] ?? []].flat(), value] };
}

function swatch(value) {
  const dot = make("span", { className: "swatch", "aria-hidden": "true" });
  const colour = value.toLowerCase().replaceAll(/[\s-]/g, "");
  if (!CSS.supports("color", colour)) return null;
  dot.style.backgroundColor = colour;
  return dot;
}

function choice(name, { value, count }, filter, onChange) {
  const box = make("input", {
    type: "checkbox",
    name,
    value,
    checked: [filter[name] ?? []].flat().includes(value),
  });
  box.addEventListener("change", () => onChange(toggled(filter, name, value, box.checked)));
  return make(
    "label",
    { className: "choice" },
    box,
    name === "color" ? swatch(value) : null,
    make("span", { className: "value" }, word(value)),
    make("span", { className: "count" }, String(count)),
  );
}

function facet(name, values, filter, onChange, opened) {
  const choices = values.map((value) => choice(name, value, filter, onChange));
  const legend = make("legend", {}, LABELS[name]);
  const first = choices.slice(0, SHOWN);
  if (choices.length <= SHOWN + 1) return make("fieldset", {}, legend, ...choices);
  const hidden = choices.slice(SHOWN);
  const rest = make(
    "details",
    { className: "rest", open: opened.has(name) },
    make("summary", {}, `${hidden.length} more`),
    ...hidden,
  );
  rest.addEventListener("toggle", () => (rest.open ? opened.add(name) : opened.delete(name)));
  return make("fieldset", {}, legend, ...first, rest);
}

function prices(filter, onChange) {
  const bounds = filter.price ?? {};
  const bound = (key, label) => {
    const properties = { type: "number", min: 0, step: "any", inputMode: "decimal" };
    const input = make("input", { ...properties, placeholder: label, name: `price-${key}` });
    input.setAttribute("aria-label", `Price, ${label}`);
    input.value = bounds[key] ?? "";
    input.addEventListener("change", () => {
      const { [key]: _, ...others } = bounds;
      const given = input.value !== "" && input.checkValidity();
      const price = given ? { ...others, [key]: Number(input.value) } : others;
      const { price: __, ...rest } = filter;
      onChange(Object.keys(price).length ? { ...rest, price } : rest);
    });
    return input;
  };
  const row = make("div", { className: "range" }, bound("gte", "from"), "–", bound("lte", "to"));
  return make("fieldset", {}, make("legend", {}, "Price"), row);
}

const opened = new Set();

/** Draw the filters; `onChange` is called with the new filter. The focus stays where it was. */
export function showFilters(form, counted, filter, onChange) {
  const focused = form.contains(document.activeElement) ? document.activeElement : null;
  const parts = FACETS.filter((name) => counted[name]?.length > (name in filter ? 0 : 1)).map(
    (name) => facet(name, counted[name], filter, onChange, opened),
  );
  form.replaceChildren(...parts.slice(0, 3), prices(filter, onChange), ...parts.slice(3));
  if (!focused) return;
  const again = [...form.elements].find(
    (input) => input.name === focused.name && (input.type === "number" || input.value === focused.value),
  );
  again?.focus({ preventScroll: true });
}

function texts(filter) {
  return Object.entries(filter).flatMap(([name, condition]) => {
    if (name !== "price") return [condition].flat().map((value) => [name, value, word(String(value))]);
    const from = condition.gte != null ? `from ${condition.gte}` : "";
    const to = condition.lte != null ? `to ${condition.lte}` : "";
    return [[name, undefined, `Price ${from} ${to}`.trim()]];
  });
}

/** Draw a removable chip per active condition. */
export function showChips(list, filter, onChange) {
  const chips = texts(filter).map(([name, value, text]) => {
    const button = make("button", { type: "button", className: "chip" }, text);
    button.append(make("span", { "aria-hidden": "true" }, " ×"));
    button.setAttribute("aria-label", `Remove filter ${text}`);
    button.addEventListener("click", () => onChange(without(filter, name, value)));
    return make("li", {}, button);
  });
  if (chips.length > 1) {
    const all = make("button", { type: "button", className: "link" }, "Clear all");
    all.addEventListener("click", () => onChange({}));
    chips.push(make("li", {}, all));
  }
  list.replaceChildren(...chips);
  return texts(filter).length;
}
