// What any backbone must promise. Give it a way to open one on fresh storage; it does the rest.

import { deliveryContract } from "./backbone-delivery.ts";
import type { BackboneStorage } from "./backbone-nodes.ts";
import { troubleContract } from "./backbone-trouble.ts";

/** Registers the whole contract for one kind of storage. */
export function backboneContract(kind: string, prepare: () => Promise<BackboneStorage>): void {
  deliveryContract(kind, prepare);
  troubleContract(kind, prepare);
}
