/** Policies of paths, on their way to the log. */
import type { Route } from '../infra/role';
import type { PathPolicy } from '../schemas';
import { jsonFrom, writeByHand, writingRoute, type WritingContext } from './by-hand';
import { POLICIES } from './catalogue';

/** Where a role takes them over HTTP: JSON, see {@link PolicyOrder}. */
export const POLICIES_PATH = '/policies';

/** What is asked of a role: to write the policies of a file, given as its text, and to take others away by their names. */
export interface PolicyOrder {
  readonly apply?: string;
  readonly remove?: readonly string[];
}

/** Writes policies, and takes those of some names away. @throws as {@link writeByHand} */
export const writePolicyRecords = (context: WritingContext, apply: readonly PathPolicy[], remove: readonly string[]): Promise<number> =>
  writeByHand(context, POLICIES, 'policies', [...apply.map((value) => ({ key: value.name, value })), ...remove.map((key) => ({ key, value: null }))]);

/** `POST` of {@link POLICIES_PATH}, for a process that may not write itself; `read` is what understands the file. Refused where `allowed` is false. */
export const policyRoutes = (context: WritingContext, allowed: boolean, read: (text: string, timeMs: number) => readonly PathPolicy[]): Readonly<Record<string, Route>> =>
  writingRoute(
    POLICIES_PATH,
    allowed,
    (body) => {
      const { apply = null, remove = [] } = (jsonFrom(body) ?? {}) as Readonly<Record<keyof PolicyOrder, unknown>>;
      if ((apply !== null && typeof apply !== 'string') || !Array.isArray(remove) || !remove.every((name) => typeof name === 'string')) throw new Error('apply is the text of a file, remove a list of names');
      return { policies: apply === null ? [] : read(apply, Date.now()), remove };
    },
    async ({ policies, remove }) => {
      await writePolicyRecords(context, policies, remove);
      return { written: policies.length, removed: remove.length };
    },
  );
