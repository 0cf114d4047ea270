// Message texts of the ERP in the languages it speaks, chosen by Accept-Language.

/** A language the ERP's messages come in. */
export type Language = "en-GB" | "de-DE";
/** Values filled into a message. */
export type TextArgs = (string | number)[];

type Writer = (...args: TextArgs) => string;
interface Wordings {
  en: Writer;
  de?: Writer;
}

const TEXTS = {
  badJson: { en: () => "Invalid Request Body" },
  invalidToken: {
    en: () =>
      "Could not validate the client concurrency token required by the service. Please provide a valid token in the client request.",
  },
  entityChanged: {
    en: () => "Another user has already changed the record.",
    de: () => "Der Datensatz wurde bereits von einem anderen Benutzer geändert.",
  },
  otherUserModified: {
    en: (record) => `Other user has modified "${record}"`,
    de: (record) => `Ein anderer Benutzer hat "${record}" geändert`,
  },
  credentials: { en: () => "The server has rejected the client credentials." },
  noSegment: { en: (segment) => `Resource not found for the segment '${segment}'.` },
  syntax: { en: () => "Bad Request - Error in query syntax." },
  syntaxAt: { en: (position) => `Bad Request - Error in query syntax at position ${position}.` },
  companyMissing: {
    en: () =>
      'Cannot process the request because the default company cannot be found. You can specify a default company in the service configuration file, or specify one for each tenant, or you can add a query string in the form of "company=[name]". You can see the available companies by accessing the default OData web service, Company.',
  },
  companyUnknown: { en: (name) => `The company "${name}" does not exist.` },
  recordMissing: {
    en: (table, keys) => `The ${table} does not exist. Identification fields and values: ${keys}`,
    de: (table, keys) => `${table} ist nicht vorhanden. Identifizierte Felder und Werte: ${keys}`,
  },
  recordExists: {
    en: (table, keys) => `The record in table ${table} already exists. Identification fields and values: ${keys}`,
    de: (table, keys) =>
      `Der Datensatz in Tabelle ${table} ist bereits vorhanden. Identifizierte Felder und Werte: ${keys}`,
  },
  soapRecordExists: { en: (table, keys) => `The ${table} already exists. Identification fields and values: ${keys}` },
  relation: {
    en: (field, table, value, related) =>
      `The field ${field} of table ${table} contains a value (${value}) that cannot be found in the related table (${related}).`,
    de: (field, table, value, related) =>
      `Das Feld ${field} der Tabelle ${table} enthält einen Wert (${value}), der in der verbundenen Tabelle (${related}) nicht gefunden wurde.`,
  },
  tooLong: {
    en: (length, max, value) =>
      `The length of the string is ${length}, but it must be less than or equal to ${max} characters. Value: ${value}`,
    de: (length, max, value) =>
      `Die Länge der Zeichenfolge ist ${length}, sie muss aber kleiner oder gleich ${max} Zeichen sein. Wert: ${value}`,
  },
  notAnOption: {
    en: (value, options) => `'${value}' is not an option. The existing options are: ${options}`,
    de: (value, options) => `'${value}' ist keine Option. Die vorhandenen Optionen sind: ${options}`,
  },
  cannotConvert: {
    en: (value, type) => `Cannot convert the literal '${value}' to the expected type '${type}'.`,
  },
  cannotEvaluate: { en: (value, type) => `The value "${value}" cannot be evaluated into type ${type}.` },
  badGuid: {
    en: () =>
      "Invalid format of GUID string. The correct format of the GUID string is: CDEF7890-ABCD-0123-1234-567890ABCDEF where 0-9, A-F symbolizes hexadecimal digits.",
  },
  unknownProperty: {
    en: (name, type) =>
      `The property '${name}' does not exist on type 'Microsoft.NAV.${type}'. Make sure to only use property names that are defined by the type.`,
  },
  unknownFilterProperty: {
    en: (name, type) => `Could not find a property named '${name}' on type 'Microsoft.NAV.${type}'.`,
  },
  readOnly: { en: (field) => `Control '${field}' is read-only.` },
  manualNumber: {
    en: (series) =>
      `You may not enter numbers manually. If you want to enter numbers manually, please activate Manual Nos. in No. Series ${series}.`,
    de: (series) =>
      `Sie dürfen Nummern nicht manuell eingeben. Wenn Sie Nummern manuell eingeben möchten, aktivieren Sie "Manuelle Nr." in Nummernserie ${series}.`,
  },
  seriesExhausted: { en: (series) => `You cannot assign new numbers from the number series ${series}.` },
  mustHaveValue: {
    en: (field, table, keys) => `${field} must have a value in ${table}: ${keys}. It cannot be zero or empty.`,
    de: (field, table, keys) =>
      `${field} muss einen Wert in ${table}: ${keys} enthalten. Der Wert darf nicht Null oder leer sein.`,
  },
  mustBeEqual: {
    en: (field, wanted, table, keys, current) =>
      `${field} must be equal to '${wanted}'  in ${table}: ${keys}. Current value is '${current}'.`,
  },
  mustBePositive: { en: (field, table, keys) => `${field} must be positive in ${table} ${keys}.` },
  noInsert: { en: () => "Entity does not support insert." },
  noModify: { en: () => "Entity does not support modify." },
  noDelete: { en: () => "Entity does not support delete." },
  methodNotAllowed: {
    en: (method, name, kind) =>
      `'${method}' requests for '${name}' of EdmType '${kind}' are not allowed within Microsoft Dynamics NAV OData web services.`,
  },
  noBoundActions: { en: () => "Entity does not support bound actions." },
  orAcrossFields: { en: () => "The 'OR' operator is not supported on distinct fields on an OData filter." },
  functionUnsupported: { en: (name) => `The function '${name}' is not supported on an OData filter.` },
  badFilter: {
    en: (filter, field, table) => `The filter "${filter}" is not valid for the ${field} field on the ${table} table.`,
  },
  batchTooLarge: { en: (max) => `The batch contains more than the maximum of ${max} operations.` },
  batchRequestInvalid: { en: (position) => `The batch request at position ${position} is not valid.` },
  batchRolledBack: {
    en: () => "The request was rolled back because another request in the snapshot-isolated batch failed.",
  },
  bodyTooLarge: { en: (max) => `The request body is larger than the maximum of ${max} bytes.` },
  locked: {
    en: (table) =>
      `The operation could not complete because a record in the ${table} table was locked by another user. Please retry the activity.`,
    de: (table) =>
      `Der Vorgang konnte nicht abgeschlossen werden, weil ein Datensatz in der Tabelle ${table} von einem anderen Benutzer gesperrt wurde. Wiederholen Sie die Aktivität.`,
  },
  callback: {
    en: (user) =>
      `Microsoft Dynamics NAV Server attempted to issue a client callback to show a confirmation dialog box: Do you want to change the address of all related records? (CodeUnit 50110 HC Patient Mgt.) Client callbacks are not supported on Microsoft Dynamics NAV Server for ${user}.`,
  },
  deadlock: {
    en: (table) =>
      `Your activity was deadlocked with another user modifying the ${table} table. Please start your activity again.`,
  },
  tooManyRequests: {
    en: (actual, max) => `Too many requests reached. Actual (${actual}). Maximum (${max}).`,
    de: (actual, max) => `Zu viele Anforderungen. Tatsächlich (${actual}). Maximal (${max}).`,
  },
  unavailable: { en: () => "The service is temporarily unavailable." },
  tenant: { en: () => "The tenant 'default' is not accessible." },
  afterCommit: {
    en: () => "The analysis view could not be updated. Cannot establish a connection to the SQL Server/Database.",
  },
  nothingToPost: { en: () => "There is nothing to post.", de: () => "Es gibt nichts zu buchen." },
  outOfBalance: {
    en: (amount, documentNumber) => `Document No. ${documentNumber} is out of balance by ${amount}.`,
    de: (amount, documentNumber) => `Belegnr. ${documentNumber} hat einen Saldo von ${amount}.`,
  },
  postingDate: {
    en: () => "Posting Date is not within your range of allowed posting dates.",
    de: () => "Das Buchungsdatum liegt außerhalb des zugelassenen Buchungszeitraums.",
  },
  journalNotEditable: { en: () => "The Journal Batch Id isn't editable." },
  journalNeeded: { en: () => "You must specify a journal batch ID or a journal ID to get a journal line." },
  displayNameNeeded: { en: () => 'A "displayName" must be provided.' },
  displayNameBlank: { en: () => 'The blank "displayName" is not allowed.' },
  vendorBlocked: {
    en: (deed, number, blocked) =>
      `You cannot ${deed} this type of document when Vendor ${number} is blocked with type ${blocked}`,
  },
  badXml: { en: () => "The request body is not well-formed XML." },
  unknownOperation: {
    en: (operation) => `The message with Action '${operation}' cannot be processed at the receiver.`,
  },
  unknownElement: { en: (element) => `The element '${element}' is not expected.` },
  badKey: { en: () => "The Key value is not valid." },
  keyMissing: { en: () => "Parameter Key is not specified." },
} satisfies Record<string, Wordings>;

/** The name of a message. */
export type TextKey = keyof typeof TEXTS;

/** The message `key` in `language`, English where no other wording exists. */
export function text(key: TextKey, language: Language, args: TextArgs): string {
  const wordings: Wordings = TEXTS[key];
  const writer = language === "de-DE" && wordings.de ? wordings.de : wordings.en;
  return writer(...args.map((arg) => (typeof arg === "number" ? formatNumber(arg, language) : arg)));
}

/** A number as the language writes it: `1,638.4` or `1.638,4`. */
function formatNumber(value: number, language: Language): string {
  return value.toLocaleString(language, { maximumFractionDigits: 5 });
}

/** The language of an Accept-Language header; English when it names none that the ERP speaks. */
export function languageOf(header: string | undefined): Language {
  const first = header?.split(",")[0]?.trim().toLowerCase() ?? "";
  return first.startsWith("de") ? "de-DE" : "en-GB";
}
