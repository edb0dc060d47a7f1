package io.instanceworker.messaging;

import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobResult;
import io.instanceworker.job.Disposition;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/** The span in which a message is processed or published. It is the current span of its thread until it is closed. */
final class MessageSpan implements AutoCloseable {

    private final Span span;
    private final Context context;
    private final Scope scope;
    private boolean ended;

    @SuppressWarnings("MustBeClosedChecker") // close() closes the scope
    MessageSpan(Span span) {
        this.span = span;
        this.context = Context.current().with(span);
        this.scope = context.makeCurrent();
    }

    void isAbout(Job job) {
        span.setAttribute("instance_worker.job.id", job.jobId());
        span.setAttribute("instance_worker.operation", job.operation().jsonName());
    }

    /** An event of the span, not a span: a step has no attributes and follows directly on the step before. */
    void at(String step) {
        span.addEvent(step);
    }

    /** Runs this with the span as the current one, on another thread too. */
    void run(Runnable work) {
        context.wrap(work).run();
    }

    void succeeded() {
        ended = true;
    }

    void endsWith(Disposition disposition) {
        if (disposition instanceof Disposition.Ended done) {
            endsWith(done.event().data());
        } else if (disposition instanceof Disposition.TryAgain again) {
            endsWith(again.event().data());
        } else {
            outcome("Waiting");
        }
    }

    private void endsWith(JobResult result) {
        outcome(result.outcome().jsonName());
        span.setAttribute("instance_worker.attempt", result.facts().attempt());
        String server = result.facts().server();
        if (server != null) {
            span.setAttribute("instance_worker.server", server);
        }
        JobError error = result.error();
        if (error != null) {
            failed(error.code().name());
        }
    }

    /** @param outcome of the job, or what was done with the message instead */
    void outcome(String outcome) {
        span.setAttribute("instance_worker.outcome", outcome);
        ended = true;
    }

    void failed(String type) {
        span.setAttribute("error.type", type);
        span.setStatus(StatusCode.ERROR);
        ended = true;
    }

    /** Without an outcome before, the message goes back to its queue, or was not published. */
    @Override
    public void close() {
        if (!ended) {
            failed("interrupted");
        }
        scope.close();
        span.end();
    }
}
