package io.instanceworker.testing;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SQL Server in a container, one for all tests of this JVM. Its image is never pulled, and nothing is started unless somebody
 * has accepted Microsoft's license.
 */
public final class ContainerSqlServer implements AutoCloseable {

    private static final String ACCEPT_EULA = "TEST_SQLSERVER_ACCEPT_EULA";
    private static final String IMAGE =
            System.getenv().getOrDefault("TEST_SQLSERVER_IMAGE", "mcr.microsoft.com/mssql/server:2022-latest");
    private static final int PORT = 1433;

    private static @Nullable ContainerSqlServer shared;

    private final ServerContainer container;
    private final int port;
    private final Login login;

    private ContainerSqlServer(ServerContainer container, int port, Login login) {
        this.container = container;
        this.port = port;
        this.login = login;
    }

    /** Why there can be none; empty if there can. */
    public static Optional<String> hindrance() {
        return "Y".equals(System.getenv(ACCEPT_EULA))
                ? Containers.hindranceWithoutPull(IMAGE)
                : Optional.of(ACCEPT_EULA + " is not Y");
    }

    /** Started when first asked for. */
    public static synchronized ContainerSqlServer shared() {
        if (shared == null) {
            shared = Choice.print("SQL Server", start());
        }
        return shared;
    }

    private static ContainerSqlServer start() {
        // The server asks for capitals and digits.
        Login login = new Login("sa", "Aa1-" + Login.randomWord());
        int port = Ports.free();
        ServerContainer container = new ServerContainer(
                IMAGE, Map.of(PORT, port), Map.of("ACCEPT_EULA", "Y", "MSSQL_SA_PASSWORD", login.password()));
        try {
            container.start();
            ContainerSqlServer server = new ContainerSqlServer(container, port, login);
            Ready.await("SQL Server", container::isRunning, container::lastWords, server::checkLogin);
            AtExit.close(server);
            return server;
        } catch (RuntimeException e) {
            container.stop();
            throw e;
        }
    }

    private void checkLogin() throws SQLException {
        DriverManager.getConnection(url(), login.username(), login.password()).close();
    }

    /** The certificate is one that the server has made for itself. */
    public String url() {
        return "jdbc:sqlserver://" + container.getHost() + ":" + port
                + ";databaseName=master;encrypt=true;trustServerCertificate=true";
    }

    /** That of the administrator. */
    public Login login() {
        return login;
    }

    @Override
    public void close() {
        AtExit.forget(this);
        container.stop();
    }

    @Override
    public String toString() {
        return "a container of " + container.getDockerImageName() + ", " + container.getHost() + ":" + port;
    }
}
