package io.instanceworker.tds;

import io.instanceworker.tds.Answer.Column;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** What {@code .ci/tds/run} starts. Prints its port, and then runs until it is ended. */
public final class TdsServerForOtherClients {

    private static final List<Column> TEXT = List.of(new Column("text", String.class));

    private TdsServerForOtherClients() {}

    /** @param arguments {@code plain} or {@code tls} */
    public static void main(String[] arguments) throws InterruptedException {
        TdsServer server = new TdsServer(
                (session, statement) -> answer(statement),
                Map.of("worker", "secret"),
                arguments[0].equals("tls") ? ServerCertificate.selfSigned().context() : null);
        System.out.println(server.port());
        new CountDownLatch(1).await();
    }

    private static Answer answer(SqlStatement statement) {
        String text = statement.onOneLine();
        if (text.toLowerCase(Locale.ROOT).startsWith("set ")) {
            // What a client prepares its session with.
            return Answer.nothing();
        }
        return switch (text) {
            case "SELECT greeting" -> Answer.row(TEXT, "Grand Bend ☃");
            case "SELECT parameters" -> Answer.row(TEXT, String.valueOf(statement.parameters()));
            case "FAIL" -> throw new SqlError(1801, 16, "Database 'ods' already exists.");
            default -> throw new IllegalStateException("The client sent: " + text);
        };
    }
}
