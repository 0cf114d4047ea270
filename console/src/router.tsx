// Which address leads to which page; the address is the state of what is shown.

import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { OperationsPage } from "./pages/operations/OperationsPage.tsx";
import { searches } from "./searches.ts";
import { Beginning } from "./shell/Beginning.tsx";
import { Shell } from "./shell/Shell.tsx";
import { PageLoading, Unknown } from "./states/States.tsx";

const root = createRootRoute({ component: Shell });

const operations = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: searches.operations,
  component: OperationsPage,
});
const work = createRoute({
  getParentRoute: () => root,
  path: "/work",
  validateSearch: searches.work,
  component: lazyRouteComponent(() => import("./pages/work/WorkPage.tsx"), "WorkPage"),
});
const item = createRoute({
  getParentRoute: () => root,
  path: "/work/$id",
  component: lazyRouteComponent(() => import("./pages/work/ItemPage.tsx"), "ItemPage"),
});
const group = createRoute({
  getParentRoute: () => root,
  path: "/work/groups/$id",
  component: lazyRouteComponent(() => import("./pages/work/GroupPage.tsx"), "GroupPage"),
});
const journeys = createRoute({
  getParentRoute: () => root,
  path: "/journeys",
  component: lazyRouteComponent(() => import("./pages/journeys/JourneysPage.tsx"), "JourneysPage"),
});
const journey = createRoute({
  getParentRoute: () => root,
  path: "/journeys/$id",
  validateSearch: searches.journey,
  component: lazyRouteComponent(() => import("./pages/journeys/JourneysPage.tsx"), "JourneyPage"),
});

const deadLetters = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters",
  validateSearch: searches.deadLetters,
  component: lazyRouteComponent(() => import("./pages/dead-letters/DeadLettersPage.tsx"), "DeadLettersPage"),
});
const replay = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters/replays/$id",
  component: lazyRouteComponent(() => import("./pages/dead-letters/ReplayPage.tsx"), "ReplayPage"),
});
const mend = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters/$subscription/$position",
  component: lazyRouteComponent(() => import("./pages/dead-letters/MendPage.tsx"), "MendPage"),
});
const person = createRoute({
  getParentRoute: () => root,
  path: "/people/$id",
  component: lazyRouteComponent(() => import("./pages/people/PersonPage.tsx"), "PersonPage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: searches.audit,
  component: lazyRouteComponent(() => import("./pages/audit/AuditPage.tsx"), "AuditPage"),
});

const messages = createRoute({
  getParentRoute: () => root,
  path: "/messages",
  validateSearch: searches.messages,
  component: lazyRouteComponent(() => import("./pages/messages/MessagesPage.tsx"), "MessagesPage"),
});
const channels = createRoute({
  getParentRoute: () => root,
  path: "/channels",
  component: lazyRouteComponent(() => import("./pages/channels/ChannelsPage.tsx"), "ChannelsPage"),
});
const channel = createRoute({
  getParentRoute: () => root,
  path: "/channels/$name",
  validateSearch: searches.channel,
  component: lazyRouteComponent(() => import("./pages/channels/ChannelPage.tsx"), "ChannelPage"),
});
const rules = createRoute({
  getParentRoute: () => root,
  path: "/rules",
  component: lazyRouteComponent(() => import("./pages/rules/RulesPage.tsx"), "RulesPage"),
});
const rule = createRoute({
  getParentRoute: () => root,
  path: "/rules/$name",
  validateSearch: searches.rule,
  component: lazyRouteComponent(() => import("./pages/rules/RulePage.tsx"), "RulePage"),
});
const codes = createRoute({
  getParentRoute: () => root,
  path: "/codes",
  component: lazyRouteComponent(() => import("./pages/codes/CodeMapsPage.tsx"), "CodeMapsPage"),
});
const codeMap = createRoute({
  getParentRoute: () => root,
  path: "/codes/$map",
  validateSearch: searches.codeMap,
  component: lazyRouteComponent(() => import("./pages/codes/CodeMapPage.tsx"), "CodeMapPage"),
});
const measures = createRoute({
  getParentRoute: () => root,
  path: "/measures",
  validateSearch: searches.measures,
  component: lazyRouteComponent(() => import("./pages/measures/MeasuresPage.tsx"), "MeasuresPage"),
});
const catalogue = createRoute({
  getParentRoute: () => root,
  path: "/catalogue",
  component: lazyRouteComponent(() => import("./pages/platform/CataloguePage.tsx"), "CataloguePage"),
});
const access = createRoute({
  getParentRoute: () => root,
  path: "/access",
  validateSearch: searches.access,
  component: lazyRouteComponent(() => import("./pages/platform/AccessPage.tsx"), "AccessPage"),
});
const credentials = createRoute({
  getParentRoute: () => root,
  path: "/credentials",
  component: lazyRouteComponent(() => import("./pages/platform/CredentialsPage.tsx"), "CredentialsPage"),
});
const platform = [messages, channels, channel, rules, rule, codes, codeMap, measures, catalogue, access, credentials];

export const router = createRouter({
  routeTree: root.addChildren([
    operations,
    work,
    item,
    group,
    journeys,
    journey,
    deadLetters,
    replay,
    mend,
    person,
    audit,
    ...platform,
  ]),
  basepath: "/console",
  defaultPreload: "intent",
  defaultPendingComponent: PageLoading,
  defaultNotFoundComponent: Unknown,
  InnerWrap: Beginning,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
