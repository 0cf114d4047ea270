// The synthetic patients a fresh double starts with. All invented.

import type { Value } from "./tables/fields.ts";

/** One invented person. */
type PatientLine = [
  title: string,
  first: string,
  middle: string,
  last: string,
  birthDate: string,
  gender: string,
  address: string,
  city: string,
  postCode: string,
  phone: string,
];

/** The people. Streets, people and telephone numbers are invented; the telephone ranges are those Ofcom keeps for drama. */
export const patientLines: readonly PatientLine[] = [
  [
    "Mrs",
    "Edith",
    "Rose",
    "Fenwick",
    "1948-03-12",
    "Female",
    "14 Tallow Lane",
    "Harrowgate Mills",
    "ZZ1 1AA",
    "01632 960101",
  ],
  ["Mr", "Tomasz", "", "Brandreth", "1971-11-02", "Male", "3 Kestrel Court", "Port Ashby", "ZZ2 4QT", "01632 960102"],
  [
    "Ms",
    "Priya",
    "Anjali",
    "Venkatesan",
    "1989-06-27",
    "Female",
    "Flat 5, 80 Quarry Road",
    "Stonebeck",
    "ZZ3 7LR",
    "01632 960103",
  ],
  [
    "Mr",
    "Gwilym",
    "",
    "Pargeter",
    "1936-01-30",
    "Male",
    "Yew Tree Cottage",
    "Little Marrow",
    "ZZ4 2DN",
    "01632 960104",
  ],
  [
    "Miss",
    "Oluwaseun",
    "Grace",
    "Adeyinka",
    "2003-09-15",
    "Female",
    "22 Foundry Street",
    "Port Ashby",
    "ZZ2 1BC",
    "01632 960105",
  ],
  ["Mr", "Declan", "Patrick", "O'Hanrahan", "1965-05-05", "Male", "9 Ropewalk", "Stonebeck", "ZZ3 9PF", "01632 960106"],
  [
    "Dr",
    "Margarethe",
    "",
    "Zöllner-Hughes",
    "1957-12-21",
    "Female",
    "The Old Bakery, High Street",
    "Little Marrow",
    "ZZ4 8HS",
    "01632 960107",
  ],
  [
    "Mx",
    "Robin",
    "",
    "Thistlewood",
    "1994-02-08",
    "Other",
    "41 Canal Reach",
    "Harrowgate Mills",
    "ZZ1 6TB",
    "01632 960108",
  ],
  ["Mr", "Yusuf", "Karim", "Haddad", "1980-08-18", "Male", "6 Mercer Close", "Port Ashby", "ZZ2 9NE", "01632 960109"],
  [
    "Mrs",
    "Siobhan",
    "",
    "Llewellyn-Price",
    "1952-10-09",
    "Female",
    "17 Weir View",
    "Stonebeck",
    "ZZ3 5RA",
    "01632 960110",
  ],
  [
    "",
    "Noah",
    "James",
    "Ackerley",
    "2019-04-01",
    "Male",
    "2 Orchard Rise",
    "Harrowgate Mills",
    "ZZ1 2XD",
    "01632 960111",
  ],
  [
    "Mr",
    "Edward",
    "",
    "Fenwick",
    "1946-07-19",
    "Male",
    "14 Tallow Lane",
    "Harrowgate Mills",
    "ZZ1 1AA",
    "01632 960101",
  ],
];

/** NHS number in the test range 999 with its Modulus 11 check digit; the next serial whose check digit exists. */
function testNhsNumber(serial: number): string {
  for (let tried = serial * 10; ; tried += 1) {
    const digits = `999${String(tried).padStart(6, "0")}`;
    const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (10 - index), 0);
    const check = 11 - (sum % 11);
    if (check !== 10) return `${digits}${check === 11 ? 0 : check}`;
  }
}

/** The record of an invented person; `serial` numbers the patient and its MRN. */
export function patientFrom(line: PatientLine, serial: number, mrnPrefix: string): Record<string, Value> {
  const [title, firstName, middleName, lastName, birthDate, gender, addressLine1, city, postalCode, phoneNumber] = line;
  return {
    number: `PAT${String(serial).padStart(5, "0")}`,
    mrn: `${mrnPrefix}${String(serial).padStart(6, "0")}`,
    mrnAssigningAuthority: mrnPrefix === "RX1" ? "RXX" : "ELS",
    nationalId: testNhsNumber(100 + serial),
    nhsNumberStatus: "01",
    ...{ title, firstName, middleName, lastName, birthDate, gender, addressLine1, city, postalCode, phoneNumber },
    state: "Westmarch",
    country: "GB",
    email: `${firstName.toLowerCase()}.${serial}@patients.example`,
    gpPracticeCode: serial % 2 === 0 ? "ZZ9002" : "ZZ9001",
    customerNumber: serial === 1 ? "C00010" : "",
  };
}
