/** The interfaces of a device by IF-MIB (RFC 2863). */
import type { InterfaceCounters } from '../../../schemas';
import { FAULT_COLUMNS, HIGH_COLUMNS, INTERFACE_COLUMNS, LOW_COLUMNS } from './oids';
import type { DeviceSession } from './session';
import { numberOf, textOf, type SnmpValue } from './values';

/** Names of {@link INTERFACE_COLUMNS} and the others. */
type ColumnName = keyof typeof INTERFACE_COLUMNS | keyof typeof FAULT_COLUMNS | keyof typeof HIGH_COLUMNS | keyof typeof LOW_COLUMNS;
type Row = Partial<Record<ColumnName, SnmpValue>>;

/** Counters since the start of the device; null where the agent does not keep one. */
export type Counters = Pick<
  InterfaceCounters,
  | 'inOctets' | 'inUnicastPackets' | 'inMulticastPackets' | 'inBroadcastPackets' | 'inDiscards' | 'inErrors' | 'inUnknownProtocols'
  | 'outOctets' | 'outUnicastPackets' | 'outMulticastPackets' | 'outBroadcastPackets' | 'outDiscards' | 'outErrors'
>;

/** An interface as read. */
export interface InterfaceReading {
  readonly ifIndex: number;
  readonly name: string;
  readonly alias: string;
  readonly description: string;
  /** Bits a second. */
  readonly speed: number;
  readonly adminUp: boolean;
  readonly operUp: boolean;
  /** ifCounterDiscontinuityTime; hundredths of a second; 0 where there is none. */
  readonly discontinuityTime: number;
  /** Null where the agent counts nothing for it. */
  readonly counters: Counters | null;
}

/**
 * Reads all interfaces, in the order of their indices. Counters of 64 bits where the agent has them, else those of 32, interface by interface.
 * @throws PollError
 */
export async function readInterfaces(session: DeviceSession): Promise<InterfaceReading[]> {
  const rows = new Map<number, Row>();
  await Promise.all([INTERFACE_COLUMNS, FAULT_COLUMNS, HIGH_COLUMNS].map((columns) => readColumns(session, columns, rows)));
  const whole = (row: Row): boolean => row.ifDescr !== undefined || row.ifName !== undefined || row.ifOperStatus !== undefined;
  if ([...rows.values()].some((row) => whole(row) && numberOf(row.ifHCInOctets) === null)) await readColumns(session, LOW_COLUMNS, rows);
  return [...rows]
    .filter(([, row]) => whole(row))
    .sort(([a], [b]) => a - b)
    .map(([ifIndex, row]) => reading(ifIndex, row));
}

async function readColumns(session: DeviceSession, columns: Readonly<Partial<Record<ColumnName, string>>>, rows: Map<number, Row>): Promise<void> {
  const names = Object.keys(columns) as ColumnName[];
  await session.walk(Object.values(columns), (column, index, value) => {
    const ifIndex = Number(index);
    if (!Number.isInteger(ifIndex)) return;
    let row = rows.get(ifIndex);
    if (row === undefined) rows.set(ifIndex, (row = {}));
    row[names[column]] = value;
  });
}

const UP = 1;

function reading(ifIndex: number, row: Row): InterfaceReading {
  return {
    ifIndex,
    name: textOf(row.ifName),
    alias: textOf(row.ifAlias),
    description: textOf(row.ifDescr),
    speed: speedOf(numberOf(row.ifSpeed) ?? 0, numberOf(row.ifHighSpeed) ?? 0),
    adminUp: row.ifAdminStatus === UP,
    operUp: row.ifOperStatus === UP,
    discontinuityTime: numberOf(row.ifCounterDiscontinuityTime) ?? 0,
    counters: countersOf(row),
  };
}

/** ifSpeed is exact, but ends at 2^32 - 1 (RFC 2863 section 3.1.8); ifHighSpeed is rounded to millions, and holds where the two disagree. */
export const speedOf = (speed: number, highSpeed: number): number => (highSpeed > 0 && Math.abs(speed - highSpeed * 1e6) > 500_000 ? highSpeed * 1e6 : speed);

function countersOf(row: Row): Counters | null {
  const first = (...names: ColumnName[]): number | null => {
    for (const name of names) {
      const value = numberOf(row[name]);
      if (value !== null) return value;
    }
    return null;
  };
  if (numberOf(row.ifHCInOctets) === null && numberOf(row.ifInOctets) === null) return null;
  return {
    inOctets: first('ifHCInOctets', 'ifInOctets'),
    inUnicastPackets: first('ifHCInUcastPkts', 'ifInUcastPkts'),
    inMulticastPackets: first('ifHCInMulticastPkts', 'ifInMulticastPkts', 'ifInNUcastPkts'),
    inBroadcastPackets: first('ifHCInBroadcastPkts', 'ifInBroadcastPkts'),
    inDiscards: first('ifInDiscards'),
    inErrors: first('ifInErrors'),
    inUnknownProtocols: first('ifInUnknownProtos'),
    outOctets: first('ifHCOutOctets', 'ifOutOctets'),
    outUnicastPackets: first('ifHCOutUcastPkts', 'ifOutUcastPkts'),
    outMulticastPackets: first('ifHCOutMulticastPkts', 'ifOutMulticastPkts', 'ifOutNUcastPkts'),
    outBroadcastPackets: first('ifHCOutBroadcastPkts', 'ifOutBroadcastPkts'),
    outDiscards: first('ifOutDiscards'),
    outErrors: first('ifOutErrors'),
  };
}
