/** Exporters by where their datagrams come from. */
import { addressBytes } from './prefix';
import type { ConfiguredRates } from './sampling';
import type { Stream } from './streams';
import { UseOrder } from './use-order';

/** Whether exporters are told apart by their address, or by address and source port. */
export type TemplateScope = 'address' | 'address-and-port';

/** Where datagrams come from. */
export interface Source {
  /** Text form. */
  readonly address: string;
  /** 4 or 16 bytes; none where the address is no IP address. */
  readonly bytes: Uint8Array;
  /** What templates and sequence numbers belong to: the address; with the port, or the name of a session, where that counts. */
  readonly scope: string;
  /** True for a session of TCP: what is learnt in it ends with it. */
  readonly session: boolean;
  /** True where it multiplies its counters by the sampling rate itself. */
  readonly scaled: boolean;
  /** The stream of its last datagram. */
  last: Stream | null;
}

/** Keeps one {@link Source} a scope; the oldest is forgotten where there are too many. */
export class Sources {
  private readonly known = new UseOrder<string, Source>();

  constructor(
    private readonly rates: ConfiguredRates,
    private readonly scope: TemplateScope = 'address',
    private readonly limit = 65_536,
  ) {}

  /** The source of a datagram of UDP. */
  of(address: string, port = 0): Source {
    const scope = this.scope === 'address' ? address : `${address} ${port}`;
    const found = this.known.get(scope);
    if (found) return found;
    if (this.known.size >= this.limit) this.known.takeOldest();
    const made = this.make(address, scope, false);
    this.known.put(scope, made);
    return made;
  }

  /** The source of a session of TCP, of which `name` tells it from all others; the caller keeps it, and ends it with `FlowDecoder.end`. */
  session(address: string, name: string): Source {
    return this.make(address, `${address} session ${name}`, true);
  }

  private make(address: string, scope: string, session: boolean): Source {
    const bytes = addressBytes(address);
    const text = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return { address: text, bytes, scope: scope.replace(/^::ffff:(?=\d+\.)/i, ''), session, scaled: this.rates.isScaled(bytes), last: null };
  }
}
