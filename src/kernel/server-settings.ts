// The settings of the embedded PostgreSQL: small in memory, safe on disk, silent about data.

/** What differs from one server to the next. */
export type ServerPlace = {
  readonly socketDirectory: string;
  readonly port: number;
  readonly durable: boolean;
};

const settings = {
  // Reached by its socket only.
  listen_addresses: "",
  unix_socket_permissions: "0700",
  max_connections: "100",
  timezone: "UTC",
  log_timezone: "UTC",

  // Memory and processes. Synchronous reads save the three I/O workers.
  shared_buffers: "48MB",
  effective_cache_size: "512MB",
  work_mem: "4MB",
  maintenance_work_mem: "32MB",
  autovacuum_work_mem: "16MB",
  wal_buffers: "4MB",
  temp_buffers: "2MB",
  huge_pages: "off",
  dynamic_shared_memory_type: "posix",
  io_method: "sync",
  max_worker_processes: "2",
  max_parallel_workers: "0",
  max_parallel_workers_per_gather: "0",
  max_parallel_maintenance_workers: "0",
  max_logical_replication_workers: "0",
  jit: "off",

  // Write-ahead log: one server without replicas.
  wal_level: "minimal",
  max_wal_senders: "0",
  wal_compression: "pglz",
  max_wal_size: "512MB",
  min_wal_size: "80MB",
  checkpoint_completion_target: "0.9",

  // Tables that only grow have to be vacuumed for their visibility map and frozen early, queues often. Everything that runs
  // often goes by an index: it needs no fine statistics.
  autovacuum: "on",
  autovacuum_naptime: "60s",
  autovacuum_max_workers: "2",
  autovacuum_worker_slots: "4",
  autovacuum_vacuum_scale_factor: "0.05",
  autovacuum_vacuum_insert_scale_factor: "0.2",
  autovacuum_analyze_scale_factor: "0.2",
  default_statistics_target: "25",
  autovacuum_vacuum_cost_limit: "800",

  // No data in the server's log. An error's text can quote a value ("invalid input syntax ... "), and the client gets it
  // anyway: errors of statements (below LOG in the server's order) are not written, statements and their parameters never.
  log_destination: "stderr",
  logging_collector: "off",
  log_line_prefix: "%m [%p] ",
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_statement: "none",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_autovacuum_min_duration: "-1",
  lc_messages: "C",
} as const;

const durability = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" } as const;
const speed = { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } as const;

/**
 * The settings as arguments of `postgres`. On the command line they hold whatever `postgresql.conf` or
 * `ALTER SYSTEM` say, and follow this version of Lockgate without a file to migrate.
 */
export function serverSettings(place: ServerPlace): string[] {
  const all = {
    ...settings,
    ...(place.durable ? durability : speed),
    port: String(place.port),
    unix_socket_directories: quoted(place.socketDirectory),
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

// The setting is a list of identifiers: a comma or a space in the path needs quotes.
function quoted(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}
