// Settings of throttling: how much a client may ask of each product, and how much somebody who is not signed in may.

import { z } from "zod";

/** What is asked for, told from the beginning of a route. */
export const products = ["ops", "demographics", "matching", "identity"] as const;
export type Product = (typeof products)[number];

/**
 * A permit is leased for so long. The bucket in the database is shallower than `burst` by what flows in meanwhile, so that
 * permits spent late do not come on top of the burst.
 */
export const LEASE_MS = 200;

const perSecond = z.int().min(1).max(100_000).describe("Requests a second, in the long run.");
const burst = z.int().min(2).max(1_000_000).describe("Requests at once after a rest; no fewer than `perSecond`.");
const perDay = z.int().min(1).max(10_000_000_000).describe("Requests a day; days are those of UTC.");

type Burst = { readonly perSecond: number; readonly burst: number };
const isDeepEnough = (allowance: Burst): boolean => allowance.burst >= allowance.perSecond;
const TOO_SHALLOW = { error: "`burst` is less than `perSecond`" };

const allowanceOf = (standard: { perSecond: number; burst: number; perDay: number }) =>
  z
    .strictObject({
      perSecond: perSecond.default(standard.perSecond),
      burst: burst.default(standard.burst),
      perDay: perDay.default(standard.perDay),
    })
    .refine(isDeepEnough, TOO_SHALLOW)
    .prefault({});

const clientShape = z
  .strictObject({
    client: z.string().min(1).max(200).describe("Client id, as its tokens say it."),
    product: z.enum(products).describe("Of which product."),
    perSecond,
    burst,
    perDay,
  })
  .refine(isDeepEnough, TOO_SHALLOW);

/** Settings of throttling. */
export const throttleSettings = z.strictObject({
  ops: allowanceOf({ perSecond: 50, burst: 500, perDay: 1_000_000 }),
  demographics: allowanceOf({ perSecond: 100, burst: 1_000, perDay: 4_000_000 }),
  matching: allowanceOf({ perSecond: 50, burst: 500, perDay: 1_000_000 }),
  identity: allowanceOf({ perSecond: 10, burst: 100, perDay: 100_000 }),
  clients: z
    .array(clientShape)
    .refine((all) => new Set(all.map(({ client, product }) => `${product} ${client}`)).size === all.length, {
      error: "a client is named twice for one product",
    })
    .default([])
    .describe("Clients that may ask for more or less: a machine as a whole, or each person at that client."),
  addresses: z
    .strictObject({
      perSecond: perSecond.default(20),
      burst: burst.default(400),
    })
    .refine(isDeepEnough, TOO_SHALLOW)
    .prefault({})
    .describe("Requests of one address that carry no valid token, on each node; IPv6: of one /64."),
  failedSignIns: z
    .strictObject({
      perMinute: z.int().min(1).max(100_000).default(60).describe("Failed sign-ins a minute, in the long run."),
      burst: z.int().min(1).max(100_000).default(60).describe("Failed sign-ins at once after a rest."),
    })
    .prefault({})
    .describe("Bad credentials of one address, on each node."),
});
export type ThrottleSettings = z.output<typeof throttleSettings>;

/** What one subject may ask of one product. */
export type Allowance = { readonly perSecond: number; readonly burst: number; readonly perDay: number };

/** What a client may ask of a product: its own allowance, or everybody's. */
export const allowanceFor = (settings: ThrottleSettings, product: Product, client: string): Allowance =>
  settings.clients.find((one) => one.client === client && one.product === product) ?? settings[product];

const PREFIXES: readonly (readonly [string, Product])[] = [
  ["/ops/v1/matching/", "matching"],
  ["/matching/", "matching"],
  ["/demographics/", "demographics"],
  ["/ops/", "ops"],
  ["/identity/", "identity"],
  ["/oauth2/", "identity"],
];

/** The product of a route; undefined for health, which is never throttled. Anything else that is new counts as `ops`. */
export function productOf(route: string): Product | undefined {
  if (route.startsWith("/health/")) return undefined;
  return PREFIXES.find(([prefix]) => route.startsWith(prefix))?.[1] ?? "ops";
}
