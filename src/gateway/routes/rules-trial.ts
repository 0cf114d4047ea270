// A rule pack tried on one message: what it would decide, field by field, with no effect but a line in the audit.

import type { FastifyInstance } from "fastify";
import { personFromAdt } from "#canonical/maps";
import type { PersonUpdate } from "#canonical/model";
import { readPack } from "#canonical/packs";
import { dateInLondon } from "#canonical/rules";
import { append } from "#engine/audit";
import { parse } from "#formats/hl7v2";
import { LockgateError } from "#kernel/errors";
import { touched } from "../accesses/passage.ts";
import type { RouteOptions } from "../route-options.ts";

type Body = {
  readonly text: string;
  readonly message?: string;
  readonly journeyId?: string;
  readonly asksNationally?: boolean;
};
type Asked = { Params: { name: string }; Body: Body };

const LONGEST_MS = 20_000;

/** Registers `/ops/v1/rules/{name}/try`. */
export function ruleTrialRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, gate, serialiser, trials, db, clock } = options;
  contracts.route<Asked>(server, "tryRulesOnMessage", async (request) => {
    const access = await gate.allow(request, "rules.dryrun", { type: "rulePack" });
    const { text, message, journeyId, asksNationally = false } = request.body;
    if ((message === undefined) === (journeyId === undefined))
      throw new LockgateError("REQUEST_INVALID", { at: "message" });
    const pack = readPack(text);
    // Whoever has a national record fetched, or is shown values, reads a person.
    const reads = asksNationally || gate.may(request, "persons.read", { type: "person" });
    const shownTo = reads ? await gate.allow(request, "persons.read", { type: "person" }) : access;
    const asked = { asksNationally, signal: AbortSignal.timeout(LONGEST_MS) };
    const tried =
      message === undefined
        ? await trials.journey(journeyId!, pack)
        : await trials.statement(statementIn(message, options), pack, asked);
    if (journeyId !== undefined) touched(request, { journeyId, about: [`journey/${journeyId}`] });
    await db.transaction((tx) =>
      append(tx, [
        {
          at: new Date(clock.now()),
          part: "gateway",
          name: "rules.tried",
          outcome: "ok",
          actor: request.principal.id,
          detail: { rules: pack.name, version: pack.version, digest: pack.digest, on: message ? "message" : "journey" },
        },
      ]),
    );
    return serialiser.write("trial", tried, shownTo);
  });
}

/** @throws HL7_… where the message cannot be read, HL7_UNSUPPORTED_EVENT for a merge: no field is decided on there */
function statementIn(message: string, { clock, environment }: RouteOptions): PersonUpdate {
  // Whoever pastes a message pastes lines; on the wire segments end with a carriage return (HL7 v2 §2.5.2).
  const parsed = parse(Buffer.from(message.replaceAll(/\r\n|\n/g, "\r")));
  const statement = personFromAdt(parsed, { environment, today: dateInLondon(new Date(clock.now())) });
  if (statement.kind === "merge") throw new LockgateError("HL7_UNSUPPORTED_EVENT", { at: "MSH-9.2" });
  return statement.update;
}
