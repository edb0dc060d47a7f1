package io.instanceworker.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.job.DeleteJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.RestoreJob;
import io.instanceworker.contracts.provision.InstanceStatus;
import io.instanceworker.provision.Target;
import java.util.Optional;

/**
 * Checks whether a job that is to end without success has done its work nevertheless. This happens if its worker crashed, or
 * the answer of the server was lost, before the success was written. An Add, Copy, Adopt or Restore needs the check only if its
 * end is not written in the transaction that gives the database its name or mark.
 */
final class CompletionCheck {

    private final ChangeSteps steps;
    private final DeleteRunner deletes;
    private final ExistingDatabaseRunner existing;
    private final Target target;
    private final RunJournal journal;

    CompletionCheck(JobContext context, Target target) {
        this.steps = new ChangeSteps(context);
        this.deletes = new DeleteRunner(context);
        this.existing = new ExistingDatabaseRunner(context);
        this.target = target;
        this.journal = context.journal();
    }

    /**
     * The result of a job that has done its work.
     *
     * @return empty if the job has not done its work
     * @throws RuntimeException as at the end of an attempt, if the server cannot be queried now
     */
    Optional<OperationResult> whatWasDone(Job job) {
        InstanceStatus found = steps.observeUnderLock(target);
        if (!isDoneBy(job, found)) {
            return Optional.empty();
        }
        return Optional.of(
                job instanceof DeleteJob && journal.before() != null
                        ? deletes.droppedEarlier(found)
                        : steps.completed(target, found, true));
    }

    private boolean isDoneBy(Job job, InstanceStatus found) {
        if (job instanceof DeleteJob) {
            return journal.before() == null
                    ? found.state() == InstanceState.NOT_FOUND
                    : !journal.before().equals(found.identity());
        }
        if (job instanceof RestoreJob) {
            return existing.isRestored(target, found);
        }
        return found.state() != InstanceState.INVALID
                && found.mark() != null
                && target.owns(found.mark())
                && found.mark().jobId().equals(job.jobId());
    }
}
