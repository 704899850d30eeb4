/** What stands on interfaces.state by this role, so that only news is written. */
import type { InterfaceState } from '../../../schemas';

/** The key of an interface on the topics. */
export const interfaceKey = (device: string, ifIndex: number): string => `${device}/${ifIndex}`;

interface Stated {
  readonly text: string;
  readonly time: number;
}

/** What was told last of each interface, by device. */
export class StatedInterfaces {
  private readonly devices = new Map<string, Map<number, Stated>>();

  constructor(private readonly restateMs: number) {}

  /** Takes over what stands on the topic; null is a tombstone. */
  restore(device: string, ifIndex: number, state: InterfaceState | null): void {
    if (state !== null) this.note(state);
    else this.devices.get(device)?.delete(ifIndex);
  }

  /**
   * What is to be written of a complete reading of a device: states that are new, changed or due again, and the indices of interfaces that
   * are there no more. Noted as written.
   */
  news(device: string, states: readonly InterfaceState[]): { readonly changed: readonly InterfaceState[]; readonly gone: readonly number[] } {
    const before = this.devices.get(device);
    const present = new Set(states.map(({ ifIndex }) => ifIndex));
    const gone = [...(before?.keys() ?? [])].filter((ifIndex) => !present.has(ifIndex));
    for (const ifIndex of gone) before!.delete(ifIndex);
    const changed = states.filter((state) => {
      const last = before?.get(state.ifIndex);
      return last === undefined || state.time - last.time >= this.restateMs || last.text !== textOf(state);
    });
    for (const state of changed) this.note(state);
    return { changed, gone };
  }

  private note(state: InterfaceState): void {
    let device = this.devices.get(state.device);
    if (device === undefined) this.devices.set(state.device, (device = new Map()));
    device.set(state.ifIndex, { text: textOf(state), time: state.time });
  }
}

/** All but the time. */
const textOf = ({ deviceName, name, alias, description, speed, adminUp, operUp }: InterfaceState): string => JSON.stringify([deviceName, name, alias, description, speed, adminUp, operUp]);
