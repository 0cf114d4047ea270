// The lists behind a requisition line, over the standard API: one entry by its code, and a search that sees every entry.

import type { CallContext, SupplyEntry, SupplyList } from "#canonical/contracts";
import { requisitionTextLimits } from "#canonical/contracts";
import type { Clock } from "#kernel/clock";
import { LockgateError } from "#kernel/errors";
import { fitsCode } from "./fields.ts";
import type { ODataCompany } from "./odata-company.ts";
import { type Json, literal } from "./odata-wire.ts";

/** Entries of one page: about half a megabyte. */
const pageSize = 5_000;
/** How long a list that was read serves further searches, so that typing a word reads it once. */
const keptMs = 15_000;

/** Where a list is, and the properties that make an entry of it. */
type Source = { readonly page: string; readonly code: string; readonly blocked?: string };

const sources: Readonly<Record<SupplyList, Source>> = {
  item: { page: "items", code: "number", blocked: "blocked" },
  // Blocked for payments only, a vendor may still be ordered from.
  supplier: { page: "vendors", code: "number", blocked: "blocked" },
  unit: { page: "unitsOfMeasure", code: "code" },
  location: { page: "locations", code: "code" },
};

/** An entry with the texts that are searched in. */
type Shelved = { readonly entry: SupplyEntry; readonly texts: readonly string[] };

type SupplyLists = {
  entry(list: SupplyList, code: string, context: CallContext): Promise<SupplyEntry | undefined>;
  search(list: SupplyList, text: string, most: number, context: CallContext): Promise<readonly SupplyEntry[]>;
  /** Reads one entry of every list. */
  probe(context: CallContext): Promise<void>;
};

export function odataLists({ standard: wire, at }: ODataCompany, clock: Clock): SupplyLists {
  const kept = new Map<SupplyList, { readonly tillMs: number; readonly shelved: readonly Shelved[] }>();

  const address = async (list: SupplyList, query: string, context: CallContext): Promise<string> => {
    const { page, code, blocked } = sources[list];
    const properties = [code, "displayName", ...(blocked === undefined ? [] : [blocked])];
    return at(context, `${page}?$select=${properties.join(",")}${query}`);
  };

  const all = async (list: SupplyList, context: CallContext): Promise<readonly Shelved[]> => {
    const held = kept.get(list);
    if (held && clock.now() < held.tillMs) return held.shelved;
    const shelved: Shelved[] = [];
    for (let path: string | undefined = await address(list, "", context); path !== undefined; ) {
      const page = await wire.page(path, pageSize, context);
      for (const row of page.rows) shelved.push(shelve(entryOf(sources[list], row)));
      path = page.next;
    }
    shelved.sort((a, b) => (a.entry.code < b.entry.code ? -1 : 1));
    kept.set(list, { tillMs: clock.now() + keptMs, shelved });
    return shelved;
  };

  return {
    entry: async (list, code, context) => {
      if (!fitsCode(code, requisitionTextLimits[list])) return undefined;
      const wanted = code.toUpperCase();
      const filter = `&$filter=${sources[list].code}%20eq%20${literal(wanted)}`;
      const { rows } = await wire.page(await address(list, filter, context), 1, context);
      return rows.map((row) => entryOf(sources[list], row)).find((entry) => entry.code === wanted);
    },
    /**
     * Not by NAV's `contains`: that minds letter case in names, cannot look into code and name at once, and means something of
     * its own by some characters.
     */
    search: async (list, text, most, context) => {
      const wanted = folded(text);
      const found: SupplyEntry[] = [];
      for (const one of await all(list, context)) {
        if (found.length === most) break;
        if (one.texts.some((held) => held.includes(wanted))) found.push(one.entry);
      }
      return found;
    },
    probe: async (context) => {
      for (const list of Object.keys(sources) as SupplyList[]) {
        await wire.page(await address(list, "&$top=1", context), 1, context);
      }
    },
  };
}

const shelve = (entry: SupplyEntry): Shelved => ({ entry, texts: [folded(entry.code), folded(entry.name)] });

const folded = (text: string): string => text.normalize("NFC").toLowerCase();

function entryOf({ code: codeName, blocked }: Source, row: Json): SupplyEntry {
  const { [codeName]: code, displayName: name } = row;
  if (typeof code !== "string" || code === "" || typeof name !== "string") {
    throw new LockgateError("ERP_BAD_ANSWER", { reason: "NO_RECORD" });
  }
  const block = blocked === undefined ? false : row[blocked];
  return { code, name, isBlocked: block === true || block === "All" };
}
