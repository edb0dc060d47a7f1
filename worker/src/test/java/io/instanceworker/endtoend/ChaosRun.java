package io.instanceworker.endtoend;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** One run: jobs and faults at the same time, then quiet, then the account. */
final class ChaosRun implements AutoCloseable {

    private static final List<String> QUEUES = List.of(
            EndToEnd.PROVISION,
            EndToEnd.QUERY,
            "instance.jobs.wait.200ms",
            "instance.jobs.wait.1s",
            "instance.jobs.wait.3s",
            Events.QUEUE);

    private static final Duration SETTLING = Duration.ofMinutes(5);

    /** The broker's count of what is not acknowledged is five seconds late. */
    private static final Duration QUIET = Duration.ofSeconds(8);

    private final ChaosForm form;
    private final long seed;
    private final ChaosTimeline timeline = new ChaosTimeline();

    /** A worker ends with the thread that started it, so these stay as long as the run. */
    private final ExecutorService threads = Executors.newFixedThreadPool(ChaosFault.Lane.values().length + 1);

    private final List<ChaosWorker> workers = new ArrayList<>();
    private final ChaosSent sent = new ChaosSent();
    private final ChaosServers servers;

    ChaosRun(long seed, ChaosForm form) {
        this.seed = seed;
        this.form = form;
        this.servers = new ChaosServers(ChaosPlan.postgresMajor(seed));
        for (int i = 1; i <= ChaosPlan.WORKERS; i++) {
            workers.add(new ChaosWorker("chaos-" + seed + "-" + i, servers).start());
        }
    }

    /** @return what must not be */
    List<String> violations() throws Exception {
        workers.forEach(ChaosWorker::awaitReady);
        timeline.say("seed " + seed + ", " + form + ": PostgreSQL "
                + servers.postgres().version() + ", RabbitMQ "
                + servers.broker().version() + ", " + workers.size()
                + " workers");
        try (Events events = new Events(servers.host(), servers.secrets())) {
            workAndBreak(ChaosPlan.of(seed, form, Instant.now()));
            heal();
            settle();
            workers.forEach(ChaosWorker::terminate);
            servers.letGo();
            ChaosAccount account = new ChaosAccount(seed, servers, workers, sent, timeline);
            return account.violations(events.all(), depths());
        }
    }

    private void workAndBreak(ChaosPlan plan) throws InterruptedException, ExecutionException {
        List<Future<?>> all = new ArrayList<>();
        plan.faults()
                .values()
                .forEach(faults -> all.add(threads.submit(() -> {
                    new ChaosSequence(servers, workers, timeline).run(faults);
                    return null;
                })));
        all.add(threads.submit(() -> {
            publish(plan.posts());
            return null;
        }));
        for (Future<?> each : all) {
            each.get();
        }
    }

    private void publish(List<ChaosPost> posts) throws InterruptedException {
        Instant start = Instant.now();
        try (ConfirmedSender sender = new ConfirmedSender(servers.host())) {
            for (ChaosPost post : posts) {
                long early = Duration.between(Instant.now(), start.plusMillis(post.at()))
                        .toMillis();
                if (early > 0) {
                    TimeUnit.MILLISECONDS.sleep(early);
                }
                sent.add(post, sender.send(post.routingKey(), post.body()));
            }
        }
        timeline.say("all " + posts.size() + " messages are published");
    }

    private void heal() {
        workers.forEach(worker -> {
            worker.toBroker().loseNoMore();
            worker.toPostgres().loseNoMore();
        });
        workers.forEach(ChaosWorker::awaitReady);
        timeline.say("all faults are over, all workers ready");
    }

    private void settle() {
        try {
            Awaitility.await("nothing in the lanes and wait tiers")
                    .atMost(SETTLING)
                    .pollInterval(Duration.ofMillis(500))
                    .during(QUIET)
                    .until(() -> depths().values().stream().allMatch(depth -> depth == 0));
            timeline.say("settled");
        } catch (ConditionTimeoutException e) {
            timeline.say("not settled after " + SETTLING + ": " + depths());
        }
    }

    private Map<String, Long> depths() {
        Map<String, Long> depths = new LinkedHashMap<>();
        for (String queue : QUEUES) {
            long depth = servers.broker().management().depth(servers.host().name(), queue);
            depths.put(queue, Math.max(depth, servers.host().ready(queue)));
        }
        return depths;
    }

    @Override
    public void close() throws Exception {
        threads.shutdownNow();
        List<AutoCloseable> all = new ArrayList<>(workers);
        all.add(servers);
        Exception failure = null;
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
