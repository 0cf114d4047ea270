// Measures: how much goes through by itself, how fast, and what stands in the way; each number leads to its items.

import { Card, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { MessageFilter } from "../../api/messages.ts";
import { type Measures, useMeasures } from "../../api/overview.ts";
import { Bars } from "../../charts/Bars.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, Empty, PageHead } from "../../states/States.tsx";
import { Drill } from "../../tables/Drill.tsx";
import { addressOf } from "../../words/addresses.ts";
import { count, many, shareOf } from "../../words/counts.ts";
import { domainWord, queueWord } from "../../words/deeds.ts";
import { reasonOf } from "../../words/reasons.ts";
import { duration, londonDay } from "../../words/time.ts";

const route = getRouteApi("/measures");
const periods = [
  { value: "1", label: "the last day" },
  { value: "7", label: "the last 7 days" },
  { value: "30", label: "the last 30 days" },
  { value: "90", label: "the last 90 days" },
];

export function MeasuresPage() {
  const { days = 7 } = route.useSearch();
  const navigate = route.useNavigate();
  const measures = useMeasures(days);
  return (
    <Stack gap="xl">
      <PageHead
        title="Measures"
        actions={
          <Select
            aria-label="Period"
            data={periods}
            value={String(days)}
            allowDeselect={false}
            onChange={(value) => navigate({ search: { days: Number(value) as typeof days } })}
          />
        }
      >
        How much goes through by itself, how fast, and what stands in the way.
      </PageHead>
      <Answered query={measures}>{(found) => <Figures measures={found} />}</Answered>
    </Stack>
  );
}

function Figures({ measures }: { readonly measures: Measures }) {
  const { since, until, days, isSample, writeBack, decisions, matching, causes, stopped } = measures;
  const total = days.reduce((sum, one) => sum + one.total, 0);
  const right = days.reduce((sum, one) => sum + one.right, 0);
  const messages = (filter: MessageFilter): string => addressOf("/messages", { since, until, ...filter });
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure title="Right first time" value={shareOf(right, total)} to={messages({ counted: "unaided" })}>
          {count(right)} of{" "}
          <Part to={messages({ counted: "journeys" })}>{many(total, isSample ? "recent journey" : "journey")}</Part>{" "}
          needed neither a person nor a second attempt;{" "}
          <Part to={messages({ counted: "aided" })}>{count(total - right)} did</Part>
        </Figure>
        <Figure
          title="Decided without a person"
          value={shareOf(decisions.automatic, decisions.total)}
          to={messages({ counted: "automatic" })}
        >
          {count(decisions.automatic)} of {many(decisions.total, "decision")} that changed something; of{" "}
          <Part to={messages({ counted: "asked" })}>{count(decisions.total - decisions.automatic)}</Part> somebody was
          asked
        </Figure>
        <Figure
          title="Time to the ERP"
          value={writeBack.medianMs === null ? "—" : duration(writeBack.medianMs)}
          to={messages({ counted: "written" })}
        >
          {writeBack.p90Ms === null
            ? "nothing was written"
            : `half of ${many(writeBack.count, "message")} took less; 9 of 10 took less than ${duration(writeBack.p90Ms)}`}
        </Figure>
        <Figure
          title="Links taken back"
          value={shareOf(matching.overturned, matching.linked)}
          to={messages({ counted: "overturned" })}
        >
          {count(matching.overturned)} of{" "}
          <Part to={messages({ counted: "linked" })}>{many(matching.linked, "link")}</Part>;{" "}
          <Part to={messages({ counted: "reviewed" })}>{count(matching.reviewed)}</Part> went to a steward
        </Figure>
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
        <Section title="Journeys by day">
          {total === 0 ? (
            <Empty>Nothing came in.</Empty>
          ) : (
            <Bars
              label="Day"
              of="Journeys"
              partOf="Right first time"
              bars={days.map(({ day, total: value, right: part }) => {
                const within = withinBoth(londonDay(day), { since, until });
                return {
                  key: day,
                  label: dayOf(day),
                  value,
                  part,
                  to: messages({ ...within, counted: "journeys" }),
                  partTo: messages({ ...within, counted: "unaided" }),
                };
              })}
            />
          )}
        </Section>
        <Section title="Time from the message to the ERP">
          {writeBack.count === 0 ? (
            <Empty>Nothing was written.</Empty>
          ) : (
            <Bars
              label="Time"
              of="Messages"
              bars={writeBack.classes.map(({ belowMs, count: value }, nth, all) => ({
                key: String(belowMs),
                label: belowMs === null ? "longer" : `less than ${wholeTime(belowMs)}`,
                value,
                to: messages({
                  counted: "written",
                  ...(nth > 0 ? { leastMs: all[nth - 1]!.belowMs! } : {}),
                  ...(belowMs === null ? {} : { belowMs }),
                }),
              }))}
            />
          )}
        </Section>
      </SimpleGrid>
      <Section
        title="What people were asked, by cause"
        hint="What it cost: how long all of them waited for somebody, together."
      >
        {causes.length === 0 ? (
          <Empty>Nobody was asked anything.</Empty>
        ) : (
          <Bars
            label="Cause"
            of="Items"
            partOf="Still waiting"
            moreOf="Waited in all"
            bars={causes.map(({ domain, queue, reason, opened, waiting, waitedMs }) => ({
              key: `${domain} ${queue} ${reason}`,
              label: reasonOf(reason) ?? reason,
              hint: `${domainWord(domain)}, ${queueWord(queue)}, ${reason}`,
              value: opened,
              part: waiting,
              more: duration(waitedMs),
              to: addressOf("/work", { queue, reason, since, closed: true }),
              partTo: addressOf("/work", { queue, reason, since }),
            }))}
          />
        )}
      </Section>
      <Section title="What stopped messages">
        {stopped.length === 0 ? (
          <Empty>No message was stopped.</Empty>
        ) : (
          <Bars
            label="Cause"
            of="Messages"
            partOf="Still stopped"
            bars={stopped.map(({ reason, stopped: value, dead: part }) => ({
              key: reason,
              label: reasonOf(reason) ?? reason,
              ...(reasonOf(reason) ? { hint: reason } : {}),
              value,
              part,
              // Of those that were given up there is no list: nothing of them is left to repair.
              ...(part === value ? { to: addressOf("/dead-letters", { reason }) } : {}),
              partTo: addressOf("/dead-letters", { reason }),
            }))}
          />
        )}
      </Section>
    </Stack>
  );
}

