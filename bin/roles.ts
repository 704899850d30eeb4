import { hasDevices } from '../connectors/sources/snmp/settings';
import { hasTopologySources } from '../connectors/sources/topology/settings';
import type { Configuration } from '../infra/config/configuration';
import type { RoleFactory } from '../infra/role';

/** The roles, in the order of the data. */
export const ROLE_NAMES = ['collect', 'poll', 'topology', 'process', 'sink'] as const;

/** Name of a role. */
export type RoleName = (typeof ROLE_NAMES)[number];

/** The roles that have work by a configuration: `poll` only where there are devices to poll, `topology` where it has a source. */
export const rolesOf = (config: Configuration): RoleName[] => ROLE_NAMES.filter((name) => (name === 'poll' ? hasDevices(config) : name === 'topology' ? hasTopologySources(config) : true));

/** Loads a role's code; only the process or thread that runs it does. */
export const ROLES: Readonly<Record<RoleName, () => Promise<RoleFactory>>> = {
  collect: async () => (await import('../connectors/sources/flow/collector.js')).createCollector,
  poll: async () => (await import('../connectors/sources/snmp/poller.js')).createPoller,
  topology: async () => (await import('../connectors/sources/topology/role.js')).createTopologyRole,
  process: async () => (await import('../processors/runtime/role.js')).createProcessorRole,
  sink: async () => (await import('../connectors/sinks/timescale/sink.js')).createTimescaleSink,
};
