package io.instanceworker.contracts.provision;

/** Called at the steps of a job, on the job's own thread, so that people and tests can see what it does. */
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

    /**
     * Reports how much of the work is done. May be called on any thread and at any time, and never throws. It may block, so an
     * engine calls it on a thread that nothing waits for. Not every call is published.
     *
     * @param percent of the whole work, from 0 to 100; it should not go back
     */
    default void progress(int percent) {
        // A listener need not handle progress.
    }
}
