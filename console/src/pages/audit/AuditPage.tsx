// Audit: who looked at whom, who did what, which emergencies await a review, and whether the log holds.

import { Stack, Tabs, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { auditProvers, auditReaders, mayProveAudit, maySearchAudit } from "../../shell/permits.ts";
import { useSession } from "../../shell/session.tsx";
import { PageHead } from "../../states/States.tsx";
import { whoMay } from "../../words/deeds.ts";
import { Proofs } from "./Proofs.tsx";
import { ByObject, ByPatient, ByPerson, Noteworthy } from "./Questions.tsx";

const tabs = [
  { value: "proof", label: "Does the log hold?", panel: <Proofs /> },
  { value: "patient", label: "By patient", panel: <ByPatient /> },
  { value: "person", label: "By user", panel: <ByPerson /> },
  { value: "object", label: "By object", panel: <ByObject /> },
  { value: "noteworthy", label: "Emergencies and doubts", panel: <Noteworthy /> },
] as const;

export function AuditPage() {
  const { show = "proof" } = useSearch({ from: "/audit" });
  const { roles } = useSession().person;
  const navigate = useNavigate();
  const offered = tabs.filter(({ value }) => (value === "proof" ? mayProveAudit(roles) : maySearchAudit(roles)));
  return (
    <Stack>
      <PageHead title="Audit">Who looked at what, who did what, and proof that nobody changed it since.</PageHead>
      {!mayProveAudit(roles) && <Text>The audit is proved to {whoMay(auditProvers)}.</Text>}
      {!maySearchAudit(roles) && <Text>Who looked at what and who did what is told to {whoMay(auditReaders)}.</Text>}
      {offered.length > 0 && (
        <Tabs
          value={offered.some(({ value }) => value === show) ? show : offered[0]!.value}
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
      )}
    </Stack>
  );
}
