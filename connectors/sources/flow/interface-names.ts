/** What exporters tell of their interfaces on the way: options data of NetFlow v9 and IPFIX, counter samples of sFlow. */
import type { OptionValue } from '../../../domain/flow/options';
import type { InterfaceState } from '../../../schemas';

/** How long what did not change is not told again, milliseconds. */
const RESTATE_MS = 3_600_000;
/** Longest name that is kept. */
const MAX_TEXT = 255;

/** What is told of an interface besides its device and index. */
type Told = Pick<InterfaceState, 'source' | 'name' | 'description' | 'speed' | 'adminUp' | 'operUp'>;

interface Known {
  readonly text: string;
  readonly time: number;
}

/** A sample of counters as far as it names an interface. */
export interface NamedSample {
  readonly ifIndex: number;
  readonly ifName: string;
  readonly speed: number;
  readonly adminUp: boolean;
  readonly operUp: boolean;
}

/**
 * Turns what exporters tell into states that are news: new, changed, or told last an hour ago. Knows `limit` interfaces; of
 * more, those told longest ago are told again when they come.
 */
export class InterfaceNames {
  private readonly known = new Map<string, Known>();

  constructor(private readonly limit = 262_144) {}

  /**
   * A record of options data: interfaceName (IE 82) and interfaceDescription (IE 83) for an ingressInterface (IE 10), an egressInterface
   * (IE 14), or an interface as the scope of NetFlow v9 (RFC 3954 section 6.1). Null where it tells nothing of the kind, or no news.
   */
  options(device: string, values: Readonly<Record<string, OptionValue>>, time: number): InterfaceState | null {
    const name = textOf(values.interfaceName);
    const description = textOf(values.interfaceDescription);
    if (name === '' && description === '') return null;
    const ifIndex = [values.ingressInterface, values.egressInterface, values.interface].find((index) => typeof index === 'number' && index > 0);
    return ifIndex === undefined ? null : this.news(device, ifIndex as number, { source: 'OPTIONS', name, description, speed: null, adminUp: null, operUp: null }, time);
  }

  /** A counter sample of sFlow with a port name. */
  sample(device: string, { ifIndex, ifName, speed, adminUp, operUp }: NamedSample, time: number): InterfaceState | null {
    const name = textOf(ifName);
    return name === '' ? null : this.news(device, ifIndex, { source: 'SFLOW', name, description: '', speed, adminUp, operUp }, time);
  }

  private news(device: string, ifIndex: number, told: Told, time: number): InterfaceState | null {
    if (device === '') return null;
    const key = `${told.source} ${device} ${ifIndex}`;
    const text = JSON.stringify(told);
    const before = this.known.get(key);
    if (before !== undefined && before.text === text && time - before.time < RESTATE_MS) return null;
    this.known.delete(key);
    if (this.known.size >= this.limit) this.known.delete(this.known.keys().next().value!);
    this.known.set(key, { text, time });
    return { device, ifIndex, time, deviceName: '', alias: '', ...told };
  }
}

/** Text without control characters; other values tell no name. */
const textOf = (value: OptionValue | undefined): string => (typeof value === 'string' ? value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().slice(0, MAX_TEXT) : '');
