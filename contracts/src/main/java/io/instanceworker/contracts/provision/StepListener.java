package io.instanceworker.contracts.provision;

/** Called at the steps of a job, on the job's own thread, so that people and tests can see its current step. */
@FunctionalInterface
public interface StepListener {

    /** @param step the step that is about to start, a short name such as {@code create} or {@code rename} */
    void at(String step);

    /**
     * Reports something that people should know although the job succeeds. Called before the database gets its name.
     *
     * @param warning for people; it is published, so it must not contain a secret
     */
    default void warn(String warning) {
        // A listener need not handle warnings.
    }
}
