// A gateway at which people sign in, the identity provider's double beside it, and browsers that keep their cookies.

import { join } from "node:path";
import { type GatewayOptions, identitySettings, openGateway, throttleSettings } from "#gateway";
import { openLog } from "#kernel/log";
import { audience, browserClient, type IdpDoubleOptions, startIdpDouble } from "../../../doubles/idp/index.ts";
import { type Desk, openDesk } from "../../engine/work/desk.ts";

/** An answer as a browser has it, before it goes on anywhere. */
export type Seen = {
  readonly status: number;
  readonly to: URL | undefined;
  readonly cookies: string[];
  readonly text: string;
};

/** A browser: keeps the cookies of each origin, and follows nothing by itself. */
export function openBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (origin: string): Map<string, string> => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  async function go(url: string | URL, init: RequestInit = {}): Promise<Seen> {
    const { origin } = new URL(url);
    const jar = jarOf(origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: { ...(cookie ? { cookie } : {}), ...(init.headers as Record<string, string>) },
    });
    const cookies = answer.headers.getSetCookie();
    for (const one of cookies) {
      const [name = "", value = ""] = one.split(";")[0]!.split("=", 2);
      const isGone = value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(one);
      if (isGone) jar.delete(name);
      else jar.set(name, value);
    }
    const location = answer.headers.get("location");
    return {
      status: answer.status,
      to: location ? new URL(location, url) : undefined,
      cookies,
      text: await answer.text(),
    };
  }
  return { go, jarOf };
}
export type Browser = ReturnType<typeof openBrowser>;

/** The site. */
export type SignInSite = Awaited<ReturnType<typeof openSite>>;

export async function openSite(
  more: { sessions?: object; lives?: IdpDoubleOptions["lives"]; signIn?: object; throttle?: object } = {},
) {
  const desk: Desk = await openDesk();
  const idp = await startIdpDouble(more.lives ? { lives: more.lives } : {});
  let aheadMs = 0;
  const clock = {
    ...desk.clock,
    now: () => Date.now() + aheadMs,
    sleep: (ms: number) => new Promise<void>((r) => setTimeout(r, Math.min(ms, 20))),
  };
  const identity = identitySettings.parse({
    issuers: [
      {
        name: "demo",
        kind: "oidc",
        issuer: idp.issuer,
        jwksUrl: `${idp.issuer}/jwks`,
        audience,
        roles: { approver: "approver", steward: "steward", operator: "operator" },
        assurance: { "second-factor": 2 },
        signIn: { clientId: browserClient, ...more.signIn },
      },
    ],
    ...(more.sessions ? { sessions: more.sessions } : {}),
  });
  const node = () => {
    const options = {
      host: "127.0.0.1",
      port: 0,
      db: desk.db,
      work: desk.work,
      clock,
      log: openLog("silent"),
      environment: "test",
      policies: join(import.meta.dirname, "../../../resources/policies"),
      identity,
      throttle: throttleSettings.parse(more.throttle ?? {}),
    };
    return openGateway(options as unknown as GatewayOptions);
  };
  const gateway = await node();
  const admin = async (path: string, method = "POST", body: unknown = {}): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${idp.issuer}/admin/${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the double answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };
  await admin("clients", "PUT", { gateway: gateway.address });
  return {
    desk,
    idp,
    gateway,
    node,
    admin,
    /** Lets time pass. */
    pass(ms: number): void {
      aheadMs += ms;
    },
    /** As far as the browser's way back, which it has not gone yet. */
    async atIssuer(browser: Browser, user: string, path = "/auth/sign-in"): Promise<URL> {
      let seen = await browser.go(`${gateway.address}${path}`);
      while (seen.to && seen.to.origin !== gateway.address)
        if (seen.to.pathname.startsWith("/interaction/"))
          seen = await browser.go(seen.to, { method: "POST", body: new URLSearchParams({ user }) });
        else seen = await browser.go(seen.to);
      if (!seen.to) throw new Error(`no way back: ${seen.status} ${seen.text}`);
      return seen.to;
    },
    /** Signs a user in. @returns what the way back was answered with */
    async signIn(browser: Browser, user: string, path?: string): Promise<Seen> {
      return browser.go(await this.atIssuer(browser, user, path));
    },
    session: async (browser: Browser) => {
      const { status, text } = await browser.go(`${gateway.address}/auth/session`);
      return {
        status,
        ...(JSON.parse(text) as { code?: string; csrfToken: string; person: { id: string; roles: string[] } }),
      };
    },
    /** A read or a write of the API by a browser. */
    list: (browser: Browser, headers: Record<string, string> = {}, at = gateway.address) =>
      browser.go(`${at}/ops/v1/work/list`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: "{}",
      }),
    leaves: async (name: string): Promise<Record<string, unknown>[]> =>
      (
        await desk.db.query<{ body: string }>({
          text: "select body from audit.leaf where body like $1 order by position",
          values: [`%"name":"${name}"%`],
        })
      ).map(({ body }) => JSON.parse(body) as Record<string, unknown>),
    async close(): Promise<void> {
      await gateway.close();
      await idp.close();
      await desk.close();
    },
  };
}
