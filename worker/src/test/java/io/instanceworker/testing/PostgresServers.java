package io.instanceworker.testing;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** One server per major version, started when first asked for and ended with this JVM. */
public final class PostgresServers {

    public static final int OLDEST = 11;
    public static final int NEWEST = 18;

    private static final Map<Integer, PostgresServer> SHARED = new ConcurrentHashMap<>();

    private PostgresServers() {}

    public static PostgresServer shared(int major) {
        return SHARED.computeIfAbsent(major, PostgresServer::start);
    }

    /** Whether there can be one: the programs of some versions are not published for every platform. */
    public static boolean isAvailable(int major) {
        return PostgresBinaries.exist(major)
                || GivenPostgres.isGiven(major)
                || Containers.hindrance(PostgresServer.image(major)).isEmpty();
    }
}
