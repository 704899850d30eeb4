/**
 * node-rdkafka, loaded when it is first needed, its settings, and the meaning of its errors.
 *
 * librdkafka answers through callbacks and lives in a process's main thread; work that waits goes through libuv's few threads,
 * so nothing here ever waits inside one for records: polls ask without waiting and sleep in JavaScript.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import type { LibrdKafkaError } from 'node-rdkafka';
import { NetWeaverError } from '../../errors';
import type { ValuesOf } from '../../config/section';
import type { kafkaSection } from '../settings';

/** Values of the section `kafka`. */
export type KafkaSettings = ValuesOf<typeof kafkaSection>;

/** The parts of node-rdkafka's errors that its types leave out. */
export type ClientError = LibrdKafkaError & { readonly isFatal?: boolean; readonly isRetriable?: boolean; readonly isTxnRequiresAbort?: boolean };

/** Codes of librdkafka (negative) and of the protocol that are told apart. */
export const CODE = {
  RESOLVE: -193,
  TRANSPORT: -195,
  UNKNOWN_PARTITION: -190,
  UNKNOWN_TOPIC: -188,
  ALL_BROKERS_DOWN: -187,
  TIMED_OUT: -185,
  QUEUE_FULL: -184,
  ASSIGN_PARTITIONS: -175,
  REVOKE_PARTITIONS: -174,
  NO_OFFSET: -168,
  FATAL: -150,
  MAX_POLL_EXCEEDED: -147,
  FENCED: -144,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  LEADER_NOT_AVAILABLE: 5,
  NOT_LEADER: 6,
  MESSAGE_TOO_LARGE: 10,
  ILLEGAL_GENERATION: 22,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  INVALID_PRODUCER_EPOCH: 47,
  FENCED_INSTANCE_ID: 82,
  INVALID_RECORD: 87,
  PRODUCER_FENCED: 90,
} as const;

type Client = typeof import('node-rdkafka');
let loaded: Client | undefined;

/** node-rdkafka. @throws NW_KAFKA_CLIENT_MISSING where it is not compiled */
export function client(): Client {
  if (!isMainThread) throw new Error('Kafka is used from the main thread only: node-rdkafka cannot be loaded in a worker thread.');
  try {
    // Optional and native: it must not be touched before Kafka is asked for.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    return (loaded ??= require('node-rdkafka') as Client);
  } catch (cause) {
    throw new NetWeaverError('NW_KAFKA_CLIENT_MISSING', 'kafka.brokers is set; add the client with `npm run add:kafka`.', { cause });
  }
}

/** Settings that every client of librdkafka shares. */
export function commonSettings(settings: KafkaSettings): Record<string, string | number | boolean> {
  const { tls, saslMechanism } = settings;
  const sasl = saslMechanism !== 'none';
  return {
    'metadata.broker.list': settings.brokers.join(','),
    'client.id': settings.clientId,
    'security.protocol': sasl ? (tls ? 'sasl_ssl' : 'sasl_plaintext') : tls ? 'ssl' : 'plaintext',
    ...(tls && settings.tlsCa !== '' && { 'ssl.ca.location': settings.tlsCa }),
    ...(tls && settings.tlsCert !== '' && { 'ssl.certificate.location': settings.tlsCert, 'ssl.key.location': settings.tlsKey }),
    ...(sasl && { 'sasl.mechanisms': saslMechanism.toUpperCase(), 'sasl.username': settings.saslUser, 'sasl.password': settings.saslPassword }),
    'socket.keepalive.enable': true,
    'reconnect.backoff.ms': 100,
    'reconnect.backoff.max.ms': 5000,
    // New partitions and moved leaders are noticed within this time.
    'topic.metadata.refresh.interval.ms': 10_000,
    'log_level': 2,
  };
}

