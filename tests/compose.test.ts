/** infra/compose.yaml and infra/prometheus.yaml: they start what there is, with keys that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { sections } from '../bin/sections';
import { environmentNames } from '../infra/config/environment';
import { loadConfiguration } from '../infra/config/load';
import { httpSection } from '../infra/http/settings';
import { ROOT } from '../infra/root';

interface Service {
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly ports?: string[];
  readonly read_only?: boolean;
  readonly depends_on?: Record<string, unknown>;
}

const read = (file: string): unknown => parse(readFileSync(join(ROOT, 'infra', file), 'utf8'), { merge: true });
const { services } = read('compose.yaml') as { services: Record<string, Service> };
const roles = ['collect', 'process', 'sink'] as const;

describe('compose.yaml', () => {
  it.each(roles)('runs %s by its name, unable to write outside of its volumes', (role) => {
    expect(services[role]).toMatchObject({ command: [role], read_only: true });
    expect(services[role].depends_on).toHaveProperty('topics');
  });

  it('sets only keys that exist, to values that are allowed', () => {
    const environment = services.collect.environment ?? {};
    const known = environmentNames(sections);
    expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([]);
    expect(() => loadConfiguration({ sections, path: join(ROOT, 'k8s/base/netweaver.yaml'), environment })).not.toThrow();
  });

  it('opens ports on this machine only', () => {
    for (const { ports = [] } of Object.values(services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('builds the image from a Dockerfile that copies what there is', () => {
    const { context, dockerfile } = services.topics.build ?? { context: '', dockerfile: '' };
    expect(join('infra', context)).toBe('.');
    const lines = readFileSync(join(ROOT, dockerfile), 'utf8').split('\n');
    const copied = lines.flatMap((line) => /^COPY --from=build \/netweaver\/(\S+)/.exec(line)?.[1] ?? []);
    expect(copied.length).toBeGreaterThan(4);
    for (const path of copied) if (!['dist', 'node_modules'].includes(path)) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    expect(lines).toContain('USER 10001:10001');
  });
});

it('Prometheus scrapes every role where it serves', () => {
  const http = loadConfiguration({ sections, path: join(ROOT, 'k8s/base/netweaver.yaml'), environment: {} }).get(httpSection);
  const { scrape_configs: [{ static_configs: [{ targets }] }] } = read('prometheus.yaml') as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
  expect(targets).toEqual(roles.map((role) => `${role}:${http[`${role}Port`]}`));
});
