// Which address leads to which page; the address is the state of what is shown.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { OperationsPage } from "./pages/operations/OperationsPage.tsx";
import { Shell } from "./shell/Shell.tsx";

const root = createRootRoute({ component: Shell });
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const operations = createRoute({ getParentRoute: () => root, path: "/", component: OperationsPage });
const work = createRoute({
  getParentRoute: () => root,
  path: "/work",
  validateSearch: (search: Record<string, unknown>): { queue?: string; domain?: string; reason?: string; mine?: boolean } => ({
    ...(text(search.queue) ? { queue: text(search.queue)! } : {}),
    ...(text(search.domain) ? { domain: text(search.domain)! } : {}),
    ...(text(search.reason) ? { reason: text(search.reason)! } : {}),
    ...(search.mine === true ? { mine: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./pages/work/WorkPage.tsx"), "WorkPage"),
});
const item = createRoute({
  getParentRoute: () => root,
  path: "/work/$id",
  component: lazyRouteComponent(() => import("./pages/work/ItemPage.tsx"), "ItemPage"),
});
const journeys = createRoute({
  getParentRoute: () => root,
  path: "/journeys",
  component: lazyRouteComponent(() => import("./pages/journeys/JourneysPage.tsx"), "JourneysPage"),
});
const journey = createRoute({
  getParentRoute: () => root,
  path: "/journeys/$id",
  component: lazyRouteComponent(() => import("./pages/journeys/JourneysPage.tsx"), "JourneyPage"),
});

const deadLetters = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters",
  component: lazyRouteComponent(() => import("./pages/dead-letters/DeadLettersPage.tsx"), "DeadLettersPage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  component: lazyRouteComponent(() => import("./pages/audit/AuditPage.tsx"), "AuditPage"),
});

export const router = createRouter({
  routeTree: root.addChildren([operations, work, item, journeys, journey, deadLetters, audit]),
  basepath: "/console",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
