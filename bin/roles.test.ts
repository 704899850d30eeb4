import { loadConfiguration } from '../infra/config/load';
import { rolesOf } from './roles';
import { sections } from './sections';

it.each([
  ['no devices', [], ['collect', 'process', 'sink']],
  ['a device', ['snmp.devices={"192.0.2.1":null}'], ['collect', 'poll', 'process', 'sink']],
  ['a prefix, and exporters within it', ['snmp.devices={"192.0.2.0/24":null}', 'snmp.exporters=true'], ['collect', 'poll', 'process', 'sink']],
  ['a file of a topology', ['topology.files=net.yaml'], ['collect', 'topology', 'process', 'sink']],
  ['a feed and neighbours', ['topology.feeds={"inventory":"wss://example.net/"}', 'topology.lldp=true'], ['collect', 'topology', 'process', 'sink']],
  ['a prefix alone', ['snmp.devices={"192.0.2.0/24":null}'], ['collect', 'process', 'sink']],
])('with %s the roles that have work run', (_, sets, roles) => {
  expect(rolesOf(loadConfiguration({ sections, sets, environment: {} }))).toEqual(roles);
});
