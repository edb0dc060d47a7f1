package io.instanceworker.testing;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A server that somebody else runs. What the tests make there, other than roles, they remove themselves. */
final class GivenPostgres extends PostgresServer {

    private static final String PREFIX = "INSTANCE_WORKER_TEST_POSTGRES_";
    private static final String JDBC = "jdbc:";

    private final String query;
    private final List<String> roles = new ArrayList<>();

    private GivenPostgres(int major, URI url, Login superuser) {
        super(major, url.getHost(), url.getPort() < 0 ? 5432 : url.getPort(), superuser);
        this.query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    }

    static boolean isGiven(int major) {
        return System.getenv(PREFIX + major + "_URL") != null;
    }

    static Optional<GivenPostgres> fromEnvironment(int major) {
        String prefix = PREFIX + major;
        return Optional.ofNullable(System.getenv(prefix + "_URL"))
                .map(url -> of(
                        major,
                        url,
                        System.getenv().getOrDefault(prefix + "_USERNAME", "postgres"),
                        System.getenv().getOrDefault(prefix + "_PASSWORD", "")));
    }

    static GivenPostgres of(int major, String url, String username, String password) {
        if (!url.startsWith(JDBC + "postgresql://")) {
            throw new IllegalArgumentException("Not the form jdbc:postgresql://host:port/postgres");
        }
        GivenPostgres server =
                new GivenPostgres(major, URI.create(url.substring(JDBC.length())), new Login(username, password));
        if (!server.version().startsWith(major + ".")) {
            throw new IllegalArgumentException("The server given for PostgreSQL " + major + " is " + server.version());
        }
        AtExit.close(server);
        return server;
    }

    @Override
    public String jdbcUrl(String database) {
        return super.jdbcUrl(database) + query;
    }

    @Override
    public synchronized Login createRole(String name) {
        Login role = super.createRole(name);
        roles.add(name);
        return role;
    }

    @Override
    public boolean canBeStopped() {
        return false;
    }

    @Override
    public String log() {
        throw notOurs();
    }

    @Override
    public void stopFast() {
        throw notOurs();
    }

    @Override
    public void stopImmediate() {
        throw notOurs();
    }

    @Override
    public void kill() {
        throw notOurs();
    }

    @Override
    public void startAgain() {
        throw notOurs();
    }

    private static IllegalStateException notOurs() {
        return new IllegalStateException("This server was given by environment; a test that stops one uses startOwn()");
    }

    /** Removes our roles, so that the next run can create them again. */
    @Override
    public synchronized void close() {
        AtExit.forget(this);
        for (String role : roles) {
            try {
                execute("DROP ROLE IF EXISTS " + quote(role));
            } catch (IllegalStateException e) {
                System.err.println("[test servers] role " + role + " stays behind: " + e.getCause());
            }
        }
        roles.clear();
    }

    @Override
    public String toString() {
        return "given by environment, " + host() + ":" + port();
    }
}
