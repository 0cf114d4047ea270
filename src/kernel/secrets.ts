// Secrets: settings name them, a store holds them, and whoever needs one asks at each use, so that a new one counts at once.

import { z } from "zod";
import type { Clock } from "./clock.ts";
import { LockgateError } from "./errors.ts";
import type { Log } from "./log.ts";

/** One version of a secret. */
export type SecretVersion = {
  /** The store's own name of it. */
  readonly version: string;
  readonly value: string;
  readonly expiresAt?: Date | undefined;
};

/** Where secrets are kept: a directory, the environment, a key vault. */
export type SecretSource = {
  /**
   * The versions that are good now, the newest first; with `version`, that one alone.
   * @throws SECRET_UNKNOWN, SECRET_INVALID, SECRET_UNAVAILABLE
   */
  read(name: string, version?: string): Promise<readonly [SecretVersion, ...SecretVersion[]]>;
};

/** How a secret stands, for people and for metrics: never its value. */
export type SecretState = {
  readonly reference: string;
  readonly versions: number;
  readonly expiresAt: Date | undefined;
  /** When it was last read with success. */
  readonly readAt: Date;
  /** The last attempt to read it failed: what was read before still counts. */
  readonly isStale: boolean;
};

/** Secrets at use. */
export type SecretStore = {
  /** Reads a secret for the first time; from then on it is kept fresh. @throws as `SecretSource.read` */
  load(reference: string): Promise<void>;
  /** The newest version, as last read. @throws SECRET_UNKNOWN where it was never loaded */
  current(reference: string): string;
  /** Every version that is good, the newest first: during a rotation the one before is still accepted. */
  accepted(reference: string): readonly string[];
  /** Reads every secret again; what cannot be read stays as it was. */
  refresh(): Promise<void>;
  states(): SecretState[];
  close(): void;
};

const SCHEME = "secret://";
const REFERENCE = /^secret:\/\/([a-z0-9][a-z0-9-]{0,126})(?:#([\w-]{1,64}))?$/;

/** Whether a setting names a secret rather than being one. */
export const isReference = (value: unknown): value is string => typeof value === "string" && value.startsWith(SCHEME);

/** A setting that is a secret: itself, or `secret://name` or `secret://name#version` of the secret store. */
export const secret = z
  .string()
  .min(1)
  .refine((value) => !isReference(value) || REFERENCE.test(value), {
    message: "not of the form secret://name or secret://name#version",
  });

const EXPIRY_NOTICE_MS = 14 * 24 * 3_600_000;
const NOTICE_EVERY_MS = 24 * 3_600_000;

type Held = {
  versions: readonly [SecretVersion, ...SecretVersion[]];
  readAt: number;
  isStale: boolean;
  noticedAt: number;
};

/** @param refreshMs how old a secret may grow before it is read again */
export function openSecrets(
  source: SecretSource,
  { clock, log, refreshMs }: { readonly clock: Clock; readonly log: Log; readonly refreshMs: number },
): SecretStore {
  const held = new Map<string, Held>();

  const read = async (reference: string): Promise<void> => {
    const [, name, version] = REFERENCE.exec(reference) ?? [];
    if (name === undefined) throw new LockgateError("SECRET_INVALID", { reason: "not a reference" });
    const versions = await source.read(name, version);
    held.set(reference, {
      versions,
      readAt: clock.now(),
      isStale: false,
      noticedAt: held.get(reference)?.noticedAt ?? Number.NEGATIVE_INFINITY,
    });
    notice(reference, held.get(reference)!);
  };

  /** An alarm a day from two weeks before the end. */
  const notice = (reference: string, one: Held): void => {
    const end = one.versions[0].expiresAt?.getTime();
    if (end === undefined || end - clock.now() > EXPIRY_NOTICE_MS || clock.now() - one.noticedAt < NOTICE_EVERY_MS)
      return;
    one.noticedAt = clock.now();
    log.warn("a secret expires", { reference, expiresAt: one.versions[0].expiresAt });
  };

  const refresh = async (): Promise<void> => {
    await Promise.all(
      [...held].map(([reference, one]) =>
        read(reference).catch((error: unknown) => {
          one.isStale = true;
          log.warn("a secret could not be read again", { reference, error });
        }),
      ),
    );
  };
  const timer = setInterval(() => void refresh(), refreshMs);
  timer.unref();

  const of = (reference: string): Held => {
    const one = held.get(reference);
    if (!one) throw new LockgateError("SECRET_UNKNOWN", { at: reference });
    return one;
  };
  return {
    load: async (reference) => void (held.has(reference) || (await read(reference))),
    current: (reference) => of(reference).versions[0].value,
    accepted: (reference) => of(reference).versions.map(({ value }) => value),
    refresh,
    states: () =>
      [...held].map(([reference, { versions, readAt, isStale }]) => ({
        reference,
        versions: versions.length,
        expiresAt: versions[0].expiresAt,
        readAt: new Date(readAt),
        isStale,
      })),
    close: () => clearInterval(timer),
  };
}

/**
 * Settings in which each reference is told by the store at the moment it is read. Whoever copies a value keeps an old one.
 * @throws as `SecretStore.load`
 */
export async function withSecrets<Settings>(settings: Settings, store: SecretStore): Promise<Settings> {
  const loads: Promise<void>[] = [];
  const live = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(live);
    if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
    const copy = {};
    for (const [name, inner] of Object.entries(value)) {
      const isNamed = isReference(inner);
      if (isNamed) loads.push(store.load(inner));
      const property = isNamed ? { get: () => store.current(inner) } : { value: live(inner), writable: true };
      Object.defineProperty(copy, name, { ...property, enumerable: true, configurable: true });
    }
    return copy;
  };
  const settled = live(settings) as Settings;
  await Promise.all(loads);
  return settled;
}
