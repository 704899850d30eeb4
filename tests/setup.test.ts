import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../infra/root';

/** Calls a function of a set-up script in a node of its own, as `npm start` and `npm test` do. */
function call(script: string, expression: string): unknown {
  const code = `import * as m from ${JSON.stringify(pathToFileURL(join(ROOT, 'bin/setup', script)).href)}; console.log(JSON.stringify(await (${expression}) ?? null));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nw-setup-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const write = (path: string, content: unknown): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
};

describe('the version of node', () => {
  test.each([['20.0.0', true], ['24.1.0', true], ['18.20.4', false], ['8.0.0', false]])('%s is enough: %s', (version, enough) => {
    expect(call('node-version.mjs', `m.requireNode('${version}')`)).toBe(enough);
  });
});

describe('the packages', () => {
  const lock = (packages: object): void => write('package-lock.json', { packages: { '': {}, ...packages } });
  const install = (name: string, version: string): void => write(`node_modules/${name}/package.json`, { version });
  const missing = (): unknown => call('modules.mjs', `m.missingModules(${JSON.stringify(folder)})`);

  test('are missing where they are not there or have another version', () => {
    lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0' }, 'node_modules/b/node_modules/c': { version: '3.0.0' } });
    expect(missing()).toEqual(['a', 'b', 'c']);
    install('a', '1.0.0');
    install('b', '1.9.0');
    install('b/node_modules/c', '3.0.0');
    expect(missing()).toEqual(['b']);
  });

  test('count among the optional ones where they were made for this platform; the Kafka client does not', () => {
    lock({
      'node_modules/here': { version: '1.0.0', optional: true, os: [process.platform], cpu: [process.arch] },
      'node_modules/elsewhere': { version: '1.0.0', optional: true, os: ['aix'], cpu: ['ppc64'] },
      'node_modules/not-here': { version: '1.0.0', optional: true, os: [`!${process.platform}`] },
      'node_modules/node-rdkafka': { version: '1.0.0', optional: true },
    });
    expect(missing()).toEqual(['here']);
  });

  test('are in the lock file for every platform, so that npm ci takes it anywhere', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
    // Beside the package that asks for it, or at the top: npm does not put them elsewhere.
    const absent = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages)),
    );
    expect(absent).toEqual([]);
  });

  test('of this checkout are all there', () => {
    expect(call('modules.mjs', `m.missingModules(${JSON.stringify(ROOT)})`)).toEqual([]);
  });
});

describe('the build', () => {
  const stale = (): unknown => call('build.mjs', `m.isStale(${JSON.stringify(folder)})`);

  test('is stale where it is missing or older than a source', () => {
    write('bin/a.ts', '');
    write('package.json', {});
    expect(stale()).toBe(true);
    write('dist/bin/netweaver.js', '');
    write('dist/.built', '');
    const later = Date.now() / 1000 + 60;
    utimesSync(join(folder, 'dist/.built'), later, later);
    expect(stale()).toBe(false);
    utimesSync(join(folder, 'bin/a.ts'), later + 1, later + 1);
    expect(stale()).toBe(true);
  });

  test('a step that fails shows the command and what it said', () => {
    expect(() => call('run.mjs', `m.run('trying', ['node', '-e', 'console.log("on purpose"); process.exit(3)'], {})`)).toThrow(/ended with 3:\non purpose/);
  });
});

describe('the command line', () => {
  test.each([
    [[], ['all', '--view', '--demo', '500']],
    [['--no-demo'], ['all', '--view']],
    [['--rate', '9', '--set', 'a.b=c'], ['all', '--view', '--set', 'a.b=c', '--demo', '9']],
  ])('npm start -- %j runs netweaver %j', (given, expected) => {
    expect(call('arguments.mjs', `m.startArguments(${JSON.stringify(given)})`)).toEqual(expected);
  });

  test('npm test tells paths from options', () => {
    expect(call('arguments.mjs', `m.testArguments(['processors', '-t=x', 'infra'])`)).toEqual({ paths: ['processors', 'infra'], options: ['-t=x'] });
  });
});

describe('what real Kafka wants', () => {
  test.each([['openjdk version "17.0.9" 2023-10-17', 17], ['java version "1.8.0_401"', 8], ['openjdk version "21" 2023-09-19', 21], ['', 0]])('java says %j: %d', (line, major) => {
    expect(call('kafka.mjs', `m.javaMajor(${JSON.stringify(line)})`)).toBe(major);
  });

  test('is listed with the package that brings it', () => {
    write('node_modules/node-rdkafka/package.json', {});
    const lacks = (found: string): unknown => call('kafka.mjs', `m.lacking(${JSON.stringify(folder)}, (program) => (${found})[program])`);
    expect(lacks('{}')).toEqual(['Java 17 or later (Debian: default-jre-headless)', 'Maven (Debian: maven)', 'g++ (Debian: gcc g++)', 'make (Debian: make)', 'python3 (Debian: python3)']);
    expect(lacks(`{ java: 'openjdk version "17.0.9"', mvn: 'x', 'g++': 'x', make: 'x', python3: 'x' }`)).toEqual([]);
    write('node_modules/node-rdkafka/build/Release/node-librdkafka.node', '');
    expect(lacks(`{ java: 'openjdk version "17.0.9"', mvn: 'x' }`)).toEqual([]);
  });
});

test('a checkout whose packages are gone says so and installs nothing it does not need to', () => {
  for (const path of ['bin/build.mjs', 'bin/setup']) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  write('package-lock.json', { packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } });
  write('npm.js', "console.log('npm ' + process.argv.slice(2).join(' ')); process.exit(1)");
  const { stderr, status } = spawnSync(process.execPath, [join(folder, 'bin/build.mjs')], { encoding: 'utf8', env: { ...process.env, npm_execpath: join(folder, 'npm.js') } });
  expect(status).toBe(1);
  expect(stderr).toContain('installing packages (node_modules is not there yet');
  expect(stderr).toContain('npm ci --ignore-scripts --no-audit --no-fund');
  expect(existsSync(join(folder, 'dist'))).toBe(false);
});
