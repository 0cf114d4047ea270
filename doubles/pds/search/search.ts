// Serves a search: people looked up by birth date, scored, numbers that were replaced followed, too many refused.

import type { CallNote } from "../ledger.ts";
import { fhirReply, PdsRefusal, type Reply } from "../outcome.ts";
import { type Patient, searchView } from "../patient.ts";
import type { Person, Register } from "../register.ts";
import { fhirRoot } from "../request.ts";
import { isHidden, scoreOf } from "./match.ts";
import type { SearchQuery } from "./query.ts";

/** The answer to a search; throws PdsRefusal when more people fit than may be told. */
export function serveSearch(register: Register, query: SearchQuery, note: CallNote, origin: string, at: Date): Reply {
  const found = peopleFor(register, query);
  note.matches = found.length;
  if (found.length === 1) note.nhsNumber = found[0]!.patient.id;
  if (found.length > query.limit) throw new PdsRefusal("TOO_MANY_MATCHES");
  const entry = found.map(({ patient, score }) => ({
    fullUrl: `${origin}${fhirRoot}/Patient/${patient.id}`,
    search: { score },
    resource: searchView(patient),
  }));
  return fhirReply(200, {
    resourceType: "Bundle",
    type: "searchset",
    timestamp: `${at.toISOString().slice(0, 19)}+00:00`,
    total: entry.length,
    // A search that finds nobody is answered without the list.
    ...(entry.length > 0 && { entry }),
  });
}

/** Who fits, best first, each once. */
function peopleFor(register: Register, query: SearchQuery): { patient: Patient; score: number }[] {
  const scores = new Map<Person, number>();
  for (const person of register.bornBetween(query.birth.first, query.birth.last)) {
    const score = scoreOf(person, query);
    if (score === 0 || (query.isExact && score < 1)) continue;
    const shown = person.supersededBy ? register.follow(person.patient.id) : person;
    if (!shown || shown.isInvalidated || isHidden(shown, query) || isHidden(person, query)) continue;
    scores.set(shown, Math.max(score, scores.get(shown) ?? 0));
  }
  return [...scores]
    .map(([{ patient }, score]) => ({ patient, score }))
    .toSorted((a, b) => b.score - a.score || (a.patient.id < b.patient.id ? -1 : 1));
}
