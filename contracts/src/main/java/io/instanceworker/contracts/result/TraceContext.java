package io.instanceworker.contracts.result;

import org.jspecify.annotations.Nullable;

/**
 * The W3C trace context of an event: the attributes of CloudEvents' extension for distributed tracing.
 *
 * @param traceparent the trace and the span in which the event was published
 * @param tracestate further values of tracing systems; null if there are none
 */
public record TraceContext(String traceparent, @Nullable String tracestate) {}
