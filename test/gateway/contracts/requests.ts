// Requests made from the API documents: for tests that ask for every operation.

import { openLog } from "#kernel/log";
import { openContracts } from "../../../src/gateway/contracts/contracts.ts";
import type { Schema } from "../../../src/gateway/contracts/documents.ts";
import type { Operation } from "../../../src/gateway/contracts/operations.ts";

export const contracts = openContracts({ folder: "resources/openapi", isLive: false, log: openLog("silent") });

/** Operations that somebody has to be let in to. */
export const guarded = contracts.operations.filter(({ actions }) => actions.length > 0);

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
/** Values of path parameters that lead to something, or to nothing without harm. */
const VALUES: Readonly<Record<string, string>> = {
  map: "supplier",
  id: ID,
  group: ID,
  name: "demographics",
  digest: "0".repeat(64),
  subscription: "adt",
  position: "1",
  from: "1",
  to: "1",
  deed: "pause",
  file: "ops.v1.yaml",
  number: "1",
};

/** The path with its parameters filled in, and the query that is needed. */
export function pathOf({ path, request }: Operation, values: Readonly<Record<string, string>> = {}): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name] ?? VALUES[name];
    if (value === undefined) throw new Error(`no value for the parameter ${name}`);
    return encodeURIComponent(value);
  });
  const needed = (request.querystring.required ?? []) as readonly string[];
  return needed.length === 0 ? filled : `${filled}?${needed.map((name) => `${name}=${ID}`).join("&")}`;
}

type Body = { readonly schema?: Schema; readonly example?: unknown };

/** The example of a request's body, which the lint holds against its schema; undefined where there is none. */
export function exampleOf({ document, path, method }: Operation): unknown {
  const item = document.paths[path.slice(document.base.length)]![method.toLowerCase()]!;
  const [body] = Object.values(item.requestBody?.content ?? {}) as readonly Body[];
  return body?.example;
}
