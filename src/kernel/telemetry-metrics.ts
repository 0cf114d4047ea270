// The closed list of what is measured. Names, units and attributes are those of OpenTelemetry's semantic conventions where it has them.

/** How a measure adds up: `counter` and `histogram` are told as things happen, a `gauge` is asked for when somebody looks. */
export type Metric = {
  readonly kind: "counter" | "histogram" | "gauge";
  /** UCUM. */
  readonly unit: string;
  readonly says: string;
};

const counter = (unit: string, says: string) => ({ kind: "counter", unit, says }) as const;
const seconds = (says: string) => ({ kind: "histogram", unit: "s", says }) as const;
const gauge = (unit: string, says: string) => ({ kind: "gauge", unit, says }) as const;

export const metrics = {
  "http.server.request.duration": seconds("Requests answered, by route, product, version, consumer and status."),
  "http.client.request.duration": seconds("Calls to other systems, by system, operation and outcome."),
  "lockgate.messages": counter("{message}", "Messages taken in, by channel and outcome."),
  "lockgate.messages.failed": counter("{message}", "Attempts at a message that failed for good, by subscription."),
  "lockgate.message.handling.duration": seconds("Messages handled, by subscription and outcome."),
  "lockgate.saga.transitions": counter("{transition}", "Steps of sagas, by saga, step and outcome."),
  "lockgate.writeback.results": counter("{change}", "Changes carried out at the ERP, by outcome."),
  "lockgate.subscription.backlog": gauge("{message}", "Messages that wait to be read, by subscription."),
  "lockgate.subscription.oldest": gauge("s", "How long the oldest of them has waited, by subscription."),
  "lockgate.subscription.parked": gauge("{message}", "Messages set aside, by subscription and state."),
  "lockgate.work.open": gauge("{item}", "Work items that wait for a person, by domain."),
  "lockgate.work.overdue": gauge("{item}", "Those of them past their due time, by domain."),
  "lockgate.breaker.open": gauge("1", "1 while calls to a system are held back, by system."),
  "nodejs.eventloop.delay.mean": gauge("s", "Mean delay of the event loop since it was last asked for."),
  "nodejs.eventloop.delay.p99": gauge(
    "s",
    "99th percentile of the delay of the event loop since it was last asked for.",
  ),
  "process.cpu.time": gauge("s", "Processor time that the process has used, by mode."),
  "process.memory.usage": gauge("By", "Resident memory of the process."),
  "db.client.connection.count": gauge("{connection}", "Connections to PostgreSQL, by state."),
  "db.client.connection.pending_requests": gauge("{request}", "Who waits for a connection to PostgreSQL."),
} as const satisfies Record<string, Metric>;

type Of<Kind extends Metric["kind"]> = {
  [Name in keyof typeof metrics]: (typeof metrics)[Name]["kind"] extends Kind ? Name : never;
}[keyof typeof metrics];

export type MetricName = keyof typeof metrics;
export type CounterName = Of<"counter">;
export type HistogramName = Of<"histogram">;
export type GaugeName = Of<"gauge">;
