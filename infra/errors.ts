/**
 * Every error that NetWeaver raises on purpose, in one list. Each says what happened, what it means for the data, and what
 * to do. `docs/errors.md` is generated from it.
 */
interface ErrorSpec {
  /** What happened, for the person who reads it first. */
  readonly what: string;
  /** What it means for the data. */
  readonly data: string;
  /** What to do. */
  readonly todo: string;
  /** Exit code of the command where this ends it. Default 1. */
  readonly exit?: number;
}

const spec = <T extends Record<string, ErrorSpec>>(table: T): { readonly [K in keyof T]: ErrorSpec } => table;

/** The list. Grouped by part; add yours where it belongs. */
export const ERRORS = spec({
  // configuration (exit 2)
  NW_CONFIG_INVALID: { what: 'A configuration value is not allowed.', data: 'Nothing was started.', todo: 'Correct the key that the message names; `netweaver config` prints every key with what it may be.', exit: 2 },
  NW_CONFIG_UNKNOWN_KEY: { what: 'A configuration key does not exist.', data: 'Nothing was started.', todo: 'Correct its spelling; `netweaver config` prints every key.', exit: 2 },
  NW_CONFIG_UNREADABLE: { what: 'The configuration file could not be read or is not YAML.', data: 'Nothing was started.', todo: 'Check the path and the line that the message names.', exit: 2 },
  NW_USAGE: { what: 'The command was not understood.', data: 'Nothing was done.', todo: 'See `netweaver help`.', exit: 2 },
  // the log
  NW_LOG_UNREACHABLE: { what: 'The log does not answer.', data: 'Nothing new is accepted from it or by it; what was committed stays.', todo: 'Check kafka.brokers and that the brokers run; processors wait for it from their start on, any other role once it runs.', exit: 3 },
  NW_LOG_FENCED: { what: 'Another instance has taken over this one\'s work.', data: 'Nothing of the open transaction was written; the other instance goes on from the last commit.', todo: 'None where a replacement was intended; otherwise give each instance its own name.', exit: 4 },
  NW_LOG_ABORTED: { what: 'A transaction was aborted.', data: 'Nothing of it was written; the work is done again from the last commit.', todo: 'None: it is retried.' },
  NW_LOG_REJECTED: { what: 'The log does not take a record.', data: 'Nothing of the batch was written.', todo: 'Correct what the message names: its size, its key or its partition.' },
  NW_LOG_DISK_FULL: { what: 'The disk of the embedded log is full.', data: 'Nothing of the batch was written; what was acknowledged stays. Collectors count what they drop.', todo: 'Make room, or shorten the retention of topics; writing goes on by itself.', exit: 3 },
  NW_LOG_LOCKED: { what: 'The embedded log is in use by another process.', data: 'Nothing was written.', todo: 'Stop the other process, or choose another data folder.', exit: 3 },
  NW_KAFKA_CLIENT_MISSING: { what: 'Kafka is asked for, but node-rdkafka is not installed.', data: 'Nothing was started.', todo: 'Run `npm run add:kafka` (a C++ compiler, make, python3 and two minutes), or unset kafka.brokers to use the embedded log.', exit: 3 },
  NW_TOPIC_MISSING: { what: 'A topic does not exist.', data: 'Nothing was read or written.', todo: 'Run `netweaver topics apply`.', exit: 3 },
  NW_RECORD_MISSING: { what: 'A record is not, or no longer, on the log.', data: 'Nothing was changed.', todo: 'Check the place; `netweaver topics describe` says which offsets a topic holds.', exit: 3 },
  NW_TOPIC_SHRINK: { what: 'A topic has more partitions than asked for; partitions cannot be taken away.', data: 'The topic was left as it is.', todo: 'Raise the number, or create a new topic.' },
  // the spool of the collector
  NW_SPOOL_UNUSABLE: { what: 'The spool of the collector cannot be read or written.', data: 'Collection goes on; batches that the log does not take wait in memory, and what goes beyond collector.inFlightMiB is dropped and counted.', todo: 'Correct what the message names: room on the disk, the rights of the folder, another collector with the same data.dir. It is tried again by itself.' },
  NW_SPOOL_FULL: { what: 'The log is away and the spool of the collector is full.', data: 'The oldest batches are dropped and counted; the newest are kept.', todo: 'Bring the log back; a larger collector.spoolMiB holds out longer.' },
  NW_SPOOL_DAMAGED: { what: 'A part of the spool is not what was written, as after a kill or a power cut in the middle of a write.', data: 'It was cut off and counted; what is whole before and after it is delivered.', todo: 'None after a power cut; otherwise check the disk.' },
  NW_SPOOL_FOREIGN: { what: 'The spool of the collector holds batches for another schema registry.', data: 'Nothing of it was sent.', todo: 'Point registry.url at the registry that they were made for until they are delivered, or move the folder that the message names away.', exit: 3 },
  // servers for local use
  NW_DEV_JAVA_MISSING: { what: 'The servers for local use and tests need Java 17 or later.', data: 'Nothing was started.', todo: 'Install a Java runtime (Debian: `apt-get install openjdk-17-jre-headless`), or do without Kafka: the embedded log needs none.', exit: 3 },
  NW_DEV_MAVEN_MISSING: { what: 'Fetching the servers for local use needs Maven.', data: 'Nothing was fetched.', todo: 'Install it (Debian: `apt-get install maven`).', exit: 3 },
  NW_DEV_DOWNLOAD_FAILED: { what: 'A server for local use could not be fetched or packaged.', data: 'Nothing was kept.', todo: 'Check the connection to Maven Central and the message.', exit: 3 },
  NW_DEV_CHECKSUM: { what: 'A fetched file is not the one that is expected.', data: 'Nothing of it was kept or run.', todo: 'Find out who changed it: a mirror, a proxy, or Maven\'s local repository.', exit: 3 },
  NW_DEV_START_FAILED: { what: 'A server for local use did not start.', data: 'It was stopped again.', todo: 'See the message, and output.log in the folder `run` of the cache.', exit: 3 },
  // schemas
  NW_SCHEMA_INCOMPATIBLE: { what: 'A schema is not backward compatible with the versions before it.', data: 'Nothing was registered.', todo: 'Give new fields a default, or make a new topic with the suffix -v2.' },
  NW_SCHEMA_UNKNOWN: { what: 'A record names a schema id that the registry does not know.', data: 'The record goes to dead-letters.', todo: 'Check that producer and consumer use the same registry.' },
  NW_SCHEMA_MALFORMED: { what: 'A record is not what its schema says.', data: 'The record goes to dead-letters with its bytes.', todo: 'See `netweaver tail dead-letters`.' },
  // processors
  NW_STATE_UNUSABLE: { what: 'The changelog of a processor does not fit it: another version wrote it, a page is missing, or its place differs from the group\'s.', data: 'The processor did not start; its inputs and its changelog are untouched.', todo: 'Run the version that wrote it; or, to begin with empty state, delete the changelog topic that the message names.', exit: 5 },
  NW_SNAPSHOT_REFUSED: { what: 'The local copy of a changelog cannot be used: it is damaged, of another version, or not of this changelog.', data: 'It was thrown away; the state is restored from the whole changelog.', todo: 'None: it is made anew. Where it comes again, look after the disk that holds data.dir.' },
  NW_SNAPSHOT_UNWRITABLE: { what: 'The local copy of a changelog cannot be written.', data: 'Nothing is lost; the next restart reads more of the changelog, or all of it.', todo: 'Correct what the message names: room on the disk, the rights of data.dir; or set processing.snapshots to false.' },
  NW_STATE_FULL: { what: 'A record does not fit the memory that a store of a processor is given.', data: 'The record goes to dead-letters with its bytes; the store is as it was.', todo: 'Raise the setting of the processor that bounds the store, or remove what is no longer needed; then `netweaver dead-letters redrive`.' },
  NW_TIME_ABSURD: { what: 'No row of a record has a time that can be one.', data: 'The record goes to dead-letters with its bytes; the time of windows is as it was.', todo: 'Set the clock of whoever made the record.' },
  NW_INPUTS_UNLIKE: { what: 'The topics that a processor joins do not have the same number of partitions, so that records of one key do not meet.', data: 'The processor did not start; nothing was read or written.', todo: 'Give the topic that has fewer as many partitions as the other (`netweaver topics apply` with the settings of the section topics) and write its records again, for their keys are now in other partitions.', exit: 5 },
  NW_PROCESSOR_FAILED: { what: 'A processor failed on a record.', data: 'The record goes to dead-letters with its bytes; nothing else of it was kept, the partition goes on.', todo: 'See `netweaver tail dead-letters` and report the message: it is a fault of the program.' },
  // models
  NW_MODEL_UNKNOWN: { what: 'No model of that name, or of that hash, is in the folders of models.', data: 'The model before keeps serving; nothing else changes.', todo: 'See `netweaver models list`; put the model with its card into a folder of models.folders.', exit: 2 },
  NW_MODEL_UNREADABLE: { what: 'A model or its card cannot be read.', data: 'It is not used; the model before keeps serving.', todo: 'Correct what the message names; `netweaver models verify` checks all of them.', exit: 2 },
  NW_MODEL_HASH: { what: 'A model file is not the one that its card speaks of.', data: 'It is not used; the model before keeps serving.', todo: 'Put the right file there, or publish the new one with a card of its own; `netweaver models verify` shows both hashes.', exit: 2 },
  NW_MODEL_SHAPE: { what: 'A model takes or gives other tensors than its card says, or than what it is to be used for needs.', data: 'It is not used; the model before keeps serving.', todo: 'Choose a model of the right task, or export it with the inputs and outputs of the card.', exit: 2 },
  NW_MODEL_FAILED: { what: 'A model failed on its input or on its probe.', data: 'The model before scores instead; rows that no model could score are counted and marked, and the stream goes on.', todo: 'See the message; deploy another version with `netweaver models deploy`.' },
  NW_MODEL_TIMEOUT: { what: 'A model did not answer in time.', data: 'It is left alone until another is deployed or the role begins anew; the model before scores instead.', todo: 'Give the machine more room, or raise models.waitMs; deploy a smaller model.' },
  NW_MODEL_RUNTIME_MISSING: { what: 'onnxruntime-node cannot be loaded on this machine (it is made for glibc on x64 and arm64, macOS and Windows).', data: 'Nothing is scored; everything else goes on.', todo: 'Run the role process on such a machine, or leave score and forecast out of processing.processors.', exit: 3 },
  // alerts
  NW_TRIGGER_INVALID: { what: 'The file of triggers of alerts is not understood.', data: 'Nothing was started.', todo: 'Correct the place that the message names in the file of alerts.triggersFile; docs/detection.md has the format.', exit: 2 },
  NW_ALERT_UNKNOWN: { what: 'There is no such alert.', data: 'Nothing was written.', todo: '`netweaver alerts list --all` shows all that are kept.', exit: 3 },
  // network
  NW_ROLE_UNREACHABLE: { what: 'No role answers at an address.', data: 'Nothing was asked or changed.', todo: 'Check that `netweaver all` or `netweaver process` runs; give its address with --url.', exit: 3 },
  NW_PORT_IN_USE: { what: 'A port is taken.', data: 'Nothing was started.', todo: 'Stop the other program, or set another port with the key that the message names.', exit: 3 },
  NW_REGISTRY_UNREACHABLE: { what: 'The schema registry does not answer.', data: 'Nothing is written until it does.', todo: 'Check registry.url; a role that runs already tries again by itself.', exit: 3 },
  NW_REGISTRY_REFUSED: { what: 'The schema registry refused the login.', data: 'Nothing was registered.', todo: 'Check registry.user, registry.password and the rights of that user.', exit: 3 },
  NW_TARGET_UNKNOWN: { what: 'The host to send to is not known.', data: 'Nothing was sent.', todo: 'Check the name, or give an address.', exit: 2 },
  NW_REPLAY_UNACKNOWLEDGED: { what: 'The collector did not acknowledge what a replay sent.', data: 'What came before the window that the message names is durable; the rest may be sent again with the same command, for duplicates are removed.', todo: 'Check that the collector runs and that --acknowledge names its HTTP address; a longer --give-up waits longer.', exit: 3 },
  NW_REPLAY_REFUSED: { what: 'The replay control does not allow this replay.', data: 'Nothing was sent.', todo: 'See the section replay of the configuration: the folder of captures, the allowed targets, the number of replays at once.', exit: 2 },
  // the collector
  NW_TEMPLATES_UNREADABLE: { what: 'What the collector had kept of exporters\' templates is damaged, or of another version.', data: 'Data waits, within bounds, for the exporters\' next templates.', todo: 'None: the file is written anew. Where it comes again, look after the disk that holds data.dir.' },
  NW_TEMPLATES_UNWRITABLE: { what: 'The templates that exporters sent could not be kept.', data: 'Nothing is lost now; after a restart data waits, within bounds, for the exporters\' next templates.', todo: 'See the message: the rights of data.dir, or the room on its disk; it is tried again by itself.' },
  // storage
  NW_DATABASE_UNREACHABLE: { what: 'The database does not answer.', data: 'The sink pauses and keeps its place in the log; nothing is lost.', todo: 'Check database.url; the sink retries by itself.', exit: 3 },
  NW_DATABASE_REFUSED: { what: 'The database refused the statement or the login.', data: 'Nothing was written.', todo: 'Check the user, its rights and the message.', exit: 3 },
  NW_DATABASE_LOCKED: { what: 'The embedded database is in use by another process.', data: 'Nothing was written.', todo: 'Stop the other process, or choose another data.dir.', exit: 3 },
  NW_SINK_OFFSETS_AHEAD: { what: 'The database has stored more of a topic than the log holds: they do not belong together.', data: 'Nothing was written.', todo: 'Point the sink at the database of this log; where the log was made anew on purpose, set another sink.group, and the whole log is stored from its beginning.', exit: 3 },
  NW_SINK_VALUE_REFUSED: { what: 'A record holds a value that the database cannot keep.', data: 'The record goes to dead-letters with its bytes; the rows beside it are stored.', todo: 'See `netweaver tail dead-letters`.' },
  NW_MIGRATION_DRIFT: { what: 'A migration that was applied has been changed since.', data: 'The database was left as it is.', todo: 'Restore the migration file; write a new one for the change.', exit: 3 },
  // input files
  NW_TOPOLOGY_UNREADABLE: { what: 'A topology cannot be read.', data: 'Nothing of it was used; the topology is as it was before.', todo: 'Correct the place that the message names; docs/topology.md has the formats.', exit: 2 },
  NW_POLICY_INVALID: { what: 'A policy of paths is not valid.', data: 'Nothing of the file was written; the policies are as they were.', todo: 'Correct the place that the message names; docs/paths.md has the format.', exit: 2 },
  NW_CAPTURE_UNREADABLE: { what: 'The capture cannot be read.', data: 'What came before the fault was used.', todo: 'Give a classic pcap or pcapng file.', exit: 2 },
});

/** Codes of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** The one error class. `message` carries the particulars, {@link ERRORS} what always holds. */
export class NetWeaverError extends Error {
  constructor(
    readonly code: ErrorCode,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'NetWeaverError';
  }

  /** Code of the process where this error ends it. */
  get exitCode(): number {
    return ERRORS[this.code].exit ?? 1;
  }

  /** One paragraph for a person: the particulars, what it means, what to do. */
  explain(): string {
    const { what, data, todo } = ERRORS[this.code];
    return `${this.code}: ${what} ${this.message}\n  data: ${data}\n  do:   ${todo}`;
  }
}

/** True for a {@link NetWeaverError} with that code. */
export const hasCode = (error: unknown, code: ErrorCode): error is NetWeaverError => error instanceof NetWeaverError && error.code === code;
