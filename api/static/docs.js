// The reference, drawn from the OpenAPI document: nothing is loaded from another host.

import { $, make } from "/static/dom.js";

const spec = await (await fetch("/openapi.json")).json();

function resolved(schema) {
  const name = schema?.$ref?.split("/").at(-1);
  return name ? spec.components.schemas[name] : (schema ?? {});
}

function type(schema = {}) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.anyOf) return schema.anyOf.map(type).filter((name) => name !== "null").join(" or ");
  if (schema.type === "array") return schema.items ? `list of ${type(schema.items)}` : "list";
  return [schema.type ?? "any", schema.format && `(${schema.format})`].filter(Boolean).join(" ");
}

function fields(entries) {
  const rows = entries.flatMap(([name, schema, note]) => [
    make("dt", {}, make("code", {}, name)),
    make("dd", {}, [type(schema), note ?? schema.description].filter(Boolean).join(" · ")),
  ]);
  return make("dl", { className: "fields" }, ...rows);
}

function part(heading, entries) {
  return entries.length ? [make("h3", {}, heading), fields(entries)] : [];
}

const properties = (schema) => Object.entries(resolved(schema).properties ?? {});

function bodies({ requestBody }) {
  return Object.entries(requestBody?.content ?? {}).flatMap(([kind, { schema }]) =>
    part(`Body: ${kind}`, properties(schema)),
  );
}

function operation(method, path, about) {
  const parameters = (about.parameters ?? []).map((p) => [p.name, p.schema, p.description]);
  const answer = about.responses["200"]?.content?.["application/json"]?.schema;
  const others = Object.entries(about.responses)
    .filter(([status]) => status !== "200")
    .map(([status, { description }]) => `${status} ${description}`);
  return make(
    "section",
    { className: "operation" },
    make("h2", {}, make("span", { className: "method" }, method.toUpperCase()), make("code", {}, path)),
    make("p", {}, about.description ?? about.summary),
    ...part("Parameters", parameters),
    ...bodies(about),
    ...part(`Answer: ${type(answer)}`, properties(answer)),
    others.length ? make("p", {}, `Also: ${others.join(" · ")}`) : null,
  );
}

const operations = Object.entries(spec.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, about]) => operation(method, path, about)),
);
const schemas = Object.keys(spec.components.schemas).map((name) => {
  const schema = spec.components.schemas[name];
  const heading = make("h2", {}, make("code", {}, name));
  const about = make("p", {}, schema.description ?? "");
  return make("section", { className: "operation" }, heading, about, fields(properties(schema)));
});
$("operations").replaceChildren(...operations, make("h1", {}, "Shapes"), ...schemas);
