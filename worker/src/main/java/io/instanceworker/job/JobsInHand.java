package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The jobs that this worker is running. */
public final class JobsInHand {

    /**
     * One of them.
     *
     * @param step where it is: {@code lock}, {@code create}, …
     */
    public record JobInHand(
            String jobId, Operation operation, String server, String databaseName, String step, Instant since) {}

    private final Map<Long, JobInHand> jobs = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    /** Lists a job until the entry is closed. */
    Entry begin(JobInHand job) {
        long key = next.incrementAndGet();
        jobs.put(key, job);
        return new Entry(key);
    }

    public List<JobInHand> all() {
        return List.copyOf(jobs.values());
    }

    public int count() {
        return jobs.size();
    }

    final class Entry implements AutoCloseable {
        private final long key;

        private Entry(long key) {
            this.key = key;
        }

        void at(String step) {
            jobs.computeIfPresent(
                    key,
                    (k, j) -> new JobInHand(j.jobId(), j.operation(), j.server(), j.databaseName(), step, j.since()));
        }

        @Override
        public void close() {
            jobs.remove(key);
        }
    }
}
