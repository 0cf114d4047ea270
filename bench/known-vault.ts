// The vault of benches that have a database of their own: it seals as any does, with keys that anybody may know.

import { vaultOf } from "#kernel/vault";

export const knownVault = vaultOf({
  data: new Map([[1, Buffer.alloc(32, 1)]]),
  current: () => 1,
  search: Buffer.alloc(32, 2),
  opensUnsealed: false,
});
