package io.instanceworker.job;

import io.instanceworker.contracts.Operation;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The jobs that this worker is running. */
public final class JobsInHand {

    /**
     * One of them.
     *
     * @param instanceId null, and the database name empty, for a look at a whole server
     * @param step where it is: {@code lock}, {@code create}, …
     */
    public record JobInHand(
            String jobId,
            Operation operation,
            int attempt,
            String server,
            @Nullable String instanceId,
            @Nullable String tenant,
            String databaseName,
            String step,
            Instant since) {

        private JobInHand at(String newStep) {
            return new JobInHand(jobId, operation, attempt, server, instanceId, tenant, databaseName, newStep, since);
        }
    }

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
            jobs.computeIfPresent(key, (k, job) -> job.at(step));
        }

        @Override
        public void close() {
            jobs.remove(key);
        }
    }
}
