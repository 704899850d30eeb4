/**
 * Dead letters as an operator handles them: listed, looked at, and driven again. A letter is driven again by appending its
 * record to the topic and partition that it came from, with a header that says for whom: components that had processed it
 * already step over it. The letter is then closed by an empty record of its key.
 *
 * Delivery: at least once; a crash between the two appends leaves the letter open.
 */
import type { Configuration } from '../infra/config/configuration';
import { NetWeaverError } from '../infra/errors';
import type { Headers, Log, LogProducer, LogReader, LogRecord } from '../infra/log/log';
import type { SchemaRegistry } from '../infra/registry/registry';
import type { DeadLetter } from '../schemas';
import { DEAD_LETTERS } from './catalogue';
import { TopicCodec } from './codec';
import { topicName } from './names';

/** Header of a record that was driven again: the component that it is for, and the letter's offset. */
const REDRIVEN_FOR = 'redriven_for';
const REDRIVEN_FROM = 'redriven_from';

/** True where a record was driven again for another component. */
export const isForAnother = (headers: Headers, component: string): boolean => headers[REDRIVEN_FOR] !== undefined && headers[REDRIVEN_FOR] !== component;

/** A letter on the log. */
export interface StoredLetter extends DeadLetter {
  /** Offset in the topic of dead letters. */
  readonly offset: number;
  readonly recordKey: Buffer;
  /** True where it was driven again. */
  closed: boolean;
}

/** Which letters; what is left out does not matter. */
export interface LetterFilter {
  readonly component?: string;
  readonly code?: string;
  readonly topic?: string;
  /** Milliseconds since the epoch of the record refused. */
  readonly since?: number;
  /** Offsets of letters. */
  readonly offsets?: ReadonlySet<number>;
  /** Closed ones too. */
  readonly closed?: boolean;
}

/** Reads and closes the letters of a log. */
export class LetterBox {
  private readonly topic: string;
  private readonly codec: TopicCodec<DeadLetter>;

  constructor(
    private readonly log: Log,
    private readonly reader: LogReader,
    config: Configuration,
    registry: SchemaRegistry,
  ) {
    this.topic = topicName(DEAD_LETTERS, config);
    this.codec = TopicCodec.forReading(DEAD_LETTERS, registry);
  }

  /** The letters that a filter lets through, oldest first. A letter that cannot be decoded is one of component `dead-letters`. */
  async list(filter: LetterFilter = {}): Promise<StoredLetter[]> {
    const letters: StoredLetter[] = [];
    for (const { partition, begin, end } of await this.reader.bounds(this.topic)) {
      for await (const record of this.reader.read({ topic: this.topic, partition }, begin, end)) {
        if (record.value !== null) letters.push(await this.letter(record));
        else if (record.key !== null) for (const letter of letters) letter.closed ||= letter.recordKey.equals(record.key) && Number(record.headers[REDRIVEN_FROM] ?? letter.offset) === letter.offset;
      }
    }
    return letters.filter((letter) => passes(letter, filter));
  }

  /** Appends the letters' records to where they came from, then closes the letters; resolves when both are durable. @throws NW_RECORD_MISSING a record whose bytes neither the letter holds nor the log any more */
  async redrive(letters: readonly StoredLetter[], onEach: (letter: StoredLetter) => void = () => undefined): Promise<void> {
    const producer = await this.log.producer('dead-letters');
    try {
      for (const letter of letters) {
        await this.redriveOne(letter, producer);
        onEach(letter);
      }
    } finally {
      await producer.close();
    }
  }

  private async redriveOne(letter: StoredLetter, producer: LogProducer): Promise<void> {
    const { component, sourceTopic: topic, sourcePartition: partition, sourceOffset } = letter;
    let source: LogRecord | undefined;
    for await (const record of this.reader.read({ topic, partition }, sourceOffset, sourceOffset + 1)) source = record;
    const value = letter.value ?? source?.value ?? null;
    if (value === null) throw new NetWeaverError('NW_RECORD_MISSING', `${topic}/${partition}/${sourceOffset}, of the dead letter ${letter.offset}: its bytes are neither in the letter nor on the log any more.`);
    const headers = { ...source?.headers, [REDRIVEN_FOR]: component, [REDRIVEN_FROM]: String(letter.offset) };
    await producer.append([{ topic, partition, key: letter.key, value, headers }]);
    await producer.append([{ topic: this.topic, partition: 0, key: letter.recordKey, value: null, headers: { [REDRIVEN_FROM]: String(letter.offset) } }]);
  }

  private async letter({ offset, key, value, timestampMs }: LogRecord): Promise<StoredLetter> {
    const recordKey = key ?? Buffer.alloc(0);
    try {
      return { ...(await this.codec.decode(value!)), offset, recordKey, closed: false };
    } catch (error) {
      if (!(error instanceof NetWeaverError) || !error.code.startsWith('NW_SCHEMA')) throw error;
      return { component: 'dead-letters', sourceTopic: this.topic, sourcePartition: 0, sourceOffset: offset, code: error.code, message: error.message, time: timestampMs, key, value, offset, recordKey, closed: false };
    }
  }
}

function passes(letter: StoredLetter, { component, code, topic, since, offsets, closed = false }: LetterFilter): boolean {
  if (letter.closed && !closed) return false;
  if (component !== undefined && letter.component !== component) return false;
  if (code !== undefined && letter.code !== code) return false;
  if (topic !== undefined && letter.sourceTopic !== topic) return false;
  if (since !== undefined && letter.time < since) return false;
  return offsets === undefined || offsets.has(letter.offset);
}
