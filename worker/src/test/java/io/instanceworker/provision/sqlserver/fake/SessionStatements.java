package io.instanceworker.provision.sqlserver.fake;

import io.instanceworker.tds.Answer;
import io.instanceworker.tds.Answer.Column;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Settings, transactions and locks of a session, and its database. */
final class SessionStatements {

    private static final List<Column> LOCK =
            List.of(new Column("taken", Integer.class), new Column("session_id", Integer.class));

    private final Model model;
    private final AppLocks locks;

    SessionStatements(Model model, AppLocks locks) {
        this.model = model;
        this.locks = locks;
    }

    void addTo(Rules rules) {
        settings(rules);
        transactions(rules);
        rules.change("USE {name}", (session, match) -> use(session, match.name(0)));
        rules.answer(
                """
                DECLARE @taken int;
                EXEC @taken = sys.sp_getapplock @Resource = {value}, @LockMode = {value}, @LockOwner = N'Session',
                    @LockTimeout = {value};
                SELECT @taken AS taken, @@SPID AS session_id
                """,
                (session, match) -> Answer.row(
                        LOCK,
                        locks.take(
                                lock(session, match.text(0)),
                                session.session(),
                                isExclusive(match.text(1)),
                                match.number(2)),
                        session.session().id()));
        rules.answer(
                "SELECT APPLOCK_MODE(N'public', {value}, N'Session') AS lock_mode",
                (session, match) -> Answer.row(
                        List.of(new Column("lock_mode", String.class)),
                        locks.mode(lock(session, match.text(0)), session.session())));
        rules.answer(
                "SELECT HAS_PERMS_BY_NAME(NULL, NULL, N'CREATE ANY DATABASE') AS may_create",
                (session, match) -> permission("may_create", "CREATE ANY DATABASE"));
        rules.answer(
                "SELECT CASE WHEN IS_MEMBER(N'dbmanager') = 1 OR USER_NAME() = N'dbo'"
                        + " OR IS_SRVROLEMEMBER(N'##MS_DatabaseManager##') = 1 THEN 1 ELSE 0 END AS may_create",
                (session, match) -> permission("may_create", "dbmanager"));
        rules.answer(
                "SELECT CASE WHEN HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'CREATE TABLE') = 1"
                        + " AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'ALTER') = 1"
                        + " AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'SELECT') = 1"
                        + " AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'INSERT') = 1"
                        + " AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'UPDATE') = 1"
                        + " AND HAS_PERMS_BY_NAME(N'dbo', N'SCHEMA', N'DELETE') = 1 THEN 1 ELSE 0 END AS may_create",
                (session, match) -> permission("may_create", "CREATE TABLE"));
        rules.answer(
                "SELECT HAS_PERMS_BY_NAME({value}, N'OBJECT', {value}) AS is_granted",
                (session, match) -> permission("is_granted", hasTable(session, match.text(0)) ? match.text(1) : null));
        rules.change("EXEC sys.sp_releaseapplock @Resource = {value}, @LockOwner = N'Session'", (session, match) -> {
            if (!locks.release(lock(session, match.text(0)), session.session())) {
                throw Errors.wrong(
                        1223,
                        "Cannot release the application lock (Database Principal: 'public', Resource: '" + match.text(0)
                                + "') because it is not currently held.");
            }
        });
    }

    /** @param right null if what it is about is not there */
    private Answer permission(String column, @Nullable String right) {
        synchronized (model) {
            return Answer.row(
                    List.of(new Column(column, Integer.class)),
                    right == null ? null : Integer.valueOf(model.denied().contains(right) ? 0 : 1));
        }
    }

    private boolean hasTable(SessionState session, String name) {
        synchronized (model) {
            return name.startsWith("dbo.") && model.current(session).tables().has(name.substring("dbo.".length()));
        }
    }

    private static void settings(Rules rules) {
        rules.change("SET ROWCOUNT {value}", (session, match) -> session.rowCount(match.number(0)));
        rules.change("SET LOCK_TIMEOUT {value}", (session, match) -> session.lockTimeoutMillis(match.number(0)));
        rules.change("SET TEXTSIZE {value}", (session, match) -> {});
        rules.change("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", (session, match) -> {});
        for (String setting : List.of("QUOTED_IDENTIFIER", "ANSI_NULLS", "XACT_ABORT", "NOCOUNT")) {
            rules.change("SET " + setting + " ON", (session, match) -> {});
        }
    }

    private static void transactions(Rules rules) {
        rules.change("SET IMPLICIT_TRANSACTIONS ON", (session, match) -> session.implicitTransactions(true));
        rules.change("SET IMPLICIT_TRANSACTIONS OFF", (session, match) -> session.implicitTransactions(false));
        for (String tran : List.of("TRAN", "TRANSACTION")) {
            rules.change("BEGIN " + tran, (session, match) -> session.begin());
            rules.change("IF @@TRANCOUNT > 0 COMMIT " + tran, (session, match) -> session.endTransaction(true));
            rules.change("IF @@TRANCOUNT > 0 ROLLBACK " + tran, (session, match) -> session.endTransaction(false));
            rules.change("COMMIT " + tran, (session, match) -> {
                if (!session.isTransactionOpen()) {
                    throw Errors.wrong(3902, "The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.");
                }
                session.endTransaction(true);
            });
            rules.change("ROLLBACK " + tran, (session, match) -> {
                if (!session.isTransactionOpen()) {
                    throw Errors.wrong(
                            3903, "The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.");
                }
                session.endTransaction(false);
            });
        }
    }

    private void use(SessionState session, String name) {
        synchronized (model) {
            FakeDatabase database = model.existing(name);
            session.session().use(model.open(database, session.session()).name());
        }
    }

    private AppLocks.Name lock(SessionState session, String resource) {
        synchronized (model) {
            return new AppLocks.Name(model.current(session).id(), resource);
        }
    }

    private static boolean isExclusive(String mode) {
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "exclusive" -> true;
            case "shared" -> false;
            default -> throw Errors.unknown("the lock mode " + mode);
        };
    }
}
