package io.instanceworker.contracts.provision;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server as it is configured.
 *
 * @param name the name that jobs use
 * @param url address of its maintenance database, for JDBC engines a JDBC URL
 * @param password never shown by {@code toString}
 * @param maxConcurrentJobs how many jobs that change databases this worker runs there at once; as many more may look at the same time
 * @param properties further settings, {@code instance-worker.servers.<name>.properties.*}, for engines that need some of their own
 */
public record ServerDefinition(
        String name,
        String platform,
        String url,
        @Nullable String username,
        @Nullable Secret password,
        int maxConcurrentJobs,
        Map<String, String> properties) {

    public ServerDefinition {
        properties = Map.copyOf(properties);
    }

    /** A password that no log line, event or exception text can show by accident. */
    public record Secret(String reveal) {
        @Override
        public String toString() {
            return "***";
        }
    }
}
