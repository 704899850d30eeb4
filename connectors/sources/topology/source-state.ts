import { differences, eventOf, snapshot, type ElementChange } from '../../../domain/topology/differences';
import { elementKey, type Element } from '../../../domain/topology/elements';
import type { TopologyEvent } from '../../../schemas';
import type { EventSink } from './writer';

/**
 * What a source says, as it stands on the log: the first statement goes out as a snapshot, for what a run before this one wrote is not known;
 * later ones as what is other. An event's time never lies before that of the one before it, nor ahead of the clock.
 */
export class SourceState {
  /** By key; null before the first snapshot. */
  private known: Map<string, Element> | null = null;
  private lastMs = 0;

  constructor(
    readonly source: string,
    private readonly sink: EventSink,
    private readonly now: () => number = Date.now,
  ) {}

  get elements(): number {
    return this.known?.size ?? 0;
  }

  has(key: string): boolean {
    return this.known?.has(key) ?? false;
  }

  /** The source has these elements, and no others; resolves with the number of events when they are durable. */
  async all(elements: readonly Element[], timeMs = this.now()): Promise<number> {
    // Two snapshots never bear the same time.
    const time = this.timeOf(timeMs, 1);
    const { known } = this;
    const events = known === null ? snapshot(elements, this.source, time) : differences([...known.values()], elements).map((change) => eventOf(change, this.source, time));
    await this.sink.write(events);
    this.known = new Map(elements.map((element) => [elementKey(element), element]));
    return events.length;
  }

  /** The source says that these changed, of kinds that may be known or not. */
  async changed(changes: readonly { readonly change: string; readonly element: Element }[], timeMs = this.now()): Promise<number> {
    const time = this.timeOf(timeMs, 0);
    await this.sink.write(changes.map(({ change, element }): TopologyEvent => ({ ...eventOf({ change: 'changed', element }, this.source, time), change })));
    for (const change of changes) this.fold(change as ElementChange);
    return changes.length;
  }

  private fold({ change, element }: ElementChange): void {
    const known = (this.known ??= new Map<string, Element>());
    const key = elementKey(element);
    const was = known.get(key);
    if (change === 'added' || change === 'changed' || change === 'present') known.set(key, element);
    else if (change === 'removed') known.delete(key);
    else if (was !== undefined && (change === 'up' || change === 'down')) known.set(key, { ...was, up: change === 'up' });
  }

  private timeOf(timeMs: number, step: number): number {
    return (this.lastMs = Math.max(this.lastMs + step, Math.min(timeMs, this.now())));
  }
}
