// Prints docs/permissions.md from the policies and masks: who may do what, by which policy, and who sees which field.

import { actionNames, actions, obligations, purposes } from "../../src/gateway/policy/actions.ts";
import { type AudienceLine, type MaskRule, readMasks } from "../../src/gateway/policy/masks.ts";
import { permissionMatrix } from "../../src/gateway/policy/matrix.ts";
import { openPolicy } from "../../src/gateway/policy/policy.ts";
import { roles } from "../../src/gateway/policy/roles.ts";
import { printedBy, table } from "./page.ts";

const FOLDER = "resources/policies";

const code = (text: string): string => `\`${text}\``;
const policy = openPolicy({ folder: FOLDER });
const masks = readMasks(`${FOLDER}/masks.yaml`);

const matrixTable = (): string =>
  table(
    ["action", ...roles],
    permissionMatrix(policy).map(([action, ...cases]) => [code(action), ...cases]),
  );

/** Scopes of machines: the actions that a machine with the scope of that name may do. */
function scopesList(): string {
  const may = actionNames.filter(
    (action) =>
      policy.decide({
        principal: { kind: "client", id: "docs:machine", roles: [], scopes: [action], purposes },
        action,
        resource: {
          type: actions[action],
          domain: "demographics",
          proposers: [],
          chosenBy: [],
          personal: true,
          own: false,
        } as never,
        context: { purpose: "administration" },
      }).allowed,
  );
  return may.map((action) => code(action)).join(", ");
}

const policiesTable = (): string =>
  table(
    ["policy", "effect", "says", "needs"],
    policy.policies.map(({ id, effect, says, needs }) => [code(id), effect, says, needs.join("; ")]),
  );

const lineText = ({ roles: ofRoles, scopes, purposes: forPurposes, actions: ofActions }: AudienceLine): string =>
  [
    ["role", ofRoles],
    ["scope", scopes],
    ["purpose", forPurposes],
    ["action", ofActions],
  ]
    .flatMap(([name, values]) => (values ? [`${name} ${(values as readonly string[]).join(" or ")}`] : []))
    .join("; ") || "anybody whom the policies let in";

const audiencesTable = (): string =>
  table(
    ["audience", "any of"],
    Object.entries(masks.audiences).flatMap(([name, lines]) =>
      lines.map((line, index) => [index === 0 ? name : "", lineText(line)]),
    ),
  );

const withheld = { always: "always", "by-field": "where the row's `field` tells where somebody is" } as const;

const ruleRow = ({ fields, visible, masked, as, whereabouts }: MaskRule): string[] => [
  fields.map(code).join(", "),
  visible.join(", "),
  masked.length > 0 ? `${masked.join(", ")} (${as})` : "",
  whereabouts ? withheld[whereabouts] : "",
];

const masksTables = (): string =>
  Object.entries(masks.types)
    .map(
      ([type, rules]) =>
        `### ${code(type)}\n\n${table(["fields", "visible to", "masked for", "withheld of restricted persons"], rules.map(ruleRow))}`,
    )
    .join("\n\n");

/** The whole page. */
export function permissionsPage(): string {
  return `# Permissions

${printedBy} The sources are the Cedar policies and \`masks.yaml\` under \`${FOLDER}\`.

What no policy permits is refused; a policy that forbids wins over any that permits. \`lockgate policy explain\` tells why
somebody may or may not do something. Purposes of use are ${purposes.map(code).join(", ")}; what a permission
may oblige to is ${obligations.map(code).join(" and ")}.

## Roles and actions

Each role alone, signed in with a second factor, with a reason in words where one is asked for, and proposer of nothing. \`yes\`,
or in which cases: a purpose of use, or a domain of work items with the purpose in brackets.

${matrixTable()}

## Machines

A machine does what its scopes name, for the purposes that it was registered for. Scopes: ${scopesList()}.

A person's token carries scopes as well, those of the client that the person signed in with: \`lockgate\` for everything that the
person may do, an action's area such as \`work\`, or one action.

## Policies

${policiesTable()}

## Fields

Whatever leaves the platform goes through one serialiser. A field that is not named below is hidden from everybody. A mask leaves
\`•••\`, or of a text of eight characters and more the last three as well, or of a date the year.

${audiencesTable()}

${masksTables()}
`;
}
