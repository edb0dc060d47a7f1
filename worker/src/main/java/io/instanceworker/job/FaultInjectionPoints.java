package io.instanceworker.job;

import java.util.ServiceLoader;

/**
 * Is called at every step of a job, before the step. In production nothing implements it: a test brings an implementation in a
 * jar of its own, to end the worker at that step.
 */
public interface FaultInjectionPoints {

    void at(String point, String jobId);

    static FaultInjectionPoints installed() {
        return ServiceLoader.load(FaultInjectionPoints.class).findFirst().orElse((point, jobId) -> {});
    }
}
