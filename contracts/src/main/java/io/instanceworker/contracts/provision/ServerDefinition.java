package io.instanceworker.contracts.provision;

import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A server as it is configured.
 *
 * @param name the name that jobs use
 * @param url address of its maintenance database, for JDBC engines a JDBC URL
 * @param password never shown by {@code toString}
 * @param journalDatabase the name of the worker's own database on the server
 * @param concurrency how many jobs this worker runs there at once
 * @param properties further settings, {@code instance-worker.servers.<name>.properties.*}, for engines that need some of their own
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
     * @param jobs those that change databases
     * @param queries those that only read
     */
    public record Concurrency(int jobs, int queries) {}

    public ServerDefinition {
        properties = Map.copyOf(properties);
    }

    /** A password that no log line, event or exception text can show by accident. */
    public record Secret(Supplier<String> source) {

        public Secret(String value) {
            this(() -> value);
        }

        /** The secret as it is now. Read it for each new login, because it may have been changed meanwhile. */
        public String reveal() {
            return source.get();
        }

        @Override
        public String toString() {
            return "***";
        }
    }
}
