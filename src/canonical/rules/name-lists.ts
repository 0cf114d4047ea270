// Words that tell what stands in a name field is not, or not only, the name.

/** Taken off the front of a name when other words remain. */
export const titles = new Set(
  "MR MRS MISS MS MX MSTR MASTER DR DOCTOR PROF PROFESSOR REV REVD REVEREND SIR DAME LADY LORD CLLR CAPT SGT CPL".split(
    " ",
  ),
);

/** Taken off the end of a name when other words remain. */
export const suffixes = new Set("JR JNR SR SNR II III IV ESQ MBE OBE CBE PHD".split(" "));

/** Written for want of a name, as given name or family name. Matched on upper case with single spaces. */
export const placeholders: readonly RegExp[] = [
  /^[^\p{L}]+$/u,
  /^(?:BABY|INFANT|NEWBORN|NEONATE|STILLBORN|FO?ETUS)(?: (?:BOY|GIRL|MALE|FEMALE|TWIN|OF|ONE|TWO|THREE|[0-9]+|[A-D])(?: .*)?)?$/,
  /^(?:TWIN|TRIPLET|QUADRUPLET)(?: (?:ONE|TWO|THREE|FOUR|[1-4]|I{1,3}|IV|[A-D]|OF)(?: .*)?)?$/,
  /^(?:BABY|TWIN|TRIPLET)(?:BOY|GIRL|ONE|TWO|THREE|[1-4])$/,
  /^(?:MALE|FEMALE|BOY|GIRL) (?:INFANT|BABY|CHILD|TWIN|ONE|TWO|[0-9]+)$/,
  /^[A-D] OF .+$/,
  /^[BM]\/O\b.*$/,
  /^(?:UNKNOWN|UNK|UNNAMED|NOT (?:KNOWN|GIVEN|STATED|RECORDED|AVAILABLE)|NO (?:NAME|FORENAME|SURNAME))(?: .*)?$/,
  /^(?:NK|NFN|N\/A|NONE|NIL|NULL|ANON|ANONYMOUS|UNIDENTIFIED(?: .*)?|TBC|TBA|NOT APPLICABLE|REFUSED|WITHHELD)$/,
  /^(?:FIRST ?NAME|LAST ?NAME|FORENAME|SURNAME|GIVEN ?NAME|FAMILY ?NAME)$/,
  /^(?:ZZ+|XX+)? ?TEST(?:PATIENT|ING)?(?: .*)?$/,
  /^(?:X{2,}|Z{2,}|DUMMY|DO NOT USE|DUPLICATE(?: .*)?|DELETED?)$/,
  /^(?:MR|MRS|MISS|MS|DR)$/,
];

/** Placeholders for a given name that are family names too. */
export const givenPlaceholders: readonly RegExp[] = [/^(?:MALE|FEMALE|BOY|GIRL|CHILD)$/];

/** Common given names that are hardly ever family names. */
export const givenOnly = new Set(
  (
    "JOHN DAVID MICHAEL STEPHEN CHRISTOPHER MATTHEW DANIEL JOSHUA SUSAN MARGARET PATRICIA CHRISTINE ELIZABETH SARAH EMMA " +
    "CLAIRE JULIE KAREN JACQUELINE LINDA HELEN NICOLA REBECCA JESSICA SOPHIE CHLOE OLIVIA EMILY CHARLOTTE HANNAH LAURA " +
    "AMY JENNIFER CATHERINE KATHERINE VICTORIA SAMANTHA ANDREW KEVIN BRIAN NIGEL KEITH TIMOTHY JONATHAN NICHOLAS BENJAMIN " +
    "MOHAMMED MUHAMMAD FATIMA AISHA PRIYA SANJAY OLGA AGNIESZKA"
  ).split(" "),
);

/** Common family names that are hardly ever given names. */
export const familyOnly = new Set(
  (
    "SMITH JONES WILLIAMS TAYLOR BROWN DAVIES EVANS WILSON JOHNSON ROBERTS ROBINSON THOMPSON WRIGHT WALKER HUGHES EDWARDS " +
    "GREEN WOOD HARRIS CLARKE PATEL JACKSON TURNER HILL COOPER WARD MORRIS MOORE BAKER HARRISON MORGAN PHILLIPS PARKER " +
    "RICHARDSON COLLINS STEWART WATSON MURPHY SHAW BENNETT GRIFFITHS SINGH HUSSAIN AHMED KHAN BEGUM OBRIEN MCDONALD " +
    "MACDONALD CAMPBELL ROBERTSON THOMSON"
  ).split(" "),
);
