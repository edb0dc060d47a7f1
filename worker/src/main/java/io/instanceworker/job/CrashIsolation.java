package io.instanceworker.job;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Runs a job that may crash its workers alone on this worker, so that a crash interrupts no other job. It waits until the
 * running jobs have ended, and the others wait until it has ended, but no job waits longer than {@link #LONGEST_WAIT}: then it is
 * deferred, and another worker may take it.
 */
final class CrashIsolation {

    /** After this number of crashes a job runs alone. */
    static final int SUSPICIOUS_CRASHES = 2;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** Fair: otherwise new jobs could get the lock again and again before a job that has to run alone. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    private final Duration longestWait;

    CrashIsolation() {
        this(LONGEST_WAIT);
    }

    CrashIsolation(Duration longestWait) {
        this.longestWait = longestWait;
    }

    /** Called when a job starts and ends to wait before it runs. */
    interface Waiting {

        void starts();

        void ends();
    }

    /** @throws JobDeferredException if the job has to run alone and other jobs are still running, or the other way round */
    <T> T run(int crashes, Waiting waiting, Supplier<T> work) {
        Lock held = crashes < SUSPICIOUS_CRASHES ? lock.readLock() : lock.writeLock();
        if (!tryLock(held, Duration.ZERO)) {
            await(held, crashes, waiting);
        }
        try {
            return work.get();
        } finally {
            held.unlock();
        }
    }

    private void await(Lock wanted, int crashes, Waiting waiting) {
        waiting.starts();
        boolean locked = tryLock(wanted, longestWait);
        try {
            waiting.ends();
        } catch (RuntimeException e) {
            if (locked) {
                wanted.unlock();
            }
            throw e;
        }
        if (!locked) {
            throw new JobDeferredException(
                    crashes < SUSPICIOUS_CRASHES
                            ? "another job, which had crashes, runs alone on this worker"
                            : "it had " + crashes
                                    + " crashes, so it runs alone on its worker, and other jobs are running here");
        }
    }

    /** Always with a timeout, even zero: {@code tryLock} without a timeout is not fair. */
    private static boolean tryLock(Lock wanted, Duration longest) {
        try {
            return wanted.tryLock(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DeliveryLostException("Interrupted while waiting to run alone");
        }
    }
}
