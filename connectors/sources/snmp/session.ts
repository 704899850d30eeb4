/** Asking one device: requests with a limit of time, and whole columns of tables by GETBULK (RFC 3416 section 4.2.3). */
import { isIPv6 } from 'node:net';
import { createSession, createV3Session, ErrorStatus, isVarbindError, Version2c, Version3, type Session, type Varbind } from 'net-snmp';
import type { ResolvedCredentials } from './credentials';
import { guardedDgram } from './guarded-socket';
import { PollError } from './poll-error';
import { fromVarbind, type SnmpValue } from './values';

/** How a device is asked. */
export interface SessionOptions {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  readonly credentials: ResolvedCredentials;
  /** Of one request. */
  readonly timeoutMs: number;
  readonly retries: number;
  /** Rows asked for at once. */
  readonly maxRepetitions: number;
  /** Most rows of a table. */
  readonly maxRows: number;
}

/** A column's values: `index` is what follows the column in the object identifier, e.g. `3` for ifIndex 3. */
export type OnValue = (column: number, index: string, value: SnmpValue) => void;

interface Column {
  readonly number: number;
  readonly oid: string;
  /** Index of the last row; `''` before the first. */
  last: string;
  rows: number;
}

/** A session with one device. Several requests may be under way. */
export class DeviceSession {
  private readonly session: Session;
  private readonly pending = new Set<(error: PollError) => void>();
  private refused = false;
  private answered = false;
  private closed: PollError | null = null;
  /** Rows asked for at once: fewer after the agent said that an answer would be too large. */
  private repetitions: number;
  requests = 0;
  /** Called once when it has ended. */
  onClosed: () => void = () => undefined;

  constructor(private readonly options: SessionOptions) {
    const { address, port, credentials, timeoutMs, retries } = options;
    this.repetitions = options.maxRepetitions;
    const level = 'user' in credentials ? credentials.user.level : 1;
    const transport = isIPv6(address) ? ('udp6' as const) : ('udp4' as const);
    const common = { port, transport, retries, timeout: timeoutMs, backoff: 1, dgramModule: guardedDgram({ address, level, refused: () => (this.refused = true) }) };
    this.session =
      'user' in credentials
        ? createV3Session(address, credentials.user, { ...common, version: Version3, context: credentials.context })
        : createSession(address, credentials.community, { ...common, version: Version2c });
    // An answer that cannot be parsed; the request goes on to wait for one that can.
    this.session.on('error', () => (this.refused = true));
  }

  /** Values by object identifier; null where the agent has none. @throws PollError */
  async get(oids: readonly string[]): Promise<SnmpValue[]> {
    const varbinds = await this.request<Varbind[]>((done) => this.session.get([...oids], done as never));
    return varbinds.map(fromVarbind);
  }

  /** Walks columns side by side, as an agent gives them: cut anywhere, with holes. @throws PollError */
  async walk(columns: readonly string[], onValue: OnValue): Promise<void> {
    let open: Column[] = columns.map((oid, number) => ({ number, oid, last: '', rows: 0 }));
    while (open.length > 0) {
      const asked = open;
      const answer = await this.bulk(asked.map(({ oid, last }) => (last === '' ? oid : `${oid}.${last}`)));
      // Columns that the answer had no room for are asked for again, provided that it had room for one.
      if (!answer.some((values) => values.length > 0)) throw new PollError('malformed', 'an answer without a value');
      open = asked.filter((column, i) => this.advance(column, answer[i] ?? [], onValue));
    }
  }

  /** Takes the values of a column; true while there may be more. */
  private advance(column: Column, values: readonly Varbind[], onValue: OnValue): boolean {
    for (const varbind of values) {
      if (isVarbindError(varbind) || !varbind.oid.startsWith(`${column.oid}.`)) return false;
      const index = varbind.oid.slice(column.oid.length + 1);
      if (column.last !== '' && !follows(column.last, index)) throw new PollError('malformed', `${varbind.oid} comes after row ${column.last}`);
      if (++column.rows > this.options.maxRows) throw new PollError('too_many_rows', `${column.oid} has more than ${this.options.maxRows}`);
      column.last = index;
      onValue(column.number, index, fromVarbind(varbind));
    }
    return true;
  }

