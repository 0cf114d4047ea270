import { spawn } from "node:child_process";
import { navPatients, navSettings } from "#connectors/nav";
import { systemClock } from "#kernel/clock";
import { newTrace } from "#kernel/trace";
const child = spawn(process.execPath, ["doubles/nav/main.ts", "--odata-port", "0", "--soap-port", "0", "--with-parent"], { stdio: ["pipe", "pipe", "inherit"] });
const line = await new Promise<string>((r) => child.stdout.once("data", (d) => r(String(d))));
const { odataPort, soapPort } = JSON.parse(line);
for (const protocol of ["odata", "soap"] as const) {
  const patients = navPatients(navSettings.parse({ name: "nav", protocol, baseUrl: `http://127.0.0.1:${protocol === "odata" ? odataPort : soapPort}/BC`, company: protocol === "odata" ? { id: "11111111-aaaa-4bbb-8ccc-000000000001", name: "CRONUS UK Ltd." } : { name: "CRONUS UK Ltd." }, user: "LOCKGATE", accessKey: "lockgate-demo-key" }), { clock: systemClock });
  const ctx = { traceparent: newTrace() };
  const lanes = await Promise.all(Array.from({ length: 4 }, (_, i) => patients.create({ mrn: `CPU${protocol}${i}`, mrnAuthority: "RXX", familyName: "Q", givenName: "I", birthDate: "1980-01-01" }, `${protocol}-c-${i}`, ctx)));
  const run = async (n: number, tag: string) => Promise.all(lanes.map(async ({ externalId }, lane) => {
    for (let i = 0; i < n; i++) {
      const p = (await patients.read(externalId, ctx))!;
      await patients.update(externalId, p.version, { town: `T${i}`, phone: "+441632960111" }, `${protocol}-${tag}-${lane}-${i}`, ctx);
    }
  }));
  await run(200, "warm");
  const cpu = process.cpuUsage(); const t = performance.now();
  await run(1000, "run");
  const used = process.cpuUsage(cpu); const wall = performance.now() - t;
  const cpuS = (used.user + used.system) / 1e6;
  console.log(protocol, "4000 pairs: wall", (wall / 1000).toFixed(2), "s, client cpu", cpuS.toFixed(2), "s,", Math.round(4000 / cpuS), "pairs/cpu-s,", Math.round((cpuS / 4000) * 1e6), "us/pair");
  await patients.close();
}
child.stdin.end(); child.kill();
