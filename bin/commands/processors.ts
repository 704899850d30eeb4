import { InvalidArgumentError, type Command } from 'commander';
import { NetWeaverError } from '../../infra/errors';
import { printRows, reportError } from '../output';
import { askRole } from '../role-client';

interface Options {
  readonly url?: string;
  readonly partition?: string;
  readonly key?: string;
  readonly limit: number;
  readonly json?: boolean;
}

interface ProcessorState {
  readonly name: string;
  readonly state: string;
  readonly partitions: readonly { readonly partition: number; readonly next: number; readonly lag: number; readonly streamTime: string | null; readonly entries: number; readonly bytes: number }[];
}

interface StoreState {
  readonly name: string;
  readonly doc: string;
  readonly key: readonly string[];
  readonly columns: readonly { readonly name: string }[];
}

/** Rows that the role gives in one answer. */
const ANSWER_ROWS = 1000;

const count = (text: string): number => {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It must be a whole number from 1.');
  return Number(text);
};

/** `netweaver processors` and `netweaver stores`: the processors that run, and what they keep, asked of their role over HTTP. */
export function register(program: Command): void {
  const url = '--url <url>' as const;
  const where = 'address of the role, by default that of `netweaver all` or `netweaver process` on this machine';
  program
    .command('processors [action] [name]')
    .description('How the processors are: state, position, lag and size by partition; or pauses or resumes one (actions: pause, resume).')
    .option(url, where)
    .option('--json', 'one JSON object a line')
    .action((action: string | undefined, name: string | undefined, options: Options, command: Command) => attempt(() => processors(action, name, options, command)));
  program
    .command('stores <processor> [store]')
    .description('What the stores of a processor are, or the rows of one, as they are now.')
    .option('--partition <n>', 'of one partition of its input')
    .option('--key <parts>', 'of one key: its columns, with commas between')
    .option('--limit <n>', 'rows at most', count, 100)
    .option(url, where)
    .option('--json', 'one JSON object a line')
    .action((processor: string, store: string | undefined, options: Options, command: Command) => attempt(() => stores(processor, store, options, command)));
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    reportError(error);
  }
}

async function processors(action: string | undefined, name: string | undefined, options: Options, command: Command): Promise<void> {
  let states: readonly ProcessorState[];
  if (action === undefined) states = (await askRole<{ processors: ProcessorState[] }>('/processors', options, command)).processors;
  else if ((action === 'pause' || action === 'resume') && name !== undefined) states = [await askRole<ProcessorState>(`/processors/${encodeURIComponent(name)}/${action}`, { ...options, method: 'POST' }, command)];
  else throw new NetWeaverError('NW_USAGE', 'netweaver processors; or netweaver processors pause NAME, netweaver processors resume NAME.');
  const rows = states.flatMap(({ name: processor, state, partitions }) => (partitions.length === 0 ? [{ processor, state }] : partitions.map((partition) => ({ processor, state, ...partition }))));
  printRows(rows, { json: options.json === true, columns: ['processor', 'state', 'partition', 'next', 'lag', 'streamTime', 'entries', 'bytes'] });
}

async function stores(processor: string, store: string | undefined, options: Options, command: Command): Promise<void> {
  const path = `/processors/${encodeURIComponent(processor)}/stores`;
  if (store === undefined) {
    const { stores: all } = await askRole<{ stores: StoreState[] }>(path, options, command);
    printRows(all.map(({ name, doc, key, columns }) => ({ store: name, key: key.join(','), columns: columns.map((column) => column.name).join(','), doc })), { json: options.json === true });
    return;
  }
  const { partition, key, limit } = options;
  const rows: Record<string, unknown>[] = [];
  for (let after: string | null = null; rows.length < limit; ) {
    const query = new URLSearchParams({ limit: String(Math.min(ANSWER_ROWS, limit - rows.length)), ...(partition !== undefined && { partition }), ...(key !== undefined && { key }), ...(after !== null && { after }) });
    const answer: { rows: Record<string, unknown>[]; next: string | null } = await askRole(`${path}/${encodeURIComponent(store)}?${query}`, options, command);
    rows.push(...answer.rows);
    after = answer.next;
    if (after === null) break;
  }
  printRows(rows, { json: options.json === true });
}
