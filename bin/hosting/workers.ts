/** Several workers of one role: where each stands, and their answers as one. */
import { openSharedSockets } from '../../connectors/sources/flow/shared-sockets';
import type { LoadedConfiguration } from '../../infra/config/load';
import type { RouteResponse, WorkerPlace } from '../../infra/role';
import type { RoleName } from '../roles';

/** The workers of each role. */
export interface Workers {
  /** Their places; a single `undefined` for a role that has one. */
  of(name: RoleName): readonly (WorkerPlace | undefined)[];
  close(): void;
}

export const NO_WORKERS: Workers = { of: () => [undefined], close: () => undefined };

/** Opens what workers share: the sockets of collectors. @throws NW_PORT_IN_USE, NW_CONFIG_INVALID several workers where ports cannot be shared */
export function openWorkers(config: LoadedConfiguration, names: readonly RoleName[]): Workers {
  const shared = names.includes('collect') ? openSharedSockets(config) : null;
  if (shared === null) return NO_WORKERS;
  const places = shared.sockets.map((sockets, index) => ({ index, count: shared.sockets.length, sockets }));
  return { of: (name) => (name === 'collect' ? places : [undefined]), close: shared.close };
}

/**
 * What several workers answer, as one: numbers are added, lists put one after the other, objects taken member by member; text
 * that is a number is added too, other text that differs is joined by a space, flags that differ make a list. The first answer that is no success counts alone.
 */
export function mergeResponses(responses: readonly RouteResponse[]): RouteResponse {
  const failed = responses.find(({ status }) => status >= 300);
  return failed ?? { status: responses[0].status, body: responses.map(({ body }) => body).reduce(merged) };
}

function merged(one: unknown, other: unknown): unknown {
  if (typeof one === 'number' && typeof other === 'number') return one + other;
  if (typeof one === 'string' && typeof other === 'string') {
    if (/^\d+\n$/.test(one) && /^\d+\n$/.test(other)) return `${Number(one) + Number(other)}\n`;
    return one === other ? one : `${one} ${other}`;
  }
  if (typeof one === 'boolean' && typeof other === 'boolean') return one === other ? one : [one, other];
  if (Array.isArray(one)) return [...(one as unknown[]), ...(Array.isArray(other) ? (other as unknown[]) : [other])];
  if (isObject(one) && isObject(other)) return Object.fromEntries([...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [name, name in one && name in other ? merged(one[name], other[name]) : (one[name] ?? other[name])]));
  return one ?? other;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
