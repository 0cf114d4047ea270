// Looking into a message: whole where that is permitted, and else without what may tell where somebody is.

import type { FastifyRequest } from "fastify";
import { statedFieldsOf } from "#canonical/maps";
import { dateInLondon } from "#canonical/rules";
import { type BusinessKey, readKeys } from "#engine/channels";
import { readLinks } from "#engine/resubmissions";
import { parse } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { touched } from "./accesses/passage.ts";
import type { Json } from "./policy/serialise.ts";
import type { RouteOptions } from "./route-options.ts";
import { HL7, withoutWhereabouts } from "./withhold.ts";

/** A message to look into: whose journey it belongs to, its bytes, and what else is shown of it. */
export type Looked = {
  readonly journeyId: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** What somebody proposes in its place, and what that would be found by. */
  readonly proposed?: { readonly body: Buffer; readonly keys: readonly BusinessKey[] };
  readonly [name: string]: unknown;
};

/** Answers a request to look into the message that `look` reads; `name` says in the audit which one it is. */
export type Reveal = (
  request: FastifyRequest,
  name: string,
  look: () => Promise<Looked>,
) => Promise<{ readonly [name: string]: Json }>;

const about = { type: "message" } as const;

/** Held back is what tells where a restricted person is; and of somebody who is not known nothing is known against it. */
export function openReveal({ gate, serialiser, db, persons, clock, environment }: RouteOptions): Reveal {
  const isHidden = async (keys: readonly BusinessKey[]): Promise<boolean> => {
    const named = keys.flatMap(({ kind, value }) => {
      const colon = value.lastIndexOf(":");
      if (kind === "nhsNumber") return [{ identifiers: [], nhsNumber: value }];
      if (kind !== "localId" || colon < 1) return [];
      return [{ identifiers: [{ system: value.slice(0, colon), value: value.slice(colon + 1) }] }];
    });
    const found = await Promise.all(named.map((one) => persons.restrictionOf(one)));
    return found.includes("restricted") || !found.includes("open");
  };
  /** Whoever mends a message may name somebody else in it; what it took over from the original stays hidden with that. */
  const isHeldBack = async (journeyId: string): Promise<boolean> => {
    const { of } = await readLinks(db, journeyId);
    return (await isHidden(await readKeys(db, journeyId))) || (of !== undefined && isHeldBack(of));
  };

  /** What an ADT message says of its person, as it is taken; nothing of a message that cannot be read. */
  const statedIn = ({ body, contentType }: Looked) => {
    if (contentType !== HL7) return [];
    try {
      return statedFieldsOf(parse(body), { environment, today: dateInLondon(new Date(clock.now())) });
    } catch (error) {
      if (error instanceof LockgateError) return [];
      throw error;
    }
  };

  return async (request, name, look) => {
    const mayPart = gate.may(request, "message.content.reveal", about);
    const mayWhole = gate.may(request, "message.restricted.reveal", about);
    // Whoever may see nothing of any is not told whether there is such a message.
    if (!mayPart && !mayWhole) await gate.allow(request, "message.content.reveal", about);
    const found = await look();
    const { body, proposed, ...looked } = found;
    const isHeld = (await isHeldBack(looked.journeyId)) || (proposed !== undefined && (await isHidden(proposed.keys)));
    const action = mayWhole && (isHeld || !mayPart) ? "message.restricted.reveal" : "message.content.reveal";
    const access = await gate.allow(request, action, about);
    const { journeyId } = looked;
    touched(request, { journeyId, about: [`journey/${journeyId}`, name] });
    const isCut = isHeld && action === "message.content.reveal";
    const cut = (bytes: Buffer) => (isCut ? withoutWhereabouts(bytes, looked.contentType) : { body: bytes });
    const left = cut(body);
    const whole = {
      ...looked,
      ...left,
      body: left.body.toString("base64"),
      ...(proposed
        ? { proposed: cut(proposed.body).body.toString("base64") }
        : { fields: left.body.length > 0 ? statedIn(found) : [], restricted: isCut }),
    };
    const types = proposed ? ["resubmission"] : ["deadletter", "message"];
    return Object.assign({}, ...types.map((type) => serialiser.write(type, whole, access)));
  };
}
