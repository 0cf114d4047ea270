// What every route is given.

import type { Gate } from "./access.ts";
import type { Colleagues } from "./colleagues/colleagues.ts";
import type { Contracts } from "./contracts/contracts.ts";
import type { Serialiser } from "./policy/serialise.ts";
import type { GatewayOptions } from "./types.ts";

/** What routes work with: the platform, what the API documents say, who may do what, and the one way out for what they tell of it. */
export type RouteOptions = GatewayOptions & {
  readonly contracts: Contracts;
  readonly gate: Gate;
  readonly serialiser: Serialiser;
  readonly colleagues: Colleagues;
};
