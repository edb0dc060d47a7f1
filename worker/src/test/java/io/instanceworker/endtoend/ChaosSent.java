package io.instanceworker.endtoend;

import io.instanceworker.contracts.InstanceRef;
import io.instanceworker.contracts.job.AddJob;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.contracts.job.ReadJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the broker has confirmed, by job. */
final class ChaosSent {

    private static final Map<String, String> TEMPLATES = Map.of(
            "minimal", ChaosJobs.MINIMAL,
            "populated", ChaosJobs.POPULATED,
            "held", ChaosJobs.HELD);

    private final Map<String, SentJob> jobs = new TreeMap<>();
    private final List<String> noJobs = new ArrayList<>();
    private int messages;

    /** @param times how often the broker may have it */
    void add(ChaosPost post, int times) {
        messages += times;
        ReadJob read = post.read();
        if (read instanceof ReadJob.Accepted accepted) {
            add(sent(accepted.job()), times);
        } else if (read instanceof ReadJob.Refused refused) {
            if (refused.jobId() == null) {
                noJobs.add(post.body());
            } else {
                add(new SentJob(refused.jobId(), refused.operation(), refused.instance(), null, 0), times);
            }
        }
    }

    private void add(SentJob job, int times) {
        jobs.merge(job.jobId(), job.published(times), (before, more) -> before.published(before.times() + times));
    }

    private static SentJob sent(Job job) {
        InstanceRef instance = job instanceof InstanceJob about ? about.instance() : InstanceRef.NONE;
        String origin = null;
        if (job instanceof CopyJob copy) {
            origin = copy.sourceDatabaseName();
        } else if (job instanceof AddJob add && add.template() != null) {
            origin = TEMPLATES.get(add.template().toLowerCase(Locale.ROOT));
        }
        return new SentJob(job.jobId(), job.operation(), instance, origin, 0);
    }

    List<SentJob> jobs() {
        return List.copyOf(jobs.values());
    }

    List<String> noJobs() {
        return List.copyOf(noJobs);
    }

    int messages() {
        return messages;
    }
}
