// Products as cards.

import { make } from "/static/dom.js";

export function money(amount, currency) {
  if (amount == null) return "";
  if (!currency) return amount;
  return new Intl.NumberFormat(undefined, { style: "currency", currency }).format(Number(amount));
}

/** The address when it leads to a web page, else null: a shop's text never becomes a script. */
export function safeUrl(address) {
  return /^https?:\/\//i.test(address ?? "") ? address : null;
}

export function picture(path, alt, sizes) {
  const at = (width) => `${path}?width=${width}`;
  return make("img", {
    alt,
    loading: "lazy",
    decoding: "async",
    srcset: `${at(320)} 320w, ${at(640)} 640w`,
    sizes,
    src: at(320),
  });
}

/** Path of a product's first stored picture, or null. */
export function mainPicture(product) {
  const key = product.images.find((image) => image.key)?.key;
  return key ? `/v1/images/${key}` : null;
}

function prices(product) {
  if (product.price == null) return null;
  const now = money(product.price, product.currency);
  const reduced = Number(product.regularPrice) > Number(product.price);
  if (!reduced) return make("p", { className: "price" }, now);
  const before = money(product.regularPrice, product.currency);
  const off = Math.round(100 * (1 - Number(product.price) / Number(product.regularPrice)));
  return make(
    "p",
    { className: "price reduced" },
    make("span", { className: "unseen" }, "Now "),
    make("strong", {}, now),
    make("span", { className: "unseen" }, ", before "),
    make("s", {}, before),
    off > 0 ? make("span", { className: "off" }, `−${off} %`) : null,
  );
}

function likeness(score) {
  const percent = Math.round(100 * Math.max(0, Math.min(1, score)));
  const bar = make("span", { className: "fill" });
  bar.style.inlineSize = `${percent}%`;
  return make(
    "p",
    { className: "likeness" },
    make("span", { className: "track", "aria-hidden": "true" }, bar),
    make("span", {}, `${percent} %`),
    make("span", { className: "unseen" }, " alike"),
  );
}

function linked(address, properties, ...children) {
  const href = safeUrl(address);
  if (!href) return make("span", properties, ...children);
  return make("a", { ...properties, href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** One card; `hit` is {product, image, score?}, `onSimilar` is called with the product. */
export function card({ product, image, score }, onSimilar) {
  const sizes = "(max-width: 480px) 45vw, 260px";
  const shown = image ? picture(image, "", sizes) : make("span", { className: "blank" });
  const gone = product.availability === "OutOfStock";
  const like = make("button", { type: "button", className: "like" }, "Similar");
  like.setAttribute("aria-label", `Similar to ${product.name}`);
  like.addEventListener("click", () => onSimilar(product));
  const frame = make(
    "div",
    { className: "frame" },
    linked(product.url, { className: "shot", tabIndex: -1, "aria-hidden": "true" }, shown),
    gone ? make("span", { className: "badge" }, "Sold out") : null,
    image ? like : null,
  );
  const item = make(
    "li",
    { className: "card" },
    frame,
    score == null ? null : likeness(score),
    product.brand ? make("p", { className: "maker" }, product.brand) : null,
    make("h3", {}, linked(product.url, {}, product.name)),
    prices(product),
    make("p", { className: "shop" }, product.source),
  );
  item.dataset.product = product.id;
  return item;
}

/** Grey cards that stand for what is coming. */
export function skeletons(number) {
  return Array.from({ length: number }, () =>
    make(
      "li",
      { className: "card waiting", "aria-hidden": "true" },
      make("div", { className: "frame" }),
      make("p", { className: "line" }),
      make("p", { className: "line short" }),
    ),
  );
}
