package io.instanceworker.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.contracts.result.StateReport;
import io.instanceworker.provision.Server;
import io.instanceworker.provision.Target;
import java.time.Clock;
import java.util.Optional;

/**
 * Whether a job that is to end without success has done its work all the same: its worker was killed, or the server's answer
 * was lost, before that could be told.
 */
final class LastLook {

    private final Server server;
    private final Target target;
    private final Results results;
    private final Clock clock;

    LastLook(Server server, Target target, Results results, Clock clock) {
        this.server = server;
        this.target = target;
        this.results = results;
        this.clock = clock;
    }

    /**
     * @return empty if it has not
     * @throws RuntimeException one of those that end an attempt, if it cannot be seen now
     */
    Optional<Done> whatWasDone(Job job) {
        ChangeRunner alone = new ChangeRunner(server, step -> {}, results::locked, state -> {}, clock);
        InstanceStatus found = alone.seenAlone(target);
        if (!isDoneBy(job, found)) {
            return Optional.empty();
        }
        return Optional.of(new Done(
                !(job instanceof DeleteJob),
                StateReport.of(found.state()),
                null,
                null,
                found.exists() ? server.connectionString(target.databaseName()) : null));
    }

    private boolean isDoneBy(Job job, InstanceStatus found) {
        return job instanceof DeleteJob
                ? found.state() == InstanceState.NOT_FOUND
                : found.state() != InstanceState.INVALID
                        && found.mark() != null
                        && target.owns(found.mark())
                        && found.mark().jobId().equals(job.jobId());
    }
}
