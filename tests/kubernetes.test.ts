/** The manifests of k8s/: valid by the published schemas, and by the rules that every role of NetWeaver keeps. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { sections } from '../bin/sections';
import { collectorSection } from '../connectors/sources/flow/settings';
import { loadConfiguration } from '../infra/config/load';
import { environmentNames } from '../infra/config/environment';
import { httpSection } from '../infra/http/settings';
import { ROOT } from '../infra/root';

type Json = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const BASE = join(ROOT, 'k8s/base');
const OVERLAY = join(ROOT, 'k8s/overlays/example');
const read = (path: string): Json[] => parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS() as Json);
const kustomization = parse(readFileSync(join(BASE, 'kustomization.yaml'), 'utf8')) as { resources: string[]; configMapGenerator: { name: string; files: string[] }[]; images: Json[] };

/** What kustomize makes of the base but for labels and name suffixes. */
const base: Json[] = [
  ...kustomization.resources.flatMap((file) => read(join(BASE, file))),
  ...kustomization.configMapGenerator.map(({ name, files }) => ({
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: Object.fromEntries(files.map((file) => [file, readFileSync(join(BASE, file), 'utf8')])),
  })),
];
const title = ({ kind, metadata }: Json): string => `${kind} ${metadata.name}`;
const named = (documents: readonly Json[]): [string, Json][] => documents.map((document) => [title(document), document]);
const workloads = base.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');
const containers = workloads.flatMap((workload) => {
  const { containers: main, initContainers = [] } = workload.spec.template.spec as { containers: Json[]; initContainers?: Json[] };
  return [...initContainers, ...main].map((container): [string, Json] => [`${container.name} of ${title(workload)}`, container]);
});

/** Validates by the model that was generated from the published OpenAPI of Kubernetes. */
function validate(document: Json): void {
  const [group, version] = document.apiVersion.includes('/') ? document.apiVersion.split('/') : ['', document.apiVersion];
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const models = require(['kubernetes-models', group, version].filter(Boolean).join('/')) as Record<string, new (data: Json) => { validate(): void }>;
  expect(models[document.kind]).toBeDefined();
  new models[document.kind](document).validate();
}

describe('the base', () => {
  it('lists every file', () => {
    const files = readdirSync(BASE).filter((file) => !['kustomization.yaml', 'netweaver.yaml'].includes(file));
    expect([...kustomization.resources].sort()).toEqual(files.sort());
  });

  it.each(named(base))('%s is valid by the published schema', (_, document) => validate(document));

  it('is really validated: a wrong type and a missing field are found', () => {
    const [deployment] = workloads;
    expect(() => validate({ ...deployment, spec: { ...deployment.spec, replicas: 'two' } })).toThrow(/replicas/);
    expect(() => validate({ ...deployment, spec: { replicas: 2, template: deployment.spec.template } })).toThrow(/selector/);
  });

  it('runs the roles there are', () => {
    expect(workloads.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['Deployment', 'netweaver-collect'], ['StatefulSet', 'netweaver-process'], ['StatefulSet', 'netweaver-sink'], ['Deployment', 'netweaver-poll'], ['Deployment', 'netweaver-topology'],
    ]);
  });
});

describe.each(named(workloads))('%s', (_, workload) => {
  const pod = workload.spec.template.spec as Json;
  const [main] = pod.containers as Json[];
  const role = workload.metadata.labels['app.kubernetes.io/component'] as 'collect' | 'process' | 'sink' | 'poll' | 'topology';

  it('runs its role with the configuration of the ConfigMap', () => {
    expect(main.args).toEqual(['--config', '/etc/netweaver/netweaver.yaml', role]);
    expect(pod.volumes).toContainEqual({ name: 'config', configMap: { name: 'netweaver' } });
  });

  it('is probed where the role serves', () => {
    const config = loadConfiguration({ sections, path: join(BASE, 'netweaver.yaml'), environment: {} });
    const port = main.ports.find(({ name }: Json) => name === 'http').containerPort;
    expect(port).toBe(config.get(httpSection)[`${role}Port`]);
    expect([main.startupProbe, main.livenessProbe, main.readinessProbe].map(({ httpGet }: Json) => [httpGet.path, httpGet.port])).toEqual([['/healthz', 'http'], ['/healthz', 'http'], ['/readyz', 'http']]);
    expect(workload.spec.template.metadata.annotations['prometheus.io/port']).toBe(String(port));
  });

  it('has time to drain', () => expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(30));

  const alone = role === 'poll' || role === 'topology';
  it(alone ? 'is alone, also while it is replaced' : 'is spread, and is not disrupted all at once', () => {
    if (alone) {
      expect(workload.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
      return;
    }
    expect(pod.topologySpreadConstraints.map(({ topologyKey }: Json) => topologyKey)).toEqual(['kubernetes.io/hostname', 'topology.kubernetes.io/zone']);
    const budget = base.find((document) => document.kind === 'PodDisruptionBudget' && document.metadata.name === workload.metadata.name);
    expect(budget?.spec.selector).toEqual(workload.spec.selector);
    expect(workload.spec.replicas).toBeGreaterThan(budget?.spec.maxUnavailable);
  });

  it('is not root and has no token of the cluster', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    expect(pod.automountServiceAccountToken).toBe(false);
  });
});

