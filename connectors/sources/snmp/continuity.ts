/** Whether the counters of a device go on from those read before. */
import type { InterfaceReading } from './interfaces';

/** A start of the device that lies later than the one known by more than this is another one; clocks drift less between two polls. */
const DRIFT_SECONDS = 30;

/** What was read of one device last time. */
export class Continuity {
  /** When the device started, by our clock; seconds. */
  private bootAt: number | null = null;
  private interfaces = new Map<number, { readonly discontinuityTime: number; readonly name: string }>();

  /**
   * Notes a reading; the interfaces whose counters do not continue those of the reading before: all of them after a restart; one whose
   * ifCounterDiscontinuityTime moved (RFC 2863 section 3.1.5), or whose index another interface has now.
   * @param nowMs by a clock that is never set
   */
  note(uptimeSeconds: number | null, interfaces: readonly InterfaceReading[], nowMs: number): ReadonlySet<number> {
    const bootAt = uptimeSeconds === null ? null : nowMs / 1000 - uptimeSeconds;
    const restarted = bootAt !== null && this.bootAt !== null && bootAt > this.bootAt + DRIFT_SECONDS;
    const broken = new Set<number>();
    const present = new Map<number, { discontinuityTime: number; name: string }>();
    for (const { ifIndex, discontinuityTime, name, description } of interfaces) {
      const now = { discontinuityTime, name: name || description };
      const before = this.interfaces.get(ifIndex);
      if (before !== undefined && (restarted || before.discontinuityTime !== now.discontinuityTime || before.name !== now.name)) broken.add(ifIndex);
      present.set(ifIndex, now);
    }
    this.bootAt = bootAt ?? this.bootAt;
    this.interfaces = present;
    return broken;
  }
}
