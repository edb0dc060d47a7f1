package io.instanceworker.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.provision.Target;
import java.util.Optional;

/**
 * Checks whether a job that is to end without success has done its work nevertheless. This happens if its worker crashed, or
 * the answer of the server was lost, before the success was written. An Add or Copy needs the check only if its end is not
 * written in the transaction that gives the database its name.
 */
final class CompletionCheck {

    private final ChangeRunner changes;
    private final Target target;
    private final RunJournal journal;

    CompletionCheck(ChangeRunner changes, Target target, RunJournal journal) {
        this.changes = changes;
        this.target = target;
        this.journal = journal;
    }

    /**
     * The result of a job that has done its work.
     *
     * @return empty if the job has not done its work
     * @throws RuntimeException as at the end of an attempt, if the server cannot be queried now
     */
    Optional<OperationResult> whatWasDone(Job job) {
        InstanceStatus found = changes.observeUnderLock(target);
        if (!isDoneBy(job, found)) {
            return Optional.empty();
        }
        return Optional.of(
                journal.identityBeforeDrop() != null
                        ? changes.droppedEarlier(found)
                        : changes.completed(target, found, true));
    }

    private boolean isDoneBy(Job job, InstanceStatus found) {
        if (job instanceof DeleteJob) {
            return journal.identityBeforeDrop() == null
                    ? found.state() == InstanceState.NOT_FOUND
                    : !journal.identityBeforeDrop().equals(found.identity());
        }
        return found.state() != InstanceState.INVALID
                && found.mark() != null
                && target.owns(found.mark())
                && found.mark().jobId().equals(job.jobId());
    }
}
