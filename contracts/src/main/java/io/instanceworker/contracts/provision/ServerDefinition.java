package io.instanceworker.contracts.provision;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of a server.
 *
 * @param name the name that jobs use
 * @param url address of the maintenance database; for JDBC engines a JDBC URL
 * @param password never shown by {@code toString}
 * @param journalDatabase the name of the worker's own database on the server
 * @param concurrency how many jobs this worker runs on the server at once
 * @param properties further settings of an engine, from {@code instance-worker.servers.<name>.properties.*}
 */
public record ServerDefinition(
        String name,
        String platform,
        String url,
        @Nullable String username,
        @Nullable Secret password,
        String journalDatabase,
        Concurrency concurrency,
        Map<String, String> properties) {

    /**
     * How many jobs one worker runs on a server at once.
     *
     * @param jobs how many jobs that change databases
     * @param queries how many jobs that only read
     */
    public record Concurrency(int jobs, int queries) {}

    public ServerDefinition {
        properties = Map.copyOf(properties);
    }

    /** A password. {@code toString} does not show it, so it does not appear in a log line, event or exception by accident. */
    public record Secret(Supplier<String> source) {

        public Secret(String value) {
            this(() -> value);
        }

        /** The current secret. Read it for each new login, because it may have been changed. */
        public String reveal() {
            return source.get();
        }

        @Override
        public String toString() {
            return "***";
        }
    }
}
