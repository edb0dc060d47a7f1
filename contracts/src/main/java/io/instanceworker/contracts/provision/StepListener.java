package io.instanceworker.contracts.provision;

/** Hears of the steps of a job, on the job's own thread, so that people and tests can see where it is. */
@FunctionalInterface
public interface StepListener {

    /** @param step a short name such as {@code create} or {@code rename}, told just before the step */
    void at(String step);
}
