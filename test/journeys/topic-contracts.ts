// Messages as they stand in the log, held against the documents of topics.

import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Db } from "#kernel/db";
import type { AsyncApi } from "../../scripts/contracts/document-breaks.ts";
import { resolved } from "../../src/gateway/contracts/documents.ts";
import { closed, openValidators, type Validate } from "../../src/gateway/contracts/validators.ts";
import { peek } from "../vault.ts";

/** What channels took in, and what makes a saga go on: the platform's own, and nobody's contract. */
const OWN = /\.(received|advanced|undoing)$/;

type Contract = { readonly contentType: string; readonly check: Validate };

function contracts(): ReadonlyMap<string, Contract> {
  const compile = openValidators({ isText: false });
  const folder = "resources/asyncapi";
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  const channels = files.flatMap((file) =>
    Object.values((resolved(file, parse(readFileSync(`${folder}/${file}`, "utf8"))) as AsyncApi).channels),
  );
  return new Map(
    channels.map(({ address, messages }) => {
      const [{ payload, contentType }] = Object.values(messages) as [
        { readonly payload: object; readonly contentType: string },
      ];
      // Readers pass over what they do not know; what is told is no more than the document says all the same.
      return [address, { contentType, check: compile(closed(payload as Record<string, unknown>)) }];
    }),
  );
}

/** How the messages of a site keep to their contracts: the topics that had some, and what is odd about which. */
export async function messagesOf(db: Db): Promise<{ topics: ReadonlySet<string>; odd: readonly string[] }> {
  const known = contracts();
  const contractOf = (topic: string) =>
    known.get(topic) ?? known.get(topic.replace(/^[a-z-]+(?=-write\.requested$)/, "{system}"));
  const rows = await db.query<{ name: string; body: Buffer; attributes: { readonly datacontenttype?: string } }>(
    "select t.name, l.body, l.attributes from backbone.log l join backbone.topic t on t.id = l.topic",
  );
  const told = rows.filter(({ name }) => !OWN.test(name));
  const odd = told.flatMap(({ name, body, attributes }) => {
    const contract = contractOf(name);
    if (!contract) return [`${name}: no document has it`];
    const { contentType, check } = contract;
    if (attributes.datacontenttype !== contentType) return [`${name}: ${attributes.datacontenttype}`];
    const [first] = check(JSON.parse(peek(body))) ? [] : (check.errors ?? []);
    return first ? [`${name}: ${first.instancePath} ${first.keyword}`] : [];
  });
  return { topics: new Set(told.map(({ name }) => name)), odd: [...new Set(odd)] };
}
