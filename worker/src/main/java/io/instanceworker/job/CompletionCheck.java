package io.instanceworker.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.provision.Target;
import java.util.Optional;

/**
 * Finds out whether a job that is to end without success has done its work all the same: its worker crashed, or the server's
 * answer was lost, before that could be written down. With a journal only a Delete needs it, because the end of an Add or Copy
 * is written in the transaction that names the database.
 */
final class CompletionCheck {

    private final ChangeRunner changes;
    private final Target target;
    private final RunJournal journal;

    /** @param journal of this run */
    CompletionCheck(ChangeRunner changes, Target target, RunJournal journal) {
        this.changes = changes;
        this.target = target;
        this.journal = journal;
    }

    /**
     * @return empty if it has not
     * @throws RuntimeException one of those that end an attempt, if the server cannot be asked now
     */
    Optional<OperationResult> whatWasDone(Job job) {
        InstanceStatus found = changes.observeUnderLock(target);
        if (!isDoneBy(job, found)) {
            return Optional.empty();
        }
        return Optional.of(changes.completed(target, found, true));
    }

    private boolean isDoneBy(Job job, InstanceStatus found) {
        if (job instanceof DeleteJob) {
            return journal.before() == null
                    ? found.state() == InstanceState.NOT_FOUND
                    : !journal.before().equals(found.identity());
        }
        return found.state() != InstanceState.INVALID
                && found.mark() != null
                && target.owns(found.mark())
                && found.mark().jobId().equals(job.jobId());
    }
}
