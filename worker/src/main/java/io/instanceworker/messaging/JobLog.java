package io.instanceworker.messaging;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.result.JobError;
import io.instanceworker.contracts.result.JobFacts;
import io.instanceworker.contracts.result.JobResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs one line for each result: the job, its database, and the outcome. */
final class JobLog {

    private static final Logger log = LoggerFactory.getLogger(JobLog.class);

    private JobLog() {}

    static void ended(JobResult result) {
        JobFacts facts = result.facts();
        JobError error = result.error();
        if (error == null) {
            log.info("{}: {} in {} ms", subject(facts), done(result), facts.durationMs());
        } else {
            log.warn(
                    "{}: attempt {} of {} {} with {}: {}",
                    subject(facts),
                    facts.attempt(),
                    facts.maxAttempts(),
                    result.nextAttemptAt() == null ? "ended" : "failed, another follows,",
                    error.code(),
                    error.message());
        }
    }

    private static String subject(JobFacts facts) {
        InstanceRef instance = facts.instance();
        String database = instance.databaseName() == null ? "" : " " + instance.databaseName();
        String requestedBy = facts.requestedBy() == null ? "" : ", requested by " + facts.requestedBy();
        return (facts.operation() == null ? "Message" : facts.operation().jsonName()) + database + " (job "
                + facts.jobId() + ", server " + facts.server() + requestedBy + ")";
    }

    private static String done(JobResult result) {
        if (result.facts().operation() == null || !result.facts().operation().changesDatabases()) {
            return "answered";
        }
        if (!result.changed()) {
            return "nothing to do";
        }
        return switch (result.facts().operation()) {
            case DELETE -> "deleted";
            case ADOPT -> "adopted";
            case RESTORE -> "restored";
            default -> "created";
        };
    }
}
