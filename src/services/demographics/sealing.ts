// How what is known of persons is stored: identifiers and numbers by their keyed hashes, everything said sealed.

import type { Vault } from "#kernel/vault";
import type { HeldNumber, KnownFields, Person } from "./person.ts";

const FIELDS = "demographics.person.fields";
const REFUSED = "demographics.person.refused";
const KEY = "demographics.identifier.sealed";
const NUMBER = "demographics.nhs_number.sealed";
const PROPOSED = "demographics.proposal.fields";

/** What a local identifier is found by. */
export const hiddenKey = (vault: Vault, key: string): string => vault.seek(key, "identifier");
/** What an NHS number is found by. */
export const hiddenNumber = (vault: Vault, number: string): string => vault.seek(number, "nhs number");

/** Bound to its hash, not to whose it is: identifiers and numbers change hands. */
export const sealKey = (vault: Vault, key: string): Buffer => vault.seal(key, KEY, hiddenKey(vault, key));
export const openKey = (vault: Vault, { key, sealed }: { readonly key: string; readonly sealed: Buffer }): string =>
  vault.open(sealed, KEY, key).toString();
export const sealNumber = (vault: Vault, number: string): Buffer =>
  vault.seal(number, NUMBER, hiddenNumber(vault, number));
export const openNumber = (vault: Vault, number: string, sealed: Buffer): string =>
  vault.open(sealed, NUMBER, number).toString();

/** A number as a row gives it: hashes, and the sealed numbers themselves, as hex where they come in a JSON document. */
export type NumberRow<Sealed> = HeldNumber & { readonly sealed: Sealed; readonly supersededSealed: Sealed | null };

export function heldNumber(vault: Vault, row: NumberRow<Buffer>): HeldNumber {
  const { number, sealed, supersededBy, supersededSealed, status, current } = row;
  return {
    number: openNumber(vault, number, sealed),
    status,
    current,
    supersededBy: supersededBy && supersededSealed && openNumber(vault, supersededBy, supersededSealed),
  };
}

export const sealFields = (vault: Vault, id: string, fields: KnownFields): Buffer =>
  vault.seal(JSON.stringify(fields), FIELDS, id);
export const sealRefused = (vault: Vault, id: string, refused: Person["refused"]): Buffer =>
  vault.seal(JSON.stringify(refused), REFUSED, id);
export const sealProposed = (vault: Vault, instanceId: string, fields: KnownFields): Buffer =>
  vault.seal(JSON.stringify(fields), PROPOSED, instanceId);

/** A person as its row gives it. */
export type PersonRow = Omit<Person, "fields" | "refused" | "numbers" | "proposal"> & {
  readonly fields: Buffer;
  readonly refused: Buffer;
  readonly numbers: readonly NumberRow<string>[];
  readonly proposal: (Omit<NonNullable<Person["proposal"]>, "fields"> & { readonly fields: string }) | null;
};

/** @throws VAULT_BROKEN */
export function openPerson<Row extends PersonRow>(vault: Vault, row: Row): Omit<Row, keyof PersonRow> & Person {
  const { id, proposal } = row;
  const read = <Value>(sealed: Buffer, column: string, place: string) =>
    JSON.parse(vault.open(sealed, column, place).toString()) as Value;
  const fromHex = (hex: string): Buffer => Buffer.from(hex, "hex");
  return {
    ...row,
    fields: read<KnownFields>(row.fields, FIELDS, id),
    refused: read<Person["refused"]>(row.refused, REFUSED, id),
    numbers: row.numbers.map((number) =>
      heldNumber(vault, {
        ...number,
        sealed: fromHex(number.sealed),
        supersededSealed: number.supersededSealed === null ? null : fromHex(number.supersededSealed),
      }),
    ),
    proposal: proposal && {
      ...proposal,
      fields: read<KnownFields>(fromHex(proposal.fields), PROPOSED, proposal.instanceId),
    },
  };
}