describe.each(containers)('the container %s', (_, container) => {
  it('may write nowhere but its volumes, gains no rights, has its share', () => {
    expect(container.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    expect(container.resources).toMatchObject({ requests: { cpu: expect.anything(), memory: expect.anything() }, limits: { memory: expect.anything() } });
    expect(kustomization.images.map(({ name }) => name as string)).toContain(container.image);
  });

  it('sets only keys that exist, secrets by reference', () => {
    const known = environmentNames(sections);
    for (const { name, value, valueFrom } of container.env as Json[]) {
      expect(known.has(name)).toBe(true);
      expect(value).toBeUndefined();
      expect(valueFrom.secretKeyRef?.name ?? valueFrom.fieldRef?.fieldPath).toMatch(/^(netweaver|metadata\.name)$/);
    }
  });
});

describe('the rest', () => {
  it('the Service of the collectors has the ports that they listen on', () => {
    const config = loadConfiguration({ sections, path: join(BASE, 'netweaver.yaml'), environment: {} }).get(collectorSection);
    const service = base.find((document) => title(document) === 'Service netweaver-collect');
    expect(service?.spec.ports.map(({ port, protocol }: Json) => [port, protocol])).toEqual([[config.netflowPort, 'UDP'], [config.ipfixPort, 'UDP'], [config.sflowPort, 'UDP']]);
    expect(service?.spec.externalTrafficPolicy).toBe('Local');
  });

  it('the collectors have room for their spool', () => {
    const { spoolMiB } = loadConfiguration({ sections, path: join(BASE, 'netweaver.yaml'), environment: {} }).get(collectorSection);
    const volumes = workloads.find(({ metadata }) => metadata.name === 'netweaver-collect')?.spec.template.spec.volumes as Json[];
    const [, gib] = /^(\d+)Gi$/.exec(volumes.find(({ name }) => name === 'data')?.emptyDir.sizeLimit as string) ?? [];
    expect(Number(gib) * 1024).toBeGreaterThan(spoolMiB);
  });

  it('the processors have room for the copies of their changelogs: four times what they may hold in memory', () => {
    const { volumes, containers } = workloads.find(({ metadata }) => metadata.name === 'netweaver-process')?.spec.template.spec as Json;
    const gibOf = (text: string): number => Number(/^(\d+)Gi$/.exec(text)?.[1]);
    expect(gibOf(volumes.find(({ name }: Json) => name === 'data')?.emptyDir.sizeLimit)).toBeGreaterThanOrEqual(4 * gibOf(containers[0].resources.limits.memory));
  });

  it('the poller may speak SNMP to devices', () => {
    const policy = base.find((document) => title(document) === 'NetworkPolicy netweaver-poll');
    expect(policy?.spec).toMatchObject({ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'poll' } }, egress: [{ ports: [{ port: 161, protocol: 'UDP' }] }] });
  });

  it('the role topology may speak SNMP to devices, and TLS to feeds', () => {
    const policy = base.find((document) => title(document) === 'NetworkPolicy netweaver-topology');
    expect(policy?.spec).toMatchObject({ podSelector: { matchLabels: { 'app.kubernetes.io/component': 'topology' } }, egress: [{ ports: [{ port: 161, protocol: 'UDP' }, { port: 443, protocol: 'TCP' }] }] });
  });

  it('process and sink have names that outlive their pods', () => {
    for (const [name, variable] of [['netweaver-process', 'NETWEAVER_PROCESSING_INSTANCE'], ['netweaver-sink', 'NETWEAVER_SINK_INSTANCE']]) {
      const workload = workloads.find(({ metadata }) => metadata.name === name);
      expect(workload?.spec.template.spec.containers[0].env).toContainEqual({ name: variable, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } });
    }
  });

  it.each([BASE, OVERLAY])('the configuration in %s is valid', (folder) => {
    expect(() => loadConfiguration({ sections, path: join(folder, 'netweaver.yaml'), environment: {} })).not.toThrow();
  });

  it('there is no secret in any file', () => {
    for (const document of base) expect(document.kind).not.toBe('Secret');
  });
});

const kustomize = process.env.KUSTOMIZE ?? 'kustomize';
const available = (() => {
  try {
    execFileSync(kustomize, ['version'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
})();
const whenKustomize = available ? describe : describe.skip;
whenKustomize('kustomize build (needs kustomize installed)', () => {
  it.each([['base', BASE], ['the example overlay', OVERLAY]])('of %s gives valid documents', (_, folder) => {
    const documents = parseAllDocuments(execFileSync(kustomize, ['build', folder], { stdio: ['ignore', 'pipe', 'pipe'] }).toString()).map((document) => document.toJS() as Json);
    expect(documents.length).toBeGreaterThanOrEqual(base.length);
    documents.forEach(validate);
  });
});
