// The face of what stands between us and the systems that we call: shared limits, and breakers.

export { type Breaker, type BreakerOptions, openBreaker } from "./breaker.ts";
export { type LimitSettings, type SharedLimit, sharedLimit, type Turn } from "./shared-limit.ts";
