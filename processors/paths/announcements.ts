import { prefixesOf } from '../../domain/paths/prefixes';
import { NetWeaverError } from '../../infra/errors';
import { decodeTopologyState } from '../../schemas';
import type { Context, RecordSteps } from '../runtime/processor';
import { KeyValue } from '../runtime/state/key-value';

const DEVICE = 'device/';

/** Takes up that a device announces a prefix, or does not any more; false where there is no room for it. */
export type Announced = (device: string, prefix: string, isAnnounced: boolean, context: Context) => boolean;

/** Which device announces which prefixes, from topology.state: the steps of that table. A device that is down announces nothing; what is no prefix is counted (`no-prefix`). */
export class Announcements {
  /** By device: its prefixes, as a list with commas. */
  readonly store: KeyValue;
  readonly steps: RecordSteps;
  private device = '';
  private announced: readonly string[] = [];
  private malformed = 0;

  constructor(maxBytes: number, private readonly tell: Announced) {
    this.store = new KeyValue({ name: 'announced', maxBytes });
    this.steps = {
      decode: (value, key) => {
        if (key === null) throw new NetWeaverError('NW_SCHEMA_MALFORMED', 'A record of topology.state has no key.');
        const { element, id, up, prefixes } = decodeTopologyState(value);
        this.device = element === 'device' ? id : '';
        ({ prefixes: this.announced, malformed: this.malformed } = prefixesOf(up === false ? '' : prefixes));
      },
      decodeTombstone: (key) => {
        const text = key.toString();
        this.device = text.startsWith(DEVICE) ? text.slice(DEVICE.length) : '';
        this.announced = [];
        this.malformed = 0;
      },
      step: (context) => {
        context.received(1);
        if (this.device !== '') this.take(context);
      },
    };
  }

  private take(context: Context): void {
    const { device, announced } = this;
    const key = Buffer.from(device);
    const before = this.store.get(key)?.toString().split(',') ?? [];
    if (this.malformed > 0) context.discarded('no-prefix', this.malformed);
    for (const prefix of before) if (!announced.includes(prefix)) this.tell(device, prefix, false, context);
    const taken = announced.filter((prefix) => before.includes(prefix) || this.tell(device, prefix, true, context));
    if (taken.length === 0) this.store.delete(key);
    else if (!this.store.put(key, Buffer.from(taken.join(',')))) context.discarded('state-full', 1);
  }
}
