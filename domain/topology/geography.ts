/** A place on the Earth; unit: degrees. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** Mean radius of the Earth (IUGG); unit: kilometres. */
const EARTH_KM = 6371.0088;
/** Light in fibre of refractive index 1.5 takes so long; unit: milliseconds a kilometre. */
export const FIBRE_MS_PER_KM = 0.005;

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Length of the great circle between two places (haversine formula); unit: kilometres. */
export function greatCircleKm(from: Place, to: Place): number {
  const sine = (angle: number): number => Math.sin(radians(angle) / 2) ** 2;
  const half = sine(to.latitude - from.latitude) + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * sine(to.longitude - from.longitude);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** What light takes over fibre laid along the great circle, one way, in whole nanoseconds; unit: milliseconds. */
export const fibreLatencyMs = (from: Place, to: Place): number => Math.round(greatCircleKm(from, to) * FIBRE_MS_PER_KM * 1e6) / 1e6;
