// The reason codes of matching: why two records are linked, left to a steward, or kept apart.

/** Each code in one line for a person. */
export const matchCodes = {
  "MT-100": "NHS number and birth date agree.",
  "MT-101": "NHS number and a partial birth date agree, and the name or the postcode's outward part.",
  "MT-102": "A superseded NHS number and the birth date agree.",
  "MT-110": "Name, birth date, gender and whatever else is told agree, of one person only.",
  "MT-130": "The weight reaches the threshold for linking.",
  "MT-200": "Possible: the weight lies between the thresholds.",
  "MT-201": "Several candidates fit.",
  "MT-202": "The best candidate is not clearly ahead of the next.",
  "MT-203": "May be twins: birth date and family agree, given names differ.",
  "MT-204": "May be a parent and a child of one name.",
  "MT-205": "Only the household agrees.",
  "MT-210": "Two different valid NHS numbers.",
  "MT-211": "Given name and birth date both disagree.",
  "MT-212": "A steward said that they are never the same.",
  "MT-300": "No candidate.",
  "MT-301": "All candidates lie below the threshold.",
  "MT-302": "Too little is known to match.",
} as const;
export type MatchCode = keyof typeof matchCodes;

/** What is done with a pair. */
export type Decision = "link" | "review" | "none";
