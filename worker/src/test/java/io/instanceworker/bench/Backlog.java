package io.instanceworker.bench;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Lets workers work off jobs that were all published before the first one was taken. */
final class Backlog implements AutoCloseable {

    static final String PROVISION = "instance.jobs.provision";
    static final String QUERY = "instance.jobs.query";

    private final Site site;
    private final List<MeasuredWorker> workers;
    private final Connection connection;
    private final JobSender sender;
    private final StatusQueue status;
    private final Duration limit;

    /** @param workers have started to consume, and are paused from now on except while they are measured */
    Backlog(Site site, List<MeasuredWorker> workers, Duration limit)
            throws IOException, InterruptedException, TimeoutException {
        this.site = site;
        this.workers = workers;
        this.limit = limit;
        connection = site.host().connectOnce();
        sender = new JobSender(site.host());
        status = new StatusQueue(site.host());
    }

    /** How many messages of a queue the workers have in hand at once, as the broker counts it. */
    int width(String queue) throws IOException, TimeoutException {
        try (Channel channel = connection.createChannel()) {
            return Math.toIntExact(channel.consumerCount(queue));
        }
    }

    void pause() throws IOException, InterruptedException {
        for (MeasuredWorker worker : workers) {
            worker.pause();
        }
    }

    void resume() throws IOException, InterruptedException {
        for (MeasuredWorker worker : workers) {
            worker.resume();
        }
    }

    /**
     * Runs the jobs on workers that are paused, and pauses them again.
     *
     * @return the ends, fewer than jobs if time was up
     */
    List<StatusEvent> run(List<BenchJob> jobs) throws IOException, InterruptedException, TimeoutException {
        status.clear();
        sender.sendAll(jobs);
        resume();
        int events =
                jobs.stream().mapToInt(job -> job.reportsProgress() ? 2 : 1).sum();
        List<StatusEvent> ends = status.ends(jobs.size(), events, limit);
        pause();
        if (ends.size() < jobs.size()) {
            forget();
        }
        return ends;
    }

    /** What was not done in time is not done later either, in the middle of another measurement. */
    private void forget() throws IOException, TimeoutException {
        try (Channel channel = connection.createChannel()) {
            channel.queuePurge(PROVISION);
            channel.queuePurge(QUERY);
        }
        status.clear();
    }

    static Spans spans(List<StatusEvent> ends) {
        return new Spans(ends.stream().map(StatusEvent::span).toList());
    }

    Site site() {
        return site;
    }

    @Override
    public void close() {
        status.close();
        sender.close();
        connection.abort();
    }
}
