// Recorded histories: a file each, written when it is not there yet and never changed after.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { History } from "#engine/sagas";

/** Every recorded history, by the name of its file. */
export async function recordedHistories(): Promise<{ name: string; history: History }[]> {
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: name.replace(/\.json$/, ""),
      history: JSON.parse(await readFile(join(import.meta.dirname, name), "utf8")) as History,
    })),
  );
}

/** Records `history` as `<name>.json`, unless there is one. */
export async function record(name: string, history: History): Promise<void> {
  const text = `${JSON.stringify(history, null, 2)}\n`;
  await writeFile(join(import.meta.dirname, `${name}.json`), text, { flag: "wx" }).catch(
    (thrown: { code?: string }) => {
      if (thrown.code !== "EEXIST") throw thrown;
    },
  );
}
