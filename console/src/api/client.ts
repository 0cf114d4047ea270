// The one way to the platform: typed by its contract, with the session's cookie, and a token against forged requests.

import createClient, { type Middleware } from "openapi-fetch";
import type { paths } from "./ops.d.ts";
import { type Problem, Refused } from "./problem.ts";

let csrfToken = "";

/** Sets what proves that a request comes from this page. */
export const setCsrfToken = (token: string): void => {
  csrfToken = token;
};

let purpose = "administration";

/** Sets what data is asked for, where a call does not say so itself. */
export const setPurpose = (name: string): void => {
  purpose = name;
};

const SAFE = new Set(["GET", "HEAD"]);
const TIMEOUT_MS = 20_000;

const habits: Middleware = {
  onRequest({ request }) {
    const headers = new Headers(request.headers);
    if (!headers.has("purpose-of-use")) headers.set("purpose-of-use", purpose);
    if (!SAFE.has(request.method)) headers.set("x-csrf-token", csrfToken);
    return new Request(request, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  },
  async onResponse({ response }) {
    if (response.ok) return undefined;
    const {
      code = "INTERNAL",
      title = response.statusText,
      detail,
    } = (await response
      .clone()
      .json()
      .catch(() => ({}))) as Partial<Problem>;
    throw new Refused({ status: response.status, code, title, detail });
  },
};

/** Calls operations of `/ops/v1`. Each throws `Refused` instead of answering an error. */
export const api = createClient<paths>({ baseUrl: "/ops/v1", credentials: "same-origin" });
api.use(habits);

/** The answer of a call that did not throw. */
export async function answerOf<Answer>(call: Promise<{ data?: Answer }>): Promise<Answer> {
  return (await call).data as Answer;
}
