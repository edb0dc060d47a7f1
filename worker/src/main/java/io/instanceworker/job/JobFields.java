package io.instanceworker.job;

import io.instanceworker.contracts.job.Job;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/** The fields (MDC) of every log line of a job, from open to close, on one thread. */
public final class JobFields implements AutoCloseable {

    private static final List<String> NAMES = List.of("job", "operation", "attempt", "server", "instance", "database");

    private JobFields() {}

    public static JobFields open(Job job) {
        MDC.put("job", job.jobId());
        MDC.put("operation", job.operation().jsonName());
        return new JobFields();
    }

    static void add(JobAttempt attempt) {
        MDC.put("attempt", Integer.toString(attempt.number()));
    }

    /** Adds the fields that are known only after the job was checked against the configuration. */
    static void add(Server server, @Nullable Target target) {
        MDC.put("server", server.name());
        if (target != null) {
            MDC.put("instance", target.instanceId());
            MDC.put("database", target.databaseName());
        }
    }

    @Override
    public void close() {
        NAMES.forEach(MDC::remove);
    }
}
