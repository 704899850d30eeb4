import { decodeTopologyState, type TopologyState } from '../../schemas';
import type { JoinTable } from '../runtime/joins/join-table';
import type { Store } from '../runtime/state/store';
import { watched } from '../runtime/state/watched';

/** An end of a link. */
export interface LinkEnd {
  /** False where the topology has no such device. */
  readonly known: boolean;
  /** False where device or interface is said to be down. */
  readonly up: boolean;
  /** Key of the interface on interfaces.rates; null where its device has no address or it has no number. */
  readonly key: string | null;
}

const NO_LINKS: ReadonlySet<string> = new Set();

/** The elements of topology.state, and which links lie at which of them: kept beside the table, and made from it anew after a restart. */
export class Elements {
  /** Links at a device, by its name. */
  private readonly atDevice = new Map<string, Set<string>>();
  /** Names of devices by address. */
  private readonly byAddress = new Map<string, string>();
  private stale = false;

  constructor(private readonly table: JoinTable) {}

  /** The table's store, which from now on says when it was restored. */
  watched(store: Store): Store {
    return watched(store, () => void (this.stale = true));
  }

  /** A link as the topology has it; null where it has none of that name. */
  link(name: string): TopologyState | null {
    return this.get(`link/${name}`);
  }

  /** An end of a link. */
  end(device: string, name: string | null): LinkEnd {
    const of = this.get(`device/${device}`);
    const at = name === null ? null : this.get(`interface/${device}/${name}`);
    return {
      known: of !== null,
      up: of?.up !== false && at?.up !== false,
      key: of === null || of.address === null || at === null || at.ifIndex === null ? null : `${of.address}/${at.ifIndex}`,
    };
  }

  /** Links that a key of interfaces.rates, `<address>/<ifIndex>`, may be of. */
  behind(key: string): ReadonlySet<string> {
    this.refresh();
    const device = this.byAddress.get(key.slice(0, key.lastIndexOf('/')));
    return device === undefined ? NO_LINKS : this.at(device);
  }

  /** An element is about to change: takes it out of what is kept; the links that it bears on. */
  leave(key: string): ReadonlySet<string> {
    this.refresh();
    const element = this.get(key);
    if (element === null) return NO_LINKS;
    const links = this.linksOf(element);
    if (element.element === 'link') for (const device of [element.a, element.b]) if (device !== null) this.atDevice.get(device)?.delete(element.id);
    if (element.element === 'device' && element.address !== null) this.byAddress.delete(element.address);
    return links;
  }

  /** An element has changed: puts it back; the links that it bears on. */
  enter(key: string): ReadonlySet<string> {
    const element = this.get(key);
    if (element === null) return NO_LINKS;
    this.index(element);
    return this.linksOf(element);
  }

  private index(element: TopologyState): void {
    if (element.element === 'device' && element.address !== null) this.byAddress.set(element.address, element.id);
    if (element.element !== 'link') return;
    for (const device of [element.a, element.b]) {
      if (device === null) continue;
      let links = this.atDevice.get(device);
      if (links === undefined) this.atDevice.set(device, (links = new Set()));
      links.add(element.id);
    }
  }

  private linksOf({ element, id }: TopologyState): ReadonlySet<string> {
    if (element === 'link') return new Set([id]);
    if (element === 'device') return this.at(id);
    return element === 'interface' ? this.at(id.slice(0, id.indexOf('/'))) : NO_LINKS;
  }

  /** In an order that does not depend on how they came. */
  private at(device: string): ReadonlySet<string> {
    return new Set([...(this.atDevice.get(device) ?? [])].sort());
  }

  private get(key: string): TopologyState | null {
    const value = this.table.get(Buffer.from(key));
    return value === null ? null : decodeTopologyState(Buffer.from(value));
  }

  private refresh(): void {
    if (!this.stale) return;
    this.stale = false;
    this.atDevice.clear();
    this.byAddress.clear();
    const keys: string[] = [];
    this.table.store.forEach((key) => void keys.push(key.toString()));
    for (const key of keys) this.index(this.get(key)!);
  }
}
