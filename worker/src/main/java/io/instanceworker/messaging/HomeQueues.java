package io.instanceworker.messaging;

import io.instanceworker.contracts.job.Job;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which queue is a job's own: by its server, and by whether it changes databases. With one server these are the two queues that
 * every worker has; with several, each server has two of its own, and the two common ones only pass jobs on.
 */
final class HomeQueues {

    private final List<String> servers;
    private final @Nullable String defaultServer;

    /** @param servers the names of the configured servers */
    HomeQueues(Collection<String> servers, @Nullable String defaultServer) {
        this.servers = List.copyOf(servers);
        this.defaultServer = defaultServer;
    }

    /** A server's queue, and for what it is. */
    record Home(String queue, String server, boolean changes) {}

    List<Home> all() {
        return servers.stream()
                .flatMap(server -> Stream.of(home(server, true), home(server, false)))
                .toList();
    }

    /** The common queues, where no server works; empty where there is only one server. */
    List<String> common() {
        return hasOwnQueues() ? List.of(Topology.PROVISION, Topology.QUERY) : List.of();
    }

    boolean hasOwnQueues() {
        return servers.size() > 1;
    }

    private Home home(String server, boolean changes) {
        String common = changes ? Topology.PROVISION : Topology.QUERY;
        return new Home(hasOwnQueues() ? common + "." + server : common, server, changes);
    }

    /** The job's own queue, if it is another than this one. A job for an unknown server is refused wherever it is. */
    Optional<String> otherThan(String queue, Job job) {
        return serverOf(job)
                .map(server -> home(server, job.operation().changesDatabases()).queue())
                .filter(home -> !home.equals(queue));
    }

    private Optional<String> serverOf(Job job) {
        String wanted =
                job.header().server() == null ? defaultServer : job.header().server();
        return servers.stream()
                .filter(server -> server.equalsIgnoreCase(Objects.requireNonNullElse(wanted, "")))
                .findFirst();
    }

    /** The key by which a message that waited comes back to the job's own queue. */
    String routingKey(Job job) {
        String common = "job." + job.operation().lowerCaseName();
        return hasOwnQueues()
                ? serverOf(job).map(server -> common + "." + server).orElse(common)
                : common;
    }
}
