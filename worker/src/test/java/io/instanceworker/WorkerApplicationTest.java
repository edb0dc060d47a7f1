package io.instanceworker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;

class WorkerApplicationTest {

    /** Without it Spring stops after ten seconds, and the jobs of the other tests are shorter. */
    @Test
    void springWaitsForRunningJobsAsLongAsTheSettingSays() {
        assertThat(WorkerApplication.class
                        .getAnnotation(ImportAutoConfiguration.class)
                        .value())
                .contains(LifecycleAutoConfiguration.class);
    }
}
