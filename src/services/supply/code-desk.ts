// Where the supply team says what a source's code stands for: the maps, what waits for each, and what may be chosen.

import { type CallContext, type SupplyEntry, type SupplyList, supplyLists } from "#canonical/contracts";
import type { CodeChange, Codes, MappedCode, NewMapping } from "#engine/codes";
import { LockgateError } from "#kernel/errors";
import { CODES_QUEUE, mapOfSubject } from "./ask.ts";
import type { CodeDeskOptions } from "./types.ts";

/** Whose work the maps are. */
const DOMAIN = "supply";

/** A map with how much is mapped in it, how many of its codes are not and are waited for, and how many items wait for those. */
export type CodeMap = {
  readonly map: SupplyList;
  readonly domain: string;
  readonly mapped: number;
  readonly unmapped: number;
  readonly waiting: number;
};

/** The code maps as people work with them. A map that is none: @throws CODE_MAP_UNKNOWN */
export type CodeDesk = {
  /** Whose work it is to say what codes of a map stand for. */
  domainOf(map: string): string;
  maps(): Promise<readonly CodeMap[]>;
  entries(map: string, page: Parameters<Codes["list"]>[1]): Promise<readonly MappedCode[]>;
  changes(map: string, most: number): Promise<readonly CodeChange[]>;
  /** Entries of the ERP's list of this moment. @throws as the ERP's calls do */
  targets(map: string, text: string, most: number, context: CallContext): Promise<readonly SupplyEntry[]>;
  /**
   * From now on the code stands for that.
   * @throws CODE_TARGET_UNFIT where the ERP holds no such entry, or a blocked one; PRECONDITION_FAILED where the code stands for
   *   something else than `replaces`; as the ERP's calls do
   */
  put(mapping: NewMapping, actor: string, context: CallContext): Promise<MappedCode>;
};

/** Opens the desk. */
export function openCodeDesk({ codes, work, supplies, writeback }: CodeDeskOptions): CodeDesk {
  return {
    domainOf(map) {
      listOf(map);
      return DOMAIN;
    },
    async maps() {
      const [mapped, waiting] = await Promise.all([codes.counts(), work.countAbout(CODES_QUEUE)]);
      return supplyLists.map((map) => {
        const own = waiting.filter(({ subject }) => mapOfSubject(subject) === map);
        return {
          map,
          domain: DOMAIN,
          mapped: mapped.get(map) ?? 0,
          unmapped: own.length,
          waiting: own.reduce((sum, one) => sum + one.waiting, 0),
        };
      });
    },
    entries: async (map, page) => codes.list(listOf(map), page),
    changes: async (map, most) => codes.changes(listOf(map), most),
    targets: async (map, text, most, context) => {
      const list = listOf(map);
      return writeback.ask(() => supplies.search(list, text, most, context));
    },
    async put(mapping, actor, context) {
      const list = listOf(mapping.map);
      const entry = await writeback.ask(() => supplies.entry(list, mapping.target, context));
      if (!entry || entry.isBlocked)
        throw new LockgateError("CODE_TARGET_UNFIT", { at: "target", reason: entry ? "blocked" : "unknown" });
      // As the ERP writes it.
      return codes.put({ ...mapping, target: entry.code }, actor);
    },
  };
}

function listOf(map: string): SupplyList {
  const list = supplyLists.find((one) => one === map);
  if (!list) throw new LockgateError("CODE_MAP_UNKNOWN", { at: "map" });
  return list;
}
