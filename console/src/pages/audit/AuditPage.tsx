// Audit: who looked at whom, who did what, which emergencies await a review, and whether the log holds.

import { Stack, Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useSession } from "../../shell/session.tsx";
import { PageHead } from "../../states/States.tsx";
import { Proofs } from "./Proofs.tsx";
import { ByObject, ByPatient, ByPerson, Noteworthy } from "./Questions.tsx";

const tabs = [
  { value: "proof", label: "Does the log hold?", panel: <Proofs /> },
  { value: "patient", label: "By patient", panel: <ByPatient /> },
  { value: "person", label: "By user", panel: <ByPerson /> },
  { value: "object", label: "By object", panel: <ByObject /> },
  { value: "noteworthy", label: "Emergencies and doubts", panel: <Noteworthy /> },
] as const;

/** Who may ask the audit; to others who follow messages it proves itself. */
const READERS = ["auditor", "clinical-safety-officer"];

export function AuditPage() {
  const { show = "proof" } = useSearch({ from: "/audit" });
  const { roles } = useSession().person;
  const navigate = useNavigate();
  const mayAsk = roles.some((role) => READERS.includes(role));
  const offered = tabs.filter(({ value }) => mayAsk || value === "proof" || value === show);
  return (
    <Stack>
      <PageHead title="Audit">Who looked at what, who did what, and proof that nobody changed it since.</PageHead>
      <Tabs
        value={show}
        onChange={(value) => navigate({ to: "/audit", search: value ? { show: value } : {} })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {offered.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {offered.map(({ value, panel }) => (
          <Tabs.Panel key={value} value={value}>
            {panel}
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
