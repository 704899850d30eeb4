/** The labelled sets of `../shared/datasets`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readBinetflow, type BinetflowRow } from './binetflow';
import { readCic } from './cic';
import type { LabelledSet } from './flows';
import { readZeek, type ZeekRow } from './zeek';

/** In the laboratory every flow of this host is a scan, but what it asks its resolver. */
const SCANNER = '172.16.1.11', RESOLVER = '8.8.8.8';
/** The infected host of a capture that has no labels of its own. */
const INFECTED = new Set(['192.168.1.112', 'fd2d:ab8c:225:0:1d3:35e9:7d97:2325']);

const scanned = (row: ZeekRow): string => (row['id.orig_h'] === SCANNER && row['id.resp_h'] !== RESOLVER ? 'Port scan' : '');
const malicious = (label: string) => (row: ZeekRow): string => (row.label === 'Malicious' ? label : '');
const malware = ({ Label }: BinetflowRow): string => (Label.startsWith('flow=Malware') ? 'Malware' : '');
const infected = ({ SrcAddr }: BinetflowRow): string => (INFECTED.has(SrcAddr) ? 'Malware' : '');

/** Folder, file, and how it is read. */
const SETS: readonly (readonly [folder: string, file: string, read: (path: string) => LabelledSet])[] = [
  ['flows-zeek-labelled', '002_nmap-scans.conn.json.gz', (path) => readZeek(path, 'Nmap in a laboratory', scanned)],
  ['flows-zeek-labelled', '008_ctu-normal-40_day1.conn.log.labeled.gz', (path) => readZeek(path, 'exposed host, day 1', malicious('Scans from outside'))],
  ['flows-zeek-labelled', '010_ctu-normal-42_day2.conn.log.labeled.gz', (path) => readZeek(path, 'exposed host, day 2', malicious('Scans from outside'))],
  ['flows-zeek-labelled', '001_njrat_first1000.conn.log.labeled.gz', (path) => readZeek(path, 'NjRAT', malicious('Command and control'))],
  ['flows-mcfp-binetflow', '2018-05-10_labelled_malware_background.csv.gz', (path) => readBinetflow(path, 'malware and background, 2018', malware)],
  ['flows-mcfp-binetflow', '2016-09-09_win1_malware.csv.gz', (path) => readBinetflow(path, 'infected Windows host, 2016', infected)],
  ['flows-mcfp-binetflow', '2013-12-17_ctu-normal-7.csv.gz', (path) => readBinetflow(path, 'BitTorrent and pings, 2013', () => '')],
];

/** The sets that are there, under `datasets`. */
export function labelledSets(datasets: string): LabelledSet[] {
  const cic = join(datasets, 'flows-cicids2017-improved');
  return [...(existsSync(cic) ? [readCic(cic)] : []), ...SETS.filter(([folder, file]) => existsSync(join(datasets, folder, file))).map(([folder, file, read]) => read(join(datasets, folder, file)))];
}
