// A gateway as the tests of accesses need one: people who sign in, persons to look at, and eyes on all that is told of it.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JWTPayload } from "jose";
import { expect } from "vitest";
import { type GatewayOptions, identitySettings, openGateway } from "#gateway";
import { systemClock } from "#kernel/clock";
import type { Db } from "#kernel/db";
import { LockgateError } from "#kernel/errors";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { type Span, sendTelemetry } from "#kernel/telemetry";
import { openDesk } from "../engine/work/desk.ts";
import { newKey, publishKeys, signed } from "./identity/issuer.ts";

const ISSUER = "https://id.trust.example";
const PUBLIC_URL = "https://hub.trust.example";

export type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly headers: Headers };
export type Line = {
  readonly name: string;
  readonly actor?: string;
  readonly detail: Record<string, string>;
  readonly review?: string;
};
export type AccessSite = Awaited<ReturnType<typeof openAccessSite>>;

/** Opens one; `close` ends all of it. Telemetry is the process's, so one at a time. */
export async function openAccessSite() {
  /** `isDown`: nothing can be committed. */
  const state = { isDown: false, commits: 0 };
  const people = new Map<string, Record<string, unknown>>();
  const spans: Span[] = [];
  const measured: unknown[] = [];
  const [desk, keys, key, folder] = await Promise.all([
    openDesk(),
    publishKeys(),
    newKey("people"),
    mkdtemp(join(tmpdir(), "lockgate-accesses-")),
  ]);
  await keys.publish(key);
  const db: Db = {
    ...desk.db,
    transaction: (work, options) => {
      if (state.isDown) return Promise.reject(new LockgateError("DATABASE_UNAVAILABLE"));
      state.commits += 1;
      return desk.db.transaction(work, options);
    },
  };
  const read = async (id: string) => {
    const person = people.get(id);
    if (!person) throw new LockgateError("PERSON_UNKNOWN");
    return person;
  };
  const options = {
    host: "127.0.0.1",
    port: 0,
    db,
    work: desk.work,
    persons: {
      read,
      history: read,
      find: async ({ nhsNumber }: { readonly nhsNumber?: string }) =>
        [...people].flatMap(([id, person]) => (person.nhsNumber === nhsNumber ? [{ id, ...person }] : [])),
    },
    clock: systemClock,
    log: openLog("info", join(folder, "gateway.log")),
    policies: join(import.meta.dirname, "../../resources/policies"),
    environment: "live",
    identity: identitySettings.parse({
      publicUrl: PUBLIC_URL,
      allowedPrivateHosts: ["127.0.0.1"],
      issuers: [
        {
          name: "trust",
          kind: "oidc",
          issuer: ISSUER,
          jwksUrl: keys.jwksUrl,
          algorithms: ["RS256"],
          audience: PUBLIC_URL,
          roles: Object.fromEntries(
            ["steward", "auditor", "administrator", "clinical-safety-officer"].map((role) => [role, role]),
          ),
          assurance: { "urn:second-factor": 2 },
          purposes: [],
        },
      ],
      clients: [],
    }),
  } as unknown as GatewayOptions;
  const gateway = await openGateway(options);
  sendTelemetry({
    tracing: true,
    span: (span) => void spans.push(span),
    add: (...said) => void measured.push(said),
    record: (...said) => void measured.push(said),
  });
  const token = (subject: string, role: string, claims: JWTPayload = {}) =>
    signed(
      { sub: subject, client_id: "console", scope: "lockgate", acr: "urn:second-factor", roles: [role], ...claims },
      { key, issuer: ISSUER, audience: PUBLIC_URL, fromS: Date.now() / 1_000, tillS: Date.now() / 1_000 + 300 },
    );
  async function ask(path: string, bearer: string, init: RequestInit & { purpose?: string } = {}): Promise<Answer> {
    const { purpose, headers, ...rest } = init;
    const answer = await fetch(`${gateway.address}/ops/v1${path}`, {
      ...rest,
      headers: {
        authorization: `Bearer ${bearer}`,
        ...(purpose ? { "purpose-of-use": purpose } : {}),
        ...(rest.body ? { "content-type": "application/json" } : {}),
        ...(headers as Record<string, string>),
      },
    });
    const { status } = answer;
    return { status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
  }
  const post = (path: string, bearer: string, body: unknown, purpose?: string) =>
    ask(path, bearer, { method: "POST", body: JSON.stringify(body), ...(purpose ? { purpose } : {}) });
  const leaves = async (): Promise<Record<string, unknown>[]> =>
    (
      await desk.db.query<{ body: string }>(
        "select body from audit.leaf join audit.access using (position) order by position",
      )
    ).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  const known = (person: Record<string, unknown> = {}) => {
    const id = newId();
    people.set(id, { id, version: 1, links: [], waits: false, restricted: false, mergedInto: null, ...person });
    return id;
  };
  const look = async (subject: string, personId: string) =>
    ask(`/persons/${personId}`, await token(subject, "steward"), { purpose: "administration" });
  async function report(body: Record<string, unknown>): Promise<Line[]> {
    const answer = await post("/access/report", await token("iris", "auditor"), body, "audit");
    expect(answer.status).toBe(200);
    return answer.body.accesses as Line[];
  }
  return {
    desk,
    state,
    spans,
    measured,
    token,
    ask,
    post,
    leaves,
    known,
    look,
    report,
    log: () => readFile(join(folder, "gateway.log"), "utf8"),
    async close() {
      sendTelemetry(undefined);
      await gateway.close();
      keys.close();
      await desk.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
