// Where one can go. What a role can do nothing with is not offered to it; what may be seen the platform alone decides.

const RUNNING = ["operator", "integration-engineer", "clinical-safety-officer", "auditor", "administrator"];
const FOLLOWING = ["operator", "integration-engineer", "clinical-safety-officer", "auditor"];
const REPAIRING = ["operator", "integration-engineer", "clinical-safety-officer"];
const DECIDING = ["approver", "second-approver", "steward"];
const MAPPING = ["supply", "operator", "integration-engineer", "auditor", "administrator"];
const DESKS = ["finance", "supply", "workforce"];

/** A page of the menu; `roles`: whom it is for, absent: everybody. */
export type Place = { readonly to: string; readonly label: string; readonly roles?: readonly string[] };

const places: readonly Place[] = [
  { to: "/", label: "Operations", roles: RUNNING },
  { to: "/work", label: "Work", roles: [...FOLLOWING, ...DECIDING, ...DESKS] },
  { to: "/codes", label: "Code maps", roles: MAPPING },
  { to: "/journeys", label: "Journeys", roles: [...FOLLOWING, ...DECIDING] },
  { to: "/dead-letters", label: "Dead letters", roles: REPAIRING },
  { to: "/audit", label: "Audit", roles: FOLLOWING },
  { to: "/messages", label: "Messages", roles: FOLLOWING },
  { to: "/channels", label: "Channels", roles: RUNNING },
  { to: "/rules", label: "Rules" },
  { to: "/measures", label: "Measures", roles: RUNNING },
  { to: "/catalogue", label: "APIs" },
  { to: "/access", label: "Access" },
  { to: "/credentials", label: "Certificates and secrets", roles: RUNNING },
];

const isFor = ({ roles }: Place, own: readonly string[]): boolean => !roles || roles.some((role) => own.includes(role));

/** The pages that the menu offers to these roles. */
export const placesFor = (own: readonly string[]): readonly Place[] => places.filter((place) => isFor(place, own));

/** Whether these roles are offered the page of an address, its search left aside. */
export const isOffered = (own: readonly string[], address: string): boolean => {
  const place = places.findLast(({ to }) => (to === "/" ? address === to : address.startsWith(to)));
  return place === undefined || isFor(place, own);
};

/** Whether operations are the page that these roles begin with; the others begin with their work. */
export const beginsWithOperations = (own: readonly string[]): boolean => isFor(places[0]!, own);
