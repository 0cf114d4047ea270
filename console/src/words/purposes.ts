// What data is asked for, in words.

const purposes: Readonly<Record<string, string>> = {
  "direct-care": "direct care",
  "safety-review": "safety review",
  "break-glass": "emergency",
  none: "none is given",
};

/** A purpose in words. */
export const purposeWord = (name: string): string => purposes[name] ?? name;
