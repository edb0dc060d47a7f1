package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import io.instanceworker.testing.VirtualHost;
import java.util.Map;
import java.util.TreeMap;

/** The worker's settings, all in this one place. What is not here has the worker's default. */
final class BenchSettings {

    static final String SMALL = "Small";

    private static final String SERVER = "instance-worker.servers.default.";

    private final Map<String, String> properties = new TreeMap<>();

    BenchSettings(VirtualHost host, PostgresServer server, Login login) {
        properties.putAll(host.springProperties());
        properties.put(SERVER + "platform", "postgresql");
        properties.put(SERVER + "url", server.jdbcUrl("postgres"));
        properties.put(SERVER + "username", login.username());
        properties.put(SERVER + "password", login.password());
        properties.put(SERVER + "templates." + SMALL, Site.SMALL);
        properties.put(SERVER + "templates.Big", Site.BIG);
        properties.put("server.address", "127.0.0.1");
    }

    /** How many jobs that change something one worker runs at once. */
    BenchSettings width(int jobs) {
        properties.put(SERVER + "max-concurrent-jobs", String.valueOf(jobs));
        return this;
    }

    Map<String, String> of(String worker, int port) {
        Map<String, String> all = new TreeMap<>(properties);
        all.put("instance-worker.name", worker);
        all.put("management.server.port", String.valueOf(port));
        return all;
    }
}
