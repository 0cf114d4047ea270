// The audit: leaves appended in the caller's transaction, a signed Merkle tree over them, proofs, and a verifier apart.

export { accesses, appendAccesses } from "./accesses/accesses.ts";
export type { AccessFilter, NewAccess, StoredAccess } from "./accesses/types.ts";
export { append, journeyLeaves, strandLeaves } from "./append.ts";
export { canonicalJson } from "./canonical-json.ts";
export { checkpointPath, readCheckpointFile } from "./checkpoint-file.ts";
export { commit, newSalt } from "./commitment.ts";
export { exportTiles } from "./export.ts";
export { openAuditKeys } from "./keys.ts";
export { leafMakerOf } from "./leaf-maker.ts";
export { type Signer, verifierKeyText } from "./note.ts";
export {
  type ConsistencyProof,
  consistencyProof,
  type InclusionProof,
  inclusionProof,
  latestCheckpoint,
} from "./proofs.ts";
export { type FoundLeaves, isMeant, type LeafFilter, searchLeaves } from "./search.ts";
export { type AuditSequencer, auditSequencer, type Sequenced, type SequencerOptions } from "./sequencer.ts";
export { logTail, type Tail } from "./tail.ts";
export type { Leaf, Outcome, StoredCheckpoint, StoredLeaf } from "./types.ts";
export { databaseLog } from "./verify/database.ts";
export { directoryLog } from "./verify/directory.ts";
export { type ProvenLeaf, verifyProof } from "./verify/tlog-proof.ts";
export type { AuditInput, Fault, FaultKind, Verdict } from "./verify/types.ts";
export { verifyAudit } from "./verify/verify.ts";