  private async bulk(oids: readonly string[]): Promise<Varbind[][]> {
    for (;;) {
      const { repetitions } = this;
      try {
        return await this.request<Varbind[][]>((done) => this.session.getBulk([...oids], 0, repetitions, done as never));
      } catch (error) {
        if (!(error instanceof TooBig) || repetitions === 1) throw error;
        this.repetitions = Math.min(this.repetitions, repetitions >> 1);
      }
    }
  }

  private request<T>(send: (done: (error: Error | null, result?: T) => void) => void): Promise<T> {
    if (this.closed !== null) return Promise.reject(this.closed);
    this.requests++;
    return new Promise<T>((resolve, reject) => {
      this.pending.add(reject);
      const done = (error: Error | null, result?: T): void => {
        if (!this.pending.delete(reject)) return;
        if (error !== null || result === undefined) return reject(this.fault(error));
        this.answered = true;
        resolve(result);
      };
      try {
        send(done);
      } catch (error) {
        done(error as Error);
      }
    });
  }

  /** Only what is known to hold no secret is taken over from the library's errors: some carry the user with the keys. */
  private fault(error: Error | null): PollError {
    const { name, status, code } = (error ?? {}) as { name?: string; status?: number; code?: number | string };
    if (name === 'RequestTimedOutError') return this.silence();
    if (name === 'RequestFailedError') return status === ErrorStatus.TooBig ? new TooBig() : new PollError('agent_error', `error status ${ErrorStatus[status ?? 5] ?? status}`);
    if (name === 'ResponseInvalidError') return AUTHENTICATION_CODES.has(code as number) ? new PollError('authentication', reasonOf(error!.message)) : new PollError('malformed', `an answer that does not belong to the request (${String(code)})`);
    if (typeof code === 'string') return new PollError('unreachable', code);
    return new PollError('malformed', 'an answer that is none');
  }

  /** Why there was no answer. An agent that told its engine (RFC 3414 section 4) and then nothing could not decrypt the request. */
  private silence(): PollError {
    if (this.refused) return new PollError('malformed', 'the answers cannot be read, or are less protected than asked for');
    const { msgSecurityParameters } = this.session as unknown as { readonly msgSecurityParameters?: object };
    if (msgSecurityParameters !== undefined && !this.answered) return new PollError('authentication', 'the device told its engine, but does not answer: is the privacy password right?');
    return new PollError('timeout', 'no answer');
  }

  /** Ends it; what is under way fails with `error`. */
  close(error = new PollError('stopped', 'the session was closed')): void {
    if (this.closed !== null) return;
    this.closed = error;
    for (const reject of this.pending) reject(error);
    this.pending.clear();
    this.session.close();
    this.onClosed();
  }
}

/** An answer would not fit: fewer rows are asked for. */
class TooBig extends PollError {
  constructor() {
    super('agent_error', 'an answer of one row is too large for the agent');
  }
}

/** ECouldNotDecrypt, EAuthFailure, EUnexpectedReport, ENotInTimeWindow. */
const AUTHENTICATION_CODES = new Set([4, 5, 11, 14]);

/** What a report of the user-based security model says (RFC 3414 section 3.2), by its name; nothing else of the text, for it may be a digest. */
const reasonOf = (message: string): string => /^[A-Za-z ]{1,40}$/.exec(message)?.[0] ?? 'the answer is not authentic';

/** True where the row `b` stands after `a` in the order of a MIB (RFC 3416 section 4.2.2). */
export function follows(a: string, b: string): boolean {
  if (!a.includes('.') && !b.includes('.')) return Number(b) > Number(a);
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < left.length && i < right.length; i++) if (left[i] !== right[i]) return Number(right[i]) > Number(left[i]);
  return right.length > left.length;
}
