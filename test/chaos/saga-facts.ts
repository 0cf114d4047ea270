// What a journey left behind, in words that do not depend on which run of it this was: two runs compare equal or differ.

import { peek, peekAll, testVault } from "../vault.ts";
import type { Journey } from "./saga-journeys.ts";
import type { SagaSite } from "./saga-site.ts";

/** The end state of one journey everywhere it left something. */
export type Facts = Readonly<Record<string, unknown>>;

const QUERIES: Readonly<Record<string, string>> = {
  sagas: `select i.saga, i.status, i.step, i.code,
      (select json_agg(json_build_array(j.step, j.kind, j.outcome) order by j.revision, j.ordinal)
        from saga.journal j where j.instance_id = i.id) as journal,
      (select count(*)::int from saga.mailbox m where m.instance_id = i.id) as mailbox
    from saga.instance i where i.journey_id = $1`,
  changes:
    "select substring(idempotency_key from 38) as key, state from writeback.change where journey_id = $1 order by 1",
  told: `select t.name, count(*)::int as times from backbone.log l join backbone.topic t on t.id = l.topic
    where l.journey_id = $1 and t.name in ('person.updated', 'person.merged', 'person.changed', 'write.settled', 'work.decided')
    group by t.name order by t.name`,
  items: `select i.reason, i.state, i.subject is not null as "hasSubject",
      (select json_agg(json_build_array(h.deed, h.action, h.by) order by h.number)
        from work.history h where h.item_id = i.id and h.deed in ('chose', 'decided', 'withdrawn', 'expired')) as history
    from work.item i where i.journey_id = $1 order by i.opened_at`,
  proposals: "select state, fields from demographics.proposal where journey_id = $1",
  links: "select kind, by, before from demographics.link where journey_id = $1 order by at",
  // What people do at a screen is told by their items: a choice that hung is made, and told, twice.
  milestones: `select body::json ->> 'part' as part, body::json ->> 'name' as name,
      case body::json ->> 'outcome' when 'found' then 'ok' else body::json ->> 'outcome' end as outcome,
      -- Whom somebody new is a little like depends on who came before.
      case when body::json ->> 'name' = 'matched' and body::json ->> 'outcome' = 'new' then null else body::json ->> 'code' end as code
    from audit.leaf where journey_id = $1 and body::json ->> 'name' <> 'attempted' and body::json ->> 'name' not like 'work.%'
      -- Whether it is late depends on the machine.
      and body::json ->> 'name' <> 'sla.breached'
      -- A saga that fails at a step commits what it had until there: one stop more on the same way.
      and not (body::json ->> 'name' = 'advanced' and body::json ->> 'outcome' = 'running')
    order by 1, 2, 3, 4`,
};

const PEOPLE = `select k.sealed as key, p.fields, p.refused, p.restricted, p.merged_into is not null as merged, p.version,
    array(select concat_ws(' ', n.sealed, n.status, n.current, n.unlinked_at is null)
      from demographics.nhs_number n where n.person_id = p.id) as numbers
  from demographics.identifier k join demographics.person p on p.id = k.person_id
  where k.key = any($1)`;

type Row = Readonly<Record<string, unknown>>;

/** A row with what is sealed in it as it says. */
const opened = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Buffer.isBuffer(value) ? plainly(peek(value)) : value]),
  );

/** JSON as what it says; a link's image of before without what another run calls otherwise. */
function plainly(text: string): unknown {
  if (!text.startsWith("{")) return text;
  const { keys: _keys, numbers: _numbers, own: _own, ...rest } = JSON.parse(text) as Row;
  return rest;
}

/** Fields of a NAV record that are another in every run. */
const OF_THE_RUN = new Set(["id", "number", "externalReference", "lastModifiedDateTime"]);

/** Reads it all. */
export async function factsOf(site: SagaSite, { message, people, own }: Journey): Promise<Facts> {
  const { boundaries, nav } = site;
  const journeyId = await site.journeyOf(message.controlId);
  const keys = people.map((mrn) => testVault.seek(`RXX:${mrn}`, "identifier"));
  const read = await Promise.all(
    Object.entries(QUERIES).map(
      async ([name, text]) => [name, (await boundaries.sql(text, [journeyId])).map(opened)] as const,
    ),
  );
  const records = (await nav.patients())
    .filter(({ mrn }) => people.includes(mrn ?? ""))
    .toSorted((a, b) => a.mrn!.localeCompare(b.mrn!));
  const numbers = new Map(records.map(({ number, mrn }) => [number, mrn]));
  const facts = {
    ...Object.fromEntries(read),
    people: (await boundaries.sql<Row & { numbers: string[] }>(PEOPLE, [keys]))
      .map(({ numbers: sealed, ...row }) => ({ ...opened(row), numbers: sealed.map(peekAll).toSorted() }))
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    records: records.map((record) =>
      Object.fromEntries(Object.entries(record).filter(([field]) => !OF_THE_RUN.has(field))),
    ),
    // In order for each record; two records are registered in any order.
    ledger: (await nav.ledger())
      .filter(({ key }) => numbers.has(key))
      .toSorted((a, b) => numbers.get(a.key)!.localeCompare(numbers.get(b.key)!))
      .map(({ kind, key, idempotencyKey, changes }) => ({
        kind,
        of: numbers.get(key),
        by: idempotencyKey?.slice(37),
        changes: Object.fromEntries(Object.entries(changes).filter(([field]) => !OF_THE_RUN.has(field))),
      })),
  };
  return inGeneral(
    facts,
    [...own, ...numbers.keys()].filter((text) => text !== undefined),
  );
}

/** `facts` with each text of the run's own as what stands for it. */
function inGeneral(facts: Facts, own: readonly string[]): Facts {
  const text = own.reduce((sum, one, index) => sum.replaceAll(one, `own ${index}`), JSON.stringify(facts));
  return JSON.parse(text) as Facts;
}
