/** When scores make an anomaly. */
import { Episodes } from './episodes';
import { scoreSection, type ScoreSettings } from './settings';

const MINUTE = 60_000;
const START = 1_700_000_040_000;
const KEY = Buffer.from('host|10.0.0.1|60000');

function settings(given: Partial<ScoreSettings>): ScoreSettings {
  return { ...(Object.fromEntries(Object.entries(scoreSection.keys).map(([name, { default: value }]) => [name, value])) as unknown as ScoreSettings), beginsAfter: 2, overAfter: 2, ...given };
}

/** Windows as a line: `#` above, `.` below, a space: no window. What is told, with the minute it began. */
function told(windows: string, given: Partial<ScoreSettings> = {}): string[] {
  const episodes = new Episodes('episodes', settings(given));
  const said: string[] = [];
  [...windows].forEach((window, minute) => {
    if (window === ' ') return;
    const episode = episodes.take(KEY, START + minute * MINUTE, MINUTE, window === '#');
    if (episode) said.push(`${minute}: ${episode.phase} ${(episode.began - START) / MINUTE}`);
  });
  return said;
}

describe('an anomaly', () => {
  test.each<[string, string, Partial<ScoreSettings>, string[]]>([
    ['does not begin with one window', '.#.#.#', {}, []],
    ['begins after so many on end, as of the first of them', '.##', {}, ['2: began 1']],
    ['goes on every so often', '#####', { goesOnMs: 120_000 }, ['1: began 0', '3: goes-on 0']],
    ['is over after so many below', '##.#..', { goesOnMs: 3_600_000 }, ['1: began 0', '5: over 0']],
    ['may begin again', '##..##', {}, ['1: began 0', '3: over 0', '5: began 4']],
    ['does not begin across a hole', '# #', {}, []],
    ['goes on across a short hole', '## #', {}, ['1: began 0', '3: goes-on 0']],
    ['is over by a long hole', '##   #', {}, ['1: began 0', '5: over 0']],
  ])('%s', (_, windows, given, expected) => {
    expect(told(windows, given)).toEqual(expected);
  });

  test('a window that comes twice, or late, counts once', () => {
    const episodes = new Episodes('episodes', settings({ beginsAfter: 3 }));
    for (const minute of [1, 1, 0, 2]) expect(episodes.take(KEY, START + minute * MINUTE, MINUTE, true)).toBeNull();
    expect(episodes.take(KEY, START + 3 * MINUTE, MINUTE, true)).toMatchObject({ phase: 'began' });
  });

  test('the past, in a capture that is replayed, begins anew', () => {
    const episodes = new Episodes('episodes', settings({}));
    for (const minute of [0, 1]) episodes.take(KEY, START + minute * MINUTE, MINUTE, true);
    const past = START - 86_400_000;
    expect([0, 1].map((minute) => episodes.take(KEY, past + minute * MINUTE, MINUTE, true))).toEqual([null, { phase: 'began', began: past }]);
  });

  test('a subject that vanished is over, and calm subjects take no room', () => {
    const episodes = new Episodes('episodes', settings({}));
    for (const minute of [0, 1]) episodes.take(KEY, START + minute * MINUTE, MINUTE, true);
    episodes.take(Buffer.from('host|10.0.0.2|60000'), START, MINUTE, true);
    episodes.take(Buffer.from('host|10.0.0.3|60000'), START, MINUTE, false);
    expect(episodes.store.entries).toBe(2);
    const gone: string[] = [];
    const sweep = (minute: number): void => episodes.sweep('|60000', START + minute * MINUTE, MINUTE, (key, { phase }) => gone.push(`${minute}: ${key} ${phase}`));
    for (const minute of [2, 3, 4, 5]) sweep(minute);
    expect(gone).toEqual([`5: ${KEY} over`]);
    expect(episodes.store.entries).toBe(0);
  });
});
