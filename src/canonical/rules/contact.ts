// Phone numbers in E.164 (ITU-T), with the shapes of the UK's National Telephone Numbering Plan, and e-mail addresses.

import { type Judgement, notTaken, taken } from "./judgement.ts";
import { cleanText } from "./sent-text.ts";

const ukNumber =
  /^\+44(?:1[0-9]{8,9}|2[0-9]{9}|3[0-9]{9}|5[56][0-9]{8}|7[0-9]{9}|8[0-9]{8,9}|800[0-9]{6}|8001111|9[0-9]{9})$/;
const foreignNumber = /^\+(?!44)[1-9][0-9]{6,14}$/;
/** As most are sent in the UK: nothing but digits, the trunk's 0 first. */
const plainNumber = /^0[1-9][0-9]{8,9}$/;
const extension = /(?:;?\s*ext(?:ension|n)?\.?\s*=?|\s*[x#])\s*([0-9]{1,7})$/i;

/** A number as `+441632960123`, with ` ext 12` where one was sent; `undefined` if it is no number that can be dialled. */
export function readPhone(text: string): string | undefined {
  if (plainNumber.test(text)) return ukNumber.test(`+44${text.slice(1)}`) ? `+44${text.slice(1)}` : undefined;
  const cleaned = cleanText(text).replace(/^tel:/i, "");
  const inner = extension.exec(cleaned)?.[1];
  const main = cleaned.replace(extension, "").replace(/\(0\)/g, "");
  if (/[^0-9+()\s.\-/\u2010-\u2015]/.test(main)) return undefined;
  const digits = main.replace(/[^0-9+]/g, "");
  const number = digits
    .replace(/^00(?=[1-9])/, "+")
    .replace(/^\+440/, "+44")
    .replace(/^0(?=[1-9])/, "+44")
    .replace(/^44(?=7[0-9]{9}$)/, "+44");
  if (!ukNumber.test(number) && !foreignNumber.test(number)) return undefined;
  return inner === undefined ? number : `${number} ext ${inner}`;
}

/**
 * Judges a phone number; one that cannot be read is stored as sent if it has six digits, so that a person may dial it.
 * One digit over and over is written for want of a number.
 */
export function judgePhone(text: string): Judgement<string> {
  const number = readPhone(text);
  if (number !== undefined) return taken(number);
  const digits = text.replace(/[^0-9]/g, "");
  const mayBeDialled = digits.length >= 6 && !/^(.)\1*$/.test(digits);
  return mayBeDialled ? taken(cleanText(text), "DQ-TEL-001") : notTaken("DQ-TEL-001");
}

/** A key that is equal for equal lines, extension left out; `undefined` for what cannot be dialled. */
export const comparePhone = (text: string): string | undefined => readPhone(text)?.replace(/ ext .*$/, "");

/** Judges an e-mail address (the dot-atom form of RFC 5322); the domain is stored in lower case. */
export function judgeEmail(text: string): Judgement<string> {
  const cleaned = cleanText(text).replace(/^mailto:/i, "");
  const form =
    /^([\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-]+)*)@((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,})$/u;
  const [, local, domain] = form.exec(cleaned) ?? [];
  return local && domain ? taken(`${local}@${domain.toLowerCase()}`) : notTaken("DQ-EML-001");
}

/** A key that is equal for equal mailboxes; `undefined` for what is no address. */
export const compareEmail = (text: string): string | undefined => judgeEmail(text).value?.toLowerCase();
