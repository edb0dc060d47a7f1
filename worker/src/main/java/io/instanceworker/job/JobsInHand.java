package io.instanceworker.job;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The jobs whose messages this worker has and has not acknowledged. */
public final class JobsInHand {

    /**
     * One of them.
     *
     * @param server as the message has it, null if it has none, until the job is looked up
     * @param instance the same; null for a look at a whole server
     * @param step where it is: {@code begin}, {@code lock}, {@code create}, …, {@code tell}
     * @param since when the worker began with it
     */
    public record JobInHand(
            String jobId,
            Operation operation,
            int attempt,
            @Nullable String server,
            @Nullable InstanceRef instance,
            String step,
            Instant since) {

        private JobInHand at(String newStep) {
            return new JobInHand(jobId, operation, attempt, server, instance, newStep, since);
        }

        private JobInHand of(String newServer, @Nullable InstanceRef newInstance) {
            return new JobInHand(jobId, operation, attempt, newServer, newInstance, step, since);
        }
    }

    private final Map<Long, JobInHand> jobs = new ConcurrentHashMap<>();
    private final AtomicLong next = new AtomicLong();

    /** Lists a job until the entry is closed. */
    public Entry begin(Job job, int attempt, Instant now) {
        long key = next.incrementAndGet();
        InstanceRef instance = job instanceof InstanceJob about ? about.instance() : null;
        jobs.put(
                key,
                new JobInHand(
                        job.jobId(), job.operation(), attempt, job.header().server(), instance, "begin", now));
        return new Entry(key);
    }

    public List<JobInHand> all() {
        return List.copyOf(jobs.values());
    }

    public int count() {
        return jobs.size();
    }

    /** A job's place in the list. */
    public final class Entry implements AutoCloseable {
        private final long key;

        private Entry(long key) {
            this.key = key;
        }

        public void at(String step) {
            change(job -> job.at(step));
        }

        /** What the job turned out to be about. */
        public void isFor(String server, @Nullable InstanceRef instance) {
            change(job -> job.of(server, instance));
        }

        private void change(UnaryOperator<JobInHand> change) {
            jobs.computeIfPresent(key, (k, job) -> change.apply(job));
        }

        @Override
        public void close() {
            jobs.remove(key);
        }
    }
}
