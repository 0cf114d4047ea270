// The catalogue as a page: plain HTML, no script, and one style sheet that the page's policy names by its hash.

import { createHash } from "node:crypto";
import type { Product } from "./catalogue.ts";
import type { ReadTopic } from "./topics.ts";

const STYLE = `body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}
h1,h2{line-height:1.2}section{border-top:1px solid #767676;padding:1rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0}dt{font-weight:600}dd{margin:0}
table{border-collapse:collapse;margin-top:1rem}th,td{text-align:left;padding:.25rem 1.5rem .25rem 0;border-bottom:1px solid #d0d0d0}
a{color:#003d82}`;

/** What the page may load: its own style, and nothing else. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one]!);

const rows = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${value}</dd>`).join("");

const quotaIn = (quota: Product["quota"]): string =>
  quota ? `${quota.perSecond} a second, ${quota.burst} at once, ${quota.perDay} a day` : "none";

/** The page of these products and topics. */
export const cataloguePage = (products: readonly Product[], topics: readonly ReadTopic[]): string => `<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>API catalogue</title>
<style>${STYLE}</style></head>
<body><main><h1>API catalogue</h1>
${products.map(sectionOf).join("\n")}
<h1>Topics</h1>
${topics.map(topicIn).join("\n")}
</main></body></html>
`;

function sectionOf(one: Product): string {
  const outgoing = one.deprecated.map(
    ({ operation, since, sunset }) =>
      `${escaped(operation)} since ${since.toISOString().slice(0, 10)}${sunset ? `, ends ${sunset.toISOString().slice(0, 10)}` : ""}`,
  );
  const facts = rows([
    ["Version", escaped(one.version)],
    ["State", one.state],
    ["Owner", escaped(one.owner)],
    ["Criticality", escaped(one.criticality)],
    ["Operations", `${one.operations}`],
    ["Quota of each client", quotaIn(one.quota)],
    ["Deprecated", outgoing.join("<br>") || "nothing"],
    ["Document", `<a href="${escaped(one.document)}">${escaped(one.document)}</a>`],
  ]);
  const consumers = one.consumers.map(
    ({ client, scopes, quota }) =>
      `<tr><td>${escaped(client)}</td><td>${escaped(scopes.join(", "))}</td><td>${quotaIn(quota)}</td></tr>`,
  );
  const table =
    consumers.length === 0
      ? "<p>No machine uses it.</p>"
      : `<table><thead><tr><th scope="col">Machine</th><th scope="col">Scopes</th><th scope="col">Quota</th></tr></thead><tbody>${consumers.join("")}</tbody></table>`;
  const id = escaped(one.product);
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(one.title)} <small>${escaped(one.base)}</small></h2>
<p>${escaped(one.summary ?? "")}</p><dl>${facts}</dl>${table}</section>`;
}

function topicIn(one: ReadTopic): string {
  const facts = rows([
    ["Product", escaped(`${one.product} ${one.version}`)],
    ["Owner", escaped(one.owner)],
    ["Criticality", escaped(one.criticality)],
    ["Way", one.ways.join(" and ")],
    ["Carries", one.carries.map(({ name, summary }) => `${escaped(name)}: ${escaped(summary)}`).join("<br>")],
    ["Read by", one.consumers.map(escaped).join(", ") || "nobody"],
  ]);
  const id = escaped(`topic-${one.topic}`);
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(one.topic)}</h2>
<p>${escaped(one.says)}</p><dl>${facts}</dl></section>`;
}
