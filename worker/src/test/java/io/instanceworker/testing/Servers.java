package io.instanceworker.testing;

import org.jspecify.annotations.Nullable;

/**
 * The servers that all tests of this JVM share, ended with it. Each test class has a virtual host, roles and databases
 * of its own there, and removes them.
 */
public final class Servers {

    @Nullable private static RabbitMqServer rabbit;

    private Servers() {}

    /** The broker, started when first asked for. */
    public static synchronized RabbitMqServer rabbit() {
        if (rabbit == null) {
            rabbit = RabbitMqServer.start();
        }
        return rabbit;
    }

    public static PostgresServer postgres(int major) {
        return PostgresServers.shared(major);
    }
}
