// One work item: what is decided on, what was tried, and what may be done about it.

import { Alert, Anchor, Badge, Group, Stack } from "@mantine/core";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../api/problem.ts";
import { type Item, useItem, waits } from "../../api/work.ts";
import { isOffered } from "../../shell/places.ts";
import { useSession } from "../../shell/session.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, PageHead } from "../../states/States.tsx";
import { domainWord, queueWord } from "../../words/deeds.ts";
import { When } from "../../words/When.tsx";
import { Code } from "./Code.tsx";
import { Comparison, type Parts, type Row } from "./Comparison.tsx";
import { Criticality } from "./Criticality.tsx";
import { Deciding } from "./Deciding.tsx";
import { Effects } from "./Effects.tsx";
import { Facts } from "./Facts.tsx";
import { isMatch, MatchReview } from "./MatchReview.tsx";
import { Past } from "./Past.tsx";
import { isRefusedLine, RefusedLine } from "./RefusedLine.tsx";
import { isResubmission, Resubmission } from "./Resubmission.tsx";
import { isUnmapped, UnmappedCode } from "./UnmappedCode.tsx";
import { WhyNot } from "./WhyNot.tsx";

/** What an item's content may hold beside what only its kind has. */
type Content = {
  readonly rows?: readonly Row[];
  /** Where a link is taken back: what becomes of the other of the two. */
  readonly otherRows?: readonly Row[];
  readonly wentStale?: boolean;
  readonly erpChangedAt?: string;
  readonly comment?: string;
};

/** Of no use to whoever decides: what the platform compares, and what is told otherwise. */
const TECHNICAL = new Set([
  "statement",
  "candidates",
  "said",
  "code",
  "kind",
  "erpVersion",
  "reasons",
  "pack",
  "model",
  "rules",
  "asAt",
  "thresholds",
  "runnerUp",
  "margin",
]);

export function ItemPage() {
  const { id } = useParams({ from: "/work/$id" });
  const item = useItem(id);
  const isForbidden = item.isError && problemOf(item.error).status === 403;
  return (
    <Stack gap="sm">
      {!item.data && <PageHead title="Work item" />}
      {/* Another digest is another question: choices made on the one before are not carried over. */}
      <Answered query={item}>{(whole) => <Whole key={whole.digest} item={whole} />}</Answered>
      {isForbidden && (
        <div>
          <WhyNot id={id} />
        </div>
      )}
    </Stack>
  );
}

function Whole({ item }: { readonly item: Item }) {
  const whole = item.content ?? {};
  const {
    rows,
    otherRows = [],
    wentStale,
    erpChangedAt,
    comment,
    ...content
  } = whole as Content & Readonly<Record<string, unknown>>;
  const parts = useParts(item);
  const { roles } = useSession().person;
  const isTold = isResubmission(whole) || isUnmapped(whole) || isRefusedLine(whole);
  const facts = Object.fromEntries(Object.entries(content).filter(([name]) => !TECHNICAL.has(name)));
  return (
    <Stack gap="lg">
      <div>
        <PageHead title={item.title ?? "Work item"} actions={<Criticality of={item.criticality} />}>
          <Code of={item.reason} />
        </PageHead>
        <Group gap="xs">
          <Badge color="gray">{domainWord(item.domain)}</Badge>
          <span>{queueWord(item.queue)}</span>
          <span>
            opened <When at={item.openedAt} isRelative />, due <When at={item.dueAt} isRelative />
          </span>
          {item.owner && <span>taken on by {item.owner}</span>}
          {item.journeyId && whole.kind !== "break-glass" && isOffered(roles, "/journeys") && (
            <Anchor component={Link} to={`/journeys/${item.journeyId}`}>
              The journey that waits for this
            </Anchor>
          )}
          {item.subject && rows && (
            <Anchor component={Link} to={`/people/${item.subject}`}>
              Whom this person was linked with
            </Anchor>
          )}
        </Group>
      </div>
      {item.inquiredAt && waits(item) && (
        <Alert title="More has to be known first" role="status">
          {item.inquiredBy} said <When at={item.inquiredAt} isRelative /> what is missing: it stands below. Whoever
          knows enough may decide.
        </Alert>
      )}
      {wentStale && (
        <Alert color="yellow" title="You are asked again" role="status">
          The ERP's record changed after this was decided, so nothing was written. These are the values as they are now.
        </Alert>
      )}
      {comment && <Alert title="Whoever asked says">{comment}</Alert>}
      {rows && <Comparison rows={rows} parts={parts} />}
      {otherRows.length > 0 && (
        <Section title="The other person, once the two are apart">
          <Comparison rows={otherRows} label="The other person" />
        </Section>
      )}
      {isMatch(whole) && <MatchReview content={whole} />}
      {isResubmission(whole) && <Resubmission id={whole.resubmission} />}
      {isUnmapped(whole) && <UnmappedCode item={item} content={whole} />}
      {isRefusedLine(whole) && <RefusedLine content={whole} />}
      {!isTold && <Facts facts={facts} />}
      <Deciding
        item={item}
        isAlone={isUnmapped(whole)}
        refused={[...(parts?.refused ?? [])]}
        effects={
          rows && waits(item) ? (
            <Effects item={item} rows={rows} refused={parts?.refused ?? new Set()} erpChangedAt={erpChangedAt} />
          ) : undefined
        }
      />
      <Past item={item} />
    </Stack>
  );
}

/** Which of the offered parts whoever looks has refused so far; undefined where it is all or nothing. */
function useParts(item: Item): Parts | undefined {
  const [refused, setRefused] = useState<ReadonlySet<string>>(new Set());
  const { parts: offered, tied = [] } = item.actions?.find(({ name }) => name === "approve") ?? {};
  if (!offered || !waits(item)) return undefined;
  return {
    offered: new Set(offered),
    refused,
    tied: new Set(tied.flatMap(({ parts = [] }) => parts)),
    set(field, isRefused) {
      const together = tied.find(({ parts = [] }) => parts.includes(field))?.parts ?? [field];
      const others = (before: ReadonlySet<string>) => [...before].filter((one) => !together.includes(one));
      setRefused((before) => new Set(others(before).concat(isRefused ? together : [])));
    },
  };
}
