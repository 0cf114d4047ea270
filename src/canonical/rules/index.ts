// The rules of UK demographics: what is stored of a person, what is found wrong, and what is compared.

export { findBeyondRecord, type Surroundings } from "./beyond-record.ts";
export {
  type CheckedPerson,
  type CheckOptions,
  checkPerson,
  refuses,
  type SentPerson,
} from "./check-person.ts";
export { isPracticeCode, judgeGender } from "./codes.ts";
export { compareAddressLine, compareFamilyName, compareName, familyNameParts, nameTokens } from "./compare.ts";
export { compareEmail, comparePhone, readPhone } from "./contact.ts";
export { dateInLondon, isAfter, readDate } from "./dates.ts";
export { judgeName, normaliseName } from "./name.ts";
export { type Environment, hasValidCheckDigit, judgeNhsNumber, nhsCheckDigit } from "./nhs-number.ts";
export { areNicknames, formalNames } from "./nicknames.ts";
export { comparePostcode, type PostcodeForm, readPostcode } from "./postcode.ts";
export { cleanText } from "./sent-text.ts";
export { soundex } from "./soundex.ts";
