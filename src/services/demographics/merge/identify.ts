// First step of a merge: who the two are, and what the merge comes to.

import type { PersonKey } from "#canonical/model";
import type { StepEnd } from "#engine/sagas";
import { newId } from "#kernel/ids";
import { spanOf } from "#kernel/trace";
import { type Found, findPerson } from "../find.ts";
import { searchOf } from "../identify.ts";
import { leafMaker } from "../leaves.ts";
import type { DemographicsOptions } from "../types.ts";
import type { MergeContext, MergeIdentified, Named } from "./types.ts";

/** Finds both by their local identifiers. */
export function identifyBoth(options: DemographicsOptions) {
  const search = searchOf(options);
  return async ({ input, instance, signal }: MergeContext<unknown>): Promise<StepEnd<MergeIdentified>> => {
    const call = { traceparent: spanOf(instance), signal };
    const find = async ({ identifiers }: PersonKey): Promise<Named> =>
      namedOf(await findPerson(options.db, search, { identifiers, fields: {} }, call));
    const [survivor, retired] = await Promise.all([find(input.survivor), find(input.retired)]);
    const matched = leafMaker(options.clock, instance)("matched", "ok");
    return { result: comesTo(survivor, retired), leaves: [matched] };
  };
}

function namedOf(found: Found): Named {
  const { by, newKeys } = found;
  if ("person" in found) return { personId: found.person.id, found: "known", by, newKeys };
  return "inErp" in found
    ? { personId: newId(), found: "adopted", by, newKeys, externalId: found.inErp.externalId }
    : { personId: newId(), found: "new", by, newKeys };
}

/** A merge that was made already, or that names an unknown number, only adds to what the survivor goes by. */
function comesTo(survivor: Named, retired: Named): MergeIdentified {
  if (retired.found === "new")
    return { kind: "record", survivor: { ...survivor, newKeys: [...survivor.newKeys, ...retired.newKeys] } };
  if (survivor.found === "new")
    return { kind: "rename", survivor: { ...retired, newKeys: [...survivor.newKeys, ...retired.newKeys] } };
  const isOne =
    survivor.personId === retired.personId ||
    (survivor.externalId !== undefined && survivor.externalId === retired.externalId);
  if (isOne) return { kind: "record", survivor: { ...survivor, newKeys: [...survivor.newKeys, ...retired.newKeys] } };
  return { kind: "merge", survivor, retired };
}
