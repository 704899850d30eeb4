/** What exporters tell of their interfaces on the way: options data of NetFlow v9 and IPFIX, counter samples of sFlow. */
import type { OptionValue } from '../../../domain/flow/options';
import type { InterfaceState } from '../../../schemas';
import { nameOf, News } from './news';

/** What is told of an interface besides its device and index. */
type Told = Pick<InterfaceState, 'source' | 'name' | 'description' | 'speed' | 'adminUp' | 'operUp'>;

/** A sample of counters as far as it names an interface. */
export interface NamedSample {
  readonly ifIndex: number;
  readonly ifName: string;
  readonly speed: number;
  readonly adminUp: boolean;
  readonly operUp: boolean;
}

/** Turns what exporters tell into states that are news. Knows `limit` interfaces. */
export class InterfaceNames {
  private readonly told: News;

  constructor(limit = 262_144) {
    this.told = new News(limit);
  }

  /**
   * A record of options data: interfaceName (IE 82) and interfaceDescription (IE 83) for an ingressInterface (IE 10), an egressInterface
   * (IE 14), or an interface as the scope of NetFlow v9 (RFC 3954 section 6.1). Null where it tells nothing of the kind, or no news.
   */
  options(device: string, values: Readonly<Record<string, OptionValue>>, time: number): InterfaceState | null {
    const name = nameOf(values.interfaceName);
    const description = nameOf(values.interfaceDescription);
    if (name === '' && description === '') return null;
    const ifIndex = [values.ingressInterface, values.egressInterface, values.interface].find((index) => typeof index === 'number' && index > 0);
    return ifIndex === undefined ? null : this.news(device, ifIndex as number, { source: 'OPTIONS', name, description, speed: null, adminUp: null, operUp: null }, time);
  }

  /** A counter sample of sFlow with a port name. */
  sample(device: string, { ifIndex, ifName, speed, adminUp, operUp }: NamedSample, time: number): InterfaceState | null {
    const name = nameOf(ifName);
    return name === '' ? null : this.news(device, ifIndex, { source: 'SFLOW', name, description: '', speed, adminUp, operUp }, time);
  }

  private news(device: string, ifIndex: number, told: Told, time: number): InterfaceState | null {
    if (device === '') return null;
    if (!this.told.is(`${told.source} ${device} ${ifIndex}`, JSON.stringify(told), time)) return null;
    return { device, ifIndex, time, deviceName: '', alias: '', ...told };
  }
}
