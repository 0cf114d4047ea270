// The gateway by itself, over work items, with an issuer whose tokens it takes: for tests of what stands before the routes.

import { connect } from "node:net";
import { join } from "node:path";
import { type GatewayOptions, identitySettings, openGateway, throttleSettings } from "#gateway";
import { newId } from "#kernel/ids";
import { openLog } from "#kernel/log";
import { openDesk } from "../engine/work/desk.ts";
import { newKey, publishKeys, signed } from "./identity/issuer.ts";

const ISSUER = "https://id.trust.example";
const AUDIENCE = "urn:lockgate";

/** An issuer and a database that many gateways may stand on, one after the other or side by side. */
export async function openYard() {
  const desk = await openDesk();
  const keys = await publishKeys();
  const key = await newKey("first");
  await keys.publish(key);
  const identity = identitySettings.parse({
    issuers: [
      {
        name: "trust",
        kind: "oidc",
        issuer: ISSUER,
        jwksUrl: keys.jwksUrl,
        audience: AUDIENCE,
        roles: { stewards: "steward", operators: "operator" },
        assurance: { default: 2 },
      },
    ],
  });
  return {
    desk,
    /** Opens a gateway with these settings of throttling. */
    open(throttle: object = {}, more: Partial<GatewayOptions> = {}) {
      // The routes of other things are there and are not asked for anything.
      const options: Partial<GatewayOptions> = {
        host: "127.0.0.1",
        port: 0,
        db: desk.db,
        work: desk.work,
        clock: desk.clock,
        log: openLog("silent"),
        backbone: { backlog: async () => [] } as unknown as GatewayOptions["backbone"],
        environment: "test",
        identity,
        throttle: throttleSettings.parse(throttle),
        policies: join(import.meta.dirname, "../../resources/policies"),
        ...more,
      };
      return openGateway(options as GatewayOptions);
    },
    /** A fresh token of somebody at a client, a steward unless said otherwise; no two are the same text. */
    token: (sub: string, client = "console", group: "stewards" | "operators" = "stewards") =>
      signed(
        { sub, client_id: client, scope: "lockgate", roles: [group], jti: newId() },
        {
          key,
          issuer: ISSUER,
          audience: AUDIENCE,
          fromS: desk.clock.now() / 1_000 - 10,
          tillS: desk.clock.now() / 1_000 + 600,
        },
      ),
    async close() {
      keys.close();
      await desk.close();
    },
  };
}
export type Yard = Awaited<ReturnType<typeof openYard>>;

/** Sends bytes as they are and gives back what came until the other side closed. */
export function raw(address: string, bytes: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  let answer = "";
  return new Promise((resolve) => {
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(answer));
    socket.write(bytes);
  });
}
