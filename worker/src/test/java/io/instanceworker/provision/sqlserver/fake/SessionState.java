package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Session;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** What the server remembers of a session. Only the thread of its statement uses it. */
final class SessionState implements AutoCloseable {

    private static final int AS_LONG_AS_IT_TAKES_MILLIS = 10_000;

    private final Session session;
    private final Map<FakeDatabase, Connection> connections = new HashMap<>();
    private boolean implicitTransactions;
    private boolean transactionOpen;
    private int rowCount;
    private int lockTimeoutMillis = AS_LONG_AS_IT_TAKES_MILLIS;

    SessionState(Session session) {
        this.session = session;
    }

    Session session() {
        return session;
    }

    String database() {
        return session.database();
    }

    /** A transaction that is open stays open until its end. */
    void implicitTransactions(boolean on) {
        implicitTransactions = on;
    }

    void begin() {
        transactionOpen = true;
    }

    boolean isTransactionOpen() {
        return transactionOpen;
    }

    /** Refuses a statement that is not allowed in a transaction, not even as the first of an implicit one. */
    void refuseInTransaction(String statement) {
        if (isInTransaction()) {
            throw Errors.inTransaction(statement);
        }
    }

    boolean isInTransaction() {
        return transactionOpen || implicitTransactions;
    }

    int rowCount() {
        return rowCount;
    }

    void rowCount(int most) {
        rowCount = most;
    }

    int lockTimeoutMillis() {
        return lockTimeoutMillis;
    }

    /** @param millis negative for no limit, which the fake does not have */
    void lockTimeoutMillis(int millis) {
        lockTimeoutMillis = millis < 0 ? AS_LONG_AS_IT_TAKES_MILLIS : millis;
    }

    /** The connection to the tables of a database, in the transaction of the session. */
    Connection connection(FakeDatabase database) throws SQLException {
        transactionOpen |= implicitTransactions;
        Connection connection = connections.get(database);
        if (connection == null) {
            connection = database.tables().connect();
            connections.put(database, connection);
        }
        if (connection.getAutoCommit() == transactionOpen) {
            connection.setAutoCommit(!transactionOpen);
        }
        return connection;
    }

    /** @param commit false to roll back */
    void endTransaction(boolean commit) {
        transactionOpen = false;
        for (Connection connection : connections.values()) {
            try {
                if (!connection.isClosed() && !connection.getAutoCommit()) {
                    if (commit) {
                        connection.commit();
                    } else {
                        connection.rollback();
                    }
                    connection.setAutoCommit(true);
                }
            } catch (SQLException e) {
                refuseUnlessGone(e);
            }
        }
    }

    private static void refuseUnlessGone(SQLException e) {
        if (!H2.isGone(e)) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        endTransaction(false);
        for (Connection connection : connections.values()) {
            try {
                connection.close();
            } catch (SQLException e) {
                refuseUnlessGone(e);
            }
        }
    }
}
