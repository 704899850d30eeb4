import type { RoleFactory } from '../infra/role';

/** The roles, in the order of the data. */
export const ROLE_NAMES = ['collect', 'process', 'sink'] as const;

/** Name of a role. */
export type RoleName = (typeof ROLE_NAMES)[number];

/** Loads a role's code; only the process or thread that runs it does. */
export const ROLES: Readonly<Record<RoleName, () => Promise<RoleFactory>>> = {
  collect: async () => (await import('../connectors/sources/flow/collector.js')).createCollector,
  process: async () => (await import('../processors/runtime/role.js')).createProcessorRole,
  sink: async () => (await import('../connectors/sinks/timescale/sink.js')).createTimescaleSink,
};
