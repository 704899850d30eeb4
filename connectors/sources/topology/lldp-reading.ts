/** What a device knows of its neighbours: LLDP-MIB (IEEE 802.1AB-2005 annex), with the names and speeds of its interfaces (RFC 2863). */
import type { DeviceSession } from '../snmp/session';
import { numberOf, textOf, type SnmpValue } from '../snmp/values';

const LLDP = '1.0.8802.1.1.2.1';
/** lldpLocChassisIdSubtype, lldpLocChassisId, lldpLocSysName, and sysName for agents that leave the latter empty. */
const LOCAL = [`${LLDP}.3.1.0`, `${LLDP}.3.2.0`, `${LLDP}.3.3.0`, '1.3.6.1.2.1.1.5.0'];
/** lldpLocPortTable: lldpLocPortIdSubtype, lldpLocPortId, lldpLocPortDesc; by lldpLocPortNum. */
const PORTS = [2, 3, 4].map((column) => `${LLDP}.3.7.1.${column}`);
/** lldpRemTable: chassis (subtype, id), port (subtype, id, description), system name; by time mark, lldpRemLocalPortNum, lldpRemIndex. */
const REMOTES = [4, 5, 6, 7, 8, 9].map((column) => `${LLDP}.4.1.1.${column}`);
/** ifName, ifHighSpeed (Mbit/s), ifOperStatus. */
const INTERFACES = ['1.3.6.1.2.1.31.1.1.1.1', '1.3.6.1.2.1.31.1.1.1.15', '1.3.6.1.2.1.2.2.1.8'];
const UP = 1;
const SPEED_UNIT = 1e6;

/** LldpChassisIdSubtype and LldpPortIdSubtype: where the id is an address of layer 2. */
const CHASSIS_MAC = 4;
const PORT_MAC = 3;
/** LldpPortIdSubtype interfaceName. */
const PORT_NAME = 5;

/** A port as LLDP tells of it. */
export interface LldpPort {
  /** Subtype and id in one text, by which both ends mean the same port. */
  readonly key: string;
  /** Name for people. */
  readonly name: string;
}

/** A neighbour. */
export interface Neighbour {
  /** Port of this device where it is heard. */
  readonly local: LldpPort;
  /** Subtype and id in one text; '' where it tells none. */
  readonly chassis: string;
  readonly systemName: string;
  readonly port: LldpPort;
}

/** What one device answers. */
export interface LldpReading {
  readonly chassis: string;
  readonly systemName: string;
  readonly ports: readonly LldpPort[];
  readonly neighbours: readonly Neighbour[];
  readonly interfaces: readonly { readonly ifIndex: number; readonly name: string; readonly bitsPerSecond: number | null; readonly up: boolean | null }[];
}

/** Asks a device. One without LLDP has no neighbours. @throws PollError */
export async function readLldp(session: DeviceSession): Promise<LldpReading> {
  const [chassisKind, chassisId, lldpName, sysName] = await session.get(LOCAL);
  const ports = new Map<string, LldpPort>();
  for (const [index, [kind, id, description]] of await rows(session, PORTS)) ports.set(index, portOf(kind, id, description));
  const neighbours: Neighbour[] = [];
  for (const [index, [chassis, chassisOf, portKind, portId, portDescription, systemName]] of await rows(session, REMOTES)) {
    const number = index.split('.')[1] ?? '';
    // An agent may tell of a neighbour at a port that its own table lacks: then its number is all there is.
    neighbours.push({ local: ports.get(number) ?? { key: `number ${number}`, name: number }, chassis: idOf(chassis, chassisOf, CHASSIS_MAC).key, systemName: textOf(systemName), port: portOf(portKind, portId, portDescription) });
  }
  const interfaces = [...(await rows(session, INTERFACES))].map(([index, [name, speed, status]]) => {
    const megabits = numberOf(speed) ?? 0;
    const state = numberOf(status);
    return { ifIndex: Number(index), name: textOf(name), bitsPerSecond: megabits > 0 ? megabits * SPEED_UNIT : null, up: state === null ? null : state === UP };
  });
  return { chassis: idOf(chassisKind, chassisId, CHASSIS_MAC).key, systemName: textOf(lldpName) || textOf(sysName), ports: [...ports.values()], neighbours, interfaces: interfaces.filter(({ name, ifIndex }) => name !== '' && ifIndex > 0) };
}

async function rows(session: DeviceSession, columns: readonly string[]): Promise<Map<string, SnmpValue[]>> {
  const found = new Map<string, SnmpValue[]>();
  await session.walk(columns, (column, index, value) => {
    let row = found.get(index);
    if (row === undefined) found.set(index, (row = columns.map(() => null)));
    row[column] = value;
  });
  return found;
}

function idOf(kind: SnmpValue, id: SnmpValue, mac: number): LldpPort {
  const subtype = numberOf(kind) ?? 0;
  const bytes = Buffer.isBuffer(id) ? id : Buffer.from(textOf(id));
  if (bytes.length === 0) return { key: '', name: '' };
  const name = subtype === mac ? bytes.toString('hex').replace(/(..)(?=.)/g, '$1:') : textOf(bytes);
  return { key: `${subtype} ${bytes.toString('hex')}`, name };
}

function portOf(kind: SnmpValue, id: SnmpValue, description: SnmpValue): LldpPort {
  const port = idOf(kind, id, PORT_MAC);
  return { key: port.key, name: (numberOf(kind) === PORT_NAME ? port.name : textOf(description)) || port.name };
}
