// Measures: how much goes through by itself, how fast, and what stands in the way; each number leads to its items.

import { Anchor, Card, Select, SimpleGrid, Stack, Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type Measures, useMeasures } from "../../api/overview.ts";
import { Bars } from "../../charts/Bars.tsx";
import { Section } from "../../states/Section.tsx";
import { Answered, Empty, PageHead } from "../../states/States.tsx";
import { count, many, shareOf } from "../../words/counts.ts";
import { reasonOf } from "../../words/reasons.ts";
import { duration } from "../../words/time.ts";

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
            onChange={(value) => navigate({ search: { days: Number(value) } })}
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
  const { days, isSample, writeBack, decisions, matching, causes, stopped } = measures;
  const total = days.reduce((sum, one) => sum + one.total, 0);
  const right = days.reduce((sum, one) => sum + one.right, 0);
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
        <Figure
          title="Right first time"
          value={shareOf(right, total)}
          hint={`${count(right)} of ${many(total, isSample ? "recent journey" : "journey")} needed neither a person nor a second attempt`}
          to="/messages"
        />
        <Figure
          title="Decided without a person"
          value={shareOf(decisions.automatic, decisions.total)}
          hint={`${count(decisions.automatic)} of ${many(decisions.total, "decision")} that changed something`}
          to="/work"
        />
        <Figure
          title="Time to the ERP"
          value={writeBack.medianMs === null ? "—" : duration(writeBack.medianMs)}
          hint={
            writeBack.p90Ms === null
              ? "nothing was written"
              : `half of ${many(writeBack.count, "change")} took less; 9 of 10 took less than ${duration(writeBack.p90Ms)}`
          }
          to="/messages?state=complete"
        />
        <Figure
          title="Links taken back"
          value={shareOf(matching.overturned, matching.linked)}
          hint={`${count(matching.overturned)} of ${many(matching.linked, "link")}; ${count(matching.reviewed)} went to a steward`}
          to="/work?queue=match-steward"
        />
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
              bars={days.map(({ day, total: value, right: part }) => ({ key: day, label: dayOf(day), value, part }))}
            />
          )}
        </Section>
        <Section title="Time from the message to the ERP">
          {writeBack.count === 0 ? (
            <Empty>Nothing was written.</Empty>
          ) : (
            <Bars
              label="Time"
              of="Changes"
              bars={writeBack.classes.map(({ belowMs, count: value }) => ({
                key: String(belowMs),
                label: belowMs === null ? "longer" : `less than ${wholeTime(belowMs)}`,
                value,
              }))}
            />
          )}
        </Section>
      </SimpleGrid>
      <Section title="What people were asked, by cause">
        {causes.length === 0 ? (
          <Empty>Nobody was asked anything.</Empty>
        ) : (
          <Bars
            label="Cause"
            of="Items"
            partOf="Still waiting"
            bars={causes.map(({ domain, queue, reason, opened, waiting }) => ({
              key: `${domain} ${queue} ${reason}`,
              label: reasonOf(reason) ?? reason,
              hint: `${domain}, queue ${queue}, ${reason}`,
              value: opened,
              part: waiting,
              to: `/work?queue=${encodeURIComponent(queue)}&reason=${encodeURIComponent(reason)}`,
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
              to: "/dead-letters",
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
  hint,
  to,
}: {
  readonly title: string;
  readonly value: string;
  readonly hint: string;
  readonly to: string;
}) {
  return (
    <Card withBorder>
      <Text size="sm">{title}</Text>
      <Anchor component={Link} to={to} fz={28} fw={700} aria-label={`${title}: ${value}`}>
        {value}
      </Anchor>
      <Text size="sm" c="dimmed">
        {hint}
      </Text>
    </Card>
  );
}

const dayNames = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});
const dayOf = (day: string): string => dayNames.format(new Date(`${day}T00:00:00Z`));

const wholeTime = (ms: number): string =>
  ms >= 3_600_000 ? "an hour" : ms >= 60_000 ? "a minute" : many(ms / 1_000, "second");
