package io.instanceworker.messaging;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import java.util.ArrayList;
import java.util.List;

/** Shortens a result that is larger than the broker accepts: without the parts that can be large. */
final class ShortenedResult {

    private static final String WITHOUT_CONTEXT =
            "The job's context was left out, because with it the event is larger than RabbitMQ takes (max_message_size).";

    private ShortenedResult() {}

    static JobResult of(JobResult result) {
        JobFacts facts = result.facts().withoutContext();
        if (result instanceof JobResult.InProgress progress) {
            return new JobResult.InProgress(facts, progress.state(), progress.progress());
        } else if (result instanceof JobResult.Succeeded done) {
            return done.page() == null ? succeeded(facts, done) : new JobResult.Error(facts, tooLarge());
        } else if (result instanceof JobResult.Failed failed) {
            return new JobResult.Failed(facts, failed.state(), shortened(failed.error()), failed.nextAttemptAt());
        } else if (result instanceof JobResult.Error failed) {
            return new JobResult.Error(facts, failed.state(), shortened(failed.error()));
        } else if (result instanceof JobResult.Rejected rejected) {
            return new JobResult.Rejected(facts, shortened(rejected.error()));
        }
        throw new IllegalStateException("A result of an unknown kind: " + result.outcome());
    }

    private static JobResult succeeded(JobFacts facts, JobResult.Succeeded done) {
        List<String> warnings = new ArrayList<>(done.warnings());
        warnings.add(WITHOUT_CONTEXT);
        return new JobResult.Succeeded(
                facts, done.changed(), done.state(), done.info(), null, done.connectionString(), warnings);
    }

    private static JobError shortened(JobError error) {
        return new JobError(
                error.code(), error.message() + " " + WITHOUT_CONTEXT, error.sqlState(), error.vendorCode());
    }

    private static JobError tooLarge() {
        String message =
                "The answer is larger than RabbitMQ takes (max_message_size). Ask for smaller pages or raise the limit.";
        return new JobError(ErrorCode.INTERNAL_ERROR, message, null, null);
    }
}
