/** One reading of a device: who it is, how it is, its interfaces. */
import { readHealth, type HealthReading } from './health';
import { readInterfaces, type InterfaceReading } from './interfaces';
import { SYSTEM } from './oids';
import { PollError } from './poll-error';
import type { DeviceSession } from './session';
import { numberOf, textOf } from './values';

/** A device as read. */
export interface DeviceReading {
  readonly name: string;
  readonly description: string;
  readonly objectId: string;
  /** Since the start of its management; seconds. Null where it does not say. */
  readonly uptimeSeconds: number | null;
  readonly interfaces: readonly InterfaceReading[];
  readonly health: HealthReading;
}

const NO_HEALTH: HealthReading = { cpuPercent: null, memoryPercent: null, temperatureCelsius: null, sessions: null, loadAverage: null, memoryBytes: null, diskPercent: null };
/** Errors of one table that say nothing about the next one. */
const PARTIAL: ReadonlySet<string> = new Set(['agent_error', 'malformed', 'too_many_rows']);

/**
 * Reads a device. An agent that fails at its tables of health alone is read without them.
 * @param partial is told of that @throws PollError
 */
export async function readDevice(session: DeviceSession, partial: (error: PollError) => void): Promise<DeviceReading> {
  const [sysDescr, sysObjectID, sysUpTime, sysName, engineTime] = await session.get(Object.values(SYSTEM));
  const interfaces = await readInterfaces(session);
  const objectId = textOf(sysObjectID);
  const health = await readHealth(session, objectId).catch((error: unknown) => {
    if (!(error instanceof PollError) || !PARTIAL.has(error.fault)) throw error;
    partial(error);
    return NO_HEALTH;
  });
  return { name: textOf(sysName), description: textOf(sysDescr), objectId, uptimeSeconds: uptimeOf(numberOf(sysUpTime), numberOf(engineTime)), interfaces, health };
}

/** TimeTicks begin anew after 2^32 hundredths of a second, 497 days. */
const WRAP_SECONDS = 2 ** 32 / 100;
const SAME_SECONDS = 120;

/**
 * Uptime in whole seconds by sysUpTime, hundredths of a second; where snmpEngineTime, which does not wrap so soon, tells the same up to
 * whole rounds of sysUpTime, by that.
 */
export function uptimeOf(sysUpTime: number | null, engineTime: number | null): number | null {
  if (sysUpTime === null) return null;
  const seconds = Math.floor(sysUpTime / 100);
  if (engineTime === null) return seconds;
  const rounds = Math.round((engineTime - seconds) / WRAP_SECONDS);
  const unwrapped = Math.floor(seconds + rounds * WRAP_SECONDS);
  return rounds > 0 && Math.abs(engineTime - unwrapped) < SAME_SECONDS ? unwrapped : seconds;
}
