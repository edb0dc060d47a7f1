package io.instanceworker.job;

import java.util.ServiceLoader;

/**
 * Called before every step of a job. In production there is no implementation. A test has an implementation in a jar of its
 * own, which ends the worker at a step.
 */
public interface FaultInjectionPoints {

    void at(String point, String jobId);

    static FaultInjectionPoints installed() {
        return ServiceLoader.load(FaultInjectionPoints.class).findFirst().orElse((point, jobId) -> {});
    }
}
