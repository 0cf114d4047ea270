// The catalogue of API products: what the documents say of each, who may use it, and how much of it.

import type { ApiDocument } from "./contracts/documents.ts";
import type { Operation } from "./contracts/operations.ts";
import type { ClientSettings } from "./identity/settings.ts";
import {
  type Allowance,
  allowanceFor,
  productOf,
  type Product as Throttled,
  type ThrottleSettings,
} from "./throttle/settings.ts";

/** One version of one product. */
export type Product = {
  readonly product: string;
  readonly title: string;
  readonly summary: string | undefined;
  readonly version: string;
  readonly base: string;
  readonly owner: string;
  readonly criticality: string;
  /** Of the whole: deprecated or ended once every operation is. */
  readonly state: "active" | "deprecated" | "ended";
  readonly operations: number;
  /** Operations that are on their way out. */
  readonly deprecated: readonly {
    readonly operation: string;
    readonly since: Date;
    readonly sunset: Date | undefined;
  }[];
  /** Where the document is. */
  readonly document: string;
  /** Machines whose scopes reach into it. People come by their identity provider. */
  readonly consumers: readonly {
    readonly client: string;
    readonly scopes: readonly string[];
    readonly quota: Allowance | undefined;
  }[];
  /** What everybody may ask for; absent where nobody is throttled. */
  readonly quota: Allowance | undefined;
};

export type CatalogueSources = {
  readonly documents: readonly ApiDocument[];
  readonly operations: readonly Operation[];
  readonly clients: readonly ClientSettings[];
  readonly throttle: ThrottleSettings;
  readonly now: Date;
};

/** Every product, in the order of its documents. */
export const catalogueOf = (sources: CatalogueSources): Product[] =>
  sources.documents.map((document) => productOn(document, sources));

function productOn(document: ApiDocument, { operations, clients, throttle, now }: CatalogueSources): Product {
  const { info, name, base } = document;
  const own = operations.filter((one) => one.document === document);
  const actions = new Set<string>(own.flatMap((one) => one.actions));
  const outgoing = own.filter(({ deprecatedAt }) => deprecatedAt !== undefined && deprecatedAt <= now);
  const isOver = ({ sunset }: Operation): boolean => sunset !== undefined && sunset <= now;
  const throttled: Throttled | undefined = base === "" ? undefined : productOf(`${base}/`);
  return {
    product: info["x-lockgate-product"],
    title: info.title,
    summary: info.summary,
    version: info.version,
    base: base || "/",
    owner: info["x-lockgate-owner"],
    criticality: info["x-lockgate-criticality"],
    state: own.every(isOver) ? "ended" : own.length === outgoing.length ? "deprecated" : "active",
    operations: own.length,
    deprecated: outgoing.map(({ id, deprecatedAt, sunset }) => ({ operation: id, since: deprecatedAt!, sunset })),
    document: `/openapi/${name}.yaml`,
    consumers: clients.flatMap(({ id, scopes }) => {
      const reached = scopes.filter((one) => actions.has(one));
      return reached.length === 0
        ? []
        : [{ client: id, scopes: reached, quota: throttled && allowanceFor(throttle, throttled, id) }];
    }),
    quota: throttled && plain(throttle[throttled]),
  };
}

const plain = ({ perSecond, burst, perDay }: Allowance): Allowance => ({ perSecond, burst, perDay });
