/** Exporters by the address that their datagrams come from. */
import { parseIpRow } from '../../schemas/ip';
import type { ConfiguredRates, SamplingRates } from './sampling';

/** Where datagrams come from. */
export interface Source {
  /** Text form. */
  readonly address: string;
  /** 4 or 16 bytes; none where the address is no IP address. */
  readonly bytes: Uint8Array;
  /** Rates for protocols whose headers or samples tell them (NetFlow v5, sFlow). */
  readonly rates: SamplingRates;
}

/** An address's 4 or 16 bytes (an IPv4-mapped one's 4); a zone is left out; throws where it is none. */
export function addressBytes(text: string): Uint8Array {
  const row = new Uint8Array(16);
  if (text === '' || !parseIpRow(text.replace(/%.*$/, ''), row)) throw new Error(`${text} is no IP address`);
  const mapped = row.every((byte, i) => i >= 12 || byte === (i < 10 ? 0 : 255));
  return mapped ? row.slice(12) : row;
}

/** Keeps one {@link Source} an address; the oldest is forgotten where there are too many. */
export class Sources {
  private readonly known = new Map<string, Source>();

  constructor(
    private readonly rates: ConfiguredRates,
    private readonly limit = 65_536,
  ) {}

  of(address: string): Source {
    const found = this.known.get(address);
    if (found) return found;
    if (this.known.size >= this.limit) this.known.delete(this.known.keys().next().value!);
    const bytes = addressBytes(address);
    const made: Source = { address: address.replace(/^::ffff:(?=\d+\.)/i, ''), bytes, rates: this.rates.ratesOf(bytes) };
    this.known.set(address, made);
    return made;
  }
}
