package io.instanceworker.control;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.job.RunningJobs;
import io.instanceworker.job.RunningJobs.RunningJob;
import io.instanceworker.messaging.Consumers;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/** {@code GET /actuator/jobs}: the running jobs of this worker. */
@WebEndpoint(id = "jobs")
final class JobsEndpoint {

    record Answer(String worker, boolean consuming, List<Job> jobs) {}

    record Job(
            String jobId,
            String operation,
            @Nullable String server,
            @Nullable Instance instance,
            @Nullable String databaseName,
            String step,
            @Nullable Integer progress,
            Instant since,
            int attempt) {}

    record Instance(@Nullable String id, @Nullable String tenant) {}

    private final String worker;
    private final RunningJobs inHand;
    private final Consumers consumers;
    private final LocalRequestGuard guard;

    JobsEndpoint(String worker, RunningJobs inHand, Consumers consumers, LocalRequestGuard guard) {
        this.worker = worker;
        this.inHand = inHand;
        this.consumers = consumers;
        this.guard = guard;
    }

    @ReadOperation
    public WebEndpointResponse<?> jobs() {
        return guard.answer(() -> new Answer(
                worker,
                consumers.consuming(),
                inHand.all().stream()
                        .sorted(Comparator.comparing(RunningJob::since))
                        .map(JobsEndpoint::shown)
                        .toList()));
    }

    private static Job shown(RunningJob job) {
        InstanceRef instance = job.instance();
        return new Job(
                job.jobId(),
                job.operation().jsonName(),
                job.server(),
                instance == null ? null : new Instance(instance.id(), instance.tenant()),
                instance == null ? null : instance.databaseName(),
                job.step(),
                job.progress(),
                job.since(),
                job.attempt());
    }
}
