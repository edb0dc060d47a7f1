package io.instanceworker.messaging;

import io.instanceworker.contracts.job.Job;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the queue to which a job belongs, by its server and by whether it changes databases. With one server these are the two
 * common queues. With several servers, each server has two queues of its own, and jobs in the two common queues are only moved
 * to the queues of the servers.
 */
final class HomeQueues {

    private final List<String> servers;
    private final @Nullable String defaultServer;

    /** @param servers the names of the configured servers */
    HomeQueues(Collection<String> servers, @Nullable String defaultServer) {
        this.servers = List.copyOf(servers);
        this.defaultServer = defaultServer;
    }

    /** A queue of a server, either for jobs that change databases or for queries. */
    record Home(String queue, String server, boolean changes) {}

    List<Home> all() {
        return servers.stream()
                .flatMap(server -> Stream.of(home(server, true), home(server, false)))
                .toList();
    }

    /** The common queues if they belong to no server; empty if there is only one server. */
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

    /** The queue of the job, if it is another than this one. A job for an unknown server is refused in any queue. */
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

    /** The routing key by which a message returns from a wait queue to the job's queue. */
    String routingKey(Job job) {
        String common = "job." + job.operation().lowerCaseName();
        return hasOwnQueues()
                ? serverOf(job).map(server -> common + "." + server).orElse(common)
                : common;
    }
}
