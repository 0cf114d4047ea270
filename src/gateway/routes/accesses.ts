// Accesses over HTTP: reports on who looked at what, their export as FHIR, and who is to be watched. Ids only, nobody's data.

import { hostname } from "node:os";
import type { FastifyInstance } from "fastify";
import { accesses, append } from "#engine/audit";
import type { Tx } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { auditEventsOf } from "../accesses/audit-event.ts";
import { touched } from "../accesses/passage.ts";
import { type ReportKind, reportOf } from "../accesses/reports.ts";
import { liftWatch, linkStaff, selectWatches, unlinkStaff, watch } from "../accesses/store.ts";
import type { RouteOptions } from "../route-options.ts";

const MOST_LISTED = 200;
const MOST_EXPORTED = 500;

type Page = { readonly since?: string; readonly until?: string; readonly before?: number };
type Report = Page & {
  readonly kind: ReportKind;
  readonly personId?: string;
  /** An NHS number, or a local identifier with its system: `RXX:1234`. */
  readonly patient?: string;
  readonly actor?: string;
};

const instants = ({ since, until, before }: Page) => ({
  since: since === undefined ? undefined : new Date(since),
  until: until === undefined ? undefined : new Date(until),
  before,
});

/** Registers the routes of `/ops/v1/access`. */
export function accessRoutes(server: FastifyInstance, options: RouteOptions): void {
  const { contracts, db, clock, gate, serialiser, persons } = options;
  const observer = { name: hostname() };
  const note = (tx: Tx, name: string, actor: string, detail: Record<string, string>) =>
    append(tx, [{ at: new Date(clock.now()), part: "gateway", name, outcome: "ok", actor, detail }]);

  /** Whom somebody goes by who asks who looked at their record. @throws REQUEST_INVALID, PERSON_UNKNOWN */
  const personOf = async (patient: string): Promise<string> => {
    const number = patient.replaceAll(/[\s-]/g, "");
    const colon = patient.lastIndexOf(":");
    const isNumber = /^\d{10}$/.test(number);
    if (!isNumber && colon < 1) throw new LockgateError("REQUEST_INVALID", { at: "patient" });
    const identifiers = isNumber ? [] : [{ system: patient.slice(0, colon), value: patient.slice(colon + 1) }];
    const [found] = await persons.find({ identifiers, ...(isNumber ? { nhsNumber: number } : {}) });
    if (!found) throw new LockgateError("PERSON_UNKNOWN");
    return found.id;
  };

  contracts.route<{ Body: Report }>(server, "reportAccesses", async (request) => {
    const access = await gate.allow(request, "audit.search", { type: "auditLog" });
    const { kind, patient, actor } = request.body;
    const personId = patient === undefined ? request.body.personId : await personOf(patient);
    const asked = { kind, personId, actor, ...instants(request.body), most: MOST_LISTED };
    const lines = await reportOf(options, asked);
    touched(request, { kind: "searched", found: lines.length, about: personId ? [`person/${personId}`] : [] });
    return {
      ...(personId === undefined ? {} : { personId }),
      accesses: lines.map(({ leaf, review }) => ({
        ...serialiser.write("auditLeaf", leaf, access),
        ...(review === undefined ? {} : { review }),
      })),
      ...(lines.length === MOST_LISTED ? { before: lines.at(-1)!.leaf.position } : {}),
    };
  });

  contracts.route<{ Body: Page }>(server, "exportAccesses", async (request) => {
    await gate.allow(request, "export.run", { type: "export", personal: false });
    const found = await accesses(db, { ...instants(request.body), most: MOST_EXPORTED });
    touched(request, { kind: "exported", found: found.length });
    return {
      auditEvents: found.flatMap((one) => auditEventsOf(one, observer)),
      ...(found.length === MOST_EXPORTED ? { before: found.at(-1)!.leaf.position } : {}),
    };
  });

  contracts.route<{ Body: { actor: string; personId?: string } }>(server, "linkStaff", async (request) => {
    const { actor, personId } = request.body;
    await gate.allow(request, "access.administer", { type: "access", subject: actor });
    const by = request.principal.id;
    await db.transaction(async (tx) => {
      void (personId === undefined ? unlinkStaff(tx, actor) : linkStaff(tx, { actor, personId }, by));
      const detail = { staff: actor, ...(personId === undefined ? {} : { personId }) };
      await note(tx, personId === undefined ? "staff.unlinked" : "staff.linked", by, detail);
    });
    return { done: personId === undefined ? "unlinked" : "linked" };
  });

  contracts.route<{ Body: { personId: string; watched: boolean; reason: string } }>(
    server,
    "watchPerson",
    async (request) => {
      await gate.allow(request, "access.administer", { type: "access" });
      const { personId, watched, reason } = request.body;
      const by = request.principal.id;
      await db.transaction(async (tx) => {
        void (watched ? watch(tx, personId, reason, by) : liftWatch(tx, personId, by));
        await note(tx, watched ? "watch.begun" : "watch.lifted", by, { personId });
      });
      return { done: watched ? "watched" : "lifted" };
    },
  );

  contracts.route(server, "listWatches", async (request) => {
    // Whoever administers who is watched sees it whatever for; anybody else as part of the audit.
    const administers =
      !gate.may(request, "audit.search", { type: "auditLog" }) &&
      gate.may(request, "access.administer", { type: "access" });
    const access = administers
      ? await gate.allow(request, "access.administer", { type: "access" })
      : await gate.allow(request, "audit.search", { type: "auditLog" });
    const watches = await selectWatches(db);
    const about = watches.map(({ personId }) => `person/${personId}`);
    touched(request, { kind: "searched", found: watches.length, about });
    return { watches: watches.map((one) => serialiser.write("watch", one, access)) };
  });
}
