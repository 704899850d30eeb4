import { isSpanContextValid, ROOT_CONTEXT, trace, type Context, type Span, type SpanContext } from '@opentelemetry/api';
import type { Headers } from '../log/log';

const PATTERN = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The W3C `traceparent` of a span (Trace Context, section 3.2); undefined where the span is not recorded anywhere. */
export function traceparentOf(span: Span): string | undefined {
  const context = span.spanContext();
  return isSpanContextValid(context) ? `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}` : undefined;
}

/** Writes `traceparent` into `headers` where `from` has a valid span; returns `headers`. */
export function injectTrace<H extends Record<string, string>>(from: Span | Context, headers: H): H {
  const span = 'spanContext' in from ? from : trace.getSpan(from);
  const parent = span === undefined ? undefined : traceparentOf(span);
  if (parent !== undefined) (headers as Record<string, string>).traceparent = parent;
  return headers;
}

/** The span context behind a `traceparent`, e.g. to link to it; undefined where it is missing or malformed. */
export function extractSpanContext(headers: Headers): SpanContext | undefined {
  const match = PATTERN.exec(headers.traceparent ?? '');
  if (match === null) return undefined;
  const context: SpanContext = { traceId: match[1], spanId: match[2], traceFlags: parseInt(match[3], 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** A context whose parent is the `traceparent` of a record; the root context where it has none. */
export function extractTrace(headers: Headers): Context {
  const context = extractSpanContext(headers);
  return context === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}
