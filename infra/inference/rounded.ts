/** A number to four significant digits: kinds of CPU differ in the last bits of what a model gives, and events should not. */
export const rounded = (value: number): number => (Number.isFinite(value) && value !== 0 ? Number(value.toPrecision(4)) : value);
