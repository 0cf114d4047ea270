// `lockgate match quality` and `match report`: how well matching does, over time and group by group.

import type { GroupReport, Quality } from "#services/matching";
import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

const DAY_MS = 86_400_000;

const sinceOf = (days: number): string => encodeURIComponent(new Date(Date.now() - days * DAY_MS).toISOString());
const percent = (rate: number | null): string => (rate === null ? "" : `${(rate * 100).toFixed(1)} %`);

/** Prints the measures of each day or week. */
export async function matchQuality(
  caller: Caller,
  { days, by }: { readonly days: number; readonly by: "day" | "week" },
  json: boolean,
): Promise<number> {
  const path = `/matching/quality?since=${sinceOf(days)}&by=${by}`;
  const { quality } = await call<{ quality: Quality[] }>(caller, "GET", path);
  show(json, quality, () =>
    quality.length === 0
      ? "no matches"
      : table([
          [by, "matches", "linked alone", "asked", "overturned", "second opinions", "agreed", "median answer", "95 %"],
          ...quality.map((one) => [
            one.from,
            String(one.matches),
            percent(one.autoLinkRate),
            percent(one.reviewRate),
            percent(one.overturnRate),
            String(one.sampled),
            percent(one.agreementRate),
            minutes(one.medianSeconds),
            minutes(one.p95Seconds),
          ]),
        ]),
  );
  return EXIT.done;
}

const minutes = (seconds: number | null): string => (seconds === null ? "" : `${(seconds / 60).toFixed(1)} min`);

/** Prints how often each group of people is matched and asked about. */
export async function matchReport(caller: Caller, { days }: { readonly days: number }, json: boolean): Promise<number> {
  const { groups } = await call<{ groups: GroupReport[] }>(caller, "GET", `/matching/report?since=${sinceOf(days)}`);
  show(json, groups, () =>
    groups.length === 0
      ? "no matches"
      : table([
          ["by", "group", "matches", "linked (95 %)", "asked about (95 %)", "note"],
          ...groups.map((one) => [
            dimensionWords[one.dimension],
            one.group,
            one.matches === undefined ? "" : String(one.matches),
            interval(one.linked),
            interval(one.reviewed),
            one.notes.join("; "),
          ]),
        ]),
  );
  return EXIT.done;
}

const dimensionWords: Readonly<Record<GroupReport["dimension"], string>> = {
  sex: "sex",
  ageBand: "age",
  nameForm: "form of family name",
  addressStability: "address changes",
};

const interval = (rate: GroupReport["linked"]): string =>
  rate === undefined ? "" : `${percent(rate.rate)} (${percent(rate.low)} to ${percent(rate.high)})`;
