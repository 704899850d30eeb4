/** LLDP-MIB of a device for tests: as values of the test agent, and as a program that a real snmpd asks. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentValue } from '../../snmp/testing/agent';

const LLDP = '1.0.8802.1.1.2.1';

/** An id by its subtype. */
export type SubtypedId = readonly [subtype: number, id: string];

export interface LldpDevice {
  readonly chassis: SubtypedId;
  readonly name: string;
  /** Ports by number: id and description. */
  readonly ports: Readonly<Record<number, { readonly id: SubtypedId; readonly description?: string }>>;
  readonly neighbours: readonly { readonly local: number; readonly chassis: SubtypedId; readonly port: SubtypedId; readonly description?: string; readonly name?: string }[];
}

/** Values by object identifier. */
export function lldpValues({ chassis, name, ports, neighbours }: LldpDevice): Record<string, AgentValue> {
  const values: Record<string, AgentValue> = { [`${LLDP}.3.1.0`]: ['integer', chassis[0]], [`${LLDP}.3.2.0`]: ['octets', chassis[1]], [`${LLDP}.3.3.0`]: ['octets', name] };
  for (const [number, { id, description = '' }] of Object.entries(ports)) {
    Object.assign(values, { [`${LLDP}.3.7.1.2.${number}`]: ['integer', id[0]], [`${LLDP}.3.7.1.3.${number}`]: ['octets', id[1]], [`${LLDP}.3.7.1.4.${number}`]: ['octets', description] });
  }
  neighbours.forEach(({ local, chassis: of, port, description = '', name: system = '' }, i) => {
    const index = `0.${local}.${i + 1}`;
    const row: AgentValue[] = [['integer', of[0]], ['octets', of[1]], ['integer', port[0]], ['octets', port[1]], ['octets', description], ['octets', system]];
    row.forEach((value, column) => (values[`${LLDP}.4.1.1.${column + 4}.${index}`] = value));
  });
  return values;
}

/** Writes a program that speaks snmpd's pass_persist and serves the values; the line of the configuration that runs it. */
export function passPersist(folder: string, device: LldpDevice): string {
  const path = join(folder, `lldp-${device.name}.cjs`);
  writeFileSync(path, `#!${process.execPath}
const values = ${JSON.stringify(lldpValues(device))};
const arcs = (oid) => oid.replace(/^\\./, '').split('.').map(Number);
const compare = (a, b) => { for (let i = 0; i < Math.min(a.length, b.length); i++) if (a[i] !== b[i]) return a[i] - b[i]; return a.length - b.length; };
const order = Object.keys(values).map(arcs).sort(compare);
const answer = (oid) => { const [type, value] = values[oid.join('.')]; return type === 'integer' ? ['integer', value] : ['octet', [...Buffer.from(value)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')]; };
const asked = [];
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  asked.push(line);
  if (asked[0] === 'PING') { asked.length = 0; process.stdout.write('PONG\\n'); return; }
  if (asked.length < 2) return;
  const [command, oid] = asked.splice(0).map((text) => text.trim());
  const wanted = arcs(oid);
  const found = order.find((one) => (command === 'getnext' ? compare(one, wanted) > 0 : compare(one, wanted) === 0));
  process.stdout.write(found === undefined ? 'NONE\\n' : ['.' + found.join('.'), ...answer(found)].join('\\n') + '\\n');
});
`);
  chmodSync(path, 0o755);
  return `pass_persist .${LLDP} ${path}`;
}
