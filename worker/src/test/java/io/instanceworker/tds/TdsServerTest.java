package io.instanceworker.tds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.instanceworker.tds.Answer.Column;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The fake speaks the protocol as Microsoft's driver does, with TLS and without. */
@ParameterizedClass(name = "encrypt={0}")
@ValueSource(booleans = {false, true})
class TdsServerTest {

    private static final String PASSWORD = "a password with \"quotes\" and ü";
    private static final SSLContext CERTIFICATE = ServerCertificate.selfSigned().context();
    private static final int LONGER_THAN_A_PACKET = 10_000;
    private static final int NEVER_SECONDS = 60;

    @Parameter
    boolean encrypt;

    private final Queue<SqlStatement> statements = new ConcurrentLinkedQueue<>();
    private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private volatile SqlHandler answers = (session, statement) -> Answer.nothing();
    private TdsServer server;

    @BeforeEach
    void start() {
        server = new TdsServer(
                new SqlHandler() {
                    @Override
                    public Answer answer(Session session, SqlStatement statement) throws InterruptedException {
                        statements.add(statement);
                        return answers.answer(session, statement);
                    }

                    @Override
                    public void ended(Session session) {
                        ended.add(session.id());
                    }
                },
                Map.of("worker", PASSWORD),
                encrypt ? CERTIFICATE : null);
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.defects()).isEmpty();
    }

    private Connection connect() throws SQLException {
        return connect(PASSWORD, "");
    }

    private Connection connect(String password, String more) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:sqlserver://127.0.0.1:" + server.port() + ";loginTimeout=30;trustServerCertificate=true;encrypt="
                        + encrypt + more,
                "worker",
                password);
    }

    @Test
    void aClientLogsInToTheDatabaseThatItNames() throws SQLException {
        answers = (session, statement) -> Answer.row(
                List.of(new Column("who", String.class)),
                session.login() + " " + session.application() + " " + session.database());
        try (Connection connection = connect(PASSWORD, ";databaseName=instance_worker;applicationName=a test");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT who")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString("who")).isEqualTo("worker a test instance_worker");
            assertThat(connection.getCatalog()).isEqualTo("instance_worker");
            assertThat(connection.getMetaData().getDatabaseMajorVersion()).isEqualTo(16);
        }
    }

    @Test
    void aWrongPasswordIsRefused() {
        SQLException refused = catchThrowableOfType(SQLException.class, () -> connect("wrong", ""));
        assertThat(refused.getErrorCode()).isEqualTo(18456);
        assertThat(statements).isEmpty();
    }

    @Test
    void valuesOfEveryTypeArriveAsTheyWereSent() throws SQLException {
        OffsetDateTime time = OffsetDateTime.parse("2026-11-21T10:00:00.1234567+02:00");
        answers = (session, statement) -> Answer.row(
                List.of(
                        new Column("text", String.class),
                        new Column("number", Integer.class),
                        new Column("large", Long.class),
                        new Column("yes", Boolean.class),
                        new Column("bytes", byte[].class),
                        new Column("time", OffsetDateTime.class),
                        new Column("empty", String.class),
                        new Column("absent", Long.class)),
                "Grand Bend ☃",
                -7,
                1L << 40,
                true,
                new byte[] {1, -1},
                time,
                "",
                null);
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT all of them")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString("text")).isEqualTo("Grand Bend ☃");
            assertThat(row.getInt("number")).isEqualTo(-7);
            assertThat(row.getLong("large")).isEqualTo(1L << 40);
            assertThat(row.getBoolean("yes")).isTrue();
            assertThat(row.getBytes("bytes")).containsExactly(1, -1);
            assertThat(row.getObject("time", OffsetDateTime.class)).isEqualTo(time);
            assertThat(row.getString("empty")).isEmpty();
            assertThat(row.getObject("absent")).isNull();
            assertThat(row.next()).isFalse();
        }
    }

    /** The driver sends the first two runs of a statement in other forms than the later ones. */
    @Test
    void parametersArriveInEveryFormInWhichTheDriverSendsThem() throws SQLException {
        String text = "it's ☃".repeat(LONGER_THAN_A_PACKET);
        OffsetDateTime time = OffsetDateTime.parse("2026-11-21T10:00:00.123Z");
        try (Connection connection = connect();
                PreparedStatement statement = connection.prepareStatement("UPDATE x SET a = ?, b = ?, c = ?, d = ?")) {
            for (int run = 0; run < 4; run++) {
                statement.setString(1, text);
                statement.setLong(2, run);
                statement.setObject(3, time);
                statement.setString(4, null);
                statement.execute();
            }
        }
        assertThat(statements).hasSize(4).allSatisfy(statement -> {
            assertThat(statement.onOneLine()).startsWith("UPDATE x SET a = @P0 ,");
            assertThat(statement.parameters()).hasSize(4).startsWith(text).endsWith((Object) null);
            assertThat(statement.parameters().get(2)).isEqualTo(time);
        });
        assertThat(statements)
                .extracting(statement -> statement.parameters().get(1))
                .containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void severalResultsAreReadOneAfterTheOther() throws SQLException {
        List<Column> columns = List.of(new Column("name", String.class));
        answers = (session, statement) -> Answer.rows(
                        columns, List.of(List.of("a"), List.of("b".repeat(LONGER_THAN_A_PACKET))))
                .thenChanged(3)
                .thenRows(columns, List.of());
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("EXEC x")).isTrue();
            ResultSet rows = statement.getResultSet();
            rows.next();
            assertThat(rows.getString(1)).isEqualTo("a");
            rows.next();
            assertThat(rows.getString(1)).hasSize(LONGER_THAN_A_PACKET);
            assertThat(statement.getMoreResults()).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(3);
            assertThat(statement.getMoreResults()).isTrue();
            assertThat(statement.getResultSet().next()).isFalse();
        }
    }

    @Test
    void anErrorHasItsNumberAndTheSessionGoesOn() throws SQLException {
        answers = (session, statement) -> {
            throw new SqlError(1801, 16, "Database 'ods' already exists.");
        };
        try (Connection connection = connect();
                Statement batch = connection.createStatement();
                PreparedStatement call = connection.prepareStatement("CREATE DATABASE ?")) {
            call.setString(1, "ods");
            for (Statement each : List.of(batch, call)) {
                SQLException refused = catchThrowableOfType(SQLException.class, () -> {
                    if (each == call) {
                        call.execute();
                    } else {
                        each.execute("CREATE DATABASE ods");
                    }
                });
                assertThat(refused.getErrorCode()).isEqualTo(1801);
                assertThat(refused.getMessage()).contains("Database 'ods' already exists.");
            }
            answers = (session, statement) -> Answer.changed(1);
            assertThat(batch.executeUpdate("UPDATE x")).isEqualTo(1);
        }
    }

    @Test
    void aSevereErrorEndsTheConnection() throws SQLException {
        answers = (session, statement) -> {
            throw new SqlError(596, 21, "Cannot continue the execution because the session is in the kill state.");
        };
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @Test
    void aStatementIsCancelledAndTheSessionGoesOn() throws SQLException {
        answers = (session, statement) -> {
            never.await();
            return Answer.nothing();
        };
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);
            assertThatThrownBy(() -> statement.execute("WAITFOR DELAY '01:00'")).isInstanceOf(SQLException.class);
            answers = (session, next) -> Answer.changed(1);
            assertThat(statement.executeUpdate("UPDATE x")).isEqualTo(1);
        }
    }

    @Test
    void aConnectionThatIsCutIsAnError() throws SQLException {
        answers = (session, statement) -> {
            server.cutConnections();
            return Answer.nothing();
        };
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("RESTORE DATABASE ods")).isInstanceOf(SQLException.class);
            assertThat(connection.isValid(NEVER_SECONDS)).isFalse();
        }
    }

    @Test
    void aStatementWhoseConnectionBreaksIsInterruptedBeforeItsSessionEnds() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        answers = (session, statement) -> {
            started.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                assertThat(ended).isEmpty();
                interrupted.countDown();
                throw e;
            }
            return Answer.nothing();
        };
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(
                    () -> catchThrowable(() -> statement.execute("RESTORE DATABASE ods")));
            started.await();
            server.cutConnections();

            interrupted.await();
            assertThat(ended.take()).isPositive();
            assertThat(failure.get()).isInstanceOf(SQLException.class);
        }
    }

    @Test
    void aChangedDatabaseIsKnownToTheClient() throws SQLException {
        answers = (session, statement) -> {
            session.use("ods");
            return Answer.nothing();
        };
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("USE ods");
            assertThat(connection.getCatalog()).isEqualTo("ods");
        }
    }
}
