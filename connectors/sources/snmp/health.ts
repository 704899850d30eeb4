/**
 * Load, memory, temperature and sessions of a device. What it has of the standard MIBs (HOST-RESOURCES-MIB, ENTITY-SENSOR-MIB), of
 * UCD-SNMP-MIB, and of its maker's; what it has not is null.
 */
import type { DeviceMetrics } from '../../../schemas';
import { CISCO, CISCO_COLUMNS, HEALTH, HOST_COLUMNS, HR_STORAGE_FIXED_DISK, HR_STORAGE_RAM, JUNIPER, JUNIPER_COLUMNS, SENSOR_COLUMNS, STORAGE_COLUMNS } from './oids';
import type { DeviceSession } from './session';
import { numberOf, type SnmpValue } from './values';

/** Health as read. */
export type HealthReading = Pick<DeviceMetrics, 'cpuPercent' | 'memoryPercent' | 'temperatureCelsius' | 'sessions' | 'loadAverage' | 'memoryBytes' | 'diskPercent'>;

/** Values by column. */
type Table<C> = Readonly<Record<keyof C, readonly SnmpValue[]>>;
type Columns = Readonly<Record<string, string>>;

/** @param objectId sysObjectID, which says whose columns to ask for @throws PollError */
export async function readHealth(session: DeviceSession, objectId: string): Promise<HealthReading> {
  const names = Object.keys(HEALTH) as (keyof typeof HEALTH)[];
  const values = await session.get(Object.values(HEALTH));
  const scalar = (name: keyof typeof HEALTH): number | null => numberOf(values[names.indexOf(name)]);
  const [processors, sensors, storage] = [await table(session, HOST_COLUMNS), await table(session, SENSOR_COLUMNS), await table(session, STORAGE_COLUMNS)];
  const maker = Number(/^1\.3\.6\.1\.4\.1\.(\d+)/.exec(objectId)?.[1] ?? 0);
  const cisco = maker === CISCO ? await lists(session, CISCO_COLUMNS) : null;
  const juniper = maker === JUNIPER ? await lists(session, JUNIPER_COLUMNS) : null;
  const [idle, load, kibibytes] = [scalar('ssCpuIdle'), scalar('laLoadInt'), scalar('memTotalReal')];
  const memory = largestOf(storage, HR_STORAGE_RAM);
  return {
    cpuPercent:
      scalar('fgSysCpuUsage') ?? mean(numbers(cisco?.cpmCPUTotal1minRev)) ?? most(numbers(juniper?.jnxOperatingCPU)) ?? mean(numbers(processors.hrProcessorLoad)) ?? (idle === null ? null : Math.max(0, 100 - idle)),
    memoryPercent:
      scalar('fgSysMemUsage') ??
      share(sum(numbers(cisco?.ciscoMemoryPoolUsed)), sum([...numbers(cisco?.ciscoMemoryPoolUsed), ...numbers(cisco?.ciscoMemoryPoolFree)])) ??
      most(numbers(juniper?.jnxOperatingBuffer)) ??
      ucdMemory(scalar) ??
      (memory === null ? null : share(memory.used, memory.size)),
    temperatureCelsius: most([...celsius(sensors), ...numbers(cisco?.ciscoEnvMonTemperatureStatusValue), ...numbers(juniper?.jnxOperatingTemp)].filter((degrees) => degrees > 0)),
    sessions: scalar('fgSysSesCount') ?? scalar('panSessionActive') ?? scalar('cfwConnectionStatValue'),
    loadAverage: load === null ? null : load / 100,
    memoryBytes: kibibytes !== null ? kibibytes * 1024 : (memory?.size ?? null),
    diskPercent: most(storageOf(storage, HR_STORAGE_FIXED_DISK).map(({ used, size }) => (100 * used) / size)),
  };
}

/** The rows of one table; those with a hole are left out. */
async function table<C extends Columns>(session: DeviceSession, columns: C): Promise<Table<C>> {
  const rows = new Map<string, SnmpValue[]>();
  await session.walk(Object.values(columns), (column, index, value) => {
    const row = rows.get(index) ?? [];
    rows.set(index, row);
    row[column] = value;
  });
  const names = Object.keys(columns);
  const whole = [...rows.values()].filter((row) => names.every((_, i) => row[i] !== undefined));
  return byName<C>(columns, (i) => whole.map((row) => row[i]));
}

/** Columns of several tables. */
async function lists<C extends Columns>(session: DeviceSession, columns: C): Promise<Table<C>> {
  const found: SnmpValue[][] = Object.keys(columns).map(() => []);
  await session.walk(Object.values(columns), (column, _, value) => void found[column].push(value));
  return byName<C>(columns, (i) => found[i]);
}

const byName = <C extends Columns>(columns: C, of: (column: number) => readonly SnmpValue[]): Table<C> =>
  Object.fromEntries(Object.keys(columns).map((name, i) => [name, of(i)])) as unknown as Table<C>;

const numbers = (values: readonly SnmpValue[] | undefined): number[] => (values ?? []).map(numberOf).filter((value) => value !== null);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number | null => (values.length === 0 ? null : sum(values) / values.length);
const most = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.max(...values));
const share = (part: number, whole: number): number | null => (whole > 0 ? (100 * part) / whole : null);

/** Memory that programs cannot have: what is used for buffers and caches is free for them. */
function ucdMemory(scalar: (name: keyof typeof HEALTH) => number | null): number | null {
  const [total, free] = [scalar('memTotalReal'), scalar('memAvailReal')];
  if (total === null || free === null) return null;
  return share(total - Math.min(total, scalar('memSysAvail') ?? free + (scalar('memBuffer') ?? 0) + (scalar('memCached') ?? 0)), total);
}

/** Storage of a type; bytes. Without those of no size. */
function storageOf({ hrStorageType, hrStorageAllocationUnits, hrStorageSize, hrStorageUsed }: Table<typeof STORAGE_COLUMNS>, wanted: string): { readonly used: number; readonly size: number }[] {
  return hrStorageType.flatMap((type, i) => {
    const [unit, size, used] = [numberOf(hrStorageAllocationUnits[i]) ?? 1, numberOf(hrStorageSize[i]) ?? 0, numberOf(hrStorageUsed[i]) ?? 0];
    return type === wanted && size > 0 ? [{ used: used * unit, size: size * unit }] : [];
  });
}

/** The largest storage of a type: parts of memory, as buffers, are listed beside the whole. */
const largestOf = (storage: Table<typeof STORAGE_COLUMNS>, wanted: string): { readonly used: number; readonly size: number } | null =>
  storageOf(storage, wanted).reduce<{ used: number; size: number } | null>((largest, one) => (largest === null || one.size > largest.size ? one : largest), null);

const CELSIUS = 8;
const SENSOR_OK = 1;
/** EntitySensorDataScale: units is 9, each step a thousand. */
const UNITS = 9;

/** Degrees of the sensors that work: value × 1000^(scale - 9) / 10^precision. */
function celsius({ entPhySensorType, entPhySensorScale, entPhySensorPrecision, entPhySensorValue, entPhySensorOperStatus }: Table<typeof SENSOR_COLUMNS>): number[] {
  return entPhySensorType.flatMap((type, i) => {
    const [value, scale, precision] = [entPhySensorValue[i], numberOf(entPhySensorScale[i]) ?? UNITS, entPhySensorPrecision[i]];
    if (type !== CELSIUS || entPhySensorOperStatus[i] !== SENSOR_OK || typeof value !== 'number') return [];
    return [value * 1000 ** (scale - UNITS) * 10 ** -(typeof precision === 'number' ? precision : 0)];
  });
}
