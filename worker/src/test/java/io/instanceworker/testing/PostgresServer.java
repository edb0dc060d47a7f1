package io.instanceworker.testing;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;

/**
 * A real PostgreSQL server. Most tests want {@link Servers#postgres}, which is shared; one that stops its server
 * starts its own with {@link #startOwn}.
 */
public abstract sealed class PostgresServer implements AutoCloseable
        permits GivenPostgres, ContainerPostgres, LocalPostgres {

    private final int major;
    private final String host;
    private final int port;
    private final Login superuser;

    PostgresServer(int major, String host, int port, Login superuser) {
        this.major = major;
        this.host = host;
        this.port = port;
        this.superuser = superuser;
    }

    /**
     * The server given by environment for this version, else one of our own. A login to our own is quick: for SCRAM the driver
     * would hash the password 4,096 times.
     */
    public static PostgresServer start(int major) {
        return GivenPostgres.fromEnvironment(major)
                .<PostgresServer>map(given -> Choice.print("PostgreSQL", given))
                .orElseGet(() -> startOwn(major, Map.of(), "password"));
    }

    /** A server that may be stopped, with settings of the kind that only a start can change. */
    public static PostgresServer startOwn(int major, Map<String, String> settings) {
        return startOwn(major, settings, LocalPostgres.SCRAM);
    }

    /** A server that takes connections with TLS too. Not in a container, because the certificate is a file of this machine. */
    public static PostgresServer startWithTls(int major, Path certificate, Path key) {
        return Choice.print("PostgreSQL", LocalPostgres.startLocalWithTls(major, certificate, key));
    }

    /**
     * A standby, until {@code pg_promote()} makes it a primary. Not in a container, because a file makes it one.
     *
     * @param asPrimary what is done while the server can still be written
     */
    public static PostgresServer startStandby(int major, Consumer<PostgresServer> asPrimary) {
        return Choice.print("PostgreSQL", LocalPostgres.startLocalStandby(major, asPrimary));
    }

    private static PostgresServer startOwn(int major, Map<String, String> settings, String authentication) {
        return Choice.start(
                "PostgreSQL",
                image(major),
                image -> ContainerPostgres.startContainer(image, major, settings),
                () -> LocalPostgres.startLocal(major, settings, authentication));
    }

    static String image(int major) {
        return "postgres:" + major;
    }

    public final int major() {
        return major;
    }

    public final String host() {
        return host;
    }

    public final int port() {
        return port;
    }

    public final Login superuser() {
        return superuser;
    }

    public String jdbcUrl(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + encode(database);
    }

    static String encode(String database) {
        return URLEncoder.encode(database, StandardCharsets.UTF_8);
    }

    public final Connection connect(String database, Login login) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", login.username());
        properties.setProperty("password", login.password());
        properties.setProperty("connectTimeout", "5");
        return DriverManager.getConnection(jdbcUrl(database), properties);
    }

    /** Such as 15.18; what a distribution adds to it is left out. */
    public final String version() {
        try (Connection connection = connect("postgres", superuser);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SHOW server_version")) {
            result.next();
            String version = result.getString(1);
            int space = version.indexOf(' ');
            return space < 0 ? version : version.substring(0, space);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A role with no more rights than the worker asks for, by the script that an administrator runs. */
    public Login createRole(String name) {
        Login role = Login.withRandomPassword(name);
        execute(DeployFiles.read("rights/postgresql.sql").replace("instance_worker", quote(name)));
        execute("ALTER ROLE " + quote(name) + " PASSWORD '" + role.password() + "'");
        return role;
    }

    /** Runs one statement as the superuser in the maintenance database. */
    public final void execute(String sql) {
        try (Connection connection = connect("postgres", superuser);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    final void checkLogin() throws SQLException {
        connect("postgres", superuser).close();
    }

    /** Whether the methods below work: not on a server that was given to us. */
    public boolean canBeStopped() {
        return true;
    }

    /** What the server has logged. */
    public abstract String log();

    /** Ends all sessions and then the server; returns when it has ended. */
    public abstract void stopFast();

    /** As after a crash: the next start recovers from the log. */
    public abstract void stopImmediate();

    /** Ends every process of the server with SIGKILL. */
    public abstract void kill();

    /** Starts the stopped server with the same port and data; returns when it takes logins. */
    public abstract void startAgain();

    @Override
    public abstract void close();
}
