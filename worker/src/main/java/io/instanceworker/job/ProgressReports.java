package io.instanceworker.job;

import io.instanceworker.contracts.result.JobResult;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes how much of an attempt's work is done, until the attempt has ended. Engines report it on any thread. Whatever goes
 * wrong with it has no effect on the job.
 */
final class ProgressReports {

    private static final Logger log = LoggerFactory.getLogger(ProgressReports.class);

    /** The shortest time between two events. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    /** How long the end of the attempt waits for an event that is being published. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private static final int EVERYTHING = 100;

    private final JobObserver observer;
    private final Clock clock;
    private final ReentrantLock publishing = new ReentrantLock();

    /** The first event of the attempt; null before its start and after its end. */
    private volatile JobResult.@Nullable InProgress started;

    private int published;
    private Instant publishedAt = Instant.MIN;

    ProgressReports(JobObserver observer, Clock clock) {
        this.observer = observer;
        this.clock = clock;
    }

    void start(JobResult.InProgress first) {
        started = first;
    }

    /** Publishes the percentage if it is greater than the last one, and not too soon after it. Does not throw. */
    void report(int percent) {
        if (!publishing.tryLock()) {
            return;
        }
        try {
            JobResult.InProgress first = started;
            int done = Math.min(percent, EVERYTHING);
            Instant now = clock.instant();
            if (first != null && done > published && !now.isBefore(publishedAt.plus(PAUSE))) {
                published = done;
                publishedAt = now;
                observer.progress(first.at(done), this::requireRunning);
            }
        } catch (RuntimeException e) {
            started = null;
            log.info("No more progress is published of this attempt: {}", e.getMessage());
        } finally {
            publishing.unlock();
        }
    }

    /** The attempt may have ended while the broker was asked for something. */
    private void requireRunning() {
        if (started == null) {
            throw new IllegalStateException("The attempt has ended");
        }
    }

    /** To be called before anything else is published of the attempt. From now on nothing is published here. */
    void end() {
        started = null;
        try {
            if (publishing.tryLock(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                publishing.unlock();
            } else {
                log.info("The broker has not confirmed an event about the job's progress; the job goes on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
