// Addresses of the console: what they say is read back as it was written, and nothing else gets in.

import { describe, expect, it } from "vitest";
import { countedWords } from "../../console/src/pages/messages/counted.ts";
import { searches } from "../../console/src/searches.ts";
import { mayAskOfOthers, mayProveAudit, maySearchAudit } from "../../console/src/shell/permits.ts";
import { isOffered, placesFor } from "../../console/src/shell/places.ts";
import { purposeOf } from "../../console/src/shell/purpose.ts";
import { addressOf } from "../../console/src/words/addresses.ts";
import { londonDay } from "../../console/src/words/time.ts";
import { type Action, domains, type Purpose, type Resource } from "../../src/gateway/policy/actions.ts";
import { type Role, roles } from "../../src/gateway/policy/roles.ts";
import { ask, person, policy } from "../gateway/policy/askers.ts";

const SINCE = "2026-11-22T05:00:00.000Z";

describe("an address", () => {
  it("holds what is told to it, and nothing of what is undefined", () => {
    expect(addressOf("/work")).toBe("/work");
    expect(addressOf("/work", { reason: undefined })).toBe("/work");
    expect(addressOf("/messages", { channel: "a b", counted: "late", leastMs: 10 })).toBe(
      "/messages?channel=a+b&counted=late&leastMs=10",
    );
  });

  it("is read for what its page knows, and for nothing else", () => {
    expect(searches.messages({ channel: "adt", state: "gone", counted: "late", since: SINCE, patient: "x" })).toEqual({
      channel: "adt",
      counted: "late",
      since: SINCE,
    });
    expect(searches.messages({ since: "yesterday", leastMs: -1, belowMs: 10_000 })).toEqual({ belowMs: 10_000 });
    expect(searches.deadLetters({ state: "dead", subscription: "adt", reason: 404 })).toEqual({
      subscription: "adt",
      reason: "404",
    });
    expect(searches.work({ closed: true, mine: "true", queue: "" })).toEqual({ closed: true });
    expect([searches.measures({ days: "30" }), searches.measures({ days: 31 })]).toEqual([{ days: 30 }, {}]);
  });

  it("says in words which messages it is of", () => {
    expect(countedWords({ counted: "written", leastMs: 1_000, belowMs: 10_000 })).toBe(
      "Written to the ERP in 1 s or more, in less than 10 s",
    );
    expect(countedWords({})).toBe("What came in");
  });

  it.each([
    ["2026-01-15", "2026-01-15T00:00:00.000Z", "2026-01-16T00:00:00.000Z"],
    ["2026-06-15", "2026-06-14T23:00:00.000Z", "2026-06-15T23:00:00.000Z"],
    ["2026-03-29", "2026-03-29T00:00:00.000Z", "2026-03-29T23:00:00.000Z"],
    ["2026-10-25", "2026-10-24T23:00:00.000Z", "2026-10-26T00:00:00.000Z"],
  ])("takes %s for London's day", (day, since, until) => {
    expect(londonDay(day)).toEqual({ since: new Date(since), until: new Date(until) });
  });
});

/** What it takes to see anything on a page of the menu. */
const asked: Readonly<Record<string, readonly [Action, Resource]>> = {
  "/": ["metrics.read", { type: "platform" }],
  "/journeys": ["journeys.read", { type: "journey" }],
  "/dead-letters": ["deadletters.read", { type: "deadletter" }],
  "/audit": ["audit.prove", { type: "auditLog" }],
  "/messages": ["messages.read", { type: "message" }],
  "/channels": ["channels.read", { type: "channel" }],
  "/rules": ["rules.read", { type: "rulePack" }],
  "/measures": ["metrics.read", { type: "platform" }],
  "/catalogue": ["catalogue.read", { type: "catalogue" }],
  "/access": ["access.explain", { type: "access", subject: person().id }],
  "/credentials": ["metrics.read", { type: "platform" }],
};

describe("the menu", () => {
  const may = (role: Role, action: Action, resource: Resource): boolean =>
    policy.decide(ask(person(role), action, resource, purposeOf([role]) as Purpose)).allowed;

  it.each(roles)("offers %s each page that the policies let them see something on, and no other", (role) => {
    const offered = placesFor([role]).map(({ to }) => to);
    const permitted = Object.entries(asked).filter(([, [action, resource]]) => may(role, action, resource));
    expect(offered.filter((to) => to in asked)).toEqual(permitted.map(([to]) => to));
    const works = domains.some((domain) => may(role, "work.list", { type: "workQueue", domain }));
    expect(offered.includes("/work")).toBe(works);
  });

  it.each(roles)("and its pages offer %s of the audit and of who works here what the policies permit", (role) => {
    expect([maySearchAudit([role]), mayProveAudit([role]), mayAskOfOthers([role])]).toEqual([
      may(role, "audit.search", { type: "auditLog" }),
      may(role, "audit.prove", { type: "auditLog" }),
      may(role, "access.explain", { type: "access" }),
    ]);
  });

  it("leads nobody to an address whose page they are not offered", () => {
    expect(isOffered(["auditor"], "/messages?counted=late")).toBe(true);
    expect(isOffered(["administrator"], "/messages?counted=late")).toBe(false);
    expect(isOffered(["auditor"], "/dead-letters?subscription=adt")).toBe(false);
    expect(isOffered(["approver"], "/")).toBe(false);
  });
});
