// The face of shared limits.

export { type LimitSettings, type SharedLimit, sharedLimit, type Turn } from "./shared-limit.ts";
