// The records of one custom API page: read by id or by idempotency key, written under one, and what all of them show.

import type { CallContext } from "#canonical/contracts";
import { LockgateError } from "#kernel/errors";
import { isId } from "#kernel/ids";
import { maxKeyLength, recordNames } from "./fields.ts";
import type { ODataCompany } from "./odata-company.ts";
import { type Json, literal } from "./odata-wire.ts";
import { usableVersion } from "./port.ts";
import { writeVersion } from "./version.ts";

const blankId = "00000000-0000-0000-0000-000000000000";

/** The rows of a page whose writes the page `integrationKeys` records. */
export type ODataRecords = {
  read(externalId: string, context: CallContext): Promise<Json | undefined>;
  findByKey(key: string, context: CallContext): Promise<Json | undefined>;
  insert(body: Json, context: CallContext): Promise<Json>;
  /** @param body made once the version is known to be usable */
  modify(
    externalId: string,
    version: string,
    idempotencyKey: string,
    body: () => Promise<Json> | Json,
    context: CallContext,
  ): Promise<Json>;
};

/** @param fieldOf the field of ours that an English refusal of the ERP is about */
export function odataRecords(
  { custom: wire, at }: ODataCompany,
  page: string,
  fieldOf?: (message: string) => string | undefined,
): ODataRecords {
  const read = async (externalId: string, context: CallContext): Promise<Json | undefined> => {
    if (!isId(externalId)) return undefined;
    try {
      return await wire.get(await at(context, `${page}(${externalId})`), context);
    } catch (error) {
      if (error instanceof LockgateError && error.code === "ERP_NOT_FOUND") return undefined;
      throw error;
    }
  };
  return {
    read,
    findByKey: async (key, context) => {
      if (key === "" || key.length > maxKeyLength) return undefined;
      const path = await at(context, `integrationKeys?$filter=key%20eq%20${literal(key)}`);
      const entry = (await wire.page(path, 1, context)).rows[0];
      if (!entry) return undefined;
      const row = await read(String(entry.recordId), context);
      // The write happened, and its record has been taken away since: neither "none" nor a record is true.
      if (!row) throw new LockgateError("ERP_NOT_FOUND", { reason: "NAV_RECORD_GONE" });
      return row;
    },
    insert: async (body, context) =>
      wire.write({ method: "POST", path: await at(context, page), body, fieldOf }, context),
    modify: async (externalId, version, idempotencyKey, body, context) => {
      if (!isId(externalId)) throw new LockgateError("ERP_NOT_FOUND");
      const { tag: etag } = usableVersion(version, idempotencyKey);
      const write = { method: "PATCH", body: await body(), etag, fieldOf } as const;
      return wire.write({ ...write, path: await at(context, `${page}(${externalId})`) }, context);
    },
  };
}

/** What every record shows, whatever page it is of. `externalId` is its SystemId, in lower case; `version` holds its ETag. */
export type RecordFrame = {
  readonly externalId: string;
  readonly version: string;
  readonly modifiedAt: number;
  readonly idempotencyKey?: string;
};

/** @throws `ERP_BAD_ANSWER` if it is no record */
export function frameOf(row: Json): RecordFrame {
  const { [recordNames.id]: id, "@odata.etag": tag, [recordNames.reference]: held } = row;
  const modifiedAt = Date.parse(String(row[recordNames.modified]));
  if (typeof id !== "string" || !isId(id) || id === blankId || typeof tag !== "string" || Number.isNaN(modifiedAt)) {
    throw new LockgateError("ERP_BAD_ANSWER", { reason: "NO_RECORD" });
  }
  const externalId = id.toLowerCase();
  const reference = typeof held === "string" ? held : "";
  return {
    externalId,
    version: writeVersion({ tag, externalId, reference }),
    modifiedAt,
    ...(reference === "" ? {} : { idempotencyKey: reference }),
  };
}
