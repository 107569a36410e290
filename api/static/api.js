// The HTTP API, as the page uses it.

export const PAGE = 24;
export const FACETS = ["breadcrumbs", "color", "brand", "sizes", "availability", "source"];

/** What went wrong, in words meant for the reader. */
export class Problem extends Error {
  constructor(title, detail) {
    super(detail);
    this.title = title;
  }
}

async function answer(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("No connection", "The server does not answer. Is it still running?");
  }
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => ({}));
  throw new Problem(problem.title ?? `Error ${response.status}`, problem.detail ?? "");
}

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== "" && value != null);
  return new URLSearchParams(given).toString();
}

const asText = (filter) => (Object.keys(filter).length ? JSON.stringify(filter) : "");

export function byPhoto({ photo, box, filter, offset, signal }) {
  const form = new FormData();
  form.set("image", photo, "photo");
  form.set("limit", PAGE);
  form.set("offset", offset);
  if (box) form.set("box", JSON.stringify(box));
  if (asText(filter)) form.set("filter", asText(filter));
  return answer("/v1/search/image", { method: "POST", body: form, signal });
}

export function similar({ id, filter, offset, signal }) {
  const where = query({ limit: PAGE, offset, filter: asText(filter) });
  return answer(`/v1/products/${encodeURIComponent(id)}/similar?${where}`, { signal });
}

export function product(id, signal) {
  return answer(`/v1/products/${encodeURIComponent(id)}`, { signal });
}

export function byWords({ q, filter, offset, signal }) {
  const where = query({ q, limit: PAGE, offset, filter: asText(filter) });
  return answer(`/v1/products?${where}`, { signal });
}

/** Field → values and counts. A field's own choice does not narrow what it offers. */
export async function facets({ q, filter, signal }) {
  const chosen = FACETS.filter((name) => name in filter);
  const rest = FACETS.filter((name) => !(name in filter));
  const ask = async (names, conditions) => {
    if (!names.length) return {};
    const where = query({ q, facet: names.join(","), limit: 1, filter: asText(conditions) });
    return (await answer(`/v1/products?${where}`, { signal })).facets;
  };
  const without = (name) => Object.fromEntries(Object.entries(filter).filter(([key]) => key !== name));
  const parts = await Promise.all([
    ask(rest, filter),
    ...chosen.map((name) => ask([name], without(name))),
  ]);
  return Object.assign({}, ...parts);
}
