import type { Section } from './section';

/** Prefix of every environment variable that is configuration. */
export const PREFIX = 'NETWEAVER_';

const snake = (camel: string): string => camel.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/-/g, '_').toUpperCase();

/** The environment variable of a key: `collector.netflowPort` → `NETWEAVER_COLLECTOR_NETFLOW_PORT`. */
export const environmentName = (section: string, key: string): string => `${PREFIX}${snake(section)}_${snake(key)}`;

/** The variables of all keys: name → [section, key]. */
export function environmentNames(sections: readonly Section[]): Map<string, readonly [string, string]> {
  const names = new Map<string, readonly [string, string]>();
  for (const { name, keys } of sections) for (const key of Object.keys(keys)) names.set(environmentName(name, key), [name, key]);
  return names;
}

/** Variables with our prefix that are not keys: the path of the file, and what belongs to the test run. */
const RESERVED = /^NETWEAVER_(CONFIG$|TEST_|REQUIRE_)/;

/** Kubernetes tells every pod of each service in its namespace: `NETWEAVER_SINK_SERVICE_HOST`, `NETWEAVER_SINK_PORT=tcp://…`, `…_PORT_9103_TCP_ADDR`. */
const isServiceVariable = (name: string, value: string): boolean => /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value));

/** The variables of `environment` that claim to be configuration. */
export function configurationVariables(environment: NodeJS.ProcessEnv): [name: string, value: string][] {
  return Object.entries(environment).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return name.startsWith(PREFIX) && value !== undefined && !RESERVED.test(name) && !isServiceVariable(name, value);
  });
}
