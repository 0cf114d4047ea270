// `lockgate saga`: what is under way, as text or as a picture, and steering one by hand.

import { type Caller, call } from "../client.ts";
import { EXIT, show, table } from "../output.ts";

type Head = { id: string; saga: string; version: number; status: string; step: string | null; code: string | null };
type Whole = Head & {
  journal: { step: string; kind: string; outcome: string | null; attempt: number; at: string }[];
  diagram?: string;
};

const line = (one: Head) => [one.id, `${one.saga} v${one.version}`, one.status, one.step ?? "", one.code ?? ""];

export async function listSagas(caller: Caller, journey: string, json: boolean): Promise<number> {
  const { instances } = await call<{ instances: Head[] }>(
    caller,
    "GET",
    `/sagas/instances?journey=${encodeURIComponent(journey)}`,
  );
  show(json, instances, () => (instances.length === 0 ? "no sagas" : table(instances.map(line))));
  return EXIT.done;
}

export async function showSaga(caller: Caller, id: string, json: boolean): Promise<number> {
  const whole = await call<Whole>(caller, "GET", `/sagas/instances/${encodeURIComponent(id)}`);
  const steps = whole.journal.map((one) => [one.at, one.step, one.kind, one.outcome ?? "", `attempt ${one.attempt}`]);
  show(json, whole, () => `${table([line(whole)])}\n${table(steps).replaceAll(/^/gm, "  ")}`);
  return EXIT.done;
}

/** Prints the Mermaid text of a definition by its name, or of an instance by its id. */
export async function drawSaga(caller: Caller, nameOrId: string, json: boolean): Promise<number> {
  const { sagas } = await call<{ sagas: { name: string; diagram: string }[] }>(caller, "GET", "/sagas");
  const { diagram } =
    sagas.find((one) => one.name === nameOrId) ??
    (await call<Whole>(caller, "GET", `/sagas/instances/${encodeURIComponent(nameOrId)}`));
  show(json, { diagram }, () => diagram ?? "");
  return EXIT.done;
}

export async function steerSaga(
  caller: Caller,
  deed: "pause" | "resume" | "cancel" | "retry",
  id: string,
  step: string | undefined,
  json: boolean,
): Promise<number> {
  const path = `/sagas/instances/${encodeURIComponent(id)}/${deed}`;
  const head = await call<Head>(caller, "POST", path, step === undefined ? {} : { step });
  show(json, head, () => table([line(head)]));
  return EXIT.done;
}
