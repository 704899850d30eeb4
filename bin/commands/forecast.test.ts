import { decodeTrafficForecast } from '../../schemas';
import { forecastValue } from '../../processors/runtime/testing/forecasts';
import { aboutOf, forecastRows } from './forecast';

const FORECAST = decodeTrafficForecast(forecastValue('192.0.2.1/3/out', Date.UTC(2026, 0, 5, 12), 1.5e9, { modelHash: '0123456789abcdef' }));

test('a row a horizon, with when it is and the interval', () => {
  expect(forecastRows(FORECAST)).toEqual(
    [['5 min', '12:05', 5], ['15 min', '12:15', 5], ['1 h', '13:00', 5], ['24 h', '12:00', 6]].map(([horizon, at, day]) => ({
      in: horizon, at: `2026-01-0${day}T${at}Z`, expected: '1.50 Gbit/s', median: '1.50 Gbit/s', 'from (5 %)': '1.50 Gbit/s', 'to (95 %)': '1.50 Gbit/s',
    })),
  );
});

test('what it was made from is told, gaps where there are some', () => {
  expect(aboutOf(FORECAST)).toBe('192.0.2.1/3/out: known up to 2026-01-05T12:00:00.000Z; model linear 01234567');
  expect(aboutOf({ ...FORECAST, gaps: 3 })).toContain('3 of the last 60 windows missing');
});