const FENCING: ReadonlySet<number> = new Set([CODE.FENCED, CODE.FENCED_INSTANCE_ID, CODE.INVALID_PRODUCER_EPOCH, CODE.PRODUCER_FENCED]);
/** The partition is on its way to another leader, or its broker has just come back: nothing was done, and the same call does it in a moment. */
const MOVING: ReadonlySet<number> = new Set([CODE.LEADER_NOT_AVAILABLE, CODE.NOT_LEADER]);
/** How often a call is made for such a partition, and the pause between; milliseconds. */
const MOVING_TRIES = 50;
const MOVING_PAUSE_MS = 100;
const MISSING: ReadonlySet<number> = new Set([CODE.UNKNOWN_TOPIC, CODE.UNKNOWN_TOPIC_OR_PARTITION]);
const REFUSED: ReadonlySet<number> = new Set([CODE.MESSAGE_TOO_LARGE, CODE.INVALID_RECORD, CODE.UNKNOWN_PARTITION]);

/** Delivery reports bring the text of an error without its code. */
const CODE_OF_TEXT: Readonly<Record<string, number>> = {
  'broker failed to validate record': CODE.INVALID_RECORD,
  'message size too large': CODE.MESSAGE_TOO_LARGE,
  'unknown topic or partition': CODE.UNKNOWN_TOPIC_OR_PARTITION,
  'unknown topic': CODE.UNKNOWN_TOPIC,
  'unknown partition': CODE.UNKNOWN_PARTITION,
};
const NO_CODE = -1;

/** True where another instance has taken over, or the client can never work again. */
export const isFencing = (error: ClientError): boolean => error.isFatal === true || error.code === CODE.FATAL || FENCING.has(error.code);

/** The coded error for one of the client's; `doing` begins the sentence. */
export function coded(doing: string, error: ClientError): NetWeaverError {
  const detail = `${doing}: ${error.message}.`;
  if (isFencing(error)) return new NetWeaverError('NW_LOG_FENCED', detail, { cause: error });
  const code = error.code === NO_CODE ? (CODE_OF_TEXT[error.message] ?? NO_CODE) : error.code;
  if (MISSING.has(code)) return new NetWeaverError('NW_TOPIC_MISSING', detail, { cause: error });
  if (REFUSED.has(code)) return new NetWeaverError('NW_LOG_REJECTED', detail, { cause: error });
  return new NetWeaverError('NW_LOG_UNREACHABLE', detail, { cause: error });
}

/** A callback's answer as a promise that rejects with the client's error as it is. */
export const asked = <T = void>(call: (done: (error: LibrdKafkaError | null | undefined, answer?: T) => void) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    try {
      call((error, answer) => (error ? reject(error) : resolve(answer as T)));
    } catch (error) {
      reject(error as Error);
    }
  });

/** {@link asked} with the client's error turned into a coded one; asks again while a partition's leader moves. */
export async function call<T = void>(doing: string, ask: (done: (error: LibrdKafkaError | null | undefined, answer?: T) => void) => unknown): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await asked<T>(ask);
    } catch (error) {
      if (tries === MOVING_TRIES || !MOVING.has((error as ClientError).code)) throw coded(doing, error as ClientError);
      await sleep(MOVING_PAUSE_MS);
    }
  }
}

/** Connects a client, or throws. @throws NW_LOG_UNREACHABLE */
export async function connected<T extends { connect(options: { timeout: number }, done: (error: LibrdKafkaError, answer: unknown) => void): unknown }>(kafka: T, settings: KafkaSettings): Promise<T> {
  try {
    await asked<unknown>((done) => kafka.connect({ timeout: 10_000 }, done));
    return kafka;
  } catch (error) {
    throw new NetWeaverError('NW_LOG_UNREACHABLE', `Kafka at ${settings.brokers.join(', ')}: ${(error as Error).message}.`, { cause: error });
  }
}

/** The longest that ending a client may take; a broker that is away must not keep a process from leaving. */
const DISCONNECT_MS = 15_000;

/** Ends a client; resolves when it is gone, or after {@link DISCONNECT_MS}. */
export const disconnected = (kafka: { disconnect(done: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, DISCONNECT_MS);
    kafka.disconnect(() => {
      clearTimeout(timer);
      resolve();
    });
  });
