// Listings of NAV patients where the ERP makes them hard: one instant for many, links that count rows, changes on the way.

import { describe, expect, test } from "vitest";
import type { ErpPatient, PatientCursor } from "#canonical/contracts";
import { newTrace } from "#kernel/trace";
import { startNavDouble } from "../../../doubles/nav/index.ts";
import { soapList } from "../../../src/connectors/nav/soap-list.ts";
import type { SoapRecord, SoapWire } from "../../../src/connectors/nav/soap-wire.ts";
import { httpPeer, patientsAt } from "./peer.ts";

const context = { traceparent: newTrace() };

async function all(patients: AsyncIterable<ErpPatient>): Promise<ErpPatient[]> {
  const seen: ErpPatient[] = [];
  for await (const patient of patients) seen.push(patient);
  return seen;
}

describe("a listing of NAV patients", () => {
  test.each(["odata", "soap"] as const)(
    "holds every one of many that changed in one instant, over %s",
    async (protocol) => {
      const instant = Date.UTC(2026, 4, 5, 6, 7, 8, 90);
      const double = await startNavDouble({ nowMs: () => instant, switches: { pageSize: 4 } });
      const patients = patientsAt(protocol === "odata" ? double.odataPort : double.soapPort, { protocol });
      try {
        for (let index = 0; index < 11; index += 1) {
          await patients.create({ mrn: `I${index}`, mrnAuthority: "RXX" }, `key-${index}`, context);
        }
        const after: PatientCursor = { modifiedAt: instant - 1, externalId: "" };
        const listed = await all(patients.list(after, context));
        expect(listed.map(({ externalId }) => externalId)).toEqual(
          [...new Set(listed.map(({ externalId }) => externalId))].sort(),
        );
        expect(listed).toHaveLength(11);
        for (const [index, patient] of listed.entries()) {
          expect(await all(patients.list(patient, context))).toEqual(listed.slice(index + 1));
        }
      } finally {
        await patients.close();
        await double.close();
      }
    },
  );

  test("leaves nobody out where the ERP's next links count rows and rows move meanwhile", async () => {
    const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const idOf = (index: number): string => `22222222-aaaa-4bbb-8ccc-${String(index).padStart(12, "0")}`;
    const rows = Array.from({ length: 9 }, (_, index) => ({ id: idOf(index), second: index }));
    const peer = await httpPeer(({ url }) => {
      const query = new URL(url, "http://x").searchParams;
      const from = query.get("$filter")?.split(" ge ")[1] ?? "";
      const skip = Number(query.get("$skip") ?? 0);
      const matching = rows.filter(({ second }) => at(second) >= from).sort((a, b) => a.second - b.second);
      const value = matching.slice(skip, skip + 3).map(({ id, second }) => ({
        "@odata.etag": 'W/"x"',
        id,
        mergedIntoNumber: "",
        lastModifiedDateTime: at(second),
      }));
      query.set("$skip", String(skip + 3));
      const link =
        skip + 3 < matching.length ? { "@odata.nextLink": `${new URL(url, "http://x").pathname}?${query}` } : {};
      return { status: 200, body: JSON.stringify({ value, ...link }) };
    });
    const patients = patientsAt(peer.port);
    try {
      const seen: string[] = [];
      for await (const { externalId } of patients.list(undefined, context)) {
        seen.push(externalId);
        if (seen.length <= 3) rows.find(({ id }) => id === idOf(seen.length - 1))!.second = 20 + seen.length;
      }
      expect([...new Set(seen)].sort()).toEqual(rows.map(({ id }) => id).sort());
      expect(seen.slice(-3)).toEqual([idOf(0), idOf(1), idOf(2)]);
    } finally {
      await patients.close();
      await peer.close();
    }
  });

  test("over SOAP scans page by page and gives what changed meanwhile at the end", async () => {
    const instants = new Map(
      Array.from({ length: 1_203 }, (_, index) => [`P${String(index).padStart(5, "0")}`, 5_000 - index]),
    );
    let reads = 0;
    const record = (number: string): SoapRecord => ({ Key: number, No: number });
    const wire: Pick<SoapWire, "readMultiple"> = {
      readMultiple: async (filters, size, bookmark) => {
        reads += 1;
        const numbers = [...instants.keys()];
        const criteria = filters[0]?.criteria;
        if (criteria === undefined)
          return numbers
            .filter((number) => number > bookmark)
            .slice(0, size)
            .map(record);
        instants.set("P01202", 9_000);
        instants.delete("P00007");
        const wanted = new Set(criteria.split("|").map((quoted) => quoted.slice(1, -1)));
        return [...instants.keys()].filter((number) => wanted.has(number)).map(record);
      },
    };
    const patientOf = ({ No }: SoapRecord): ErpPatient => ({
      externalId: No!,
      version: "",
      modifiedAt: instants.get(No!)!,
      values: {},
    });
    const after = { modifiedAt: 5_000 - 1_202, externalId: "" };
    const listed = await all(soapList(wire as SoapWire, after, patientOf, context));
    const expected = [...instants.keys()].filter((number) => number !== "P01202").reverse();
    expect(listed.map(({ externalId }) => externalId)).toEqual([...expected, "P01202"]);
    expect(reads).toBe(3 + Math.ceil(1_203 / 40));
  });
});