function Figure({
  title,
  value,
  to,
  children,
}: {
  readonly title: string;
  readonly value: string;
  readonly to: string;
  readonly children: ReactNode;
}) {
  return (
    <Card withBorder>
      <Text size="sm">{title}</Text>
      <Text fz={28} fw={700} component="div">
        <Drill to={to} label={`${title}: ${value}`}>
          {value}
        </Drill>
      </Text>
      <Text size="sm" c="dimmed" component="div">
        {children}
      </Text>
    </Card>
  );
}

/** A number within a sentence: a link there is told by more than its colour. */
const Part = ({ to, children }: { readonly to: string; readonly children: ReactNode }) => (
  <Drill to={to} td="underline">
    {children}
  </Drill>
);

/** The part of a day that lies within the period. */
const withinBoth = (
  day: { readonly since: Date; readonly until: Date },
  period: { readonly since: string; readonly until: string },
) => ({
  since: new Date(Math.max(day.since.getTime(), Date.parse(period.since))).toISOString(),
  until: new Date(Math.min(day.until.getTime(), Date.parse(period.until))).toISOString(),
});

const dayNames = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const dayOf = (day: string): string => dayNames.format(new Date(`${day}T00:00:00Z`));

const wholeTime = (ms: number): string =>
  ms >= 3_600_000 ? "an hour" : ms >= 60_000 ? "a minute" : many(ms / 1_000, "second");
