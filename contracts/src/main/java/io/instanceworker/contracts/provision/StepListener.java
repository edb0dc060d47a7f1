package io.instanceworker.contracts.provision;

/** Hears of the steps of a job, on the job's own thread, so that people and tests can see where it is. */
@FunctionalInterface
public interface StepListener {

    /** @param step a short name such as {@code create} or {@code rename}, told just before the step */
    void at(String step);

    /**
     * Something that people should know although the job succeeds. Called before the database gets its name.
     *
     * @param warning for people; it becomes public, so it holds no secret
     */
    default void warn(String warning) {
        // Who only follows the steps needs no warnings.
    }
}
