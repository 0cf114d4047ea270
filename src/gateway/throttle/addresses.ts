// Limits by client address, for whoever is not signed in: kept by each node for itself, in a table that does not grow.

import { BlockList, isIPv4, isIPv6 } from "node:net";
import type { Clock } from "#kernel/clock";

/** As many addresses are told apart; beyond that, new ones share one bucket among them. */
const MOST_ADDRESSES = 20_000;
/** Whoever comes with more addresses than are told apart gets so much more than one address. */
const CROWD = 10;
/** Entries that are looked at for each new one: a table that has filled up empties again faster than it fills. */
const SWEPT = 4;

/** How many at once after a rest, and how many a second in the long run. */
export type AddressAllowance = { readonly perSecond: number; readonly burst: number };

/** What one address, or the crowd beyond the table, has left. */
export type Visitor = { permits: number; atMs: number; readonly most: number; readonly perMs: number };

/** A table of buckets by address. */
export type Addresses = {
  /** Whoever counts as this address, with what has flowed in until now. */
  find(address: string): Visitor;
  /** As `find`, for whoever is known; nobody is added. */
  known(address: string): Visitor | undefined;
  readonly size: () => number;
};

/** Takes a permit. @returns milliseconds to wait, where there is none; else undefined */
export function takeOf(visitor: Visitor): number | undefined {
  const waitMs = waitOf(visitor);
  if (waitMs === undefined) visitor.permits -= 1;
  return waitMs;
}

/** How long till there is a permit, in milliseconds; undefined: there is one. */
export const waitOf = ({ permits, perMs }: Visitor): number | undefined =>
  permits >= 1 ? undefined : (1 - permits) / perMs;

/** Gives a permit back. */
export function giveBack(visitor: Visitor): void {
  visitor.permits = Math.min(visitor.most, visitor.permits + 1);
}

/** Opens a table; `mostAddresses` is how many it tells apart. */
export function openAddresses(
  { perSecond, burst }: AddressAllowance,
  clock: Clock,
  mostAddresses = MOST_ADDRESSES,
): Addresses {
  const visitors = new Map<string, Visitor>();
  const newVisitor = (times: number): Visitor => ({
    permits: burst * times,
    atMs: clock.now(),
    most: burst * times,
    perMs: (perSecond * times) / 1_000,
  });
  const crowd = newVisitor(CROWD);

  /** A bucket that is full again is as good as none; one that is not goes behind all others, and the next look is at those. */
  const sweep = (): void => {
    let looked = 0;
    for (const [address, visitor] of visitors) {
      visitors.delete(address);
      if (filled(visitor, clock.now()).permits < visitor.most) visitors.set(address, visitor);
      looked += 1;
      if (looked >= SWEPT) return;
    }
  };

  return {
    find(address) {
      const key = addressKey(address);
      let visitor = visitors.get(key);
      if (visitor) return filled(visitor, clock.now());
      sweep();
      if (visitors.size >= mostAddresses) return filled(crowd, clock.now());
      visitor = newVisitor(1);
      visitors.set(key, visitor);
      return visitor;
    },
    known(address) {
      const visitor = visitors.get(addressKey(address)) ?? (visitors.size >= mostAddresses ? crowd : undefined);
      return visitor && filled(visitor, clock.now());
    },
    size: () => visitors.size,
  };
}

function filled(visitor: Visitor, now: number): Visitor {
  visitor.permits = Math.min(visitor.most, visitor.permits + Math.max(0, now - visitor.atMs) * visitor.perMs);
  visitor.atMs = now;
  return visitor;
}

const NOBODY = "unknown";
const MAPPED = new BlockList();
MAPPED.addSubnet("::ffff:0:0", 96, "ipv6");

/**
 * Whom an address counts as: IPv4 by itself, also where it is written as IPv6; IPv6 by its /64, which one subscriber has
 * whole. What is no address counts as one nobody.
 */
export function addressKey(address: string): string {
  if (isIPv4(address)) return address;
  const bare = address.split("%", 1)[0]!;
  if (!isIPv6(bare)) return NOBODY;
  const groups = groupsOf(bare);
  if (MAPPED.check(bare, "ipv6")) return ipv4Of(groups);
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

const ipv4Of = (groups: readonly number[]): string =>
  [groups[6]! >> 8, groups[6]! & 255, groups[7]! >> 8, groups[7]! & 255].join(".");

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const [a = 0, b = 0, c = 0, d = 0] = dotted?.slice(1).map(Number) ?? [];
  const plain = dotted
    ? `${address.slice(0, dotted.index)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    : address;
  const [head = "", tail] = plain.split("::");
  const numbers = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [numbers(head), numbers(tail ?? "")];
  return tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill(0), ...last];
}
