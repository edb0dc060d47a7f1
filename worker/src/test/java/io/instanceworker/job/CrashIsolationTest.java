package io.instanceworker.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a job's claim does while the job waits to run. */
class CrashIsolationTest {

    private final CrashIsolation isolation = new CrashIsolation();
    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch waits = new CountDownLatch(1);

    private final CrashIsolation.Waiting waiting = new CrashIsolation.Waiting() {
        @Override
        public void starts() {
            seen.add("waits");
            waits.countDown();
        }

        @Override
        public void ends() {
            seen.add("goes on");
        }
    };

    @Test
    void aJobThatRunsAtOnceDoesNotWait() {
        assertThat(isolation.run(0, waiting, () -> isolation.run(1, waiting, () -> "beside")))
                .isEqualTo("beside");
        assertThat(isolation.run(CrashIsolation.SUSPICIOUS_CRASHES, waiting, () -> "alone"))
                .isEqualTo("alone");
        assertThat(seen).isEmpty();
    }

    @Test
    void aJobThatWaitsForAJobThatRunsAloneReportsTheWaitAndRunsAfterIt() throws Exception {
        Thread[] other = new Thread[1];
        isolation.run(CrashIsolation.SUSPICIOUS_CRASHES, waiting, () -> {
            other[0] = new Thread(() -> isolation.run(0, waiting, () -> seen.add("runs")));
            other[0].start();
            await(waits);
            return seen.add("ran alone");
        });
        other[0].join();

        assertThat(seen).containsExactly("waits", "ran alone", "goes on", "runs");
    }

    @Test
    void aJobThatLosesItsClaimWhileItWaitsDoesNotRunAndReleasesTheLock() throws Exception {
        CrashIsolation.Waiting lost = new CrashIsolation.Waiting() {
            @Override
            public void starts() {
                waits.countDown();
            }

            @Override
            public void ends() {
                throw new DeliveryLostException("lost");
            }
        };
        Thread[] other = new Thread[1];
        isolation.run(CrashIsolation.SUSPICIOUS_CRASHES, waiting, () -> {
            other[0] = new Thread(() -> assertThatThrownBy(() -> isolation.run(0, lost, () -> seen.add("runs")))
                    .isInstanceOf(DeliveryLostException.class));
            other[0].start();
            await(waits);
            return true;
        });
        other[0].join();

        assertThat(isolation.run(CrashIsolation.SUSPICIOUS_CRASHES, waiting, () -> "alone"))
                .isEqualTo("alone");
        assertThat(seen).isEmpty();
    }

    /** A Copy that runs alone may take hours. */
    @Test
    void aJobThatWaitsTooLongBehindOneThatRunsAloneIsDeferred() {
        CrashIsolation impatient = new CrashIsolation(Duration.ofMillis(1));
        impatient.run(CrashIsolation.SUSPICIOUS_CRASHES, waiting, () -> {
            CompletableFuture<?> other =
                    CompletableFuture.runAsync(() -> impatient.run(0, waiting, () -> seen.add("runs")));
            assertThatThrownBy(() -> other.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(JobDeferredException.class);
            return true;
        });

        assertThat(seen).containsExactly("waits", "goes on");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
