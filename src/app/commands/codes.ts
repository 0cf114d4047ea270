// `lockgate codes`: what the codes of sources stand for in the ERP, who said so, and saying it anew.

import type { MappedCode, NewMapping } from "#engine/codes";
import { newId } from "#kernel/ids";
import type { CodeMap } from "#services/supply";
import { type Caller, call } from "../client.ts";
import { EXIT, printable, show, table } from "../output.ts";

/** As the wire has it: instants are texts. */
type Mapped = Omit<MappedCode, "at"> & { readonly at: string };
type Target = { readonly code: string; readonly name: string; readonly isBlocked: boolean };

const path = (map: string, what: string, search?: string): string =>
  `/code-maps/${encodeURIComponent(map)}/${what}${search === undefined ? "" : `?search=${encodeURIComponent(search)}`}`;

/** Lists the maps. */
export async function listMaps(caller: Caller, json: boolean): Promise<number> {
  const { maps } = await call<{ maps: readonly CodeMap[] }>(caller, "GET", "/code-maps");
  const rows = maps.map(({ map, mapped, unmapped, waiting }) => [map, `${mapped}`, `${unmapped}`, `${waiting}`]);
  show(json, maps, () => table([["map", "mapped", "unmapped", "items waiting"], ...rows]));
  return EXIT.done;
}

/** Shows the codes of a map. */
export async function showCodes(
  caller: Caller,
  map: string,
  search: string | undefined,
  json: boolean,
): Promise<number> {
  const answer = await call<{ entries: readonly Mapped[]; next?: string }>(caller, "GET", path(map, "entries", search));
  const rows = answer.entries.map(({ system, code, target, at, by }) => [system, code, target, at, by]);
  const more = answer.next ? "\nthere are more; search for a part of a code" : "";
  show(json, answer, () => `${table([["of", "code", "stands for", "since", "by"], ...rows])}${more}`);
  return EXIT.done;
}

/** Shows what the ERP has for codes of a map to stand for. */
export async function showTargets(
  caller: Caller,
  map: string,
  search: string | undefined,
  json: boolean,
): Promise<number> {
  const { targets } = await call<{ targets: readonly Target[] }>(caller, "GET", path(map, "targets", search));
  const rows = targets.map(({ code, name, isBlocked }) => [code, printable(name), isBlocked ? "blocked" : ""]);
  show(json, targets, () => (rows.length === 0 ? "the ERP has none" : table(rows)));
  return EXIT.done;
}

/** Has a code stand for something from now on. */
export async function mapCode(
  caller: Caller,
  map: string,
  mapping: Omit<NewMapping, "map">,
  json: boolean,
): Promise<number> {
  const entry = await call<Mapped>(caller, "POST", path(map, "entries"), mapping, { "idempotency-key": newId() });
  show(json, entry, () => `${map} ${entry.code} of ${entry.system} stands for ${entry.target} from now on`);
  return EXIT.done;
}
