// `lockgate persons`: what a person was joined with and parted from, and what a steward asks to be done about it.

import type { PersonHistory } from "#services/demographics";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

type History = Omit<PersonHistory, "links"> & {
  readonly links: readonly (Omit<PersonHistory["links"][number], "at"> & { readonly at: string })[];
};

const path = (id: string, deed?: string): string =>
  `/persons/${encodeURIComponent(id)}${deed === undefined ? "" : `/${deed}`}`;

/** Shows where a person stands. */
export async function showPerson(caller: Caller, id: string, json: boolean): Promise<number> {
  const person = await call<History>(caller, "GET", path(id));
  show(json, person, () =>
    table([
      ["person", person.id],
      ["version", String(person.version)],
      ["lives on as", person.mergedInto ?? "itself"],
      ["whereabouts", person.restricted ? "withheld" : "known"],
      ["waits for a decision", person.waits ? "yes" : "no"],
      ["links", String(person.links.length)],
    ]),
  );
  return EXIT.done;
}

/** Lists what joined a person with others, the oldest first. */
export async function listLinks(caller: Caller, id: string, json: boolean): Promise<number> {
  const { links } = await call<History>(caller, "GET", path(id));
  show(json, links, () =>
    links.length === 0
      ? "no links"
      : table([
          ["at", "link", "kind", "person", "other", "code", "by", "taken back by"],
          ...links.map((one) => [
            one.at,
            one.id,
            one.kind,
            one.personId,
            one.otherId ?? "",
            one.code ?? "",
            one.by.join(", "),
            one.undoneBy ?? "",
          ]),
        ]),
  );
  return EXIT.done;
}

/** Asks for a link to be taken back: two stewards decide. */
export async function unlinkPerson(
  caller: Caller,
  id: string,
  linkId: string,
  comment: string,
  json: boolean,
): Promise<number> {
  const asked = await call<{ journeyId: string }>(caller, "POST", path(id, "unlink"), { linkId, comment });
  show(json, asked, () => `two stewards are asked; journey ${asked.journeyId}`);
  return EXIT.done;
}

/** Says that two are never the same. */
export async function keepPersonsApart(
  caller: Caller,
  id: string,
  otherId: string,
  comment: string,
  json: boolean,
): Promise<number> {
  const answer = await call<{ done: string }>(caller, "POST", path(id, "apart"), { otherId, comment });
  show(json, answer, () => "kept apart for ever");
  return EXIT.done;
}
