// The rules of an update: which changes of which fields are done, and which are refused as a whole.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seedNumbers } from "../../../doubles/pds/index.ts";
import { checkNoViolations, type Pds, startPds } from "./site.ts";

let pds: Pds;
beforeAll(async () => {
  pds = await startPds();
});
beforeEach(() => pds.renew());
afterEach(() => checkNoViolations(pds));
afterAll(() => pds.close());

const { ordinary, minimal, deceasedFormal, deceasedInformal } = seedNumbers;
const read = async (number: string) => (await pds.retrieve(number)).json;

/** `$id(list)` in a path's value stands for the id of the first item of that list. */
const withIds = async (number: string, patches: object[]): Promise<object[]> => {
  const record = await read(number);
  const text = JSON.stringify(patches).replaceAll(/\$id\((\w+)\)/g, (_all, list: string) => record[list][0].id);
  return JSON.parse(text) as object[];
};
const add = (path: string, value: unknown) => ({ op: "add", path, value });
const replace = (path: string, value: unknown) => ({ op: "replace", path, value });
const item = (path: string, value: unknown) => ({ op: "test", path, value });
const remove = (path: string) => ({ op: "remove", path });
const idOf = (list: string) => replace(`/${list}/0/id`, `$id(${list})`);
const notice = (code: string) => ({
  url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-DeathNotificationStatus",
  extension: [
    {
      url: "deathNotificationStatus",
      valueCodeableConcept: {
        coding: [{ system: "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus", code }],
      },
    },
  ],
});
const temp = {
  use: "temp",
  text: "Holiday Home",
  line: ["1 Pier"],
  period: { start: "2026-01-01", end: "2026-02-01" },
};

describe("is done:", () => {
  const allowed: [what: string, number: string, patches: object[]][] = [
    [
      "a whole address replaced by one with its id",
      ordinary,
      [replace("/address/0", { id: "$id(address)", use: "home", line: ["1 New Street"], postalCode: "ZZ1 1AA" })],
    ],
    [
      "all lines replaced at once",
      ordinary,
      [idOf("address"), replace("/address/0/line", ["1 New Street", "", "Leeds"])],
    ],
    ["the id mirrored by add", ordinary, [add("/name/0/id", "$id(name)"), add("/name/0/given/0", "Rose")]],
    ["a temporary address added", ordinary, [add("/address/-", temp)]],
    ["a nickname added", ordinary, [add("/name/-", { use: "nickname", family: "Hathersage", given: ["Roz"] })]],
    [
      "a telecom removed after a test of its id",
      ordinary,
      [item("/telecom/0/id", "$id(telecom)"), remove("/telecom/0")],
    ],
    [
      "a telecom added to a record without any",
      minimal,
      [add("/telecom/-", { system: "email", use: "home", value: "someone@people.example" })],
    ],
    [
      "a name, a gender and a birth date added to a minimal record",
      minimal,
      [add("/name/-", { use: "usual", family: "Found" }), add("/gender", "female"), add("/birthDate", "1980-01-01")],
    ],
    [
      "an informal death, date and notification together",
      ordinary,
      [add("/deceasedDateTime", "2026-03-01T00:00:00+00:00"), add("/extension/-", notice("1"))],
    ],
    [
      "another practice",
      ordinary,
      [
        replace("/generalPractitioner/0", {
          id: "$id(generalPractitioner)",
          type: "Organization",
          identifier: { system: "https://fhir.nhs.uk/Id/ods-organization-code", value: "ZZ9002" },
        }),
      ],
    ],
    ["the birth order removed", seedNumbers.twinFirst, [remove("/multipleBirthInteger")]],
    [
      "an informal death told of a minimal record",
      minimal,
      [add("/extension/-", notice("1")), add("/deceasedDateTime", "2026-03-01")],
    ],
  ];
  test.each(allowed)("%s", async (_what, number, patches) => {
    const done = await pds.update(number, 'W/"1"', await withIds(number, patches));
    expect([done.text, done.status]).toEqual([done.text, 200]);
    expect((await read(number)).meta.versionId).toBe("2");
  });

  test("two removals from one list, each tested where it then stands", async () => {
    const { telecom } = await read(ordinary);
    const patches = [1, 2].flatMap((at) => [item("/telecom/0/id", telecom[at - 1].id), remove("/telecom/0")]);
    expect((await pds.update(ordinary, 'W/"1"', patches)).json.telecom).toEqual([telecom[2]]);
  });

  test("an extension removed after a test of its URL", async () => {
    const url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NominatedPharmacy";
    const pharmacy = { url, valueReference: { identifier: { value: "FZZ99" } } };
    await pds.put({ resourceType: "Patient", id: "9990007233", extension: [pharmacy] });
    const patches = [item("/extension/0/url", url), remove("/extension/0")];
    const { status, json } = await pds.update("9990007233", 'W/"1"', patches);
    expect([status, json.extension]).toEqual([200, undefined]);
  });

  test("ids and start dates of new items are the service's own, full stops of titles and blank lines go", async () => {
    const patches = await withIds(ordinary, [
      add("/name/-", { id: "mine", use: "old", family: "Before", prefix: ["Mrs."] }),
      idOf("address"),
      replace("/address/0/line", ["", "1 New Street", ""]),
    ]);
    const { json } = await pds.update(ordinary, 'W/"1"', patches);
    const today = new Date().toISOString().slice(0, 10);
    expect(json.name[1]).toEqual({
      id: expect.stringMatching(/^[0-9A-F]{8}$/),
      use: "old",
      family: "Before",
      prefix: ["Mrs"],
      period: { start: today },
    });
    expect(json.address[0].line).toEqual(["1 New Street"]);
  });
});

