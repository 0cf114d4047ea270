// What an auditor asks: by patient, by user, by object, and what deserves a second look.

import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Found, useAuditSearch, useReport } from "../../api/audit.ts";
import { problemOf } from "../../api/problem.ts";
import { Empty, Failed } from "../../states/States.tsx";
import { Lines } from "./Lines.tsx";

type Asking = {
  readonly data: Found | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly isError: boolean;
};

/** A form with one press of a button, and what was found. */
function Question({
  children,
  asking,
  ask,
  isReady,
  empty,
  about,
}: {
  readonly children: ReactNode;
  readonly asking: Asking;
  ask(before?: number): void;
  readonly isReady: boolean;
  readonly empty: string;
  /** What was asked for, for whoever reads the downloaded file; no value of a person. */
  readonly about: string;
}) {
  const { data } = asking;
  return (
    <Stack>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) ask();
        }}
      >
        <Group align="end">
          {children}
          <Button type="submit" disabled={!isReady} loading={asking.isPending}>
            Look it up
          </Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed">
        That you looked this up is recorded, too.
      </Text>
      {asking.isError && <Failed problem={problemOf(asking.error)} />}
      {data?.lines.length === 0 && <Empty>{empty}</Empty>}
      {data && data.lines.length > 0 && <Lines lines={data.lines} about={about} />}
      {data?.before !== undefined && (
        <Group>
          <Button variant="default" onClick={() => ask(data.before)} loading={asking.isPending}>
            Show earlier ones
          </Button>
          <Text c="dimmed">Only the newest are shown.</Text>
        </Group>
      )}
    </Stack>
  );
}

const from = (before: number | undefined) => (before === undefined ? {} : { before });

export function ByPatient() {
  const report = useReport();
  const [patient, setPatient] = useState("");
  return (
    <Question
      asking={report}
      isReady={patient.trim().length >= 3}
      ask={(before) => report.mutate({ kind: "looked-at", patient: patient.trim(), ...from(before) })}
      empty="Nobody looked at this patient's record."
      about="who looked at one patient"
    >
      <TextInput
        label="The patient's NHS number or local identifier"
        description="A local identifier with its system, as RXX:1234"
        value={patient}
        onChange={(event) => setPatient(event.currentTarget.value)}
        w={400}
        autoComplete="off"
        spellCheck={false}
      />
    </Question>
  );
}

/** Asks what the address asks, once for each: whoever follows a link has asked already, and each look is on record. */
function useAskedBy(address: string, ask: () => void): void {
  const asked = useRef("");
  useEffect(() => {
    if (address === asked.current) return;
    asked.current = address;
    if (address !== "") ask();
  });
}

export function ByPerson() {
  const { user = "", what = "looked" } = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  const report = useReport();
  const search = useAuditSearch();
  const [actor, setActor] = useState(user);
  const [chosen, setChosen] = useState<string>(what);
  const lookUp = (before?: number) =>
    what === "did"
      ? search.mutate({ actor: user, ...from(before) })
      : report.mutate({ kind: "opened-by", actor: user, ...from(before) });
  useAskedBy(user && `${what} ${user}`, () => {
    setActor(user);
    setChosen(what);
    lookUp();
  });
  const isAnother = actor.trim() !== user || chosen !== what;
  const isDeeds = chosen === "did";
  return (
    <Question
      asking={what === "did" ? search : report}
      isReady={actor.trim() !== ""}
      ask={(before) => {
        if (before !== undefined || !isAnother) return lookUp(before);
        void navigate({
          to: "/audit",
          search: { show: "person", user: actor.trim(), ...(isDeeds ? { what: "did" as const } : {}) },
        });
      }}
      empty="Nothing is on record of this user."
      about={`what ${user} ${what === "did" ? "did" : "looked at"}`}
    >
      <TextInput
        label="User"
        description="As the audit names them, for example demo:jane"
        value={actor}
        onChange={(event) => setActor(event.currentTarget.value)}
        w={280}
        autoComplete="off"
        spellCheck={false}
      />
      <Select
        label="What"
        data={[
          { value: "looked", label: "What they looked at" },
          { value: "did", label: "Everything they did" },
        ]}
        value={chosen}
        onChange={(value) => setChosen(value ?? "looked")}
        allowDeselect={false}
      />
    </Question>
  );
}

const isJourney = (object: string): boolean => /^[0-9a-f-]{36}$/i.test(object);

export function ByObject() {
  const { object = "" } = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  const search = useAuditSearch();
  const [text, setText] = useState(object);
  const sought = text.trim();
  const isName = (asked: string) => /^[a-z][a-z0-9.-]*$/.test(asked);
  const lookUp = (before?: number) =>
    search.mutate({ ...(isJourney(object) ? { journeyId: object } : { name: object }), ...from(before) });
  useAskedBy(isJourney(object) || isName(object) ? object : "", () => {
    setText(object);
    lookUp();
  });
  return (
    <Question
      asking={search}
      isReady={isJourney(sought) || isName(sought)}
      ask={(before) => {
        if (before !== undefined || sought === object) return lookUp(before);
        void navigate({ to: "/audit", search: { show: "object", object: sought } });
      }}
      empty="The audit holds nothing of it."
      about={`the audit of ${object}`}
    >
      <TextInput
        label="A journey's id, or the name of a deed"
        description="A name with a dot at its end finds all that begin so: work. or replay."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        w={400}
        autoComplete="off"
        spellCheck={false}
      />
    </Question>
  );
}

const kinds = [
  { value: "break-glass", label: "Somebody broke the glass", empty: "Nobody broke the glass." },
  { value: "watched", label: "Looks at watched records", empty: "Nobody looked at a watched record." },
  { value: "own-record", label: "Looks at one's own record", empty: "Nobody looked at their own record." },
  {
    value: "same-surname",
    label: "Looks at somebody of one's own surname",
    empty: "Nobody looked at one of their surname.",
  },
] as const;

export function Noteworthy() {
  const { doubt } = useSearch({ from: "/audit" });
  const navigate = useNavigate();
  const report = useReport();
  const chosen = kinds.find(({ value }) => value === doubt) ?? kinds[0];
  const kind = chosen.value;
  return (
    <Question
      asking={report}
      isReady
      ask={(before) => report.mutate({ kind, ...from(before) })}
      empty={chosen.empty}
      about={chosen.label}
    >
      <Select
        label="What"
        w={340}
        data={kinds.map(({ value, label }) => ({ value, label }))}
        value={kind}
        onChange={(value) => {
          void navigate({
            to: "/audit",
            search: { show: "noteworthy", ...(value ? { doubt: value } : {}) },
            replace: true,
          });
          report.reset();
        }}
        allowDeselect={false}
      />
    </Question>
  );
}
