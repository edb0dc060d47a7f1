package io.instanceworker.job;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Runs a job that may crash its workers alone on this worker, so that a crash interrupts no other job. The job waits until the
 * running jobs have ended, but not longer than {@link #LONGEST_WAIT}, because further jobs wait behind it.
 */
final class CrashIsolation {

    /** After this number of crashes a job runs alone. */
    static final int SUSPICIOUS_CRASHES = 2;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    /** Fair: otherwise new jobs could get the lock again and again before a job that has to run alone. */
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(true);

    /** Called when a job starts and ends to wait before it runs. */
    interface Waiting {

        void starts();

        void ends();
    }

    /** @throws JobDeferredException if the job has to run alone, and other jobs are still running */
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
        boolean locked = true;
        if (wanted == lock.readLock()) {
            wanted.lock();
        } else {
            locked = tryLock(wanted, LONGEST_WAIT);
        }
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
                    "it had " + crashes + " crashes, so it runs alone on its worker, and other jobs are running here");
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