describe("is refused as a whole:", () => {
  const phone = { system: "phone", use: "home", value: "01632 960799" };
  const usual = { use: "usual", family: "Second" };
  const refused: [what: string, number: string, patches: object[], status: number, code: string][] = [
    ["an unknown operation", ordinary, [{ op: "move", from: "/gender", path: "/name" }], 400, "INVALID_VALUE"],
    ["a path that is none", ordinary, [replace("gender", "male")], 400, "INVALID_UPDATE"],
    ["a place that does not exist", ordinary, [replace("/multipleBirthInteger", 2)], 400, "INVALID_UPDATE"],
    ["an unknown field", ordinary, [add("/pets", "cat")], 400, "ADDITIONAL_PROPERTIES"],
    ["an unknown field of a name", ordinary, [idOf("name"), add("/name/0/pets", "cat")], 400, "ADDITIONAL_PROPERTIES"],
    ["the NHS number", ordinary, [replace("/id", "9990007012")], 403, "FORBIDDEN_UPDATE"],
    [
      "an address line without the id of the address",
      ordinary,
      [replace("/address/0/line/0", "X")],
      400,
      "INVALID_UPDATE",
    ],
    [
      "an address line with another id",
      ordinary,
      [replace("/address/0/id", "0"), replace("/address/0/line/0", "X")],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a whole address without its id",
      ordinary,
      [replace("/address/0", { use: "home", line: ["X"] })],
      400,
      "INVALID_UPDATE",
    ],
    ["an item added elsewhere than at the end", ordinary, [add("/telecom/0", phone)], 400, "INVALID_UPDATE"],
    ["a whole list", ordinary, [replace("/name", [usual])], 400, "INVALID_UPDATE"],
    ["a removal without test", ordinary, [remove("/telecom/0")], 400, "INVALID_UPDATE"],
    [
      "a removal whose test does not come just before",
      ordinary,
      [item("/telecom/0/id", "$id(telecom)"), replace("/gender", "male"), remove("/telecom/0")],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a removal with a test that fails",
      ordinary,
      [item("/telecom/0/id", "0"), remove("/telecom/0")],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a removal of a part of an item",
      ordinary,
      [item("/address/0/id", "$id(address)"), remove("/address/0/line/1")],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a good change before a bad one",
      ordinary,
      [replace("/gender", "male"), item("/gender", "female")],
      400,
      "INVALID_UPDATE",
    ],
    ["a second usual name", ordinary, [add("/name/-", usual)], 403, "FORBIDDEN_UPDATE"],
    ["the usual name removed", ordinary, [item("/name/0/id", "$id(name)"), remove("/name/0")], 403, "FORBIDDEN_UPDATE"],
    ["another use of a name", ordinary, [idOf("name"), replace("/name/0/use", "old")], 403, "FORBIDDEN_UPDATE"],
    ["a name without family name", ordinary, [add("/name/-", { use: "old" })], 400, "MISSING_VALUE"],
    [
      "a name with strange letters",
      ordinary,
      [idOf("name"), replace("/name/0/family", "H@thersage")],
      400,
      "UNSUPPORTED_CHARACTERS_IN_FIELD",
    ],
    [
      "six given names",
      ordinary,
      [idOf("name"), replace("/name/0/given", ["A", "B", "C", "D", "E", "F"])],
      400,
      "TOO_MANY_VALUES_SUBMITTED",
    ],
    ["a title in the wrong case", ordinary, [idOf("name"), replace("/name/0/prefix/0", "MS")], 400, "INVALID_VALUE"],
    ["gender removed", ordinary, [remove("/gender")], 403, "FORBIDDEN_UPDATE"],
    ["gender other", ordinary, [replace("/gender", "other")], 400, "UNSUPPORTED_VALUE"],
    ["gender that is none", ordinary, [replace("/gender", "F")], 400, "INVALID_VALUE"],
    ["birth date removed", ordinary, [remove("/birthDate")], 403, "FORBIDDEN_UPDATE"],
    ["birth date to come", ordinary, [replace("/birthDate", "2999-01-01")], 400, "INVALID_UPDATE"],
    ["birth date after death", deceasedInformal, [replace("/birthDate", "2026-02-15")], 400, "INVALID_UPDATE"],
    ["a second home address", ordinary, [add("/address/-", { use: "home", line: ["X"] })], 403, "FORBIDDEN_UPDATE"],
    ["a work address", ordinary, [add("/address/-", { use: "work", line: ["X"] })], 400, "UNSUPPORTED_VALUE"],
    [
      "a temporary address without end",
      ordinary,
      [add("/address/-", { ...temp, period: { start: "2026-01-01" } })],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a temporary address for too long",
      ordinary,
      [add("/address/-", { ...temp, period: { start: "2026-01-01", end: "2026-12-31" } })],
      400,
      "INVALID_UPDATE",
    ],
    [
      "six address lines",
      ordinary,
      [idOf("address"), replace("/address/0/line", ["1", "2", "3", "4", "5", "6"])],
      400,
      "TOO_MANY_VALUES_SUBMITTED",
    ],
    [
      "an address without lines",
      ordinary,
      [idOf("address"), replace("/address/0/line", [])],
      400,
      "TOO_FEW_VALUES_SUBMITTED",
    ],
    [
      "a start after the end",
      ordinary,
      [add("/telecom/-", { ...phone, use: "work", period: { start: "2026-02-01", end: "2026-01-01" } })],
      400,
      "INVALID_UPDATE",
    ],
    [
      "a start to come",
      ordinary,
      [add("/telecom/-", { ...phone, use: "work", period: { start: "2999-01-01" } })],
      400,
      "INVALID_UPDATE",
    ],
    ["a second home telephone", ordinary, [add("/telecom/-", phone)], 403, "FORBIDDEN_UPDATE"],
    ["another use of a telecom", ordinary, [idOf("telecom"), replace("/telecom/0/use", "work")], 400, "INVALID_UPDATE"],
    [
      "an e-mail address that is none",
      ordinary,
      [add("/telecom/-", { system: "email", use: "work", value: "nobody" })],
      400,
      "INVALID_VALUE",
    ],
    [
      "a contact of another kind",
      ordinary,
      [add("/contact/-", { relationship: [{ coding: [{ code: "N" }] }], telecom: [{ system: "phone", value: "0" }] })],
      400,
      "INVALID_VALUE",
    ],
    [
      "the practice removed",
      ordinary,
      [item("/generalPractitioner/0/id", "$id(generalPractitioner)"), remove("/generalPractitioner/0")],
      403,
      "FORBIDDEN_UPDATE",
    ],
    [
      "a second practice",
      ordinary,
      [add("/generalPractitioner/-", { identifier: { value: "ZZ9002" } })],
      400,
      "TOO_MANY_VALUES_SUBMITTED",
    ],
    ["a birth order of ten", ordinary, [add("/multipleBirthInteger", 10)], 400, "INVALID_VALUE"],
    [
      "a formal death",
      ordinary,
      [add("/deceasedDateTime", "2026-03-01"), add("/extension/-", notice("2"))],
      403,
      "FORBIDDEN_UPDATE",
    ],
    ["a death that is taken back", deceasedInformal, [replace("/extension/0", notice("U"))], 400, "UNSUPPORTED_VALUE"],
    ["a date of death without notification", ordinary, [add("/deceasedDateTime", "2026-03-01")], 400, "INVALID_UPDATE"],
    ["a date of death removed", deceasedInformal, [remove("/deceasedDateTime")], 403, "FORBIDDEN_UPDATE"],
    [
      "a death notification removed",
      deceasedInformal,
      [item("/extension/0/url", notice("1").url), remove("/extension/0")],
      403,
      "FORBIDDEN_UPDATE",
    ],
    [
      "another date of a formal death",
      deceasedFormal,
      [replace("/deceasedDateTime", "2024-11-06T00:00:00+00:00")],
      403,
      "FORBIDDEN_UPDATE",
    ],
    [
      "an unknown extension",
      ordinary,
      [add("/extension/-", { url: "https://elsewhere.example/x" })],
      400,
      "INVALID_VALUE",
    ],
  ];
  test.each(refused)("%s", async (_what, number, patches, status, code) => {
    const before = await read(number);
    const answer = await pds.update(number, 'W/"1"', await withIds(number, patches));
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(await read(number)).toEqual(before);
  });
});
