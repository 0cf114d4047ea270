// The way out to identity providers: by https only, and to no address that only this machine or its cloud answers at.

import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { Agent, fetch as undiciFetch } from "undici";
import { LockgateError } from "#kernel/errors";

/** How keys and documents of identity providers are fetched. */
export type Fetch = typeof fetch;

const forbidden = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  // Link-local, and where clouds answer with a machine's own credentials.
  ["169.254.0.0", 16],
  ["168.63.129.16", 32],
  ["100.100.100.200", 32],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  forbidden.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of [
  ["::", 127],
  ["fe80::", 10],
  ["fd00:ec2::", 32],
  ["ff00::", 8],
] as const)
  forbidden.addSubnet(network, prefix, "ipv6");

/** Whether nobody's identity provider is at that address. IPv4 written as IPv6 counts as what it is. */
export const isForbidden = (address: string): boolean =>
  forbidden.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

const refused = (reason: string): LockgateError => new LockgateError("IDENTITY_UNAVAILABLE", { reason });

/**
 * A `fetch` that goes nowhere else. Names are judged by the addresses that are connected to, so that one which resolves
 * otherwise the next time changes nothing.
 * @param allowedPrivateHosts hosts that may be anywhere, and may be asked without TLS
 */
export function guardedFetch(
  allowedPrivateHosts: readonly string[],
  lookup: typeof systemLookup = systemLookup,
): Fetch {
  const allowed = new Set(allowedPrivateHosts.map((host) => host.toLowerCase()));
  const guardedLookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? refused("no-address"), "", 0);
      if (addresses.some(({ address }) => isForbidden(address))) return callback(refused("address"), "", 0);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
  const guarded = new Agent({ connect: { lookup: guardedLookup } });
  const free = new Agent();
  return (async (input: string | URL, init?: RequestInit) => {
    const { protocol, hostname } = new URL(input);
    const isAllowed = allowed.has(hostname);
    // An address needs no look-up, and is judged here.
    const literal = hostname.replace(/^\[|\]$/g, "");
    if (!isAllowed && protocol !== "https:") throw refused("not-https");
    if (!isAllowed && isIP(literal) !== 0 && isForbidden(literal)) throw refused("address");
    const options = { redirect: "error", ...init, dispatcher: isAllowed ? free : guarded } as Parameters<
      typeof undiciFetch
    >[1];
    return undiciFetch(input, options);
  }) as unknown as Fetch;
}
