// The product `demographics/v1`: propose a change of a person and follow it, find and read persons, and match one.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LocalIdentifier } from "#canonical/model";
import { LockgateError } from "#kernel/errors";
import type { ProposedChange } from "#services/demographics";
import { matchOperation, type Resource } from "#services/matching";
import { touched } from "../accesses/passage.ts";
import { problemOf } from "../problem.ts";
import type { RouteOptions } from "../route-options.ts";
import { patientOf } from "./demographics-patient.ts";

type Change = Omit<ProposedChange, "identifiers"> & { readonly identifiers?: readonly LocalIdentifier[] };
type Search = { readonly identifiers?: readonly LocalIdentifier[]; readonly nhsNumber?: string };

const about = { type: "person" } as const;

/** Registers the routes of `/demographics/v1`. */
export function demographicsRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, changes, persons, matching, gate, serialiser } = options;

  // An answer that is given again from the record says where, too.
  server.addHook("onSend", async (request, reply, payload) => {
    if (reply.statusCode !== 202 || !request.url.endsWith("/changes")) return;
    const { id: changeId } = JSON.parse(String(payload)) as { id: string };
    reply.header("location", `${server.prefix}/changes/${changeId}`);
  });

  contracts.route<{ Body: Change }>(server, "proposeChange", async (request, reply) => {
    await gate.allow(request, "demographics.propose", about);
    const { headers, principal } = request;
    const proposed = await changes.propose(
      { identifiers: [], ...request.body },
      { id: principal.id, key: headers["idempotency-key"] as string | undefined, traceparent: request.traceparent },
    );
    if (proposed.outcome === "refused") return refuse(reply, proposed.faults);
    const { id: changeId, notes } = proposed;
    touched(request, { journeyId: changeId, about: [`change/${changeId}`] });
    return reply.code(202).send({ id: changeId, state: "received", notes });
  });

  contracts.route<{ Params: { id: string } }>(server, "readChange", async (request) => {
    const change = await changes.follow(request.params.id).catch((thrown: unknown) => {
      if (thrown instanceof LockgateError && thrown.code === "CHANGE_UNKNOWN") return undefined;
      throw thrown;
    });
    // Whether there is such a change is told to those alone who may follow others'.
    const own = change?.proposedBy === request.principal.id;
    const access = await gate.allow(request, "demographics.follow", { type: "change", own });
    if (!change) throw new LockgateError("CHANGE_UNKNOWN", { at: request.params.id });
    touched(request, { journeyId: change.id });
    return serialiser.write("change", change, access);
  });

  contracts.route<{ Body: Search }>(server, "searchPersons", async (request) => {
    const access = await gate.allow(request, "persons.read", about);
    const { identifiers: numbers = [], nhsNumber: number } = request.body;
    if (numbers.length === 0 && number === undefined)
      throw new LockgateError("REQUEST_INVALID", { at: "body", reason: "no key" });
    const found = await persons.find({ identifiers: numbers, nhsNumber: number?.replaceAll(/[\s-]/g, "") });
    seen(
      request,
      found.map((person) => person.id),
    );
    return { persons: found.map((person) => serialiser.write("person", person, access)) };
  });

  contracts.route<{ Params: { id: string } }>(server, "readPerson", async (request) => {
    const access = await gate.allow(request, "persons.read", about);
    const person = await persons.read(request.params.id);
    return serialiser.write("person", person, access);
  });

  // FHIR R4 Patient/$match. Of whom it may be, as much is told as may be seen of a person by whoever asks.
  contracts.route(server, "matchPatient", async (request, reply) => {
    const access = await gate.allow(request, "persons.match", about);
    const read = async (ids: readonly string[]): Promise<ReadonlyMap<string, Resource>> => {
      const found = await Promise.all(ids.map((one) => persons.read(one)));
      return new Map(found.map((one) => [one.id, patientOf(one, serialiser.write("person", one, access))]));
    };
    const { status, resource } = await matchOperation({ matching, read }, request.body);
    seen(request, idsIn(resource));
    return reply.code(status).type("application/fhir+json").send(resource);
  });
}

/** Whom an answer tells of goes on record with who asked. */
const seen = (request: FastifyRequest, ids: readonly string[]): void =>
  touched(request, { kind: "searched", about: ids.map((one) => `person/${one}`), found: ids.length });

/** Whom a bundle tells of. */
const idsIn = ({ entry }: Resource): string[] =>
  ((entry ?? []) as readonly { readonly resource: { readonly id: string } }[]).map(({ resource }) => resource.id);

const refuse = (reply: FastifyReply, faults: readonly unknown[]): FastifyReply =>
  reply
    .code(422)
    .type("application/problem+json")
    .send({ ...problemOf(new LockgateError("PERSON_INVALID"), 422), faults });
