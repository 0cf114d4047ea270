// Codes in the words of whoever has to decide.

const reasons: Readonly<Record<string, string>> = {
  "RC-400": "No difference.",
  "RC-401": "The values differ.",
  "RC-402": "The ERP holds no value.",
  "RC-403": "The national service tells no value.",
  "RC-404": "The local NHS number is not valid.",
  "RC-405": "The national service knows no such person.",
  "RC-406": "The NHS number was replaced by another.",
  "MT-100": "NHS number and birth date agree.",
  "MT-101": "NHS number and a partial birth date agree, and the name or the postcode's outward part.",
  "MT-102": "A superseded NHS number and the birth date agree.",
  "MT-110": "Name, birth date, gender and whatever else is told agree, of one person only.",
  "MT-130": "The weight reaches the threshold for linking.",
  "MT-200": "Possible: the weight lies between the thresholds.",
  "MT-201": "Several persons fit.",
  "MT-202": "The best candidate is not clearly ahead of the next.",
  "MT-203": "May be twins: birth date and family agree, given names differ.",
  "MT-204": "May be a parent and a child of one name.",
  "MT-205": "Only the household agrees.",
  "MT-210": "Two different valid NHS numbers.",
  "MT-211": "Given name and birth date both disagree.",
  "MT-212": "A steward said that they are never the same.",
  "MT-300": "No candidate.",
  "MT-301": "All candidates lie below the threshold.",
  "MT-302": "Too little is known to tell whose record it is.",
  "MT-310": "The person is restricted: where they are is withheld.",
  "MG-500": "The hospital says that two records are of one person.",
  "MG-501": "A steward asked to take a link back.",
  ERP_REFUSED: "The ERP refused the change.",
  ERP_UNSUPPORTED: "The ERP cannot do this.",
  WRITEBACK_CONFLICT: "The ERP was changed after the event.",
  ACCESS_REFUSED: "The policies do not permit this.",
};

/** What a code means; undefined where the console has no words of its own for it. */
export const reasonOf = (code: string | null | undefined): string | undefined =>
  code === null || code === undefined ? undefined : reasons[code];
