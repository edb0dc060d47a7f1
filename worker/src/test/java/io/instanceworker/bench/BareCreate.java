package io.instanceworker.bench;

import io.instanceworker.testing.Login;
import io.instanceworker.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What the database server does without a worker: {@code CREATE DATABASE … TEMPLATE} by as many connections. */
final class BareCreate {

    private final PostgresServer server;
    private final Login login;

    BareCreate(PostgresServer server, Login login) {
        this.server = server;
        this.login = login;
    }

    /** @param options such as {@code STRATEGY wal_log}; empty for the server's default */
    static String sql(String name, String template, String options) {
        return "CREATE DATABASE \"" + name + "\" TEMPLATE \"" + template + "\" " + options;
    }

    /** The worker's own role makes one database. */
    Span one(String name, String template, String options) throws SQLException {
        try (Connection connection = server.connect("postgres", login)) {
            return create(connection, sql(name, template, options));
        }
    }

    Spans many(List<String> names, String template, int width)
            throws SQLException, InterruptedException, ExecutionException {
        Queue<String> waiting = new ConcurrentLinkedQueue<>(names);
        ExecutorService threads = Executors.newFixedThreadPool(width);
        List<Connection> connections = new ArrayList<>();
        List<Span> spans = new ArrayList<>();
        try {
            for (int i = 0; i < width; i++) {
                connections.add(server.connect("postgres", login));
            }
            List<Future<List<Span>>> running = new ArrayList<>();
            for (Connection connection : connections) {
                running.add(threads.submit(() -> createFrom(waiting, template, connection)));
            }
            for (Future<List<Span>> each : running) {
                spans.addAll(each.get());
            }
        } finally {
            threads.shutdown();
            for (Connection connection : connections) {
                connection.close();
            }
        }
        return new Spans(spans);
    }

    private static List<Span> createFrom(Queue<String> waiting, String template, Connection connection)
            throws SQLException {
        List<Span> spans = new ArrayList<>();
        for (String name = waiting.poll(); name != null; name = waiting.poll()) {
            spans.add(create(connection, sql(name, template, "")));
        }
        return spans;
    }

    private static Span create(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            long start = System.nanoTime();
            statement.execute(sql);
            return Span.since(start);
        }
    }
}
