package io.instanceworker.messaging;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;

/** What is published of a result that is larger than the broker takes: the same without the parts that can be large. */
final class ShortenedResult {

    private ShortenedResult() {}

    static JobResult of(JobResult result) {
        JobFacts facts = result.facts().withoutContext();
        JobError error = result.error();
        if (result instanceof JobResult.Succeeded done
                && facts.operation() != null
                && facts.operation().changesDatabases()) {
            return new JobResult.Succeeded(facts, done.changed(), done.state(), null, null, done.connectionString());
        } else if (result instanceof JobResult.Failed failed) {
            return new JobResult.Failed(facts, failed.error(), failed.nextAttemptAt());
        } else if (result instanceof JobResult.Rejected rejected) {
            return new JobResult.Rejected(facts, rejected.error());
        }
        return new JobResult.Error(facts, error == null ? tooLarge() : error);
    }

    private static JobError tooLarge() {
        String message =
                "The answer is larger than RabbitMQ takes (max_message_size). Ask for smaller pages or raise the limit.";
        return new JobError(ErrorCode.INTERNAL_ERROR, message, null, null);
    }
}
