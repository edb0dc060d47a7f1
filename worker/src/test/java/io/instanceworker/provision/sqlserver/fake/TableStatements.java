package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Statements on the tables of a session's database. */
final class TableStatements {

    /** H2 ignores an interruption, so that it runs on a thread of its own. */
    private static final Executor THREADS = work -> {
        Thread thread = new Thread(work, "fake-sql-server-tables");
        thread.setDaemon(true);
        thread.start();
    };

    private final Model model;

    TableStatements(Model model) {
        this.model = model;
    }

    boolean isTable(SessionState session, String qualified) {
        String name = qualified.substring(qualified.lastIndexOf('.') + 1);
        synchronized (model) {
            return current(session).tables().has(name.startsWith("[") ? SqlText.unquote(name) : name);
        }
    }

    private FakeDatabase current(SessionState session) {
        FakeDatabase database = model.current(session);
        if (!database.isOnline()) {
            throw Errors.notOnline(database);
        }
        return database;
    }

    Answer answer(SessionState session, SqlStatement statement) throws InterruptedException {
        long start = System.nanoTime();
        long most = TimeUnit.MILLISECONDS.toNanos(session.lockTimeoutMillis());
        H2Text text = H2Text.of(SqlText.of(statement.text()));
        while (true) {
            try {
                return run(session, text, statement);
            } catch (SQLException e) {
                if (H2.isDeadlock(e)) {
                    session.endTransaction(false);
                }
                if (!H2.isLocked(e) || System.nanoTime() - start >= most) {
                    throw H2.translated(e, statement.text());
                }
            }
        }
    }

    private Answer run(SessionState session, H2Text text, SqlStatement statement)
            throws SQLException, InterruptedException {
        Connection connection;
        synchronized (model) {
            FakeDatabase database = current(session);
            if (!statement.text().strip().toUpperCase(Locale.ROOT).startsWith("SELECT")) {
                database.writeLog();
            }
            connection = session.connection(database);
        }
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return H2.run(connection, text, statement.parameters(), session.rowCount());
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                THREADS);
        try {
            return answer.get();
        } catch (InterruptedException e) {
            answer.exceptionally(failed -> Answer.nothing()).join();
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
