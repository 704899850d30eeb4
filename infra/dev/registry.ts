/**
 * A real schema registry for tests and local use: Apicurio Registry behind Confluent's API, packaged by Maven from released
 * artifacts (`registry.pom.xml`), in memory, on loopback.
 */
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runFolder, runningPid, startServer, stopServer } from './server';
import { cached, copyDevFile, maven, requireJava } from './tools';
import type { Say } from './tools';

/** Version that is packaged. */
export const REGISTRY_VERSION = '2.4.2.Final';
/** Port unless told otherwise. */
export const REGISTRY_PORT = 28081;

/** How to start. */
export interface RegistryOptions {
  /** Port on 127.0.0.1. */
  readonly port?: number;
  readonly say?: Say;
}

const nameOf = (port: number): string => `registry-${port}`;
const urlOf = (port: number): string => `http://127.0.0.1:${port}/apis/ccompat/v7`;

/**
 * Starts the registry, or finds it running; resolves to the URL for `registry.url` when it answers. It begins empty.
 * @throws NW_DEV_JAVA_MISSING, NW_DEV_MAVEN_MISSING, NW_DEV_DOWNLOAD_FAILED, NW_PORT_IN_USE, NW_DEV_START_FAILED
 */
export async function startRegistry({ port = REGISTRY_PORT, say = () => undefined }: RegistryOptions = {}): Promise<string> {
  const url = urlOf(port);
  const name = nameOf(port);
  if (runningPid(name) !== null && (await answers(url))) return url;
  await stopServer(name);
  await requireJava();
  const application = await packaged(say);
  say(`Starting Apicurio Registry ${REGISTRY_VERSION} on 127.0.0.1:${port}.`);
  const settings = {
    'netweaver.run': runFolder(name), // by which the process is recognised
    'quarkus.http.host': '127.0.0.1',
    'quarkus.http.port': port,
    // One thread: first registrations at the same time collide otherwise.
    'quarkus.thread-pool.core-threads': 1,
    'quarkus.thread-pool.max-threads': 1,
    'quarkus.datasource.jdbc.initial-size': 1,
    'quarkus.datasource.jdbc.min-size': 1,
    'quarkus.datasource.jdbc.max-size': 10,
  };
  await startServer({
    name,
    port,
    javaArguments: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...Object.entries(settings).map(([key, value]) => `-D${key}=${value}`), '-jar', join(application, 'quarkus-run.jar')],
    timeoutMs: 120_000,
    ready: () => answers(url),
  });
  return url;
}

/** Stops the registry of that port; false where none ran. */
export const stopRegistry = (port = REGISTRY_PORT): Promise<boolean> => stopServer(nameOf(port));

/** URL of the registry of that port where it runs, else null. */
export const registryStatus = (port = REGISTRY_PORT): string | null => (runningPid(nameOf(port)) === null ? null : urlOf(port));

async function packaged(say: Say): Promise<string> {
  const folder = await cached(`registry-${REGISTRY_VERSION}`, async (folder) => {
    say(`Packaging Apicurio Registry ${REGISTRY_VERSION} from Maven Central (111 MB; about two minutes the first time).`);
    const build = join(folder, 'build');
    copyDevFile('registry.pom.xml', join(build, 'pom.xml'));
    copyDevFile('registry.properties', join(build, 'src', 'main', 'resources', 'application.properties'));
    await maven(build, ['package']);
    renameSync(join(build, 'target', 'quarkus-app'), join(folder, 'application'));
    rmSync(build, { recursive: true });
  });
  return join(folder, 'application');
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
