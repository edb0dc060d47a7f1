package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One of the workers through all its lives, with its own ways to the servers. */
final class ChaosWorker implements AutoCloseable {

    /** How a JVM ends that was told to by SIGTERM. */
    private static final int TERMINATED = 143;

    private final String name;
    private final ChaosServers servers;
    private final Set<String> secrets;
    private final Line toBroker;
    private final Line toPostgres;
    private final List<WorkerProcess> lives = new ArrayList<>();

    ChaosWorker(String name, ChaosServers servers) {
        this.name = name;
        this.servers = servers;
        this.secrets = servers.secrets();
        this.toBroker = new Line(servers.broker().host(), servers.broker().port());
        this.toPostgres = new Line(servers.postgres().host(), servers.postgres().port());
        toBroker.open();
        toPostgres.open();
    }

    Line toBroker() {
        return toBroker;
    }

    Line toPostgres() {
        return toPostgres;
    }

    ChaosWorker start() {
        lives.add(settings().start(name + "-" + (lives.size() + 1), secrets));
        return this;
    }

    private WorkerSettings settings() {
        return new WorkerSettings(servers.host().springProperties())
                .with("spring.rabbitmq.host", "127.0.0.1")
                .with("spring.rabbitmq.port", String.valueOf(toBroker.port()))
                .server("default", "jdbc:postgresql://127.0.0.1:" + toPostgres.port() + "/postgres", servers.login())
                .with("instance-worker.retry.tiers", "200ms,1s,3s")
                .with("instance-worker.retry.max-attempts", "6")
                .with("instance-worker.shutdown-grace", "20s")
                .with("instance-worker.sweep.interval", "1s")
                .with("instance-worker.sweep.older-than", "2s")
                .with("logging.structured.format.console", "ecs")
                .with("instance-worker.servers.default.allow-copy-between-tenants", "true")
                .template("default", "Minimal", ChaosJobs.MINIMAL)
                .template("default", "Populated", ChaosJobs.POPULATED)
                .template("default", "Held", ChaosJobs.HELD);
    }

    private WorkerProcess life() {
        return lives.get(lives.size() - 1);
    }

    void awaitReady() {
        life().awaitReady();
    }

    void kill() {
        life().kill();
    }

    void terminate() {
        life().terminate();
        int code = life().awaitEnd();
        if (code != TERMINATED) {
            throw new AssertionError(
                    life().name() + " ended with " + code + " when it was told to stop\n" + life().tail());
        }
    }

    /** What all its lives wrote, by their names. */
    Map<String, String> logs() {
        Map<String, String> logs = new java.util.TreeMap<>();
        lives.forEach(life -> logs.put(life.name(), life.log()));
        return logs;
    }

    @Override
    public void close() {
        toBroker.close();
        toPostgres.close();
        AssertionError failure = null;
        for (WorkerProcess life : lives) {
            try {
                life.close();
            } catch (AssertionError e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
